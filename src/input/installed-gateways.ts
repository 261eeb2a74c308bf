import type { KubernetesServicePort } from '../api/kubernetes.ts';
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelKey,
  labelValue,
  portNumberProblems,
} from '../resource/api-server/formats.ts';
import type { InstalledGateway } from '../resource/assumed-gateway.ts';
import { type Labels, writtenRef } from '../resource/resource.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { isPlaceholder } from '../source/templates.ts';
import { type Fields, fieldsOf, isObject, listOf, own, scalarOf, stringOf } from '../util/object.ts';
import { compareText } from '../util/text.ts';

/**
 * The gateways that documents install which are no workloads themselves: components of an IstioOperator, releases of Istio's chart
 * `gateway` (a HelmRelease of Flux, an Application of Argo CD). Each is as its installer makes it without further values than these;
 * none whose name, namespace, labels or ports a cluster would refuse. Sorted, so that the order of files has no influence.
 */
export function installedGateways(documents: readonly SourceDocument[]): readonly InstalledGateway[] {
  return documents
    .flatMap((document) => own(readers, stringOf(fieldsOf(document.value).kind))?.(objectOf(document), documents) ?? [])
    .filter(isInstallable)
    .sort(
      (a, b) =>
        compareText(a.namespace, b.namespace) ||
        compareText(a.name, b.name) ||
        compareText(
          JSON.stringify(writtenRef(fieldsOf(a.document.value))),
          JSON.stringify(writtenRef(fieldsOf(b.document.value))),
        ),
    );
}

function isInstallable({ name, namespace, labels, serviceAccount, ports }: InstalledGateway): boolean {
  const problems = [
    dns1035Label(name),
    dns1123Label(namespace),
    dns1123Subdomain(serviceAccount),
    ...Object.entries(labels).flatMap(([key, value]) => [labelKey(key), labelValue(value)]),
    ...ports.flatMap(({ port, targetPort }) => [
      portNumberProblems(port),
      typeof targetPort === 'number' ? portNumberProblems(targetPort) : [],
    ]),
  ];
  return problems.every((found) => found.length === 0) && !Object.values(labels).some(isPlaceholder);
}

interface RawObject {
  readonly document: SourceDocument;
  readonly name: string;
  readonly namespace: string;
  readonly spec: Fields;
}

function objectOf(document: SourceDocument): RawObject {
  const { metadata, spec } = fieldsOf(document.value);
  const { name, namespace } = fieldsOf(metadata);
  return { document, name: stringOf(name), namespace: stringOf(namespace), spec: fieldsOf(spec) };
}

type GatewayReader = (object: RawObject, documents: readonly SourceDocument[]) => readonly InstalledGateway[];

const readers: Readonly<Record<string, GatewayReader>> = {
  IstioOperator: readOperator,
  HelmRelease: readRelease,
  Application: readApplication,
};

/** The lists of gateways of an IstioOperator, with the name and the labels that their charts give to a gateway. */
const components: readonly (readonly [field: string, name: string, labels: Labels])[] = [
  ['ingressGateways', 'istio-ingressgateway', { app: 'istio-ingressgateway', istio: 'ingressgateway' }],
  ['egressGateways', 'istio-egressgateway', { app: 'istio-egressgateway', istio: 'egressgateway' }],
];

/** istio operator/pkg/component Get and operator/pkg/render applyComponentValuesToHelmValues. */
function readOperator({ document, namespace, spec }: RawObject): readonly InstalledGateway[] {
  return components.flatMap(([field, usualName, usualLabels]) =>
    listOf(own(fieldsOf(spec.components), field)).flatMap((component): readonly InstalledGateway[] => {
      const { name, enabled, namespace: ownNamespace, label, k8s } = fieldsOf(component);
      if (enabled === false) return [];
      return [
        {
          document,
          name: stringOf(name) || usualName,
          namespace: stringOf(ownNamespace) || namespace || 'istio-system',
          labels: { ...usualLabels, ...labelsOf(label) },
          serviceAccount: `${stringOf(name) || usualName}-service-account`,
          ports: portsOf(fieldsOf(fieldsOf(k8s).service).ports),
          usualTargets: { 80: 8080, 443: 8443 },
        },
      ];
    }),
  );
}

/** A release of Flux; its name is as helm-controller makes it. */
function readRelease(
  { document, name, namespace, spec }: RawObject,
  documents: readonly SourceDocument[],
): readonly InstalledGateway[] {
  const { chart, sourceRef } = fieldsOf(fieldsOf(spec.chart).spec);
  if (!isGatewayChart(chart)) return [];
  const repository = stringOf(fieldsOf(sourceRef).name);
  const isIstios = /istio/.test(repository) || documents.some((other) => isRepositoryOfIstio(other, repository));
  if (!isIstios) return [];
  const target = stringOf(spec.targetNamespace);
  const release = stringOf(spec.releaseName) || (target === '' ? name : `${target}-${name}`);
  return [ofChart(document, release, target || namespace || 'default', fieldsOf(spec.values))];
}

function isRepositoryOfIstio({ value }: SourceDocument, name: string): boolean {
  const { kind, metadata, spec } = fieldsOf(value);
  return kind === 'HelmRepository' && fieldsOf(metadata).name === name && /istio/.test(stringOf(fieldsOf(spec).url));
}

function readApplication({ document, name, spec }: RawObject): readonly InstalledGateway[] {
  return [spec.source, ...listOf(spec.sources)].flatMap((source): readonly InstalledGateway[] => {
    const { chart, repoURL, helm } = fieldsOf(source);
    if (!isGatewayChart(chart) || !/istio/.test(stringOf(repoURL))) return [];
    const { releaseName, values, valuesObject } = fieldsOf(helm);
    const [inner] = typeof values === 'string' ? parseText(document.file, values, () => {}) : [];
    const namespace = stringOf(fieldsOf(spec.destination).namespace) || 'default';
    const given = isObject(valuesObject) ? valuesObject : fieldsOf(inner?.value);
    return [ofChart(document, stringOf(releaseName) || name, namespace, given)];
  });
}

/** Istio's chart for gateways, whatever the repository calls its path. */
function isGatewayChart(chart: unknown): boolean {
  return typeof chart === 'string' && /(?:^|\/)gateway$/.test(chart);
}

/** istio manifests/charts/gateway/templates/_helpers.tpl. */
function ofChart(document: SourceDocument, release: string, namespace: string, values: Fields): InstalledGateway {
  const name = stringOf(values.name) || release;
  return {
    document,
    name,
    namespace,
    labels: { app: name, istio: name.replace(/^istio-/, ''), ...labelsOf(values.labels) },
    serviceAccount: stringOf(fieldsOf(values.serviceAccount).name) || name,
    ports: portsOf(fieldsOf(values.service).ports),
    usualTargets: {},
  };
}

function labelsOf(value: unknown): Labels {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([key, label]) => {
      const text = scalarOf(label);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

function portsOf(value: unknown): readonly KubernetesServicePort[] {
  return listOf(value).flatMap((entry): readonly KubernetesServicePort[] => {
    const { name, port, targetPort, protocol } = fieldsOf(entry);
    if (typeof port !== 'number') return [];
    const target = typeof targetPort === 'number' || typeof targetPort === 'string' ? targetPort : port;
    return [{ name: stringOf(name) || `tcp-${port}`, port, targetPort: target, protocol: protocol === 'UDP' ? 'UDP' : 'TCP' }];
  });
}
