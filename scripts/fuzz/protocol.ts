import type { FuzzInput } from './input.ts';
import type { Effort } from './plan.ts';
import type { Fault, Trial } from './trial.ts';

/** What the supervisor asks of a worker; one at a time. */
export type Order =
  | { readonly type: 'run'; readonly seed: number; readonly run: number; readonly effort: Effort }
  | { readonly type: 'try'; readonly input: FuzzInput; readonly trial: Trial }
  | { readonly type: 'try all'; readonly input: FuzzInput; readonly effort: Effort };

/** What a worker says: which trial begins, or the next command of it, and at last what came out. */
export type Word =
  | { readonly type: 'begin'; readonly trial: Trial }
  | { readonly type: 'end'; readonly faults: readonly Fault[]; readonly trials: number };
