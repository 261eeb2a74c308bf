import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change } from '../../diff/changes.ts';
import type {
  Cause,
  CauseGroup,
  DiffReport,
  Edit,
  Migration,
  OtherRefusal,
  RequestChange,
  UnaskedRequests,
} from '../../operations/diff/report.ts';
import { assertNever } from '../../util/assert.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import { EVERY_REQUEST, setWords } from '../request-set-words.ts';
import { doubtLines, loadLines, shortDoubtLines } from './doubt-words.ts';
import { clientWords, refusalWords } from './noticed-words.ts';
import { formatRequest, hostPortOf } from './request-words.ts';

const VALUE_LENGTH = 160;
/** How many resources and workloads are named on one line. */
const MOST_CAUSES = 5;
const MOST_WORKLOADS = 10;

/** The word for a resource of a type. */
export const resourceWords: Readonly<Record<Change['type'], string>> = {
  clusters: 'cluster',
  endpoints: 'endpoints',
  listeners: 'listener',
  routes: 'route',
  extensionConfigs: 'extension',
};

/** The sign before a change. */
export const signs: Readonly<Record<Change['kind'], string>> = { added: '+', removed: '-', changed: '~', moved: '>' };

/** One change: which xDS resource, where in it, and the values, short. */
export function formatChange({ kind, type, resource, where, before, after }: Change): string {
  return `${resourceWords[type]} ${resource}${where === '' ? '' : `  ${where}`}${where === '' ? '' : values(kind, before, after)}`;
}

/** One edit of a resource. */
export function formatEdit({ kind, where, before, after, file, line }: Edit): string {
  return `${where}${values(kind, before, after)}${file === '' ? '' : `  (${formatPlace(file, line)})`}`;
}

function values(kind: Change['kind'], before: unknown, after: unknown): string {
  switch (kind) {
    case 'added':
      return `: ${formatValue(after)}`;
    case 'removed':
      return `: ${formatValue(before)}`;
    case 'changed':
      return `: ${formatValue(before)} -> ${formatValue(after)}`;
    case 'moved':
      return `: place ${Number(before) + 1} -> ${Number(after) + 1}`;
    default:
      return assertNever(kind);
  }
}

