import type { KubernetesServicePort, ServiceSpec, WorkloadControllerSpec } from '../../api/kubernetes.ts';
import { isSniffed, parseProtocol } from '../../model/protocol.ts';
import type { Labels, Resource } from '../resource.ts';
import { error, type Finding, type Findings, quote } from './finding.ts';

/** What istioctl's validate looks at in kinds of Kubernetes; istio istioctl/pkg/validate/validate.go. */

const DOCUMENTATION = 'https://istio.io/v1.30/docs/ops/';
const REQUIREMENTS = `${DOCUMENTATION}deployment/requirements/`;
const PROTOCOL_SELECTION = `${DOCUMENTATION}configuration/traffic-management/protocol-selection/`;
/** Istio's own resources are not looked at. */
const ISTIO_NAMESPACE = 'istio-system';

/** The ports of a Service, which must say what they carry. */
export function* checkService({ name, namespace, spec }: Resource<ServiceSpec>): Findings {
  if (namespace === ISTIO_NAMESPACE) return;
  const subject = `service ${quote(`${name}/${namespace}/:`)}`;
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const problem = portProblem(port, subject);
    if (problem !== undefined) yield { ...error(['spec', 'ports', index, problem.field], problem.message, problem.istio) };
  }
}

interface PortProblem {
  readonly field: 'appProtocol' | 'name';
  readonly message: string;
  readonly istio: string;
}

function portProblem({ name, protocol = 'TCP', appProtocol }: KubernetesServicePort, subject: string): PortProblem | undefined {
  if (protocol.toUpperCase() === 'UDP') return undefined;
  if (appProtocol !== undefined) {
    if (!isSniffed(parseProtocol(appProtocol))) return undefined;
    return {
      field: 'appProtocol',
      message: `${quote(appProtocol)} is not a protocol that Istio knows; see ${PROTOCOL_SELECTION}`,
      istio: `${subject} doesn't follow Istio protocol selection. This is not recommended, See ${PROTOCOL_SELECTION}`,
    };
  }
  if (name === undefined) {
    return {
      field: 'name',
      message: `the port has no name, so Istio has to guess its protocol; see ${REQUIREMENTS}`,
      istio: `${subject} has an unnamed port. This is not recommended, See ${REQUIREMENTS}`,
    };
  }
  if (!isSniffed(parseProtocol(name.split('-', 1)[0] ?? ''))) return undefined;
  return {
    field: 'name',
    message: `${quote(name)} does not begin with a protocol, as in "http-api"; see ${REQUIREMENTS}`,
    istio: `${subject} port ${quote(name)} does not follow the Istio naming convention. See ${REQUIREMENTS}`,
  };
}

const nameLabels = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'];
const versionLabels = ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version'];

/** The labels of a Deployment's pods, by which telemetry tells workloads and versions apart. */
export function* checkDeployment({ namespace, spec }: Resource<WorkloadControllerSpec>): Iterable<Finding> {
  if (namespace === ISTIO_NAMESPACE) return;
  const labels: Labels = spec.template?.metadata?.labels ?? {};
  const has = (names: readonly string[]): boolean => names.some((label) => labels[label] !== undefined);
  if (has(nameLabels) && has(versionLabels)) return;
  const message = `the pods have no ${has(nameLabels) ? '' : '"app" label'}${has(nameLabels) || has(versionLabels) ? '' : ' and no '}${has(versionLabels) ? '' : '"version" label'}, so metrics cannot tell them apart; see ${REQUIREMENTS}`;
  yield { severity: 'note', path: ['spec', 'template', 'metadata', 'labels'], message, istio: message };
}
