import type { KubernetesServicePort } from '../api/kubernetes.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { ingressAssumed } from '../diagnostics/problems/repositories.ts';
import type { SourceDocument } from '../source/document.ts';
import { fieldsOf, own } from '../util/object.ts';
import { podLabelsOf } from './pod-labels.ts';
import { type Labels, type Resource, type ResourceOf, writtenRef } from './resource.ts';
import { resourcesOf } from './select.ts';
import { subjectAt } from './subject.ts';

const NAME = 'istio-ingressgateway';
const NAMESPACE = 'istio-system';

/** The labels of the ingress gateway that Istio's installation has. */
export const INGRESS_LABELS: Labels = { app: NAME, istio: 'ingressgateway' };

const STATUS_PORT = 15021;

/** A gateway that something installs which is no workload of the input. */
export interface InstalledGateway {
  /** What says so; what is made because of it stands where this is written. */
  readonly document: SourceDocument;
  readonly name: string;
  readonly namespace: string;
  /** Of its pods. */
  readonly labels: Labels;
  readonly serviceAccount: string;
  /** Of its Service; where there are none, those of Istio's charts and of the Gateways that select it. */
  readonly ports: readonly KubernetesServicePort[];
  /** The ports at which its pods listen for those of its Service, where they are others. */
  readonly usualTargets: Readonly<Record<number, number>>;
}

/**
 * The gateways that Gateways select and that are not among the workloads of the input: those that it says how they are installed, and
 * else the ingress gateway of Istio's installation, for Gateways that select it by its usual labels. What a team keeps in git seldom holds
 * the installation. One pod, and a Service; that of the usual one is for nobody else, so that sidecars are the same with it and without.
 * What is assumed is reported, once for each.
 */
export function assumedGateways(
  resources: readonly Resource[],
  installed: readonly InstalledGateway[],
  report: Report,
): Resource[] {
  const gateways = resourcesOf(resources, 'Gateway');
  if (gateways.length === 0) return [];
  const workloads = installed.length === 0 ? [] : resources.map(podLabelsOf).filter((labels) => labels !== undefined);
  const names = new Set<string>();
  const ofInstallers = installed.flatMap((gateway): Resource[] => {
    const selecting = gateways.filter(
      ({ spec }) => selects(spec.selector, gateway.labels) && !workloads.some((labels) => selects(spec.selector, labels)),
    );
    const [first] = selecting;
    const name = `${gateway.namespace}/${gateway.name}`;
    if (first === undefined || names.has(name)) return [];
    names.add(name);
    const { kind, namespace, name: ownName } = writtenRef(fieldsOf(gateway.document.value));
    const source = [kind, [namespace, ownName].filter((part) => part !== '').join('/')].filter((part) => part !== '').join(' ');
    report(ingressAssumed(subjectAt(first, ['spec', 'selector']), gateway.namespace, gateway.name, source));
    return build(gateway, selecting, resources, {});
  });
  return [...ofInstallers, ...usualGateway([...resources, ...ofInstallers], gateways, report)];
}

function usualGateway(resources: readonly Resource[], gateways: readonly ResourceOf<'Gateway'>[], report: Report): Resource[] {
  const selecting = gateways.filter(({ spec }) => selects(spec.selector, INGRESS_LABELS));
  const [first] = selecting;
  if (first === undefined || resources.some(isIngress)) return [];
  report(ingressAssumed(subjectAt(first, ['spec', 'selector']), NAMESPACE, NAME));
  const gateway: InstalledGateway = {
    document: first.document,
    name: NAME,
    namespace: NAMESPACE,
    labels: INGRESS_LABELS,
    serviceAccount: `${NAME}-service-account`,
    ports: [],
    // istio manifests/charts/gateways/istio-ingress.
    usualTargets: { 80: 8080, 443: 8443 },
  };
  return build(gateway, selecting, resources, { 'networking.istio.io/exportTo': '~' });
}

/** Whether a resource is of the gateway that is taken to exist: it stands where a Gateway is written. */
export function isOfAssumedGateway({
  namespace,
  name,
  kind,
  document,
}: Pick<Resource, 'namespace' | 'name' | 'kind' | 'document'>): boolean {
  return namespace === NAMESPACE && name === NAME && kind !== 'Gateway' && fieldsOf(document.value).kind === 'Gateway';
}

/** Whether a selector asks for nothing but labels that these are, and for some. */
function selects(selector: Labels = {}, labels: Labels): boolean {
  const asked = Object.entries(selector);
  return asked.length > 0 && asked.every(([key, value]) => own(labels, key) === value);
}

/** Whether a workload has a label of the usual gateway, so that nobody needs to guess. */
function isIngress(resource: Resource): boolean {
  const labels = podLabelsOf(resource);
  return labels !== undefined && Object.entries(INGRESS_LABELS).some(([key, value]) => own(labels, key) === value);
}

/** The Deployment and the Service of a gateway, but what the resources have of them. */
function build(
  gateway: InstalledGateway,
  selecting: readonly ResourceOf<'Gateway'>[],
  resources: readonly Resource[],
  annotations: Labels,
): Resource[] {
  const { document, name, namespace, labels, serviceAccount } = gateway;
  const common = { version: 'v1' as const, namespace, name, labels, document };
  const isThere = (kind: string): boolean =>
    resources.some((other) => other.kind === kind && other.namespace === namespace && other.name === name);
  const deployment: ResourceOf<'Deployment'> = {
    ...common,
    kind: 'Deployment',
    group: 'apps',
    annotations: {},
    spec: {
      template: {
        metadata: { labels },
        spec: { serviceAccountName: serviceAccount, containers: [{ name: 'istio-proxy', args: ['proxy', 'router'] }] },
      },
    },
  };
  const ports = portsOfInstalled(gateway, selecting);
  const service: ResourceOf<'Service'> = {
    ...common,
    kind: 'Service',
    group: '',
    annotations,
    spec: { type: 'LoadBalancer', selector: labels, ports },
  };
  return [...(isThere('Deployment') ? [] : [deployment]), ...(isThere('Service') ? [] : [service])];
}

/** The ports of its Service: as it is written, else those of Istio's charts and those that Gateways have. */
export function portsOfInstalled(
  { ports, usualTargets }: InstalledGateway,
  gateways: readonly ResourceOf<'Gateway'>[] = [],
): KubernetesServicePort[] {
  if (ports.length > 0) return [...ports];
  const served = gateways.flatMap(({ spec }) => (spec.servers ?? []).flatMap(({ port }) => port?.number ?? []));
  const isPort = (port: number): boolean => port > 0 && port <= 65_535 && port !== STATUS_PORT;
  const numbers = [...new Set([80, 443, ...served])].filter(isPort).sort((a, b) => a - b);
  return [STATUS_PORT, ...numbers].map((port) => ({
    name: `tcp-${port}`,
    port,
    targetPort: usualTargets[port] ?? port,
    protocol: 'TCP',
  }));
}