/** A value on one line, cut where it is long. */
export function formatValue(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH)}... (${text.length} characters)`;
}

/** `Kind namespace/name added`. */
function formatCause({ kind, namespace, name, change }: Cause): string {
  return `${[kind, [namespace, name].filter((part) => part !== '').join('/')].filter((part) => part !== '').join(' ')} ${change}`;
}

/** What causes a group of changes, on one line. */
export function formatCauses({ causes }: CauseGroup): string {
  if (causes.length === 0) return 'no single resource';
  return listed(
    causes.map((cause) => `${formatCause(cause)}${cause.file === '' ? '' : ` (${formatPlace(cause.file, cause.line)})`}`),
    MOST_CAUSES,
  );
}

function formatPlace(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** How many of the requests that were tried end otherwise; nothing where none was. */
export function triedWords({ changed, tried, proof, proven }: DiffReport['requests']): readonly string[] {
  if (tried === 0) return [];
  const isUnderLoad = proof !== undefined && proof.underLoad.length > 0;
  if (proven === 'all as before') return [`no request ends otherwise${isUnderLoad ? ' while servers are well' : ''}`];
  if (changed.length === 0 && proof !== undefined) return [`0 of ${count(tried, 'request')} that were tried end otherwise`];
  const ended = changed.reduce((sum, one) => sum + one.requests.length * one.from.length, 0);
  return [`${ended} of ${count(tried, 'request')} end otherwise`];
}

/** One line on the whole report. */
export function formatSummary({ proxies, requests, findings }: DiffReport): string {
  const { added, removed, changed, unchanged } = proxies;
  return [
    `${count(changed.length, 'proxy', 'proxies')} changed, ${added.length} added, ${removed.length} removed, ${unchanged} unchanged`,
    ...triedWords(requests),
    `${count(findings.introduced.length, 'finding')} introduced, ${findings.fixed.length} fixed, ${findings.unchanged} unchanged`,
  ].join('; ');
}

/** What moves, and what istiod's mode changes by itself: one line each. */
export function migrationWords({ toAmbient, toSidecars, switched }: Migration): readonly string[] {
  const moved = (workloads: readonly string[], to: string): readonly string[] =>
    workloads.length === 0 ? [] : [`${count(workloads.length, 'workload')} moved to ${to}: ${listed(workloads, MOST_WORKLOADS)}`];
  return [
    ...moved(toAmbient, 'ambient mode'),
    ...moved(toSidecars, 'sidecars'),
    ...(switched.length === 0
      ? []
      : [`The ambient mode of istiod alone changes ${count(switched.length, 'proxy', 'proxies')}; that is left out below.`]),
  ];
}

/** The findings that are not told with what falls silent. */
export function otherFindings({ findings, migration }: DiffReport): readonly Diagnostic[] {
  const told = new Set(migration?.silent.map(({ finding }) => finding));
  return findings.introduced.filter((finding) => !told.has(finding));
}

/** That a move changes nothing that anybody would notice; nothing where it does. */
export function quietWords({ migration, requests }: DiffReport): readonly string[] {
  if (migration === undefined) return [];
  return [...quietRequests(requests), ...(migration.silent.length === 0 ? ['No policy and no rule falls silent.'] : [])];
}

/** That no request ends otherwise, if that is proven; else that none does of those that were tried. */
function quietRequests({ tried, changed, unusual, proven }: DiffReport['requests']): readonly string[] {
  if (tried === 0 || changed.length > 0) return [];
  const tellers = proven === undefined ? `No request ends otherwise of ${tried} that were tried` : 'No request ends otherwise';
  return [`${tellers}${unusual === undefined ? '' : ', but some that are rarely sent'}.`];
}

/** Which requests end otherwise in one way, one line for each kind of them; nothing where that is not known. */
export function whichWords({ which, requests: [request] }: RequestChange): readonly string[] {
  if (which === undefined) return [];
  const lines = setWords(which, hostOf(request?.url ?? ''));
  return lines.map((line) => (line === EVERY_REQUEST && which.areOthersUnusual ? `${line} but some that are rarely sent` : line));
}

/** The host of a URL without its port. */
function hostOf(url: string): string {
  return hostPortOf(url).replace(/:\d+$/, '');
}

/** What is known of all requests, and of which it is not; nothing where nobody asked. */
export function equalityWords(requests: DiffReport['requests']): readonly string[] {
  const { doubts = [], underLoad = [] } = requests.proof ?? {};
  return [...knownWords(requests), ...doubtLines(doubts), ...loadLines(underLoad)];
}

/** The same for people: of many places of which it is not known, those with the same reason together. */
export function shortEqualityWords(requests: DiffReport['requests']): readonly string[] {
  const { doubts = [], underLoad = [] } = requests.proof ?? {};
  return [...knownWords(requests), ...shortDoubtLines(doubts, underLoad)];
}

/** What is known of all requests, and what that rests on. */
function knownWords({ unusual, refusedByOthers = [], proof, proven }: DiffReport['requests']): readonly string[] {
  if (proof === undefined) return otherRefusalLines(refusedByOthers);
  const { classes, assumptions, underLoad, unasked } = proof;
  const condition = underLoad.length === 0 ? '' : ' while servers are well';
  const others =
    unasked.length === 0 ? 'All other requests end as before' : 'All other requests that were looked at end as before';
  const which = proven === 'all as before' ? 'Every request ends as before' : others;
  return [
    ...(unusual === undefined
      ? []
      : [
          `${count(unusual.classes, 'class', 'classes')} of requests that are rarely sent end otherwise in another way, such as ${formatRequest(unusual.example)}`,
        ]),
    ...(proven !== undefined && classes > 0
      ? [
          `${which}${condition}: proven over ${count(classes, 'class', 'classes')} of requests.`,
          ...(unasked.length === 0 ? [] : [`  not looked at: ${unasked.map((one) => unaskedWords[one]).join(', ')}`]),
        ]
      : []),
    ...otherRefusalLines(refusedByOthers),
    ...assumptions.map((what) => `  assumed to make no difference: ${what}`),
  ];
}

const unaskedWords: Readonly<Record<UnaskedRequests, string>> = {
  'ports that nothing names': 'ports that no Service, policy or container names',
  'addresses of pods': 'addresses of pods of which ztunnel is told otherwise',
  'other protocols without a sidecar': 'bytes and TLS that pods without a sidecar send',
};

const SHOWN_REFUSALS = 5;

/** Which policies refuse in place of others what ends as before; one request of each. */
function otherRefusalLines(refusals: readonly OtherRefusal[]): readonly string[] {
  const lines = refusals
    .slice(0, SHOWN_REFUSALS)
    .map(
      (one) =>
        `  refused as before, by another policy: ${formatRequest(one.request)} from ${clientWords(one.from)}: ${refusalWords(one)}`,
    );
  const more = refusals.length - SHOWN_REFUSALS;
  return more > 0 ? [...lines, `  and ${count(more, 'more pair')} of policies`] : lines;
}

/** What limits the answer about requests. */
export function limitWords({ isCut, tried }: DiffReport['requests']): readonly string[] {
  return isCut ? [`There are more kinds of requests than were tried; ${tried} of them were.`] : [];
}
