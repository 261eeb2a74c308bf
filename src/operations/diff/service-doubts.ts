import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import { plainTarget } from '../../sample-requests/targets.ts';
import { type DataPlane, podAt, podKey, type ServicePlace } from '../../trace/data-plane.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { fieldsOf, listOf, own } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { schemeOf } from '../reachability/scheme.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { kubernetesServices, type LocalMeshFinder, type MeshPair, meshPairs } from './local-meshes.ts';
import type { Doubt, LoadDifference, RequestClient, RequestLabel } from './report.ts';

/** A Service of both sides, in the cluster that it is of. */
interface ServicePair {
  readonly cluster: string | undefined;
  readonly mesh: Mesh;
  readonly services: readonly [Service, Service];
  /** Where nodes lead connections to its own addresses and ports, on both sides. */
  readonly places: readonly [readonly ServicePlace[], readonly ServicePlace[]];
  readonly planes: readonly [DataPlane, DataPlane];
}

/**
 * Doubts of Services that nodes and load balancers heed otherwise, though istiod makes nothing of it and no request that is followed shows it:
 * whom they let in, on which node connections stay, which endpoints they prefer.
 */
export function doubtsOfServices(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
  meshesOf: LocalMeshFinder,
): { readonly doubts: readonly Doubt[]; readonly underLoad: readonly LoadDifference[] } {
  const pairs = meshPairs(sides, planes, meshesOf).flatMap(pairsOf);
  const doubts = pairs.flatMap((pair): readonly Doubt[] => {
    const { name, namespace } = pair.services[1];
    const doubtOf = (fields: readonly string[], from: RequestClient): readonly Doubt[] => {
      if (fields.length === 0) return [];
      const what = [`what nodes and load balancers make of ${fields.join(', ')} of Service ${namespace}/${name}`];
      return [{ from, ...placeOfService(pair.services[1]), because: 'not known', what }];
    };
    return [...doubtOf(outerFields(pair), outsideOf(pair)), ...doubtOf(innerFields(pair), BARE)];
  });
  const underLoad = pairs
    .filter((pair) => hasSeveralHosts(pair) && differ(pair.services, ({ resource }) => affinityOf(fieldsOf(resource.spec))))
    .map((pair): LoadDifference => ({ from: BARE, ...placeOfService(pair.services[1]), what: ['sticky requests'] }));
  return { doubts, underLoad };
}

function pairsOf({ cluster, meshes: [before, mesh], planes }: MeshPair): readonly ServicePair[] {
  const earlier = new Map(servicesOfNodes(before).map((service) => [service.hostname, service]));
  return servicesOfNodes(mesh).flatMap((service): readonly ServicePair[] => {
    const known = earlier.get(service.hostname);
    if (known === undefined || !isHeededOtherwise([known, service])) return [];
    const places = [placesOf(known, planes[0]), placesOf(service, planes[1])] as const;
    return [{ cluster, mesh, services: [known, service], places, planes }];
  });
}

/** Whether nodes may make something else of a Service; to ask where they lead connections takes longer. */
function isHeededOtherwise(services: ServicePair['services']): boolean {
  if (services.some(({ nodeLocal }) => nodeLocal)) return true;
  return differ(services, ({ resource: { spec, annotations }, externalAddresses }) => [spec, annotations, externalAddresses]);
}

/** The Services that nodes lead connections to: names and headless ones are only for resolvers. */
function servicesOfNodes(mesh: Mesh): readonly Service[] {
  return kubernetesServices(mesh).filter(({ externalName, addresses }) => externalName === '' && addresses.length > 0);
}

function placesOf({ addresses, ports }: Service, { serviceAt }: DataPlane): readonly ServicePlace[] {
  return addresses.flatMap((ip) => ports.flatMap(({ port }) => serviceAt({ ip, port }) ?? []));
}

function differ(services: ServicePair['services'], factOf: (service: Service) => unknown): boolean {
  const [earlier, later] = services.map((service) => JSON.stringify(factOf(service) ?? null));
  return earlier !== later;
}

/** What tells who gets in from outside of the cluster, and what is seen of their addresses. */
const OUTER: Readonly<Record<string, (outer: OuterService) => unknown>> = {
  nodePort: ({ spec, type }) => type && listOf(spec.ports).map((port) => fieldsOf(port).nodePort ?? null),
  externalTrafficPolicy: ({ spec, isReached }) => isReached && (spec.externalTrafficPolicy ?? 'Cluster'),
  loadBalancerSourceRanges: ({ spec, isBalanced }) => isBalanced && listOf(spec.loadBalancerSourceRanges).map(String).sort(),
  loadBalancerIP: ({ spec, isBalanced }) => isBalanced && (spec.loadBalancerIP ?? ''),
  loadBalancerClass: ({ spec, isBalanced }) => isBalanced && (spec.loadBalancerClass ?? ''),
  allocateLoadBalancerNodePorts: ({ spec, isBalanced }) => isBalanced && (spec.allocateLoadBalancerNodePorts ?? true),
};

