import type { Cluster, ClusterLoadAssignment, LbEndpoint } from '../envoy/api.gen.ts';
import { append } from '../util/collections.ts';
import { formatHostPort, parseHostPort } from '../util/host-port.ts';
import { memo } from '../util/memo.ts';
import type { Option } from './choices.ts';
import { addressOf, type Balancer, type DataPlane, podAt, podKey } from './data-plane.ts';
import { type Host, ipOfHost, tunnelOfEndpoint } from './host.ts';
import type { TracePod } from './pod.ts';

/** What load balancers need to know of the data plane. */
type Places = Pick<DataPlane, 'resolve' | 'servers' | 'podByAddress'>;

/** More hosts of one cluster are not all tried one by one. */
const MOST_HOSTS = 16;

/** The load balancers of a data plane; what they find out of a cluster's endpoints is remembered. */
export function createBalancer(places: Places): Balancer {
  const kin = { ...places, criteriaOf: memo(criteriaOf), keyOf: memo(podKey) };
  const untried = memo((cluster: Cluster, assignment: ClusterLoadAssignment) =>
    oneOfEachKin(kin, balance(places, cluster, assignment)),
  );
  return {
    hostsOf(cluster, assignment, tried) {
      if (tried.length === 0) return untried(cluster, assignment);
      const names = new Set(tried);
      const fresh = balance(places, cluster, assignment).filter(({ label }) => !names.has(label));
      return fresh.length === 0 ? untried(cluster, assignment) : oneOfEachKin(kin, fresh);
    },
    evenly: memo((hosts: readonly Host[]) =>
      oneOfEachKin(
        kin,
        hosts.map((host) => ({ value: host, weight: 1, label: host.label })),
      ),
    ),
    ofKin: (options) => oneOfEachKin(kin, options),
  };
}

/** What tells which hosts are of one kin, remembered where hosts share it. */
interface KinPlaces extends Places {
  criteriaOf(metadata: NonNullable<LbEndpoint['metadata']>): string;
  keyOf(pod: TracePod): string;
}

/** What clusters choose by; what Istio notes of the workload is for telemetry. */
function criteriaOf({ filterMetadata }: NonNullable<LbEndpoint['metadata']>): string {
  const { istio: _, ...criteria } = filterMetadata ?? {};
  return JSON.stringify(criteria);
}

/** Of many hosts one for all whose pods are of its kin and whose endpoints say the same. */
function oneOfEachKin<H extends Host>(places: KinPlaces, options: readonly Option<H>[]): readonly Option<H>[] {
  if (options.length <= MOST_HOSTS) return options;
  const groups = new Map<unknown, Map<string, Option<H>[]>>();
  for (const option of options) {
    const { cause } = option.value;
    const ofCause = groups.get(cause) ?? new Map<string, Option<H>[]>();
    groups.set(cause, ofCause);
    append(ofCause, kinOf(places, option.value), option);
  }
  return [...groups.values()].flatMap((byKin) => [...byKin.values()].flatMap((members) => standIn(places, members)));
}

function portOfTunnel(destination: Exclude<Host['destination'], { readonly port: number }>): number | undefined {
  return 'local' in destination ? parseHostPort(destination.local ?? '')?.port : undefined;
}

function kinOf(places: KinPlaces, { destination, label, endpoint }: Host): string {
  const ip = ipOfHost({ destination });
  if (ip === undefined) return label;
  const { endpoint: address, metadata, loadBalancingWeight, healthStatus, ...rest } = endpoint ?? {};
  const kin = podAt(places, ip)?.kin ?? label;
  const criteria = metadata === undefined ? '' : places.criteriaOf(metadata);
  const port = 'port' in destination ? destination.port : portOfTunnel(destination);
  const others = Object.keys(rest).length === 0 ? '' : JSON.stringify(rest);
  const hostname = address?.hostname === undefined ? '' : `=${address.hostname}`;
  return [kin, port, hostname, loadBalancingWeight, healthStatus, others, criteria].join('\n');
}

/** The first host, which stands for the others. */
function standIn<H extends Host>(places: KinPlaces, members: readonly Option<H>[]): readonly Option<H>[] {
  const [first] = members;
  if (first === undefined) return [];
  const [, ...kin] = members.flatMap(({ value }) => {
    const ip = ipOfHost(value);
    const pod = ip === undefined ? undefined : podAt(places, ip);
    return pod === undefined ? [] : [places.keyOf(pod)];
  });
  const weight = members.reduce((sum, member) => sum + member.weight, 0);
  return [{ ...first, weight, value: { ...first.value, ...(kin.length > 0 && { kin }) } }];
}

