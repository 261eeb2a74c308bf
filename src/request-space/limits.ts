/** How much work an answer may take. */
export interface SpaceLimits {
  /** States of the automata of one part of requests, and steps of work on all of them. */
  readonly states: number;
  readonly work: number;
  /** How many numbers the nodes of all sets may hold. */
  readonly size: number;
}

/** What takes about a second: a step of work takes some 300 ns where expressions are told apart. */
export const USUAL_LIMITS: SpaceLimits = { states: 300_000, work: 3_000_000, size: 10_000_000 };

/** The work that may still be done; who spends more gives up. */
export interface WorkBudget {
  spend(work: number): void;
  left(): number;
}

/** All the work that limits allow. */
export function workBudget({ work }: SpaceLimits): WorkBudget {
  let left = work;
  return {
    spend(more) {
      left -= more;
      if (left < 0) giveUp('work', work);
    },
    left: () => left,
  };
}

/** No answer, since it would take more than the limits allow. */
export interface GaveUp {
  readonly kind: 'gaveUp';
  /** What was too large. */
  readonly at: 'states' | 'work' | 'size' | 'query';
  readonly limit: number;
}

/** Thrown where a limit is reached; `within` makes an answer of it. */
class LimitReached extends Error {
  readonly gaveUp: GaveUp;
  constructor(gaveUp: GaveUp) {
    super(`gave up at ${gaveUp.limit} ${gaveUp.at}`);
    this.gaveUp = gaveUp;
  }
}

/** Ends the work that `within` was asked for. */
export function giveUp(at: GaveUp['at'], limit: number): never {
  throw new LimitReached({ kind: 'gaveUp', at, limit });
}

/** What some work gives, or where it gave up. */
export function within<T>(work: () => T): T | GaveUp {
  try {
    return work();
  } catch (failure) {
    if (failure instanceof LimitReached) return failure.gaveUp;
    throw failure;
  }
}
