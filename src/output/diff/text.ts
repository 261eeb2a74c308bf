import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { CauseGroup, DiffReport, RequestChange } from '../../operations/diff/report.ts';
import { count } from '../count.ts';
import { describeDiagnostic } from '../diagnostics.ts';
import { type Plain, plain, printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { locatedReasonWords } from '../why/located.ts';
import { clientWords, shortDifferenceWords } from './noticed-words.ts';
import { formatRequest } from './request-words.ts';
import {
  changeLines,
  editLines,
  names,
  otherCausesWords,
  otherFindingsWords,
  otherGroupsWords,
  otherRequestsWords,
  shortCauses,
  shortFindings,
  shortGroups,
  shortOfOneWay,
  shortProxies,
  shortRequests,
} from './short-lists.ts';
import { shortLines } from './shorten-list.ts';
import {
  formatCauses,
  formatSummary,
  limitWords,
  migrationWords,
  otherFindings,
  quietWords,
  shortEqualityWords,
  whichWords,
} from './words.ts';

type Lines = readonly (string | Plain)[];

/** A report of changes as text. */
export function formatDiffText(report: DiffReport): Printable {
  const { migration } = report;
  const blocks: readonly Lines[] = [
    migration === undefined ? [] : migrationWords(migration),
    proxyLines(report),
    ...causes(report),
    requests(report),
    silent(report),
    quietWords(report),
    findings(report),
  ];
  return printedLines([...blocks.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']), formatSummary(report)]);
}

/** The proxies that go and come. */
export function proxyLines({ proxies: { added, removed } }: Pick<DiffReport, 'proxies'>): Lines {
  const lines = (all: readonly string[], sign: string): Lines =>
    shortLines(
      shortProxies(all),
      (name) => [`${sign} proxy ${name}`],
      (others) => `${sign} ${count(others.length, 'more proxy', 'more proxies')}`,
    );
  return [...lines(removed, '-'), ...lines(added, '+')];
}

function causes({ causes: groups }: DiffReport): readonly Lines[] {
  return shortLines<CauseGroup, Lines>(
    shortCauses(groups),
    (group) => [causeLines(group)],
    (others, areAlike) => [otherCausesWords(others, areAlike)],
  );
}

function causeLines(group: CauseGroup): Lines {
  return [
    formatCauses(group),
    ...group.causes.flatMap(({ edits }) => editLines(edits).map((line) => `    ${line}`)),
    ...shortLines(
      shortGroups(group.groups),
      ({ proxies, changes }) => [
        `  ${count(proxies.length, 'proxy', 'proxies')}: ${names(proxies)}`,
        ...changeLines(changes).map((line) => `    ${line}`),
      ],
      (others, areAlike) => `  ${otherGroupsWords(others, areAlike)}`,
    ),
  ];
}

function requests({ requests: found }: DiffReport): Lines {
  const { changed } = found;
  const notes = [...limitWords(found), ...shortEqualityWords(found)];
  if (changed.length === 0) return notes;
  const lines = shortLines<RequestChange, string>(
    shortRequests(changed),
    requestLines,
    (others, areAlike) => `  ${otherRequestsWords(others, areAlike)}`,
  );
  return ['Requests that end otherwise', ...lines, ...notes];
}

/** Requests with the same change, and what of them differs. */
export function requestLines(change: RequestChange): readonly string[] {
  return [
    ...shortLines(
      shortOfOneWay(change),
      (request) => [`  ${formatRequest(request)}`],
      (others) => `  ${count(others.length, 'more request')} there`,
    ),
    ...whichWords(change).map((line) => `    which: ${line}`),
    `    from ${names(change.from.map(clientWords))}`,
    ...shortDifferenceWords(change).map(([aspect, before, after]) => `    ${aspect}: ${before} -> ${after}`),
    ...(change.why ?? []).map((reason) => `    why: ${locatedReasonWords(reason)}`),
  ];
}

/** What stops deciding, each with the fix and a request that shows it. */
function silent({ migration }: DiffReport): Lines {
  const found = migration?.silent ?? [];
  if (found.length === 0) return [];
  return [
    'Policies and rules that fall silent',
    ...found.flatMap(
      ({ finding, fix, witness }): Lines => [
        plain`  ${describeDiagnostic(finding)}`,
        `    fix: ${fix}`,
        ...(witness === undefined ? [] : witnessLines(witness).map((line) => `  ${line}`)),
      ],
    ),
  ];
}

function witnessLines(witness: RequestChange): readonly string[] {
  const [request, ...rest] = requestLines(witness);
  return [`  witness: ${request?.trim() ?? ''}`, ...rest, ...(rest.length > 1 ? [] : ['    ends as before, without it'])];
}

function findings(report: DiffReport): Lines {
  const { fixed } = report.findings;
  const introduced = otherFindings(report);
  if (introduced.length + fixed.length === 0) return [];
  const lines = (all: readonly Diagnostic[], sign: string): Lines =>
    shortLines<Diagnostic, string | Plain>(
      shortFindings(all),
      (finding) => [plain`  ${sign} ${describeDiagnostic(finding)}`],
      (others) => `  ${sign} ${otherFindingsWords(others)}`,
    );
  return ['Findings', ...lines(introduced, '+'), ...lines(fixed, '-')];
}
