import type { Outcome } from '../../trace/outcome.ts';
import { connectionsOf, createNetworkStoppers, type NetworkStoppers } from '../network-stoppers.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Seen } from './seen.ts';

/** What network policies have to do with the connections that requests make on two sides. */
export interface NetworkJudge {
  /** Equal for pods, `[cluster/]namespace/name`, that no policy tells apart. */
  kindOf(pod: string): string;
  /** The policies that may stop a request, of a client that has a pod or none, on one side only, since it goes another way there. */
  stoppersOnOneSide(sides: readonly [Seen, Seen], client: string | undefined): readonly string[];
}

/** Asks nothing where there are no network policies. */
export function createNetworkJudge([before, after]: readonly [ManifestConfiguration, ManifestConfiguration]): NetworkJudge {
  const [earlier, later] = [createNetworkStoppers(before.inputs), createNetworkStoppers(after.inputs)];
  if (earlier === undefined && later === undefined) return { kindOf: () => '', stoppersOnOneSide: () => [] };
  return {
    kindOf: (pod) => JSON.stringify([earlier?.kindOf(pod), later?.kindOf(pod)]),
    stoppersOnOneSide: ([one, other], client) => {
      const [was, is] = [stoppedOn(one.outcomes, client, earlier), stoppedOn(other.outcomes, client, later)];
      const differing = [...[...was].filter(([key]) => !is.has(key)), ...[...is].filter(([key]) => !was.has(key))];
      return [...new Set(differing.map(([, policy]) => policy))].sort();
    },
  };
}

/** The policies that may stop connections on the ways of a request, each with the connection. */
function stoppedOn(
  outcomes: readonly Outcome[],
  client = '',
  stoppers: NetworkStoppers | undefined,
): ReadonlyMap<string, string> {
  if (stoppers === undefined) return new Map();
  return new Map(
    outcomes
      .flatMap((outcome) => connectionsOf(outcome, client))
      .flatMap((one) => stoppers.stoppersOf(one).map((policy) => [JSON.stringify([one, policy]), policy] as const)),
  );
}