/** A Service as those who come from outside meet it. */
interface OuterService {
  readonly spec: ReturnType<typeof fieldsOf>;
  /** Undefined where it is for the cluster alone. */
  readonly type: string | undefined;
  readonly isBalanced: boolean;
  readonly isReached: boolean;
}

function outerFields({ services }: ServicePair): readonly string[] {
  // All else comes with the type.
  if (differ(services, (service) => outerOf(service).type)) return ['type'];
  const fields = Object.entries(OUTER).filter(([, factOf]) => differ(services, (service) => factOf(outerOf(service))));
  // Providers of load balancers have annotations of their own.
  const areOthers = differ(services, (service) => outerOf(service).isBalanced && annotationsOf(service, /load-?balancer/i));
  return [...fields.map(([name]) => name), ...(areOthers ? ['annotations for the load balancer'] : [])];
}

function outerOf({ resource, externalAddresses }: Service): OuterService {
  const spec = fieldsOf(resource.spec);
  const type = spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? spec.type : undefined;
  const isReached = type !== undefined || externalAddresses.length > 0;
  return { spec, type, isBalanced: type === 'LoadBalancer', isReached };
}

/** What tells to which of the endpoints nodes lead connections from within the cluster. */
function innerFields(pair: ServicePair): readonly string[] {
  const [earlier, later] = pair.places.map((places, at) => places.map((place) => nodesOf(place, pair.planes[at])));
  const isNodeAsked = pair.services.some(({ nodeLocal }) => nodeLocal) && JSON.stringify(earlier) !== JSON.stringify(later);
  const isSpreadOtherwise = hasSeveralHosts(pair) && differ(pair.services, distributionOf);
  return [...(isNodeAsked ? ['internalTrafficPolicy'] : []), ...(isSpreadOtherwise ? ['trafficDistribution'] : [])];
}

/** The pods that connections go to, with their nodes where connections stay on these. */
function nodesOf({ hosts, isNodeLocal }: ServicePlace, plane: DataPlane | undefined): unknown {
  if (!isNodeLocal) return null;
  return hosts
    .map(({ destination, label, nodeName = '' }) => {
      const pod = plane && 'ip' in destination ? podAt(plane, destination.ip) : undefined;
      return JSON.stringify([nodeName, pod === undefined ? label : podKey(pod)]);
    })
    .sort(compareText);
}

function distributionOf({ resource, ...service }: Service): unknown {
  return [
    fieldsOf(resource.spec).trafficDistribution,
    annotationsOf({ ...service, resource }, /^service\.kubernetes\.io\/topology-/),
  ];
}

/** Whether connections can go to one of several. */
function hasSeveralHosts({ places }: ServicePair): boolean {
  return places.flat().some(({ hosts }) => hosts.length > 1);
}

/** On which host connections of one client stay, and for how long: three hours, where nobody says. */
function affinityOf(spec: ReturnType<typeof fieldsOf>): unknown {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  const { timeoutSeconds = 10_800 } = fieldsOf(fieldsOf(spec.sessionAffinityConfig).clientIP);
  return timeoutSeconds;
}

function annotationsOf({ resource: { annotations } }: Pick<Service, 'resource'>, name: RegExp): unknown {
  const names = Object.keys(annotations).filter((one) => name.test(one));
  return names.sort(compareText).map((one) => [one, own(annotations, one)]);
}

const BARE: RequestClient = { kind: 'without-sidecar' };

/** Those who come from outside: through the gateway, if its pods serve. */
function outsideOf({ cluster, mesh, services: [, { namespace, selector }] }: ServicePair): RequestClient {
  const gateway = mesh.proxies.find(
    (proxy) => proxy.role === 'gateway' && proxy.namespace === namespace && selects(selector, proxy.labels),
  );
  if (gateway === undefined) return { kind: 'anybody' };
  return { kind: 'gateway', workload: podKey({ cluster, namespace, name: gateway.workloadName }) };
}

/** A Service as a place that requests go to, with one of them. */
export function placeOfService({ hostname, ports }: Pick<Service, 'hostname' | 'ports'>): {
  readonly to: string;
  readonly request: RequestLabel;
} {
  const [port] = ports;
  const scheme = port === undefined ? 'http' : schemeOf(port);
  const target = plainTarget(hostname, undefined, port?.port ?? 80);
  const [to, authority] = [formatHostPort(hostname, target.port), authorityOf({ ...target, scheme })];
  if (scheme !== 'http') return { to, request: { method: 'CONNECT', url: `${scheme}://${to}`, headers: [] } };
  return { to, request: { method: 'GET', url: `http://${authority}/`, headers: [] } };
}
