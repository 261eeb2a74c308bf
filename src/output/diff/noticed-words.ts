import type { ConnectionTls, CopyFact, Header, Noticed, ServingPod, Shares } from '../../operations/diff/noticed.ts';
import type { OtherRefusal, RequestChange, RequestClient } from '../../operations/diff/report.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { wholeCharacter } from '../findings/quote.ts';
import { decisionWords } from '../trace/decision-words.ts';

type Aspect = keyof Noticed;
type Value<A extends Aspect> = Exclude<Noticed[A], undefined> extends Shares<infer T> ? T : never;

/** What each aspect is called. */
const names: Readonly<Record<Aspect, string>> = {
  status: 'status',
  flags: 'flags',
  policy: 'policy',
  cluster: 'cluster',
  pods: 'pods',
  outside: 'servers outside',
  mirrors: 'mirrors',
  copies: 'copies',
  responseHeaders: 'response headers',
  delay: 'delay',
  path: 'path',
  host: 'host',
  requestHeaders: 'request headers',
  port: 'port',
  tls: 'tls',
  serverName: 'server name',
  protocol: 'protocol',
  timeout: 'timeout',
  attempts: 'attempts',
};

const asIs = (value: string | number): string => String(value);

/** The values of each aspect in words; empty for nothing. */
const words: { readonly [A in Aspect]: (value: Value<A>) => string } = {
  status: (status) => (status === 0 ? 'no answer' : String(status)),
  flags: asIs,
  policy: (decision) => (decision.kind === 'none' ? '' : decisionWords(decision)),
  cluster: asIs,
  pods: podWords,
  outside: asIs,
  mirrors: podWords,
  copies: copiesWords,
  responseHeaders: headerWords,
  delay: (seconds) => (seconds === 0 ? '' : `${seconds}s`),
  path: asIs,
  host: asIs,
  requestHeaders: headerWords,
  tls: tlsWords,
  port: asIs,
  serverName: asIs,
  protocol: asIs,
  timeout: (end) => (end === 'waits' ? 'none' : `${end.seconds}s (${end.status})`),
  attempts: asIs,
};

function podWords(pods: readonly ServingPod[]): string {
  return pods.map(({ pod, alike }) => (alike === 0 ? pod : `${pod} and ${alike} like it`)).join(' ');
}

function tlsWords(kind: ConnectionTls): string {
  return { plain: 'plain', mutual: 'mutual TLS', 'server-only': 'TLS, the client shows no certificate' }[kind];
}

/** What copies have of their own, each server once. */
function copiesWords(facts: readonly CopyFact[]): string {
  return [...groupBy(facts, ({ to }) => to)].map(([to, some]) => `${to} (${some.map(copyWords).join(', ')})`).join(' ');
}

function copyWords(fact: CopyFact): string {
  switch (fact.what) {
    case 'header':
      return headerWords([fact.is]);
    case 'tls':
      return tlsWords(fact.is);
    case 'path':
    case 'host':
    case 'port':
    case 'server name':
    case 'protocol':
      return `${fact.what} ${fact.is || 'none'}`;
    default:
      return assertNever(fact);
  }
}

function headerWords(headers: readonly Header[]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join('; ');
}

/** What differs in words: aspect, before and after. */
export function differenceWords({
  differences,
}: RequestChange): readonly (readonly [aspect: string, before: string, after: string])[] {
  // The keys of the record are its declared ones.
  return (Object.keys(names) as Aspect[]).flatMap((aspect) => wordsOfAspect(aspect, differences));
}

/** How much is shown to people of a value, and how much of that before the place where it differs. */
const LONGEST_SHOWN = 200;
const SHOWN_BEFORE = 80;

/** What differs in words for people: of long values, such as headers, the part around the first place where they differ. */
export function shortDifferenceWords(change: RequestChange): ReturnType<typeof differenceWords> {
  return differenceWords(change).map(([aspect, before, after]) => {
    const longest = Math.max(before.length, after.length);
    if (longest <= LONGEST_SHOWN) return [aspect, before, after];
    let differs = 0;
    while (differs < longest && before[differs] === after[differs]) differs++;
    const from = wholeCharacter(before, Math.max(0, differs - SHOWN_BEFORE));
    return [aspect, shownFrom(from, before), shownFrom(from, after)];
  });
}

function shownFrom(from: number, text: string): string {
  const to = wholeCharacter(text, from + LONGEST_SHOWN);
  return `${from > 0 ? '...' : ''}${text.slice(from, to)}${to < text.length ? `... (${text.length} characters)` : ''}`;
}

function wordsOfAspect<A extends Aspect>(
  aspect: A,
  differences: RequestChange['differences'],
): readonly (readonly [aspect: string, before: string, after: string])[] {
  // Of one aspect, the values are those that its words are for; the compiler does not follow an index that far.
  const found = differences[aspect] as readonly [Shares<Value<A>>, Shares<Value<A>>] | undefined;
  if (found === undefined) return [];
  const [before, after] = found;
  const told = (shares: Shares<Value<A>>, digits: number): string => sharesWords(shares, words[aspect], digits);
  // Small shares, and small differences of shares, show only in more digits.
  const isFine = told(before, 1) === told(after, 1) || found.flat().some(({ share }) => share < 0.0005);
  const digits = isFine ? 4 : 1;
  return [[names[aspect], told(before, digits), told(after, digits)]];
}

/** Which policy refuses a request before and afterwards. */
export function refusalWords({ before, after }: OtherRefusal): string {
  return [before, after].map((shares) => sharesWords(shares, words.policy, 1)).join(' -> ');
}

/** The values with how often each occurs, in per cent with so many digits; a single one stands alone. */
function sharesWords<T>(shares: Shares<T>, toWords: (value: T) => string, digits: number): string {
  const told = shares.map(({ value, share }) => ({ text: toWords(value) || 'none', share }));
  const [only, ...others] = told;
  if (only === undefined) return 'none';
  if (others.length === 0) return only.text;
  return told
    .sort((a, b) => b.share - a.share || compareText(a.text, b.text))
    .map(({ text, share }) => `${text} ${Math.round(share * 100 * 10 ** digits) / 10 ** digits}%`)
    .join(', ');
}

/** Who sends a request. */
export function clientWords(client: RequestClient): string {
  switch (client.kind) {
    case 'workload':
      return client.workload;
    case 'gateway':
      return `outside through ${client.workload}`;
    case 'without-sidecar':
      return 'a pod without sidecar';
    case 'anybody':
      return 'any client';
    default:
      return assertNever(client);
  }
}
