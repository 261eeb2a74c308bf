import { createChangeLister, type TracedChange } from '../../diff/changes.ts';
import { compareSnapshots, type ResourceChange, type Resources } from '../../diff/compare.ts';
import { differencesOf } from '../../diff/differences.ts';
import { memo } from '../../util/memo.ts';
import type { Configuration } from './configuration.ts';

/** What counts as a change of a proxy. */
export type Comparison = (before: Resources, after: Resources) => readonly ResourceChange[];

/** The changes of each proxy, `namespace/name`; proxies without any are left out. */
export type ChangesOf = ReadonlyMap<string, readonly TracedChange[]>;

/** A proxy with its names on the two sides. */
export interface ProxyPair {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Which proxies of two sides are compared with each other, and those that only one has. */
export interface ProxyPairs {
  readonly common: readonly ProxyPair[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Every change in meaning of what manifests give. */
export function createComparison(): Comparison {
  // Proxies share resources, which are compared once.
  const differences = memo((before: object, after: object) => differencesOf(before, after));
  return (before, after) => compareSnapshots(before, after, differences);
}

/** The proxies of the same name. */
export function pairNamesakes(before: Configuration, after: Configuration): ProxyPairs {
  const [earlier, later] = [new Set(before.proxies), new Set(after.proxies)];
  return {
    common: namesakes(before.proxies.filter((name) => later.has(name))),
    added: after.proxies.filter((name) => !earlier.has(name)),
    removed: before.proxies.filter((name) => !later.has(name)),
  };
}

/** Proxies that are called the same on both sides. */
export function namesakes(names: readonly string[]): readonly ProxyPair[] {
  return names.map((name) => ({ name, from: name, to: name }));
}

/** How proxies differ between two sides. */
export function changesBetween(
  before: Configuration,
  after: Configuration,
  pairs: readonly ProxyPair[],
  compare: Comparison,
): ChangesOf {
  const changesOf = new Map<string, readonly TracedChange[]>();
  const listChanges = createChangeLister(compare);
  for (const { name, from, to } of pairs) {
    const [earlier, later] = [before.snapshotOf(from), after.snapshotOf(to)];
    const changes = earlier && later ? listChanges(earlier, later) : [];
    if (changes.length > 0) changesOf.set(name, changes);
  }
  return changesOf;
}

/** The keys and places of changes, by proxy. */
export type Effects = ReadonlyMap<string, Record<'keys' | 'places', ReadonlySet<string>>>;

/** What changes do, to look others up in. */
export function effectsOf(changesOf: ChangesOf): Effects {
  return new Map(
    [...changesOf].map(([proxy, changes]) => [
      proxy,
      { keys: new Set(changes.map(({ key }) => key)), places: new Set(changes.map(({ place }) => place)) },
    ]),
  );
}
