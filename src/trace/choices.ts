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

/** The options, those as one that are equal but for their weights: in lists of destinations one may stand several times. */
export function withoutRepeated<T>(options: readonly Option<T>[], keyOf: (value: T) => string): readonly Option<T>[] {
  if (options.length <= 1 || new Set(options.map(({ label }) => label)).size === options.length) return options;
  const byKey = new Map<string, Option<T>>();
  for (const option of options) {
    const key = keyOf(option.value);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? option : { ...known, weight: known.weight + option.weight });
  }
  return [...byKey.values()];
}

/** How many ways are followed at most. Where there are more, those that are followed have the shares of the others too. */
export const MOST_WAYS = 600;

/** A choice that came up, and how many of its options are followed: the first ones. */
interface Choice {
  readonly weights: readonly number[];
  followed: number;
}

/** What was taken at a choice. */
interface Taken {
  readonly choice: Choice;
  readonly index: number;
}

/**
 * Runs a deterministic work once for every combination of choices that it asks for; `onCut` hears where there are more than are
 * followed. `countOf` says of one that takes long for how many it counts: so many fewer are followed.
 */
export function explore<R>(
  work: (choose: Choose) => R,
  onCut?: () => void,
  countOf: (result: R) => number = () => 1,
): readonly Explored<R>[] {
  const results: { readonly result: R; readonly path: readonly Taken[] }[] = [];
  let most = MOST_WAYS;
  const pending: (readonly Taken[])[] = [[]];
  while (pending.length > 0) {
    const prefix = pending.pop() ?? [];
    const path: Taken[] = [];
    const choose: Choose = (options) => {
      const possible = options.filter(({ weight }) => weight > 0);
      const [first = options[0]] = possible;
      if (possible.length <= 1) return first.value;
      let taken = prefix[path.length];
      if (taken === undefined) {
        const room = Math.max(0, most - 1 - results.length - pending.length);
        const choice = { weights: possible.map(({ weight }) => weight), followed: Math.min(possible.length, 1 + room) };
        for (let index = choice.followed - 1; index > 0; index--) pending.push([...path, { choice, index }]);
        if (choice.followed < possible.length) onCut?.();
        taken = { choice, index: 0 };
      }
      path.push(taken);
      return (possible[taken.index] ?? first).value;
    };
    const result = work(choose);
    results.push({ result, path });
    most = Math.min(most, Math.ceil(MOST_WAYS / countOf(result)));
    // The last options of the first choices wait longest.
    for (const dropped of pending.splice(0, Math.max(0, results.length + pending.length - most))) {
      const last = dropped.at(-1);
      if (last !== undefined) last.choice.followed = last.index;
      onCut?.();
    }
  }
  return results.map(({ result, path }) => ({ result, share: path.reduce((share, taken) => share * shareOf(taken), 1) }));
}

/** How often an option is taken, of those that are followed. */
function shareOf({ choice: { weights, followed }, index }: Taken): number {
  const total = weights.slice(0, followed).reduce((sum, weight) => sum + weight, 0);
  return (weights[index] ?? 0) / total;
}
