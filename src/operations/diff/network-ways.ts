import { connectionsOf, createNetworkStoppers, type NamedConnection, type NetworkStoppers } from '../network-stoppers.ts';
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
      const [was, is] = [connectionsIn(one, client, earlier), connectionsIn(other, client, later)];
      const [gone, come] = [was.all.filter((way) => !is.hasNamed(way)), is.all.filter((way) => !was.hasNamed(way))];
      if (gone.length + come.length === 0) return undefined;
      const stopped = [
        ...gone.flatMap((way) => (is.hasAlike(way) ? [] : (earlier?.stoppersOf(way) ?? []))),
        ...come.flatMap((way) => (was.hasAlike(way) ? [] : (later?.stoppersOf(way) ?? []))),
      ];
      return [...new Set(stopped)].sort();
    },
  };
}

/** The connections on all ways of a request, each once. */
interface Connections {
  readonly all: readonly KnownConnection[];
  /** Whether one of them is between the same pods. */
  hasNamed(way: KnownConnection): boolean;
  /** Whether one of them is between pods that no policy tells from these. */
  hasAlike(way: KnownConnection): boolean;
}

interface KnownConnection extends NamedConnection {
  readonly names: string;
  readonly kinds: string;
}

function connectionsIn({ outcomes }: Seen, client = '', stoppers: NetworkStoppers | undefined): Connections {
  const kindOf = (pod: string): string => stoppers?.kindOf(pod) ?? pod;
  const found = new Map<string, KnownConnection>();
  for (const { from, to, port } of outcomes.flatMap((outcome) => connectionsOf(outcome, client))) {
    const names = `${from} ${to} ${port}`;
    if (!found.has(names)) found.set(names, { ...{ from, to, port, names }, kinds: `${kindOf(from)} ${kindOf(to)} ${port}` });
  }
  const all = [...found.values()];
  const kinds = new Set(all.map((one) => one.kinds));
  return { all, hasNamed: ({ names }) => found.has(names), hasAlike: (way) => kinds.has(way.kinds) };
}
