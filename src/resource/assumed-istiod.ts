import type { Report } from '../diagnostics/diagnostic.ts';
import { istiodAssumed } from '../diagnostics/problems/repositories.ts';
import type { Labels, Resource, ResourceOf } from './resource.ts';
import { resourcesOf } from './select.ts';
import { subjectAt } from './subject.ts';

const NAME = 'istiod';
const NAMESPACE = 'istio-system';
const LABELS: Labels = { app: NAME, istio: 'pilot' };
/** The ports of its Service; istio manifests/charts/istio-control/istio-discovery/templates/service.yaml. */
const PORTS: readonly (readonly [name: string, port: number, targetPort: number])[] = [
  ['grpc-xds', 15010, 15010],
  ['https-dns', 15012, 15012],
  ['https-webhook', 443, 15017],
  ['http-monitoring', 15014, 15014],
];

/**
 * The Service and the pod of istiod, for routes and rules that lead to it by its name where the input has no such Service (an east-west
 * gateway that opens it to other clusters): who writes those has an istiod. What is assumed is reported.
 */
export function assumedIstiod(resources: readonly Resource[], report: Report): Resource[] {
  const [first] = [...resourcesOf(resources, 'VirtualService'), ...resourcesOf(resources, 'DestinationRule')].filter(
    leadsToIstiod,
  );
  const isThere = resources.some(({ kind, namespace, name }) => kind === 'Service' && namespace === NAMESPACE && name === NAME);
  if (first === undefined || isThere) return [];
  report(istiodAssumed(subjectAt(first, ['spec']), NAMESPACE, NAME));
  const common = {
    version: 'v1' as const,
    namespace: NAMESPACE,
    name: NAME,
    labels: LABELS,
    annotations: {},
    document: first.document,
  };
  const deployment: ResourceOf<'Deployment'> = {
    ...common,
    kind: 'Deployment',
    group: 'apps',
    spec: {
      template: {
        metadata: { labels: { ...LABELS, 'sidecar.istio.io/inject': 'false' } },
        spec: { serviceAccountName: NAME, containers: [{ name: 'discovery' }] },
      },
    },
  };
  return [deployment, istiodService(common)];
}

/** The Service of istiod as Istio's chart has it. */
export function istiodService(common: Pick<Resource, 'document'>): ResourceOf<'Service'> {
  return {
    version: 'v1',
    namespace: NAMESPACE,
    name: NAME,
    labels: LABELS,
    annotations: {},
    ...common,
    kind: 'Service',
    group: '',
    spec: {
      selector: LABELS,
      ports: PORTS.map(([name, port, targetPort]) => ({ name, port, targetPort, protocol: 'TCP' })),
    },
  };
}

function leadsToIstiod(resource: ResourceOf<'VirtualService'> | ResourceOf<'DestinationRule'>): boolean {
  if (resource.kind === 'DestinationRule') return isIstiod(resource.spec.host);
  const { http = [], tls = [], tcp = [] } = resource.spec;
  return [...http, ...tls, ...tcp].some(({ route = [] }) => route.some(({ destination }) => isIstiod(destination?.host)));
}

/** Whether a host is its full name, in whichever domain. */
function isIstiod(host = ''): boolean {
  return host === `${NAME}.${NAMESPACE}` || host.startsWith(`${NAME}.${NAMESPACE}.svc`);
}
