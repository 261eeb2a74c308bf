import type { ResourceRef } from '../../diagnostics/diagnostic.ts';
import type { Decision } from '../../trace/decision.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import { assertNever } from '../../util/assert.ts';
import { textOfValue } from '../../util/json-text.ts';
import { compact } from '../../util/object.ts';
import type { LocatedReason } from '../why/located.ts';
import { type CopyFact, type Noticed, type Shares, sharesBy } from './noticed.ts';
import type { ChangedRequests, OtherRefusal, RequestChange, RequestClient, RequestLabel } from './report.ts';

/** A request that can be sent through another side again. */
export interface RepeatableRequest {
  readonly request: TraceRequest;
  /** Whether it is sent to servers that are slow or fail, too. */
  readonly isProbed: boolean;
}

/** A request that was sent through both configurations, and what was noticed. */
export interface ObservedRequest {
  readonly request: RequestLabel;
  /** The same as it was sent to the earlier side; absent where nobody is there to send it. */
  readonly sent?: RepeatableRequest;
  readonly from: RequestClient;
  readonly before: Noticed;
  readonly after: Noticed;
  /** The resources that have a say in it before and after (`resourceKey`). */
  readonly passed: readonly [before: ReadonlySet<string>, after: ReadonlySet<string>];
  /** Which of them refuses it before. */
  readonly refusedBy?: string;
  /** Why it reaches nobody afterwards, where a move makes it so. */
  readonly why?: readonly LocatedReason[];
  /** All requests that end otherwise as this one does; of one that ends as before, or whose like is not known, nothing. */
  readonly which?: ChangedRequests;
}

/** `Kind namespace/name`. */
export function resourceKey({ kind, namespace, name }: ResourceRef): string {
  return `${kind} ${namespace}/${name}`;
}

type Aspect = keyof Noticed;
type Comparable = 'always' | 'when-delivered' | 'when-of-one-status' | 'when-copied-to-the-same';
type Differences = RequestChange['differences'];

/** The aspects in the order in which they are told; of those that are not always known, the request must have reached a server on both sides. */
const aspects: Readonly<Record<Aspect, Comparable>> = {
  status: 'always',
  flags: 'always',
  policy: 'always',
  cluster: 'always',
  pods: 'always',
  outside: 'always',
  mirrors: 'always',
  copies: 'when-copied-to-the-same',
  // An error has headers of its own.
  responseHeaders: 'when-of-one-status',
  delay: 'always',
  path: 'when-delivered',
  host: 'when-delivered',
  requestHeaders: 'when-delivered',
  port: 'when-delivered',
  tls: 'when-delivered',
  serverName: 'when-delivered',
  protocol: 'when-delivered',
  timeout: 'when-delivered',
  attempts: 'when-delivered',
};

/**
 * The requests that end otherwise. Those of several clients with the same change are told together, and so are those to one host
 * with the same change.
 */
export function compareRequests(observed: readonly ObservedRequest[]): readonly RequestChange[] {
  const byRequest = new Map<
    string,
    { readonly one: ObservedRequest; readonly differences: Differences; readonly from: Map<string, RequestClient> }
  >();
  for (const one of observed) {
    const differences = differencesBetween(one.before, one.after);
    if (Object.keys(differences).length === 0) continue;
    const key = textOfValue([one.request, differences, one.which]);
    const known = byRequest.get(key) ?? { one, differences, from: new Map<string, RequestClient>() };
    byRequest.set(key, known);
    known.from.set(JSON.stringify(one.from), one.from);
  }
  const changes = new Map<string, RequestChange & { readonly requests: RequestLabel[] }>();
  for (const { one, differences, from } of byRequest.values()) {
    const clients = [...from.values()];
    const { which, why = [] } = one;
    const key = textOfValue([originOfUrl(one.request.url), clients, differences, which]);
    const known = changes.get(key) ?? {
      requests: [],
      from: clients,
      differences,
      ...compact({ which, why: why.length > 0 ? why : undefined }),
    };
    changes.set(key, known);
    known.requests.push(one.request);
  }
  return [...changes.values()];
}

