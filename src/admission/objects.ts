import { isSniffed, parseProtocol } from '../model/protocol.ts';
import type { Release } from '../releases/release.ts';
import type { SourceDocument } from '../source/document.ts';
import { isObject, stringOf } from '../util/object.ts';
import { error, type Findings, quote } from './finding.ts';

/**
 * What istioctl's validate looks at in objects as they are written, before anything is decoded: fields beside `spec`, the ports
 * of Services, the labels of Deployments, the fields of an IstioOperator. Istio istioctl/pkg/validate/validate.go.
 */
export function* checkObject({ value }: SourceDocument, { docsUrl }: Pick<Release, 'docsUrl'>): Findings {
  if (!isObject(value)) return;
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const subject: Subject = { name: stringOf(metadata.name), namespace: stringOf(metadata.namespace), docsUrl };
  const isIstios = istioGroups.some((group) => stringOf(value.apiVersion).startsWith(`${group}/`));
  if (isIstios) yield* checkTopFields(value);
  const spec = isObject(value.spec) ? value.spec : {};
  if (value.kind === 'IstioOperator' && isIstios) yield* checkOperator(spec);
  if (subject.namespace === ISTIO_NAMESPACE) return;
  if (value.kind === 'Service') yield* checkService(spec, subject);
  if (value.kind === 'Deployment') yield* checkDeployment(spec, subject);
}

interface Subject {
  readonly name: string;
  readonly namespace: string;
  /** Where Istio's documentation begins. */
  readonly docsUrl: string;
}

/** Istio's own resources are not looked at. */
const ISTIO_NAMESPACE = 'istio-system';
/** Pages of Istio's documentation, below where that begins. */
const REQUIREMENTS = 'ops/deployment/requirements/';
const PROTOCOL_SELECTION = 'ops/configuration/traffic-management/protocol-selection/';

const istioGroups = ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io', 'install.istio.io'];

function* checkTopFields(object: Readonly<Record<string, unknown>>): Findings {
  for (const field of Object.keys(object))
    if (!['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(field))
      yield error([field], `unknown field ${quote(field)}`);
}

/** The ports of a Service must say what they carry. */
function* checkService(spec: Readonly<Record<string, unknown>>, { name, namespace, docsUrl }: Subject): Findings {
  const subject = `service ${quote(`${name}/${namespace}/:`)}`;
  for (const [index, port] of (Array.isArray(spec.ports) ? spec.ports : []).entries()) {
    if (!isObject(port) || stringOf(port.protocol).toUpperCase() === 'UDP') continue;
    const path = ['spec', 'ports', index];
    const protocol = port.appProtocol;
    if (protocol !== undefined && protocol !== null) {
      if (isSniffed(parseProtocol(stringOf(protocol))))
        yield error(
          [...path, 'appProtocol'],
          `${quote(stringOf(protocol))} is not a protocol that Istio knows; see ${docsUrl}${PROTOCOL_SELECTION}`,
          `${subject} doesn't follow Istio protocol selection. This is not recommended, See ${docsUrl}${PROTOCOL_SELECTION}`,
        );
    } else if (port.name === undefined || port.name === null) {
      yield error(
        path,
        `the port has no name, so Istio has to guess its protocol; see ${docsUrl}${REQUIREMENTS}`,
        `${subject} has an unnamed port. This is not recommended, See ${docsUrl}${REQUIREMENTS}`,
      );
    } else if (isSniffed(parseProtocol(stringOf(port.name).split('-', 1)[0] ?? ''))) {
      const portName = quote(stringOf(port.name));
      yield error(
        [...path, 'name'],
        `${portName} does not begin with a protocol, as in "http-api"; see ${docsUrl}${REQUIREMENTS}`,
        `${subject} port ${portName} does not follow the Istio naming convention. See ${docsUrl}${REQUIREMENTS}`,
      );
    }
  }
}

/** Labels by which telemetry tells workloads and their versions apart: any of each list will do. */
const telemetryLabels = [
  ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'],
  ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version'],
] as const;

function* checkDeployment(spec: Readonly<Record<string, unknown>>, { docsUrl }: Subject): Findings {
  const template = isObject(spec.template) ? spec.template : {};
  const metadata = isObject(template.metadata) ? template.metadata : {};
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  const missing = telemetryLabels.filter((names) => !names.some((name) => labels[name] !== undefined));
  if (missing.length === 0) return;
  const words = missing.map((names) => quote(names[2])).join(' and ');
  const message = `without labels ${words} metrics cannot tell the pods apart; see ${docsUrl}${REQUIREMENTS}`;
  yield { severity: 'note', path: ['spec', 'template', 'metadata', 'labels'], message, istio: message };
}

/** The fields of an IstioOperator, in any case, as Go reads JSON; what is under `values` and in components is not looked at. */
const operatorFields = [
  'profile',
  'installPackagePath',
  'hub',
  'tag',
  'namespace',
  'revision',
  'compatibilityVersion',
  'meshConfig',
  'components',
  'values',
  'unvalidatedValues',
];
const components = ['base', 'pilot', 'cni', 'ztunnel', 'istiodRemote', 'ingressGateways', 'egressGateways'];

function* checkOperator(spec: Readonly<Record<string, unknown>>): Findings {
  const isKnown = (names: readonly string[], field: string): boolean =>
    names.some((name) => name.toLowerCase() === field.toLowerCase());
  for (const field of Object.keys(spec))
    if (!isKnown(operatorFields, field)) yield error(['spec', field], `unknown field ${quote(field)}`);
  for (const field of Object.keys(isObject(spec.components) ? spec.components : {}))
    if (!isKnown(components, field)) yield error(['spec', 'components', field], `unknown field ${quote(field)}`);
}
