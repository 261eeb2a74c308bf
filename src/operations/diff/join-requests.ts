import { groupBy } from '../../util/collections.ts';
import { differencesBetween, type ObservedRequest, originOfUrl, withoutOwnTexts } from './compare-requests.ts';
import type { ProvenChange } from './prove-requests.ts';
import type { UnusualRequests } from './report.ts';

/** A request that was drawn, and where it goes, whoever sends it. */
export interface DrawnRequest {
  readonly one: ObservedRequest;
  readonly destination: string;
}

/** What is told of requests that were drawn, and of all requests. */
export interface JoinedRequests {
  readonly observed: readonly ObservedRequest[];
  readonly others: readonly ObservedRequest[];
  readonly unusual: UnusualRequests | undefined;
}

/**
 * Says of drawn requests that end otherwise which others do so too, and gives one of each further set of requests. Of what nobody sends as
 * a rule only the classes are counted that end otherwise in another way than all others from there.
 */
export function joinRequests(drawn: readonly DrawnRequest[], changes: readonly ProvenChange[]): JoinedRequests {
  const otherwise = new Set(drawn.filter(({ one }) => isOtherwise(one)));
  const places = new Set([
    ...[...otherwise].map(({ one }) => senderAndPort(one)),
    ...changes.filter(({ isUsual }) => isUsual).map(({ observed }) => senderAndPort(observed)),
  ]);
  const told = changes.filter(({ isUsual, isMoved, observed }) => isUsual || (!isMoved && !places.has(senderAndPort(observed))));
  const kinds = new Set([
    ...[...otherwise].map(({ one, destination }) => kindOf(one, destination)),
    ...told.map(({ observed, destination }) => kindOf(observed, destination)),
  ]);
  const all = new Set(told);
  const rest = changes.filter((one) => !all.has(one) && !kinds.has(kindOf(one.observed, one.destination)));
  const byKind = groupBy(told, ({ observed, destination }) => kindOf(observed, destination));
  const found = new Set<ProvenChange>();
  const observed = drawn.map((each) => {
    const { one, destination } = each;
    if (!otherwise.has(each)) return one;
    const alike = byKind.get(kindOf(one, destination)) ?? [];
    const label = JSON.stringify(one.request);
    const same = alike.length === 1 ? alike[0] : alike.find((other) => JSON.stringify(other.observed.request) === label);
    if (same === undefined) return one;
    found.add(same);
    const { which } = same.observed;
    return which === undefined ? one : { ...one, which };
  });
  const [example] = rest;
  // The same request on another way, by an address of its own.
  const known = new Set([...otherwise].map(({ one }) => wordOf(one)));
  return {
    observed,
    others: told.filter((one) => !found.has(one) && !known.has(wordOf(one.observed))).map((one) => one.observed),
    unusual: example && { classes: rest.reduce((sum, { classes }) => sum + classes, 0), example: example.observed.request },
  };
}

/** All that people see of a request. */
function wordOf({ request, from, before, after }: ObservedRequest): string {
  return JSON.stringify([request, from, differencesBetween(before, after)]);
}

function isOtherwise({ before, after }: ObservedRequest): boolean {
  return Object.keys(differencesBetween(before, after)).length > 0;
}

/** Who sends a request, and to which port. */
function senderAndPort({ request: { url }, from }: ObservedRequest): string {
  const [, port = url.split(':')[0]] = /:(\d+)$/.exec(originOfUrl(url)) ?? [];
  return JSON.stringify([port, from]);
}

/** Equal for requests to a host that differ alike, as far as requests that are drawn tell. */
function kindOf({ request, from, before, after }: ObservedRequest, destination: string): string {
  const { others, texts } = withoutOwnTexts(differencesBetween(before, after));
  const origin = from.kind === 'gateway' ? originOfUrl(request.url) : '';
  return JSON.stringify([destination, origin, from, others, texts]);
}
