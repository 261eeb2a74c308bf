import type { DiffReport } from '../../diff/report.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { count, formatCauses, formatChange, formatEdit, formatRequest, formatSummary, signs } from './words.ts';

const SHOWN_REQUESTS = 20;

/** The report for a comment of a pull request: what matters in sight, details folded. `isChanged`: whether it tells of any change. */
export function formatDiffMarkdown(report: DiffReport, isChanged: boolean): string {
  const heading = `### Mesh: ${code(report.before)} → ${code(report.after)}`;
  if (!isChanged) return `${heading}\n\nNothing changes for any proxy.\n`;
  const blocks = [heading, `${formatSummary(report)}.`, proxies(report), requests(report), findings(report), ...causes(report)];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function proxies({ proxies: { added, removed } }: DiffReport): string {
  return [...removed.map((name) => `- proxy ${code(name)} goes`), ...added.map((name) => `- proxy ${code(name)} comes`)].join(
    '\n',
  );
}

function requests({ requests: { changed, notes } }: DiffReport): string {
  if (changed.length === 0) return notes.join('\n\n');
  const rows = changed.map((change) => {
    const differences = Object.entries(change.differences).map(
      ([aspect, [before, after]]) => `${aspect}: ${code(before)} → ${code(after)}`,
    );
    return `| ${change.requests.map((request) => code(formatRequest(request))).join('<br>')} | ${change.from.map(code).join(' ')} | ${differences.join('<br>')} |`;
  });
  const table = (some: readonly string[]): string => ['| request | from | change |', '| --- | --- | --- |', ...some].join('\n');
  const rest = rows.slice(SHOWN_REQUESTS);
  return [
    '**Requests that end otherwise**',
    table(rows.slice(0, SHOWN_REQUESTS)),
    ...(rest.length > 0 ? [folded(`${count(rest.length, 'more request')}`, table(rest))] : []),
    ...notes,
  ].join('\n\n');
}

function findings({ findings: { introduced, fixed } }: DiffReport): string {
  return [
    ...(introduced.length > 0 ? ['**Findings introduced**', list(introduced.map((finding) => formatDiagnostic(finding)))] : []),
    ...(fixed.length > 0
      ? [folded(`${count(fixed.length, 'finding')} fixed`, list(fixed.map((finding) => formatDiagnostic(finding))))]
      : []),
  ].join('\n\n');
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${escape(text)}`).join('\n');
}

function causes({ causes: groups }: DiffReport): readonly string[] {
  return groups.map((group) => {
    const touched = new Set(group.groups.flatMap(({ proxies: names }) => names)).size;
    const lines = [
      ...group.causes.flatMap(({ edits }) => edits.map((edit) => `${signs[edit.kind]} ${formatEdit(edit)}`)),
      ...group.groups.flatMap(({ proxies: names, changes }) => [
        `# ${names.join(', ')}`,
        ...changes.map((change) => `${signs[change.kind]} ${formatChange(change)}`),
      ]),
    ];
    const fence = '`'.repeat(Math.max(3, ...lines.map((line) => (/`{3,}/.exec(line)?.[0].length ?? 0) + 1)));
    return folded(`${formatCauses(group)}: ${count(touched, 'proxy', 'proxies')}`, `${fence}diff\n${lines.join('\n')}\n${fence}`);
  });
}

function folded(summary: string, body: string): string {
  return `<details><summary>${escape(summary)}</summary>\n\n${body}\n\n</details>`;
}

/** Text that is no markup. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[*_`|[\]\\]/g, '\\$&');
}

/** Text in the type of code, also inside a table. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}${fence}`;
}
