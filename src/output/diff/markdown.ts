import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { CauseGroup, DiffReport, RequestChange, RequestClient, RequestLabel } from '../../operations/diff/report.ts';
import { count } from '../count.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { codeBlock, codeSpan, folded, type Markdown, markdown } from '../escape/markdown.ts';
import { joined, type Printable, printed } from '../escape/printable.ts';
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
  shortClients,
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
  const rows = (all: readonly string[], one: string, several: string): readonly Markdown[] =>
    shortLines<string, Markdown>(
      shortProxies(all),
      (name) => [markdown`- proxy ${codeSpan(name)} ${one}`],
      (others) => markdown`- ${count(others.length, 'more proxy', 'more proxies')} ${others.length === 1 ? one : several}`,
    );
  const lines = [...rows(removed, 'goes', 'go'), ...rows(added, 'comes', 'come')];
  return lines.length === 0 ? [] : [joined(lines)];
}

function requests({ requests: found }: DiffReport): readonly Markdown[] {
  const { changed } = found;
  const remarks = [...limitWords(found), ...shortEqualityWords(found)].map((note) => markdown`${note}`);
  if (changed.length === 0) return remarks;
  const rows = shortLines<RequestChange, Markdown>(
    shortRequests(changed),
    (change) => [markdown`| ${joined(requestCells(change), ' | ')} |`],
    (others, areAlike) => markdown`| ${otherRequestsWords(others, areAlike)} | | |`,
  );
  const head = [markdown`| request | from | change |`, markdown`| --- | --- | --- |`];
  return [markdown`**Requests that end otherwise**`, joined([...head, ...rows]), ...remarks];
}

/** The cells of a row on requests with the same change: the requests, from where, what differs. */
export function requestCells(change: RequestChange): readonly Markdown[] {
  const code = (text: string): Markdown => codeSpan(text, 'in a table');
  const asked = [
    ...shortLines<RequestLabel, Markdown>(
      shortOfOneWay(change),
      (request) => [code(formatRequest(request))],
      (others) => markdown`${count(others.length, 'more request')} there`,
    ),
    ...whichWords(change).map((line) => markdown`which: ${code(line)}`),
  ];
  const from = shortLines<RequestClient, Markdown>(
    shortClients(change),
    (client) => [code(clientWords(client))],
    (others) => markdown`and ${others.length} more`,
  );
  const differences = shortDifferenceWords(change).map(
    ([aspect, before, after]) => markdown`${aspect}: ${code(before)} → ${code(after)}`,
  );
  const why = (change.why ?? []).map((reason) => markdown`why: ${locatedReasonWords(reason)}`);
  return [joined(asked, '<br>'), joined(from, ' '), joined([...differences, ...why], '<br>')];
}

function findings(report: DiffReport): readonly Markdown[] {
  const { fixed } = report.findings;
  const introduced = otherFindings(report);
  const list = (some: readonly Diagnostic[]): Markdown =>
    joined(
      shortLines<Diagnostic, Markdown>(
        shortFindings(some),
        (finding) => [markdown`- ${formatDiagnostic(finding)}`],
        (others) => markdown`- ${otherFindingsWords(others)}`,
      ),
    );
  return [
    ...(introduced.length > 0 ? [markdown`**Findings introduced**`, list(introduced)] : []),
    ...(fixed.length > 0 ? [folded(`${count(fixed.length, 'finding')} fixed`, list(fixed))] : []),
  ];
}

function causes({ causes: groups }: DiffReport): readonly Markdown[] {
  return shortLines<CauseGroup, Markdown>(
    shortCauses(groups),
    (group) => [cause(group)],
    (others, areAlike) => markdown`${otherCausesWords(others, areAlike)}`,
  );
}

function cause(group: CauseGroup): Markdown {
  const touched = new Set(group.groups.flatMap(({ proxies: touchedHere }) => touchedHere)).size;
  const lines = [
    ...group.causes.flatMap(({ edits }) => editLines(edits)),
    ...shortLines(
      shortGroups(group.groups),
      (one) => [`# ${names(one.proxies)}`, ...changeLines(one.changes)],
      (others, areAlike) => `# ${otherGroupsWords(others, areAlike)}`,
    ),
  ];
  return folded(`${formatCauses(group)}: ${count(touched, 'proxy', 'proxies')}`, codeBlock('diff', lines));
}
