import type { Input } from '../input/load.ts';
import { wordsOfObject } from '../resource/foreign-objects.ts';
import type { NetworkPolicy } from '../resource/network-policies.ts';
import type { Outcome } from '../trace/outcome.ts';
import { TUNNEL_PORT } from '../trace/ztunnel/next-hop.ts';
import { textInOrder } from '../util/json-text.ts';
import { memo } from '../util/memo.ts';
import { fieldsOf } from '../util/object.ts';
import { type ClusterNetwork, type NetworkPod, networkOf } from '../workbench/network-policies.ts';

/** A connection between two pods, or whatever else has these names; '' is nobody of whom something is known. */
export interface NamedConnection {
  readonly from: string;
  readonly to: string;
  readonly port: number | undefined;
}

/** A connection that network policies may stop, which are said in words. */
export interface StoppableConnection extends NamedConnection {
  readonly policies: readonly string[];
}

/** What network policies, none of which is simulated, have to do with connections between pods, `[cluster/]namespace/name`. */
export interface NetworkStoppers {
  /** Equal for pods that no policy tells apart. */
  kindOf(pod: string): string;
  /** The policies that may stop a connection, in words. */
  stoppersOf(connection: NamedConnection): readonly string[];
}

/** What the network policies of clusters may stop; undefined where there are none. */
export function createNetworkStoppers(
  inputs: readonly Pick<Input, 'cluster' | 'resources' | 'networkPolicies'>[],
): NetworkStoppers | undefined {
  if (inputs.every(({ networkPolicies }) => networkPolicies.length === 0)) return undefined;
  const findEnd = endFinder(inputs);
  const find = memo((from: string, to: string, port: number | undefined) =>
    stoppersBetween(findEnd(from), findEnd(to), port).map(wordsOfObject),
  );
  return {
    kindOf: memo((pod: string) => {
      const end = findEnd(pod);
      if (end === undefined) return pod;
      const { namespace, labels, spec } = end.pod;
      return JSON.stringify([end.cluster, namespace, textInOrder(labels), fieldsOf(spec).serviceAccountName]);
    }),
    stoppersOf: ({ from, to, port }) => find(from, to, port),
  };
}

/** A pod at one end of a connection, with the network that it is in. */
interface End {
  readonly cluster: string | undefined;
  readonly network: ClusterNetwork;
  readonly pod: NetworkPod;
}

function endFinder(inputs: Parameters<typeof createNetworkStoppers>[0]): (key: string) => End | undefined {
  const networks = memo(() => inputs.map((input) => ({ cluster: input.cluster?.name, network: networkOf(input) })));
  return memo((key: string): End | undefined => {
    for (const { cluster, network } of networks()) {
      const prefix = cluster === undefined ? '' : `${cluster}/`;
      const pod = key.startsWith(prefix) ? network.pods.get(key.slice(prefix.length)) : undefined;
      if (pod !== undefined) return { cluster, network, pod };
    }
    return undefined;
  });
}

function stoppersBetween(from: End | undefined, to: End | undefined, port: number | undefined): readonly NetworkPolicy[] {
  if (to !== undefined && to.network === from?.network) return to.network.stoppersOf({ from: from.pod, to: to.pod, port });
  return [
    ...(to?.network.stoppersOf({ from: undefined, to: to.pod, port }) ?? []),
    ...(from?.network.stoppersOf({ from: from.pod, to: undefined, port }) ?? []),
  ];
}

/** The connections that a client's request makes on any of its ways and that network policies may stop, each once. */
export function stoppableConnections(
  network: NetworkStoppers | undefined,
  outcomes: readonly Outcome[],
  client: string,
): readonly StoppableConnection[] {
  if (network === undefined) return [];
  const found = new Map<string, StoppableConnection>();
  for (const connection of outcomes.flatMap((outcome) => connectionsOf(outcome, client))) {
    const policies = network.stoppersOf(connection);
    if (policies.length > 0) found.set(JSON.stringify(connection), { ...connection, policies });
  }
  return [...found.values()];
}

/** The connections that a request of a client makes on one of its ways, of which those within one pod are none. */
export function connectionsOf(
  { hops, deliveries, otherDeliveries = [] }: Pick<Outcome, 'hops' | 'deliveries' | 'otherDeliveries'>,
  client: string,
): readonly NamedConnection[] {
  const ports = new Map<string, number | string | undefined>([
    ...deliveries.map(({ pod, port }) => [pod, port] as const),
    ...otherDeliveries.map(({ place, port }) => [place, port] as const),
  ]);
  const connections: NamedConnection[] = [];
  let from = client;
  for (const { side, place, steps } of hops) {
    if (side === 'service' || place === from) continue;
    const isTunnel = side === 'waypoint' || steps.some((step) => step.kind === 'ztunnel' && step.event === 'takes the tunnel');
    const port = isTunnel ? TUNNEL_PORT : ports.get(place);
    connections.push({ from, to: place, port: typeof port === 'number' ? port : undefined });
    from = place;
  }
  return connections;
}
