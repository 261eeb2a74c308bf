import type { Test } from './formula.ts';

/** Whether a test holds. */
export interface TestAnswer {
  readonly test: Test;
  readonly is: boolean;
}

/** What some requests have in common: all of these answers; nothing for all requests. The answers about one part stand together. */
export type CommonTraits = readonly TestAnswer[];

/** A set of requests: those that have one of these in common. */
export interface SetDescription {
  readonly anyOf: readonly CommonTraits[];
  /** Whether these are all requests of the set: not where it would take too many words. */
  readonly isWhole: boolean;
}
