import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { DiffReport, RequestChange } from '../../operations/diff/report.ts';
import { count } from '../count.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { codeBlock, codeSpan, folded, type Markdown, markdown } from '../escape/markdown.ts';
import { joined, type Printable, printed } from '../escape/printable.ts';
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

const SHOWN_REQUESTS = 20;

/** The report for a comment of a pull request: what matters in sight, details folded. `isWorthTelling`: whether there is more to it than that nothing changes. */
export function formatDiffMarkdown(report: DiffReport, isWorthTelling: boolean): Printable {
  const heading = markdown`### Mesh: ${codeSpan(report.before)} → ${codeSpan(report.after)}`;
  const blocks = isWorthTelling
    ? [
        markdown`${formatSummary(report)}.`,
        ...moves(report),
        ...proxies(report),
        ...requests(report),
        ...silent(report),
        ...quietWords(report).map((line) => markdown`${line}`),
        ...findings(report),
        ...causes(report),
      ]
    : [markdown`Nothing changes for any proxy.`];
  return printed(markdown`${joined([heading, ...blocks], '\n\n')}\n`);
}

function moves({ migration }: DiffReport): readonly Markdown[] {
  return migration === undefined ? [] : [joined(migrationWords(migration).map((line) => markdown`- ${line}`))];
}

function silent({ migration }: DiffReport): readonly Markdown[] {
  const found = migration?.silent ?? [];
  if (found.length === 0) return [];
  const rows = found.map(({ finding, fix, witness }) => {
    const cells = witness === undefined ? [markdown`none of those tried`] : requestCells(witness);
    return joined([
      markdown`- ${formatDiagnostic(finding)}`,
      markdown`  - fix: ${fix}`,
      markdown`  - witness: ${joined(cells, ' ')}`,
    ]);
  });
  return [markdown`**Policies and rules that fall silent**`, joined(rows)];
}

function proxies({ proxies: { added, removed } }: DiffReport): readonly Markdown[] {
  const lines = [
    ...removed.map((name) => markdown`- proxy ${codeSpan(name)} goes`),
    ...added.map((name) => markdown`- proxy ${codeSpan(name)} comes`),
  ];
  return lines.length === 0 ? [] : [joined(lines)];
}

function requests({ requests: found }: DiffReport): readonly Markdown[] {
  const { changed } = found;
  const remarks = [...limitWords(found), ...equalityWords(found)].map((note) => markdown`${note}`);
  if (changed.length === 0) return remarks;
  const rows = changed.map((change) => markdown`| ${joined(requestCells(change), ' | ')} |`);
  const head = [markdown`| request | from | change |`, markdown`| --- | --- | --- |`];
  const table = (some: readonly Markdown[]): Markdown => joined([...head, ...some]);
  const rest = rows.slice(SHOWN_REQUESTS);
  return [
    markdown`**Requests that end otherwise**`,
    table(rows.slice(0, SHOWN_REQUESTS)),
    ...(rest.length > 0 ? [folded(count(rest.length, 'more request'), table(rest))] : []),
    ...remarks,
  ];
}

/** The cells of a row on requests with the same change: the requests, from where, what differs. */
export function requestCells(change: RequestChange): readonly Markdown[] {
  const code = (text: string): Markdown => codeSpan(text, 'in a table');
  const asked = [
    ...change.requests.map((request) => code(formatRequest(request))),
    ...whichWords(change).map((line) => markdown`which: ${code(line)}`),
  ];
  const from = change.from.map((client) => code(clientWords(client)));
  const differences = shortDifferenceWords(change).map(
    ([aspect, before, after]) => markdown`${aspect}: ${code(before)} → ${code(after)}`,
  );
  const why = (change.why ?? []).map((reason) => markdown`why: ${locatedReasonWords(reason)}`);
  return [joined(asked, '<br>'), joined(from, ' '), joined([...differences, ...why], '<br>')];
}

function findings(report: DiffReport): readonly Markdown[] {
  const { fixed } = report.findings;
  const introduced = otherFindings(report);
  const list = (some: readonly Diagnostic[]): Markdown => joined(some.map((finding) => markdown`- ${formatDiagnostic(finding)}`));
  return [
    ...(introduced.length > 0 ? [markdown`**Findings introduced**`, list(introduced)] : []),
    ...(fixed.length > 0 ? [folded(`${count(fixed.length, 'finding')} fixed`, list(fixed))] : []),
  ];
}

function causes({ causes: groups }: DiffReport): readonly Markdown[] {
  return groups.map((group) => {
    const touched = new Set(group.groups.flatMap(({ proxies: names }) => names)).size;
    const lines = [
      ...group.causes.flatMap(({ edits }) => edits.map((edit) => `${signs[edit.kind]} ${formatEdit(edit)}`)),
      ...group.groups.flatMap(({ proxies: names, changes }) => [
        `# ${names.join(', ')}`,
        ...changes.map((change) => `${signs[change.kind]} ${formatChange(change)}`),
      ]),
    ];
    return folded(`${formatCauses(group)}: ${count(touched, 'proxy', 'proxies')}`, codeBlock('diff', lines));
  });
}
