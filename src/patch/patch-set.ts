import type { EnvoyFilterApplyTo } from '../api/istio.gen.ts';
import type { EnvoyPatch } from '../model/envoy-filters.ts';
import { type Merger, PatchAborted } from './merge.ts';
import { isUnreadable, type PatchValue } from './values.ts';

/** A patch that is ready to apply. */
export interface ReadyPatch {
  readonly patch: EnvoyPatch;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** The patches for one proxy, by what they apply to, in order. */
export type PatchSet = ReadonlyMap<EnvoyFilterApplyTo, readonly ReadyPatch[]>;

/** What applying patches keeps account of. */
export interface PatchRun {
  readonly patches: PatchSet;
  readonly merger: Merger;
  /** The patches that changed something. */
  readonly applied: Set<EnvoyPatch>;
  /** Where Istio would have broken off, and why. */
  readonly aborted: string[];
}

/** Groups patches by what they apply to; those that Istio cannot read are left out. */
export function buildPatchSet(patches: readonly EnvoyPatch[], read: (patch: EnvoyPatch) => PatchValue): PatchSet {
  const groups = new Map<EnvoyFilterApplyTo, ReadyPatch[]>();
  for (const patch of patches) {
    const value = read(patch);
    if (isUnreadable(value)) continue;
    const ready = { patch, value: value.value };
    const group = groups.get(patch.applyTo);
    if (group === undefined) groups.set(patch.applyTo, [ready]);
    else group.push(ready);
  }
  return groups;
}

/** The value that the patch brings. Throws PatchAborted where there is none, as Istio panics then. */
export function valueOf<T extends object>({ patch, value }: ReadyPatch): T {
  if (value === undefined) throw new PatchAborted(`the patch has no value (${patch.operation} ${patch.applyTo})`);
  // The value was decoded as the message that the patch applies to.
  return value as T;
}

/** The patches that apply to things of a kind, in order. */
export function patchesFor(run: PatchRun, applyTo: EnvoyFilterApplyTo): readonly ReadyPatch[] {
  return run.patches.get(applyTo) ?? [];
}

/** Runs a step of patching; where Istio would break off, what was done so far stays. */
export function untilAborted(run: PatchRun, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof PatchAborted)) throw error;
    run.aborted.push(error.message);
  }
}