/** Scheme, host and port of a URL. */
export function originOfUrl(url: string): string {
  return /^\w+:\/\/[^/*]*/.exec(url)?.[0] ?? url;
}

/** What differs between two sides of a request, by aspect. */
export function differencesBetween(before: Noticed, after: Noticed): Differences {
  // Most requests end as before.
  if (before === after || JSON.stringify(before) === JSON.stringify(after)) return {};
  const isEqual = (aspect: Aspect): boolean =>
    aspect === 'policy'
      ? areAlike(before.policy, after.policy, refusalOf)
      : JSON.stringify(before[aspect]) === JSON.stringify(after[aspect]);
  const isComparable = (aspect: Aspect): boolean => {
    switch (aspects[aspect]) {
      case 'always':
        return true;
      case 'when-of-one-status':
        return isEqual('status');
      case 'when-copied-to-the-same':
        return isEqual('mirrors');
      case 'when-delivered':
        return before[aspect] !== undefined && after[aspect] !== undefined;
      default:
        return assertNever(aspects[aspect]);
    }
  };
  // The keys of the record are its declared ones.
  const differing = (Object.keys(aspects) as Aspect[]).filter((aspect) => isComparable(aspect) && !isEqual(aspect));
  return Object.fromEntries(
    differing.map((aspect) => {
      if (aspect === 'copies') return [aspect, withoutCommon(before[aspect] ?? [], after[aspect] ?? [])];
      return aspect === 'responseHeaders' || aspect === 'requestHeaders'
        ? [aspect, withoutCommon(before[aspect] ?? [], after[aspect] ?? [])]
        : [aspect, [before[aspect] ?? [], after[aspect] ?? []]];
    }),
  );
}

type Refusal = Decision | { readonly kind: 'none' };

/** Whether shares are the same, of values that stand for something. */
function areAlike<T, U>(before: Shares<T> | undefined, after: Shares<T> | undefined, standsFor: (value: T) => U): boolean {
  const [one, other] = [before, after].map((shares) => shares && sharesBy(shares, standsFor));
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What a client gets of a refusal: Envoy answers the same, whichever policy of authorization refuses. */
function refusalOf(decision: Refusal): Refusal | 'not authorized' {
  switch (decision.kind) {
    case 'denied':
    case 'denied by filter':
    case 'nobody allows':
      return 'not authorized';
    case 'no mutual TLS':
    case 'token refused':
    case 'authorizer denies':
    case 'none':
      return decision;
    default:
      return assertNever(decision);
  }
}

/** Who refuses, as access logs name it, without the number of a rule: that is its place in the policy. */
function refuserOf(decision: Refusal): unknown {
  return decision.kind === 'denied' ? { kind: decision.kind, policy: decision.policy } : decision;
}

/** What is told of a request that ends as before where another policy refuses it; nothing where it ends otherwise or the same one does. */
export function otherRefusalOf(
  { before, after }: Pick<ObservedRequest, 'before' | 'after'>,
  label: () => Pick<OtherRefusal, 'request' | 'from'>,
): readonly OtherRefusal[] {
  const [earlier = [], later = []] = [before.policy, after.policy];
  if (areAlike(earlier, later, refuserOf) || Object.keys(differencesBetween(before, after)).length > 0) return [];
  return [{ ...label(), before: earlier, after: later }];
}

/** Of requests that the same policies refuse before and after, the first. */
export function oneOfEachRefusal(refusals: readonly OtherRefusal[]): readonly OtherRefusal[] {
  const byRefusers = new Map<string, OtherRefusal>();
  for (const one of refusals) {
    const key = JSON.stringify([one.before, one.after].map((shares) => sharesBy(shares, refuserOf)));
    if (!byRefusers.has(key)) byRefusers.set(key, one);
  }
  return [...byRefusers.values()];
}

/** Differences without the texts that each request may have of its own; of those, which of them differ. */
export function withoutOwnTexts({
  path,
  host,
  requestHeaders,
  responseHeaders,
  outside,
  serverName,
  copies,
  ...others
}: Differences): {
  readonly others: Differences;
  readonly texts: readonly boolean[];
} {
  const own = [path, host, requestHeaders, responseHeaders, outside, serverName, copies?.flat().find(hasOwnText)];
  const told = copies?.map((shares) => sharesBy(shares, (facts) => facts.filter(({ what }) => !OWN_TEXTS.has(what)))) ?? [];
  const [earlier, later] = told;
  const shared = earlier && later && ({ copies: [earlier, later] } as const);
  return { others: { ...others, ...shared }, texts: own.map((one) => one !== undefined) };
}

function hasOwnText({ value }: { readonly value: readonly CopyFact[] }): boolean {
  return value.some(({ what }) => OWN_TEXTS.has(what));
}

const OWN_TEXTS: ReadonlySet<CopyFact['what']> = new Set(['path', 'host', 'header', 'server name']);

/** Of two sides' lists, what is not in all of them. */
function withoutCommon<T>(before: Shares<readonly T[]>, after: Shares<readonly T[]>): readonly (typeof before)[] {
  const all = [...before, ...after].map(({ value }) => new Set(value.map((one) => JSON.stringify(one))));
  const isCommon = (one: T): boolean => all.every((list) => list.has(JSON.stringify(one)));
  const rest = (shares: Shares<readonly T[]>): Shares<readonly T[]> =>
    shares.map(({ value, share }) => ({ value: value.filter((one) => !isCommon(one)), share }));
  return [rest(before), rest(after)];
}
