import type { DiffReport, RequestChange } from '../../operations/diff/report.ts';
import { count } from '../count.ts';
import { describeDiagnostic } from '../diagnostics.ts';
import { type Plain, plain, printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { locatedReasonWords } from '../why/located.ts';
import { clientWords, shortDifferenceWords } from './noticed-words.ts';
import {
  equalityWords,
  formatCauses,
  formatChange,
  formatEdit,
  formatRequest,
  formatSummary,
  limitWords,
  migrationWords,
  otherFindings,
  quietWords,
  signs,
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
  return [...removed.map((name) => `- proxy ${name}`), ...added.map((name) => `+ proxy ${name}`)];
}

function causes({ causes: groups }: DiffReport): readonly Lines[] {
  return groups.map((group) => [
    formatCauses(group),
    ...group.causes.flatMap(({ edits }) => edits.map((edit) => `    ${signs[edit.kind]} ${formatEdit(edit)}`)),
    ...group.groups.flatMap(({ proxies: names, changes }) => [
      `  ${count(names.length, 'proxy', 'proxies')}: ${names.join(', ')}`,
      ...changes.map((change) => `    ${signs[change.kind]} ${formatChange(change)}`),
    ]),
  ]);
}

function requests({ requests: found }: DiffReport): Lines {
  const { changed } = found;
  const notes = [...limitWords(found), ...equalityWords(found)];
  if (changed.length === 0) return notes;
  return ['Requests that end otherwise', ...changed.flatMap(requestLines), ...notes];
}

/** Requests with the same change, and what of them differs. */
export function requestLines(change: RequestChange): readonly string[] {
  return [
    ...change.requests.map((request) => `  ${formatRequest(request)}`),
    ...whichWords(change).map((line) => `    which: ${line}`),
    `    from ${change.from.map(clientWords).join(', ')}`,
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
  return [
    'Findings',
    ...introduced.map((finding) => plain`  + ${describeDiagnostic(finding)}`),
    ...fixed.map((finding) => plain`  - ${describeDiagnostic(finding)}`),
  ];
}
