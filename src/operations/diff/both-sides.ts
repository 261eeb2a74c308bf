import type { RequestClass } from '../../exploration/explore.ts';
import { isTurned } from '../../trace/recording/filter-order.ts';
import { CLIENT_PROTOCOL, HTTP_SETTINGS, NORMAL_FORM } from '../../trace/recording/parts.ts';
import type { Assumption, KnownIssuer, UnderLoad } from '../../trace/recording/recorder.ts';
import { assertNever } from '../../util/assert.ts';
import { isMoved, type Seen } from './seen.ts';

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
export function unknownIn({ assumptions: [before, after], places, sides }: BothSides): {
  readonly same: readonly string[];
  readonly others: readonly string[];
  /** What differs only where servers fail or many requests come. */
  readonly underLoad: readonly UnderLoad[];
} {
  const same: string[] = [];
  const others: string[] = [];
  const underLoad = new Set<UnderLoad>();
  const keys = [before, after].map((list) => new Set(list.map((one) => JSON.stringify(one))));
  for (const assumption of [...before, ...after]) {
    const isShared = keys.every((set) => set.has(JSON.stringify(assumption)));
    switch (assumption.kind) {
      case 'untraceable':
        others.push(makerOf(assumption.what));
        break;
      case 'under load':
        if (!isShared) underLoad.add(assumption.what);
        break;
      case 'not simulated':
        (isShared ? same : others).push(assumption.what);
        break;
      case 'unseen':
        // Where a proxy comes or goes, or ztunnel takes its place, so do its settings: a move is more than that.
        if (!isShared && !(OF_PROXIES.has(assumption.what) && isMoved(...sides))) others.push(assumption.what);
        break;
      case 'filter order':
        // Others may stand between them on one side.
        break;
      case 'taken for granted':
        same.push(assumption.what);
        break;
      default:
        assertNever(assumption);
    }
  }
  const [earlier, later] = [before, after].map((list) => list.filter((one) => one.kind === 'filter order'));
  if (earlier?.some((one) => later?.some((other) => isTurned(one, other)))) others.push('the order of HTTP filters');
  // A token is tried at the first of the places of its issuer only.
  if (places[0] !== places[1]) others.push('tokens in other places');
  return { same, others: [...new Set(others)], underLoad: [...underLoad] };
}

/** What a proxy has and does that no other has to take over. */
const OF_PROXIES: ReadonlySet<string> = new Set([HTTP_SETTINGS, CLIENT_PROTOCOL]);

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
