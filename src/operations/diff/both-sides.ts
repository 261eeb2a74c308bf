import type { RequestClass } from '../../exploration/explore.ts';
import { NORMAL_FORM } from '../../trace/recording/parts.ts';
import type { Assumption, KnownIssuer } from '../../trace/recording/recorder.ts';
import type { Seen } from './seen.ts';

/** What was seen of a request on both sides. */
export interface BothSides {
  readonly sides: readonly [Seen, Seen];
  readonly assumptions: readonly [readonly Assumption[], readonly Assumption[]];
  readonly forms: readonly [string, string];
  /** Where tokens are looked for. */
  readonly places: readonly [string, string];
}

/** Requests that end alike on both sides, for the same reasons. */
export type SidesClass = RequestClass<BothSides>;

/** What both sides take for granted alike, and what not. */
export function unknownIn({ assumptions: [before, after], places }: BothSides): {
  readonly same: readonly string[];
  readonly others: readonly string[];
} {
  const same: string[] = [];
  const others: string[] = [];
  const keys = [before, after].map((list) => new Set(list.map((one) => JSON.stringify(one))));
  for (const assumption of [...before, ...after]) {
    const isShared = keys.every((set) => set.has(JSON.stringify(assumption)));
    if (assumption.kind === 'untraceable') others.push(makerOf(assumption.what));
    else (isShared || assumption.kind === 'taken for granted' ? same : others).push(assumption.what);
  }
  // A token is tried at the first of the places of its issuer only.
  if (places[0] !== places[1]) others.push('tokens in other places');
  return { same, others: [...new Set(others)] };
}

/** Where tokens of some issuers are looked for, as one text. */
export function placesOfTokens(issuers: readonly KnownIssuer[]): string {
  return JSON.stringify(issuers.map(({ issuer, places }) => [issuer, places]).sort());
}

/** What makes the text that cannot be told of a request. */
function makerOf(source: string): string {
  if (source.includes(NORMAL_FORM)) return NORMAL_FORM;
  const [, by] = /"made","([^"]*)"/.exec(source.replaceAll('\\', '')) ?? [];
  return by ?? source;
}
