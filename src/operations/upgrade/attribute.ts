import type { TracedChange } from '../../diff/changes.ts';
import { type ManifestConfiguration, reopened } from '../diff/configuration.ts';
import {
  type ChangesOf,
  type Comparison,
  changesBetween,
  type Effects,
  effectsOf,
  pairNamesakes,
} from '../diff/proxy-changes.ts';
import type { UpgradeCause } from './report.ts';
import type { UpgradeStep } from './steps.ts';

/** A step with what it does when it is made alone. */
export interface MadeStep {
  readonly cause: UpgradeCause;
  /** The earlier side with this of the later one, and how it differs from the earlier side. */
  readonly side: ManifestConfiguration;
  readonly changesOf: ChangesOf;
}

/** Makes each step alone on top of the earlier side. */
export function makeSteps(
  before: ManifestConfiguration,
  steps: readonly UpgradeStep[],
  compare: Comparison,
): readonly MadeStep[] {
  return steps.map(({ cause, forward }) => {
    const side = reopened(before, forward);
    return { cause, side, changesOf: changesBetween(before, side, pairNamesakes(before, side).common, compare) };
  });
}

/**
 * Says which steps make a change of a proxy: those that make it when made alone, else those without which the later side would not
 * have it, else those that change the same place.
 */
export function createAttribution(
  after: ManifestConfiguration,
  steps: readonly UpgradeStep[],
  made: readonly MadeStep[],
  compare: Comparison,
): (proxy: string, change: TracedChange) => readonly UpgradeCause[] {
  const forward = made.map(({ cause, changesOf }) => ({ cause, effects: effectsOf(changesOf) }));
  let missed: readonly Effective[] | undefined;
  const backward = (): readonly Effective[] => {
    missed ??= steps.map(({ cause, backward: inputs }) => {
      const side = reopened(after, inputs);
      return { cause, effects: effectsOf(changesBetween(side, after, pairNamesakes(side, after).common, compare)) };
    });
    return missed;
  };
  const found = (among: readonly Effective[], proxy: string, what: 'keys' | 'places', wanted: string) =>
    among.filter(({ effects }) => effects.get(proxy)?.[what].has(wanted)).map(({ cause }) => cause);
  return (proxy, { key, place }) => {
    const alone = found(forward, proxy, 'keys', key);
    if (alone.length > 0) return alone;
    const needed = found(backward(), proxy, 'keys', key);
    if (needed.length > 0) return needed;
    const touching = [...found(forward, proxy, 'places', place), ...found(backward(), proxy, 'places', place)];
    return [...new Set(touching)];
  };
}

interface Effective {
  readonly cause: UpgradeCause;
  readonly effects: Effects;
}