const OVERPROVISIONING = 140;
const PANIC_THRESHOLD = 50;

/**
 * The endpoints that take part, weighted: a priority gets what those before it cannot bear, in panic a priority's endpoints
 * all count as healthy. Envoy source/extensions/load_balancing_policies/common/load_balancer_impl.cc.
 */
function balance(places: Places, cluster: Cluster, assignment: ClusterLoadAssignment): readonly Option<Host>[] {
  const groups = assignment.endpoints ?? [];
  const byLocality = cluster.commonLbConfig?.localityWeightedLbConfig !== undefined;
  const priorities = [...new Set(groups.map(({ priority = 0 }) => priority))].sort((a, b) => a - b);
  const threshold =
    cluster.commonLbConfig?.healthyPanicThreshold === undefined
      ? PANIC_THRESHOLD
      : (cluster.commonLbConfig.healthyPanicThreshold.value ?? 0);
  const factor = assignment.policy?.overprovisioningFactor ?? OVERPROVISIONING;
  const levels = priorities.map((priority) => {
    const members = groups
      .filter((group) => (group.priority ?? 0) === priority)
      .map((group) => ({ group, endpoints: group.lbEndpoints ?? [] }));
    const all = members.flatMap(({ endpoints }) => endpoints);
    const healthy = all.filter(isHealthy).length;
    return {
      members,
      total: all.length,
      healthy,
      health: all.length === 0 ? 0 : Math.min(100, Math.floor((factor * healthy) / all.length)),
    };
  });
  const available = Math.min(
    100,
    levels.reduce((sum, { health }) => sum + health, 0),
  );
  let left = 100;
  const loads = levels.map(({ health, total }) => {
    if (available === 0) return total;
    const load = Math.min(left, Math.floor((health * 100) / available));
    left -= load;
    return load;
  });
  return levels
    .flatMap(({ members, total, healthy }, index) => {
      const load = loads[index] ?? 0;
      const isPanic = available < 100 && total > 0 && (healthy * 100) / total < threshold;
      const usable = members.map(({ group, endpoints }) => {
        // Whoever remembers a host does not hold on to all the others.
        const { lbEndpoints: _, ...cause } = group;
        return {
          group,
          hosts: endpoints
            .filter((endpoint) => isPanic || isHealthy(endpoint))
            .flatMap((endpoint) => toHost(places, endpoint, cause)),
          share: endpoints.length === 0 ? 0 : endpoints.filter(isHealthy).length / endpoints.length,
        };
      });
      return usable.flatMap(({ group, hosts, share }) => {
        const sum = hosts.reduce((weights, { weight }) => weights + weight, 0);
        const locality = byLocality
          ? ((group.loadBalancingWeight ?? 0) * (isPanic ? 1 : Math.min(1, (share * factor) / 100))) / (sum || 1)
          : 1;
        return hosts.map(({ host, weight }) => ({ value: host, weight: load * locality * weight, label: host.label }));
      });
    })
    .filter(({ weight }) => weight > 0);
}

function isHealthy({ healthStatus }: LbEndpoint): boolean {
  return healthStatus === undefined || healthStatus === 'UNKNOWN' || healthStatus === 'HEALTHY' || healthStatus === 'DEGRADED';
}

function toHost(places: Places, endpoint: LbEndpoint, cause: unknown): { host: Host; weight: number }[] {
  const { address, hostname = '' } = endpoint.endpoint ?? {};
  const weight = endpoint.loadBalancingWeight ?? 1;
  const common = { endpoint, cause };
  if (address?.pipe !== undefined) {
    const { path } = address.pipe;
    return [{ host: { ...common, destination: { socket: path ?? '' }, label: path ?? '', hostname }, weight }];
  }
  const { serverListenerName: internal, endpointId = '' } = address?.envoyInternalAddress ?? {};
  if (internal !== undefined) {
    const destination = { internal, ...tunnelOfEndpoint(endpoint) };
    return [{ host: { ...common, destination, label: endpointId || internal, hostname }, weight }];
  }
  const { address: name = '', portValue: port = 0 } = address?.socketAddress ?? {};
  const ip = addressOf(places, name);
  if (ip === undefined) return [];
  const resolved = ip === name ? hostname : name;
  return [{ host: { ...common, destination: { ip, port }, label: formatHostPort(ip, port), hostname: resolved }, weight }];
}
