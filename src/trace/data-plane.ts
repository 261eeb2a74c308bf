import type { Cluster, ClusterLoadAssignment } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { memo } from '../util/memo.ts';
import type { CallerWatch } from './caller-watch.ts';
import type { Option } from './choices.ts';
import type { Host } from './host.ts';
import type { Lookups } from './lookups.ts';
import type { TracePod } from './pod.ts';
import type { ServerModel } from './servers/server-model.ts';
import type { ZtunnelDirectory } from './ztunnel/directory.ts';

/** An address and port of a Service of Kubernetes, and where the nodes lead connections to it. */
export interface ServicePlace {
  /** `namespace/name`, after the cluster where there are several. */
  readonly service: string;
  /** The cluster whose nodes lead connections on, where there are several. */
  readonly cluster?: string;
  /** Whether it is reached from outside of its cluster, through a load balancer, so that no node of the client has a part in it. */
  readonly isLoadBalancer?: boolean;
  /** The port of the Service; absent where the Service has the address and not the port. */
  readonly port?: number;
  /** Where connections go, with the node that each is on, where it is known. */
  readonly hosts: readonly (Host & { readonly nodeName?: string })[];
  /** Whether they stay on the node of the client (internalTrafficPolicy Local). */
  readonly isNodeLocal: boolean;
  /** The value whose origin is the Service. */
  readonly cause: unknown;
}

/** The load balancers of a data plane. */
export interface Balancer {
  /** The hosts that a cluster can give, without those that were tried unless there are no others. */
  hostsOf(cluster: Cluster, assignment: ClusterLoadAssignment, tried: readonly string[]): readonly Option<Host>[];
  /** The hosts as options that are alike; of many one for all of its kin. */
  evenly(hosts: readonly Host[]): readonly Option<Host>[];
  /** The options, of many one for all of its kin. */
  ofKin<H extends Host>(options: readonly Option<H>[]): readonly Option<H>[];
}

/** The cluster that requests travel through: pods, names, and the configuration of each proxy. */
export interface DataPlane {
  readonly pods: readonly TracePod[];
  /** The pods by their addresses, and by `namespace/name` (after the cluster, where there are several). */
  readonly podByAddress: ReadonlyMap<string, TracePod>;
  readonly podByKey: ReadonlyMap<string, TracePod>;
  /** The Service that an address stands for (a cluster IP, that of a load balancer, a node port); undefined where it is none's. */
  serviceAt(destination: { readonly ip: string; readonly port: number }): ServicePlace | undefined;
  /** The same as it is seen from a place in one of several clusters: an address is somebody else's there. */
  around?(place: NetworkPlace): DataPlane;
  /** Who has an address that nobody has here: a pod on a network that is not reached, or a Service of another cluster or of what this is compared with. */
  elsewhere?(ip: string): Elsewhere | undefined;
  /** What istiod would send to the proxy of a pod; undefined for pods without one. */
  snapshotOf(pod: TracePod): XdsSnapshot | undefined;
  /**
   * Whether the proxy of a pod gets the secret of that name (of secret discovery, `kubernetes://...`). Unknown where the manifests hold
   * no Secrets at all: they are kept elsewhere.
   */
  secret(pod: TracePod, name: string): 'present' | 'absent' | 'unknown';
  /** Addresses by host name that are known beside those of Services. */
  readonly dns: ReadonlyMap<string, string>;
  /** The address of a name, as the resolver of a proxy knows it. */
  resolve(name: string): string | undefined;
  /** The names that have one. */
  names(): readonly string[];
  /** What every ztunnel knows; undefined where there is none. */
  readonly ztunnel: ZtunnelDirectory | undefined;
  /** Finds parts of its snapshots. */
  readonly lookups: Lookups;
  /** What load balancers give. */
  readonly balancer: Balancer;
  /** What is known of the servers. */
  readonly servers: ServerModel;
  /**
   * The same object for states of a mesh that differ in nothing but the configuration of proxies, Secrets, and the time; absent where nothing
   * is known of other states.
   */
  readonly unchanged?: object | undefined;
  /** Told of what depends on who calls. */
  readonly watch?: CallerWatch;
  /** Milliseconds since 1970, for the validity of tokens. */
  readonly now: number;
}

/** A place that connections come from. */
export type NetworkPlace = Pick<TracePod, 'cluster' | 'network'>;

/** Who has an address that leads nowhere from where it is asked for. */
export type Elsewhere =
  | {
      readonly kind: 'pod' | 'service';
      /** `cluster/namespace/name`. */
      readonly owner: string;
      /** The network of the pod, or the cluster of the Service. */
      readonly within: string;
    }
  /** A Service, `namespace/name`, that is only in what the data plane is compared with. */
  | { readonly kind: 'service of the other side'; readonly owner: string };

/** A data plane as it is seen from a place; nowhere in particular, as it is. */
export function seenFrom(dataPlane: DataPlane, place: NetworkPlace | undefined): DataPlane {
  return place === undefined ? dataPlane : (dataPlane.around?.(place) ?? dataPlane);
}

/** A data plane that is another one in something, from wherever it is seen. */
export function changedPlane(dataPlane: DataPlane, change: (plane: DataPlane) => Partial<DataPlane>): DataPlane {
  const { around } = dataPlane;
  if (around === undefined) return { ...dataPlane, ...change(dataPlane) };
  const planes = memo(
    (plane: DataPlane): DataPlane => ({ ...plane, ...change(plane), around: (place) => planes(around(place)) }),
  );
  return planes(dataPlane);
}

/** What names a pod. */
interface PodName {
  /** Where there are several. */
  readonly cluster?: string | undefined;
  readonly namespace: string;
  readonly name: string;
}

/** The name of a pod as people write it. */
export function podKey({ cluster, namespace, name }: PodName): string {
  return cluster === undefined ? `${namespace}/${name}` : `${cluster}/${namespace}/${name}`;
}

/** The pod that an address reaches. */
export function podAt({ podByAddress }: Pick<DataPlane, 'podByAddress'>, ip: string): TracePod | undefined {
  return podByAddress.get(ip);
}

/** The address of a name; where nobody knows one, it stands for itself unless all servers are known. */
export function addressOf({ resolve, servers }: Pick<DataPlane, 'resolve' | 'servers'>, name: string): string | undefined {
  return isIpAddress(name) ? name : (resolve(name) ?? (servers.isWhole ? undefined : name));
}

/** Who has each of the addresses that nodes or load balancers lead connections to from a place, as the cluster of that place sees them. */
export function podsLedTo(
  dataPlane: DataPlane,
  { cluster, hosts }: Pick<ServicePlace, 'cluster' | 'hosts'>,
): readonly (TracePod | undefined)[] {
  const there = cluster === undefined ? dataPlane : seenFrom(dataPlane, { cluster });
  return hosts.map(({ destination }) => ('ip' in destination ? podAt(there, destination.ip) : undefined));
}

/** The pod of that name. */
export function podNamed({ podByKey }: DataPlane, key: string): TracePod | undefined {
  return podByKey.get(key);
}

/** The pods of a data plane, with their indexes. */
export function indexPods(pods: readonly TracePod[]): Pick<DataPlane, 'pods' | 'podByAddress' | 'podByKey'> {
  // Of several pods with an address or name the first counts.
  const reversed = pods.toReversed();
  return {
    pods,
    podByAddress: new Map(reversed.flatMap((pod) => pod.ips.map((ip) => [ip, pod] as const))),
    podByKey: new Map(reversed.map((pod) => [podKey(pod), pod])),
  };
}
