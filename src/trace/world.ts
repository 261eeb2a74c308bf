import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Balancer } from './balance.ts';
import type { Lookups } from './lookups.ts';
import type { ServerModel } from './servers/server-model.ts';

/** A pod, or a server that plays one, as far as a connection can tell. */
export interface TracePod {
  readonly name: string;
  readonly namespace: string;
  /** Addresses that reach it; the first is its own. */
  readonly ips: readonly string[];
  /** Ports that its containers listen on. */
  readonly ports: readonly number[];
  /** Unix sockets that its containers listen on. */
  readonly sockets: readonly string[];
  /** SPIFFE identity of its certificate. */
  readonly identity: string;
  /** What stands in front of its containers. */
  readonly proxy: 'none' | 'sidecar' | 'gateway';
  /** Whether its traffic is led through the sidecar (interception mode REDIRECT or TPROXY). */
  readonly isIntercepted: boolean;
  readonly workloadName: string;
  readonly nodeName?: string;
  /** Pods with the same text here have the same configuration and the same server: what one does, all do. */
  readonly kin?: string;
}

/** The cluster that requests travel through: pods, names, and the configuration of each proxy. */
export interface World {
  readonly pods: readonly TracePod[];
  /** The pods by their addresses, and by `namespace/name`. */
  readonly podByAddress: ReadonlyMap<string, TracePod>;
  readonly podByKey: ReadonlyMap<string, TracePod>;
  /** What istiod would send to the proxy of a pod; undefined for pods without one. */
  snapshotOf(pod: TracePod): XdsSnapshot | undefined;
  /** Addresses by host name, for DNS clusters. */
  readonly dns: ReadonlyMap<string, string>;
  /** Finds parts of its snapshots. */
  readonly lookups: Lookups;
  /** What load balancers give. */
  readonly balancer: Balancer;
  /** What is known of the servers. */
  readonly servers: ServerModel;
  /** Milliseconds since 1970, for the validity of tokens. */
  readonly now: number;
}

/** The name of a pod as people write it. */
export function podKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** The pod that an address reaches. */
export function podAt({ podByAddress }: Pick<World, 'podByAddress'>, ip: string): TracePod | undefined {
  return podByAddress.get(ip);
}

/** The pod of that name. */
export function podNamed({ podByKey }: World, key: string): TracePod | undefined {
  return podByKey.get(key);
}

/** The pods of a world, with their indexes. */
export function indexPods(pods: readonly TracePod[]): Pick<World, 'pods' | 'podByAddress' | 'podByKey'> {
  // Of several pods with an address or name the first counts.
  const reversed = pods.toReversed();
  return {
    pods,
    podByAddress: new Map(reversed.flatMap((pod) => pod.ips.map((ip) => [ip, pod] as const))),
    podByKey: new Map(reversed.map((pod) => [podKey(pod), pod])),
  };
}
