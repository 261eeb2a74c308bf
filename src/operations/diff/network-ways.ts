import { connectionsOf, createNetworkStoppers, type NamedConnection } from '../network-stoppers.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Seen } from './seen.ts';

/** What network policies have to do with the connections that requests make on two sides. */
export interface NetworkJudge {
  /** Equal for pods, `[cluster/]namespace/name`, that no policy tells apart. */
  kindOf(pod: string): string;
  /**
   * The policies that may stop a request, of a client that has a pod or none, on one side only, since it goes another way there; undefined where
   * it goes the same way.
   */
  stoppersOnOneSide(sides: readonly [Seen, Seen], client: string | undefined): readonly string[] | undefined;
}

/** Asks nothing where there are no network policies. */
export function createNetworkJudge([before, after]: readonly [ManifestConfiguration, ManifestConfiguration]): NetworkJudge {
  const [earlier, later] = [createNetworkStoppers(before.inputs), createNetworkStoppers(after.inputs)];
  if (earlier === undefined && later === undefined) return { kindOf: () => '', stoppersOnOneSide: () => undefined };
  return {
    kindOf: (pod) => JSON.stringify([earlier?.kindOf(pod), later?.kindOf(pod)]),
    stoppersOnOneSide: ([one, other], client) => {
      const [was, is] = [connectionsIn(one, client), connectionsIn(other, client)];
      const [gone, come] = [[...was].filter(([key]) => !is.has(key)), [...is].filter(([key]) => !was.has(key))];
      if (gone.length + come.length === 0) return undefined;
      const stopped = [
        ...gone.flatMap(([, connection]) => earlier?.stoppersOf(connection) ?? []),
        ...come.flatMap(([, connection]) => later?.stoppersOf(connection) ?? []),
      ];
      return [...new Set(stopped)].sort();
    },
  };
}

/** The connections on all ways of a request, each once. */
function connectionsIn({ outcomes }: Seen, client = ''): ReadonlyMap<string, NamedConnection> {
  const all = outcomes.flatMap((outcome) => connectionsOf(outcome, client));
  return new Map(all.map((one) => [`${one.from} ${one.to} ${one.port}`, one]));
}
