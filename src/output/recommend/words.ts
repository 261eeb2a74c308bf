import type { Location } from '../../diagnostics/diagnostic.ts';
import type { CallSource } from '../../operations/recommend/call.ts';
import type { ChangedRequest } from '../../operations/recommend/follow-calls.ts';
import type { UnknownObservation } from '../../operations/recommend/observed/resolve.ts';
import type { CommonReason, Proof, UnusedSources } from '../../operations/recommend/report.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';

/** What says that there is a call, with its place. */
export function sourceWords(source: CallSource): string {
  switch (source.kind) {
    case 'request table':
      return `request table ${placeWords(source.location)}`;
    case 'resource':
      return `${source.resource} ${source.name}${source.location === undefined ? '' : ` (${placeWords(source.location)})`}`;
    case 'gateway':
      return `routes of the gateway ${source.gateway}`;
    case 'metrics':
    case 'access log':
      return `observed ${count(source.count, 'time')} (${source.kind} ${source.place.file}:${source.place.line})`;
    case 'proxy':
      return `the proxy of ${source.workload} itself (${source.cluster})`;
    case 'redirect':
      return `${source.from} redirects there`;
    default:
      return assertNever(source);
  }
}

/** Several sources, as many as one wants to read. */
export function sourcesWords(sources: readonly CallSource[]): string {
  return listed([...new Set(sources.map(sourceWords))]);
}

function placeWords({ file, line }: Location): string {
  return `${file}:${line}`;
}

/** Why nothing is recommended. */
export function commonReasonWords(reason: CommonReason, calls: 'calls' | 'is called'): string {
  switch (reason.kind) {
    case 'nothing declared':
      return calls === 'calls'
        ? 'nothing is declared or observed of what it calls, so nothing is recommended rather than cut it off (--complete if it calls nobody)'
        : 'nothing is declared or observed of who calls it, so nothing is recommended rather than cut off whoever does (--complete if nobody does)';
    case 'some undeclared':
      return `nothing is declared or observed for ${listed(reason.workloads)}, which it would cut off (--complete if they need nothing; else --per workload)`;
    case 'no labels of its own':
      return 'no labels select its pods and no others';
    case 'would change':
      return `requests would end otherwise: ${changesWords(reason.requests)}`;
    default:
      return assertNever(reason);
  }
}

/** Requests that end otherwise: the first, and how many more. */
export function changesWords(requests: readonly ChangedRequest[]): string {
  const [first] = requests;
  if (first === undefined) return 'none';
  const { status } = first.differences;
  const outcome =
    status === undefined
      ? Object.keys(first.differences).join(', ')
      : `status ${status.map((shares) => shares.map(({ value }) => value).join('/')).join(' -> ')}`;
  const rest = requests.length - 1;
  return `${first.method} ${first.url} from ${first.caller} (${outcome})${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** For whom nothing is recommended, and why: those with the same reason together. */
export function skippedWords<Reason>(
  skipped: readonly { readonly subject: string; readonly reason: Reason }[],
  words: (reason: Reason) => string,
): readonly string[] {
  return [...groupBy(skipped, ({ reason }) => words(reason))].map(
    ([why, all]) =>
      `${listed(
        all.map(({ subject }) => subject),
        MOST_SUBJECTS,
      )}: ${why}`,
  );
}

const MOST_SUBJECTS = 10;

/** What was compared. */
export function proofWords({ calls, whole, assuming, assumptions, requests }: Proof, how: string): readonly string[] {
  if (calls === 0) return ['There was nothing to compare: no call that they could change is declared or observed.'];
  return [
    `${count(calls, 'call')} (a caller and a port of a host) ${calls === 1 ? 'ends' : 'end'} as before${assumedWords(calls, assuming)}.`,
    ...(whole > 0 ? [`Of ${whole} every request does, whatever its path, method and headers: ${how}.`] : []),
    ...(whole < calls
      ? [
          `Of ${calls - whole} the requests themselves were followed, or those that routes and policies tell apart, and no others.`,
        ]
      : []),
    ...(assumptions.length > 0 ? [`Taken for granted, since it is not simulated: ${assumptions.join(', ')}.`] : []),
    `${count(requests, 'request')} followed before and after, 0 of them end otherwise.`,
  ];
}

/** How many of the calls rest on assumptions. */
function assumedWords(calls: number, assuming: number): string {
  if (assuming === 0) return '';
  if (assuming === calls) return calls === 1 ? ', on assumptions' : ', all of them on assumptions';
  return `, of which ${assuming} ${assuming === 1 ? 'rests' : 'rest'} on assumptions`;
}

/** What of the sources could not be used. */
export function unusedWords({ strangers, unknown }: UnusedSources): readonly string[] {
  return [
    ...strangers.map(({ location, error }) => `${placeWords(location)}: not used: ${error.message}`),
    ...unknown.map(unknownWords),
  ];
}

function unknownWords({ file, what, names, count: number }: UnknownObservation): string {
  switch (what) {
    case 'client':
      return `${file}: ${count(number, 'call')} not used: the manifests do not know the client (${names.join(', ')})`;
    case 'host':
      return `${file}: ${count(number, 'call')} not used: the manifests do not know what is called (${names.join(', ')})`;
    case 'file':
      return `${file}: no call in ${count(number, 'line')}: metrics of Istio that count calls, or lines of an access log, are read`;
    default:
      return assertNever(what);
  }
}
