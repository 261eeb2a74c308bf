import type { EnvoyFilterApplyTo } from '../api/istio.gen.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import { type Cell, cellOf } from './cell.ts';
import { type Merger, PatchAborted } from './merge.ts';
import { isPatchSkipped, type PatchValue } from './values.ts';

/** A patch that is ready to apply. */
export interface ReadyPatch {
  readonly patch: EnvoyPatch;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** The patches for one proxy, by what they apply to, in order. */
export type PatchSet = ReadonlyMap<EnvoyFilterApplyTo, readonly ReadyPatch[]>;

/** What applying patches needs. */
export interface PatchTools {
  readonly patches: PatchSet;
  readonly merger: Merger;
}

/** What it keeps account of. */
export interface PatchRun extends PatchTools {
  /** The patches that changed something. */
  readonly applied: Set<EnvoyPatch>;
  /** The patch at work. */
  readonly current: Cell<EnvoyPatch | undefined>;
}

/** What became of one value. */
export interface PatchOutcome<T> {
  /** Undefined where a patch removed it; the very value that came in where no patch changed it. */
  readonly value: T | undefined;
  readonly applied: ReadonlySet<EnvoyPatch>;
  /** Where Istio breaks off, if it does; what was done before stays. */
  readonly aborted: Abortion | undefined;
}

/** A patch at which Istio breaks off. */
export interface Abortion {
  readonly patch: EnvoyPatch;
  readonly reason: string;
}

/** Groups patches by what they apply to; those that Istio cannot read are left out. */
export function buildPatchSet(patches: readonly EnvoyPatch[], read: (patch: EnvoyPatch) => PatchValue): PatchSet {
  const groups = new Map<EnvoyFilterApplyTo, ReadyPatch[]>();
  for (const patch of patches) {
    const value = read(patch);
    if (isPatchSkipped(value)) continue;
    const ready = { patch, value: value.value };
    const group = groups.get(patch.applyTo);
    if (group === undefined) groups.set(patch.applyTo, [ready]);
    else group.push(ready);
  }
  return groups;
}

/** The value of the patch, which is at work from now on. Throws PatchAborted where there is none, as Istio panics then. */
export function valueOf<T extends object>(run: PatchRun, { patch, value }: ReadyPatch): T {
  run.current.set(patch);
  if (value === undefined) throw new PatchAborted('the patch has no value');
  // The value was decoded as the message that the patch applies to.
  return value as T;
}

/** Whether a patch merges its value into messages. What filters and transport sockets hold is merged by MERGE alone. */
export function isMerge({ operation }: EnvoyPatch): boolean {
  return operation === 'MERGE' || operation === 'MERGE_AND_REPLACE_LIST';
}

/** A message with the value of the patch merged into it. As istio envoyfilter/util.go mergePatchValue. */
export function mergedInto<T extends object>(run: PatchRun, ready: ReadyPatch, message: string, into: T): T {
  const lists = ready.patch.operation === 'MERGE_AND_REPLACE_LIST' ? 'replace' : 'append';
  return run.merger.message<T>(message, into, valueOf(run, ready), lists);
}

/** The patches that apply to things of a kind, in order. */
export function patchesFor(run: PatchTools, applyTo: EnvoyFilterApplyTo): readonly ReadyPatch[] {
  return run.patches.get(applyTo) ?? [];
}

/**
 * Patches a value step by step: `step` writes what it has done so far to the cell, so that it stays where Istio would break off.
 */
export function attemptPatch<T>(
  tools: PatchTools,
  value: T,
  step: (run: PatchRun, cell: Cell<T | undefined>) => void,
): PatchOutcome<T> {
  const applied = new Set<EnvoyPatch>();
  const current = cellOf<EnvoyPatch | undefined>(undefined);
  const cell = cellOf<T | undefined>(value);
  try {
    step({ ...tools, applied, current }, cell);
    return { value: cell.get(), applied, aborted: undefined };
  } catch (error) {
    const patch = current.get();
    if (!(error instanceof PatchAborted) || patch === undefined) throw error;
    return { value: cell.get(), applied, aborted: { patch, reason: error.message } };
  }
}
