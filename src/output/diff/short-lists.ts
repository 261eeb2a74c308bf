import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change } from '../../diff/changes.ts';
import type { CauseGroup, ChangeGroup, Edit, RequestChange, RequestClient, RequestLabel } from '../../operations/diff/report.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import { differenceWords } from './noticed-words.ts';
import { hostPortOf } from './request-words.ts';
import { type Shortened, shortenList, shortLines } from './shorten-list.ts';
import { formatCauses, formatChange, formatEdit, signs } from './words.ts';

/** So many proxies or clients are all named on one line, of more the first. */
const MOST_NAMES = 10;
const FIRST_NAMES = 5;
/** How many blocks of one kind show what the others are like. */
const MOST_ALIKE = 3;
const MOST_CAUSES = 10;
const MOST_GROUPS = 5;
const MOST_CHANGES = 10;
const MOST_REQUESTS = 20;
const MOST_OF_ONE_WAY = 10;
const MOST_FINDINGS = 20;
const MOST_PROXIES = 10;

/** Names on one line. */
export function names(all: readonly string[]): string {
  return listed(all, all.length > MOST_NAMES ? FIRST_NAMES : MOST_NAMES);
}

/** Proxies that come or go, each on a line. */
export function shortProxies(all: readonly string[]): readonly Shortened<string>[] {
  return shortenList(all, MOST_PROXIES, () => '', FIRST_NAMES);
}

/** Causes with what they change: alike are equal edits of several resources that change the same kinds of xDS resources. */
export function shortCauses(causes: readonly CauseGroup[]): readonly Shortened<CauseGroup>[] {
  const kindOf = ({ causes: makers, groups }: CauseGroup): string =>
    JSON.stringify([
      makers.map(({ kind, change, edits }) => [kind, change, edits.map(({ where, before, after }) => [where, before, after])]),
      [...new Set(groups.flatMap(({ changes }) => changes.map(kindOfChange)))].sort(),
    ]);
  return shortenList(causes, MOST_CAUSES, kindOf, MOST_ALIKE);
}

/** What is said of causes that are not told one by one. */
export function otherCausesWords(others: readonly CauseGroup[], areAlike: boolean): string {
  const proxies = new Set(others.flatMap(({ groups }) => groups.flatMap((group) => group.proxies)));
  const extent = count(proxies.size, 'proxy', 'proxies');
  return `${areAlike ? `${others.length} more alike` : `${count(others.length, 'more change')}`} in ${extent}: ${listed(others.map(formatCauses))}`;
}

/** Groups of proxies with their changes: alike are those with changes in the same places. */
export function shortGroups(groups: readonly ChangeGroup[]): readonly Shortened<ChangeGroup>[] {
  const kindOf = ({ changes }: ChangeGroup): string =>
    JSON.stringify([...new Set(changes.map((change) => `${kindOfChange(change)} ${change.where}`))].sort());
  return shortenList(groups, MOST_GROUPS, kindOf, MOST_ALIKE);
}

/** What is said of proxies whose changes are not told one by one. */
export function otherGroupsWords(others: readonly ChangeGroup[], areAlike: boolean): string {
  const proxies = [...new Set(others.flatMap((group) => group.proxies))];
  const changes = others.reduce((sum, group) => sum + group.changes.length, 0);
  const what = areAlike ? `${count(changes, 'change')} alike` : `${count(changes, 'further change')}`;
  return `${what} in ${count(proxies.length, 'proxy', 'proxies')}: ${names(proxies)}`;
}

/** The changes of some proxies, each on a line. */
export function changeLines(changes: readonly Change[]): readonly string[] {
  return shortLines(
    shortenList(changes, MOST_CHANGES, kindOfChange),
    (change) => [`${signs[change.kind]} ${formatChange(change)}`],
    (others) => `${signs[others[0]?.kind ?? 'changed']} and ${others.length} more like these`,
  );
}

/** The edits of a resource, each on a line. */
export function editLines(edits: readonly Edit[]): readonly string[] {
  return shortLines(
    shortenList(edits, MOST_CHANGES, ({ kind }) => kind),
    (edit) => [`${signs[edit.kind]} ${formatEdit(edit)}`],
    (others) => `${signs[others[0]?.kind ?? 'changed']} and ${others.length} more like these`,
  );
}

/**
 * Requests that end otherwise: alike are those of which the same is answered, whatever server, host or path it is, for which also something
 * else that is told of them is the same.
 */
export function shortRequests<Changed extends RequestChange>(
  changed: readonly Changed[],
  alsoTold: (change: Changed) => unknown = () => null,
): readonly Shortened<Changed>[] {
  const kindOf = (change: Changed): string =>
    JSON.stringify([
      change.from[0]?.kind,
      alsoTold(change),
      differenceWords(change).map(([aspect, before, after]) => (ANSWERS.has(aspect) ? [aspect, before, after] : aspect)),
    ]);
  return shortenList(changed, MOST_REQUESTS, kindOf, MOST_ALIKE);
}

/** Aspects whose values are of one kind in all of a mesh; the others name hosts, pods or policies. */
const ANSWERS = new Set(['status', 'flags', 'delay', 'tls', 'protocol', 'timeout', 'attempts']);

/** What is said of requests that are not told one by one. */
export function otherRequestsWords(others: readonly RequestChange[], areAlike: boolean): string {
  const hosts = new Set(others.flatMap(({ requests: [request] }) => (request === undefined ? [] : [hostPortOf(request.url)])));
  return `${others.length} more ${areAlike ? 'alike' : 'in other ways'}, of requests to ${listed([...hosts])}`;
}

/** The requests that end otherwise in one way. */
export function shortOfOneWay({ requests }: RequestChange): readonly Shortened<RequestLabel>[] {
  return shortenList(requests, MOST_OF_ONE_WAY, () => '');
}

/** Those who send them. */
export function shortClients({ from }: RequestChange): readonly Shortened<RequestClient>[] {
  return shortenList(from, MOST_NAMES, () => '', FIRST_NAMES);
}

/** Findings, alike where they have one code. */
export function shortFindings(findings: readonly Diagnostic[]): readonly Shortened<Diagnostic>[] {
  return shortenList(findings, MOST_FINDINGS, ({ code }) => code);
}

/** What is said of findings that are not told one by one. */
export function otherFindingsWords(others: readonly Diagnostic[]): string {
  const codes = [...new Set(others.map(({ code }) => code))];
  return `${count(others.length, 'more finding')} of ${listed(codes)}`;
}

function kindOfChange({ kind, type }: Change): string {
  return `${kind} ${type}`;
}
