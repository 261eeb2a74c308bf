import type { EndpointConditions, SliceEndpoint, SlicePort } from '../../api/kubernetes.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { isIpAddress, isIpv6Text } from '../../util/ip-address.ts';
import { selects } from '../labels.ts';
import { type PodWorkload, resolveTargetPort } from './workloads.ts';

/** An EndpointSlice of a service, given or made up. */
export interface Slice {
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
  /** Whether its addresses are IPv6. */
  readonly ipv6: boolean;
  /** Where it is written; for one that is made up, undefined (its endpoints are those of their pods). */
  readonly resource: Resource | undefined;
}

/** The label that names the Service of an EndpointSlice. */
export const SERVICE_NAME = 'kubernetes.io/service-name';
const IMPORTED_SERVICE_NAME = 'multicluster.kubernetes.io/service-name';

/** The EndpointSlices given for services: by `namespace/service`. Slices of names and of other clusters do not count. */
export function slicesByService(
  slices: readonly ResourceOf<'EndpointSlice'>[],
): ReadonlyMap<string, readonly ResourceOf<'EndpointSlice'>[]> {
  const table = new Map<string, readonly ResourceOf<'EndpointSlice'>[]>();
  for (const resource of slices) {
    const service = resource.labels[SERVICE_NAME];
    if (!service || resource.labels[IMPORTED_SERVICE_NAME] !== undefined || resource.spec.addressType === 'FQDN') continue;
    const key = `${resource.namespace}/${service}`;
    table.set(key, [...(table.get(key) ?? []), resource]);
  }
  return table;
}

/** An EndpointSlice as it is given. */
export function sliceOf(resource: ResourceOf<'EndpointSlice'>): Slice {
  const { endpoints, ports, addressType } = resource.spec;
  return { endpoints: endpoints ?? [], ports: ports ?? [], ipv6: addressType === 'IPv6', resource };
}

/** Endpoints of the older form as slices: one for each subset. */
export function slicesOfEndpoints(resource: ResourceOf<'Endpoints'>): readonly Slice[] {
  return (resource.spec.subsets ?? []).map(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const endpoints = [
      ...addresses.map((address) => ({ address, conditions: { ready: true } })),
      ...notReadyAddresses.map((address) => ({
        address,
        conditions: { ready: false, serving: false, terminating: false },
      })),
    ].map(({ address: { ip, ...rest }, conditions }) => ({ ...rest, addresses: [ip], conditions }));
    return { endpoints, ports, ipv6: false, resource };
  });
}

/** The pods of its namespace that a service selects, but for those that have ended; an empty selector selects nothing. */
export function podsOfService({ spec }: ResourceOf<'Service'>, pods: readonly PodWorkload[]): readonly PodWorkload[] {
  const { selector = {} } = spec;
  if (Object.keys(selector).length === 0) return [];
  return pods.filter((pod) => !pod.terminated && selects(selector, pod.ownLabels));
}

/**
 * The slices that Kubernetes makes for a service of the pods that it selects, those of a family after the other: pods with the same
 * ports share one. A port whose name the pod does not have is left out.
 */
export function slicesOfPods(service: ResourceOf<'Service'>, pods: readonly PodWorkload[]): readonly Slice[] {
  const families = familiesOf(service);
  const slicesOf = (ipv6: boolean): readonly Slice[] => slicesOfFamily(service, pods, ipv6, families.length === 0);
  return families.length === 0 ? [false, true].flatMap(slicesOf) : families.flatMap(slicesOf);
}

/** Whether a service has IPv6 addresses, for each of its families; none where nothing tells them: then they are those of its pods. */
function familiesOf({ spec }: ResourceOf<'Service'>): readonly boolean[] {
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (ipFamilies.length > 0) return [...new Set(ipFamilies)].map((family) => family === 'IPv6');
  if (ipFamilyPolicy === 'RequireDualStack') return [false, true];
  return [...new Set([clusterIP ?? '', ...clusterIPs].filter(isIpAddress).map(isIpv6Text))];
}

/** The slices of one family. Where the service has none of its own, a pod is in those of its first address. */
function slicesOfFamily(
  { spec }: ResourceOf<'Service'>,
  pods: readonly PodWorkload[],
  ipv6: boolean,
  byFirstAddress: boolean,
): readonly Slice[] {
  const { ports = [], publishNotReadyAddresses = false } = spec;
  type Made = Omit<Slice, 'endpoints'> & { readonly endpoints: SliceEndpoint[] };
  const slices = new Map<string, Made>();
  // Most pods of a service have the same container ports, and then the same ports for it.
  const sliceOfPorts = new Map<string, Made>();
  const sliceOf = ({ containerPorts }: PodWorkload): Made => {
    const podPorts = ports.flatMap(({ name = '', port, protocol = 'TCP', targetPort = port }): SlicePort[] => {
      const number = resolveTargetPort(containerPorts, targetPort, protocol);
      return number === undefined ? [] : [{ name, port: number, protocol }];
    });
    const key = JSON.stringify(podPorts);
    const slice = slices.get(key) ?? { endpoints: [], ports: podPorts, ipv6, resource: undefined };
    slices.set(key, slice);
    return slice;
  };
  for (const pod of pods) {
    const ips = byFirstAddress ? pod.ips.slice(0, 1) : pod.ips;
    const address = ips.find((ip) => isIpv6Text(ip) === ipv6);
    if (address === undefined) continue;
    const containerPorts = JSON.stringify(pod.containerPorts);
    const slice = sliceOfPorts.get(containerPorts) ?? sliceOf(pod);
    sliceOfPorts.set(containerPorts, slice);
    slice.endpoints.push({
      addresses: [address],
      conditions: { ready: pod.ready || publishNotReadyAddresses, serving: pod.ready, terminating: false },
      targetRef: { kind: 'Pod', name: pod.name, namespace: pod.namespace },
      ...(pod.nodeName !== '' && { nodeName: pod.nodeName }),
    });
  }
  return [...slices.values()];
}

/**
 * What the conditions of an endpoint say of its health: an unready one drains if its service keeps sessions and it still serves,
 * and counts as shutting down unless it says that it is not.
 * As istio kube controller endpointslice.go endpointHealthStatus.
 */
export function endpointHealth(
  conditions: EndpointConditions | undefined,
  keepsSessions: boolean,
): 'healthy' | 'unhealthy' | 'draining' | 'terminating' {
  const { ready = true, serving = true, terminating = true } = conditions ?? {};
  if (ready) return 'healthy';
  if (!terminating) return 'unhealthy';
  return keepsSessions && serving ? 'draining' : 'terminating';
}
