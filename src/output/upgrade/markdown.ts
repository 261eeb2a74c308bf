import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { UpgradeReport, UpgradeRequest } from '../../operations/upgrade/report.ts';
import { count } from '../count.ts';
import { formatDiagnostic } from '../diagnostics.ts';
import { requestCells } from '../diff/markdown.ts';
import { names, otherRequestsWords, shortRequests } from '../diff/short-lists.ts';
import { shortLines } from '../diff/shorten-list.ts';
import { codeBlock, folded, type Markdown, markdown } from '../escape/markdown.ts';
import { joined, type Printable, printed } from '../escape/printable.ts';
import {
  causesWords,
  causeWords,
  extentWords,
  formerWords,
  formWords,
  patchWords,
  shortCertaintyWords,
  sidesWords,
  summaryWords,
} from './words.ts';

/** The preview of an upgrade for a comment of a pull request: what matters in sight, details folded. */
export function formatUpgradeMarkdown(report: UpgradeReport): Printable {
  const { findings } = report;
  const blocks = [
    markdown`### Mesh: ${sidesWords(report)}`,
    markdown`${summaryWords(report)}.`,
    ...requests(report),
    ...list('Resources that are refused', findings.refused),
    ...list('Definitions that are too old', findings.outdated),
    ...list('Findings that come', findings.introduced),
    ...(findings.fixed.length > 0
      ? [folded(`${count(findings.fixed.length, 'finding')} that go`, diagnostics(findings.fixed))]
      : []),
    ...patches(report),
    ...effects(report),
    ...news(report),
  ];
  return printed(markdown`${joined(blocks, '\n\n')}\n`);
}

function requests(report: UpgradeReport): readonly Markdown[] {
  const { requests: found } = report;
  const remarks = shortCertaintyWords(report).map((note) => markdown`${note}`);
  if (found.changed.length === 0) return remarks;
  const rows = shortLines<UpgradeRequest, Markdown>(
    shortRequests(found.changed, ({ causes }) => causes),
    (change) => {
      const causes = change.causes.map((cause) => markdown`${causeWords(cause)}`);
      return [markdown`| ${joined([...requestCells(change), joined(causes, '<br>')], ' | ')} |`];
    },
    (others, areAlike) => markdown`| ${otherRequestsWords(others, areAlike)} | | | |`,
  );
  const head = [markdown`| request | from | change | because |`, markdown`| --- | --- | --- | --- |`];
  return [markdown`**Requests that end otherwise**`, joined([...head, ...rows]), ...remarks];
}

function diagnostics(found: readonly Diagnostic[]): Markdown {
  return joined(found.map((finding) => markdown`- ${formatDiagnostic(finding)}`));
}

function items(texts: readonly string[]): Markdown {
  return joined(texts.map((text) => markdown`- ${text}`));
}

function list(heading: string, found: readonly Diagnostic[]): readonly Markdown[] {
  return found.length === 0 ? [] : [markdown`**${heading}**`, diagnostics(found)];
}

function patches({ patches: found }: UpgradeReport): readonly Markdown[] {
  return found.length === 0 ? [] : [markdown`**Patches for other versions of proxies**`, items(found.map(patchWords))];
}

function effects(report: UpgradeReport): readonly Markdown[] {
  return report.effects.map((effect) => {
    const former = formerWords(effect.causes);
    const details = codeBlock('diff', [`# ${names(effect.proxies)}`, ...effect.forms.map(formWords)]);
    const body = former.length === 0 ? details : joined([items(former), details], '\n\n');
    return folded(`${causesWords(effect.causes)}: ${extentWords(effect)}`, body);
  });
}

function news({ news: releases }: UpgradeReport): readonly Markdown[] {
  return releases.map(
    ({ release, upgradeNotes, changeNotes }) => markdown`What Istio says of ${release}: ${upgradeNotes}, ${changeNotes}`,
  );
}
