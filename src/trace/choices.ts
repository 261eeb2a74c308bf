/** One way that a request can take, and how often it does. */
export interface Option<T> {
  readonly value: T;
  /** Weight among its siblings. */
  readonly weight: number;
  /** For people: what is chosen. */
  readonly label: string;
}

/** Decides where a request can go several ways. */
export type Choose = <T>(options: readonly [Option<T>, ...Option<T>[]]) => T;

/** What one way through all choices gave. */
export interface Explored<R> {
  readonly result: R;
  /** Probability of this way, 0 to 1. */
  readonly share: number;
}

/** How many ways are followed at most; beyond them every choice takes its likeliest option. */
const LIMIT = 600;

/** Runs a deterministic work once for every combination of choices that it asks for. */
export function explore<R>(work: (choose: Choose) => R): readonly Explored<R>[] {
  const results: Explored<R>[] = [];
  const pending: (readonly number[])[] = [[]];
  while (pending.length > 0) {
    const prefix = pending.pop() ?? [];
    const taken: number[] = [];
    let share = 1;
    const choose: Choose = (options) => {
      const possible = options.filter(({ weight }) => weight > 0);
      const total = possible.reduce((sum, { weight }) => sum + weight, 0);
      const [first = options[0]] = possible;
      if (possible.length <= 1) return first.value;
      const depth = taken.length;
      const known = prefix[depth];
      const index = known ?? 0;
      if (known === undefined && results.length + pending.length < LIMIT) {
        for (let other = possible.length - 1; other > 0; other--) pending.push([...taken, other]);
      }
      taken.push(index);
      const chosen = possible[index] ?? first;
      share *= chosen.weight / total;
      return chosen.value;
    };
    results.push({ result: work(choose), share });
  }
  return results;
}
