import type { DiffReport, RequestChange } from '../../operations/diff/report.ts';
import { count } from '../count.ts';
import { describeDiagnostic } from '../diagnostics.ts';
import { type Plain, plain, printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { clientWords, differenceWords } from './noticed-words.ts';
import { formatCauses, formatChange, formatEdit, formatRequest, formatSummary, limitWords, signs } from './words.ts';

type Lines = readonly (string | Plain)[];

/** A report of changes as text. */
export function formatDiffText(report: DiffReport): Printable {
  const blocks: readonly Lines[] = [proxyLines(report), ...causes(report), requests(report), findings(report)];
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
  const notes = limitWords(found);
  if (changed.length === 0) return notes;
  return ['Requests that end otherwise', ...changed.flatMap(requestLines), ...notes];
}

/** Requests with the same change, and what of them differs. */
export function requestLines(change: RequestChange): readonly string[] {
  return [
    ...change.requests.map((request) => `  ${formatRequest(request)}`),
    `    from ${change.from.map(clientWords).join(', ')}`,
    ...differenceWords(change).map(([aspect, before, after]) => `    ${aspect}: ${before} -> ${after}`),
  ];
}

function findings({ findings: { introduced, fixed } }: DiffReport): Lines {
  if (introduced.length + fixed.length === 0) return [];
  return [
    'Findings',
    ...introduced.map((finding) => plain`  + ${describeDiagnostic(finding)}`),
    ...fixed.map((finding) => plain`  - ${describeDiagnostic(finding)}`),
  ];
}
