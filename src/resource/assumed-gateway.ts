import type { KubernetesServicePort } from '../api/kubernetes.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { ingressAssumed } from '../diagnostics/problems/repositories.ts';
import { fieldsOf, own } from '../util/object.ts';
import { podLabelsOf } from './pod-labels.ts';
import type { Labels, Resource, ResourceOf } from './resource.ts';
import { resourcesOf } from './select.ts';
import { subjectAt } from './subject.ts';

const NAME = 'istio-ingressgateway';
const NAMESPACE = 'istio-system';

/** The labels of the ingress gateway that Istio's installation has. */
export const INGRESS_LABELS: Labels = { app: NAME, istio: 'ingressgateway' };

/** The ports at which the pods of that gateway listen for those of its Service; istio manifests/charts/gateways/istio-ingress. */
const targetPorts: Readonly<Record<number, number>> = { 80: 8080, 443: 8443 };
const STATUS_PORT = 15021;

/**
 * The ingress gateway of Istio's installation, for Gateways that select it by its usual labels where the input has no such workload: what
 * a team keeps in git seldom holds the installation. One pod, and a Service with the ports of these Gateways that nobody else sees, so
 * that sidecars are the same with it and without. What is assumed is reported, once.
 */
export function assumedIngressGateway(resources: readonly Resource[], report: Report): Resource[] {
  const gateways = resourcesOf(resources, 'Gateway').filter(({ spec }) => isUsual(spec.selector));
  const [first] = gateways;
  if (first === undefined || resources.some(isIngress)) return [];
  const path = ['spec', 'selector'];
  report(ingressAssumed(subjectAt(first, path), NAMESPACE, NAME));
  const hasService = resources.some(
    ({ kind, namespace, name }) => kind === 'Service' && namespace === NAMESPACE && name === NAME,
  );
  return [buildDeployment(first), ...(hasService ? [] : [buildService(first, gateways)])];
}

/** Whether a resource is of the gateway that is taken to exist: it stands where a Gateway is written. */
export function isOfAssumedGateway({ namespace, name, kind, document }: Resource): boolean {
  return namespace === NAMESPACE && name === NAME && kind !== 'Gateway' && fieldsOf(document.value).kind === 'Gateway';
}

/** Whether a selector asks for nothing but labels of the usual gateway. */
function isUsual(selector: Labels = {}): boolean {
  const asked = Object.entries(selector);
  return asked.length > 0 && asked.every(([key, value]) => own(INGRESS_LABELS, key) === value);
}

/** Whether a workload has a label of the usual gateway, so that nobody needs to guess. */
function isIngress(resource: Resource): boolean {
  const labels = podLabelsOf(resource);
  return labels !== undefined && Object.entries(INGRESS_LABELS).some(([key, value]) => own(labels, key) === value);
}

type Common = Pick<Resource, 'namespace' | 'name' | 'labels' | 'document'> & { readonly version: 'v1' };

/** What is made because of a Gateway stands where it is written. */
function common({ document }: ResourceOf<'Gateway'>): Common {
  return { version: 'v1', namespace: NAMESPACE, name: NAME, labels: INGRESS_LABELS, document };
}

function buildDeployment(gateway: ResourceOf<'Gateway'>): ResourceOf<'Deployment'> {
  return {
    ...common(gateway),
    kind: 'Deployment',
    group: 'apps',
    annotations: {},
    spec: {
      template: {
        metadata: { labels: INGRESS_LABELS },
        spec: { serviceAccountName: `${NAME}-service-account`, containers: [{ name: 'istio-proxy', args: ['proxy', 'router'] }] },
      },
    },
  };
}

function buildService(gateway: ResourceOf<'Gateway'>, gateways: readonly ResourceOf<'Gateway'>[]): ResourceOf<'Service'> {
  const served = gateways.flatMap(({ spec }) => (spec.servers ?? []).flatMap(({ port }) => port?.number ?? []));
  const isPort = (port: number): boolean => port > 0 && port <= 65_535 && port !== STATUS_PORT;
  const ports = [...new Set([80, 443, ...served])].filter(isPort).sort((a, b) => a - b);
  const portOf = (port: number): KubernetesServicePort => ({
    name: `tcp-${port}`,
    port,
    targetPort: targetPorts[port] ?? port,
    protocol: 'TCP',
  });
  return {
    ...common(gateway),
    kind: 'Service',
    group: '',
    annotations: { 'networking.istio.io/exportTo': '~' },
    spec: { type: 'LoadBalancer', selector: INGRESS_LABELS, ports: [portOf(STATUS_PORT), ...ports.map(portOf)] },
  };
}
