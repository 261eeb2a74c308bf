import { podKey } from '../../trace/data-plane.ts';
import { TUNNEL_PORT } from '../../trace/ztunnel/next-hop.ts';
import { memo } from '../../util/memo.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { createNetworkStoppers } from '../network-stoppers.ts';
import type { GraphEdge, GraphNote } from './graph.ts';
import type { Parties } from './workloads.ts';

/** A note of the network policies that may stop ways which are shown as allowed, since none of them is simulated. */
export function noteOfStoppedWays(
  edges: readonly GraphEdge[],
  { parties, pods, idOf }: Parties,
  benches: Benches,
  served: readonly { readonly servers: readonly string[]; readonly ports: readonly number[] }[],
): readonly GraphNote[] {
  const network = createNetworkStoppers(benches[0].inputs);
  if (network === undefined) return [];
  const kinds = new Map(parties.map(({ node }) => [node.id, node.kind]));
  const podOf = new Map(pods.toReversed().map((pod) => [idOf(pod), podKey(pod)]));
  const portsOf = new Map<string, Set<number>>();
  for (const { servers, ports } of served) {
    for (const server of servers) {
      const known = portsOf.get(server) ?? new Set<number>();
      for (const port of ports) known.add(port);
      portsOf.set(server, known);
    }
  }
  const stoppersOf = memo((from: string, to: string, isTunnel: boolean): readonly string[] => {
    const ports = isTunnel ? [TUNNEL_PORT] : [...(portsOf.get(to) ?? [])];
    const ends = { from: podOf.get(from) ?? '', to: podOf.get(to) ?? '' };
    return (ports.length === 0 ? [undefined] : ports).flatMap((port) => network.stoppersOf({ ...ends, port }));
  });
  const policies = new Set<string>();
  let ways = 0;
  for (const { from, to, access, tls } of edges) {
    if (access !== 'allowed' && access !== 'partly') continue;
    const isMutual = tls.includes('mutual TLS');
    const stoppers = to.flatMap((server) => stoppersOf(from, server, isMutual && kinds.get(server) === 'ambient'));
    if (stoppers.length > 0) ways += 1;
    for (const policy of stoppers) policies.add(policy);
  }
  return ways === 0 ? [] : [{ kind: 'network policies', policies: [...policies].sort(), ways }];
}
