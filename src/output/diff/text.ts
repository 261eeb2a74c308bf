import type { DiffReport } from '../../diff/report.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { count, formatCauses, formatChange, formatEdit, formatRequest, formatSummary, signs } from './words.ts';

/** A report of changes as text. */
export function formatDiffText(report: DiffReport): string {
  const blocks = [proxies(report), ...causes(report), requests(report), findings(report), [formatSummary(report)]];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function proxies({ proxies: { added, removed } }: DiffReport): readonly string[] {
  return [...removed.map((name) => `- proxy ${name}`), ...added.map((name) => `+ proxy ${name}`)];
}

function causes({ causes: groups }: DiffReport): readonly (readonly string[])[] {
  return groups.map((group) => [
    formatCauses(group),
    ...group.causes.flatMap(({ edits }) => edits.map((edit) => `    ${signs[edit.kind]} ${formatEdit(edit)}`)),
    ...group.groups.flatMap(({ proxies: names, changes }) => [
      `  ${count(names.length, 'proxy', 'proxies')}: ${names.join(', ')}`,
      ...changes.map((change) => `    ${signs[change.kind]} ${formatChange(change)}`),
    ]),
  ]);
}

function requests({ requests: { changed, notes } }: DiffReport): readonly string[] {
  if (changed.length === 0) return notes;
  return [
    'Requests that end otherwise',
    ...changed.flatMap((change) => [
      ...change.requests.map((request) => `  ${formatRequest(request)}`),
      `    from ${change.from.join(', ')}`,
      ...Object.entries(change.differences).map(([aspect, [before, after]]) => `    ${aspect}: ${before} -> ${after}`),
    ]),
    ...notes,
  ];
}

function findings({ findings: { introduced, fixed } }: DiffReport): readonly string[] {
  if (introduced.length + fixed.length === 0) return [];
  return [
    'Findings',
    ...introduced.map((finding) => `  + ${formatDiagnostic(finding)}`),
    ...fixed.map((finding) => `  - ${formatDiagnostic(finding)}`),
  ];
}
