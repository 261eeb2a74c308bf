import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { UpgradeReport } from '../../operations/upgrade/report.ts';
import { describeDiagnostic } from '../diagnostics.ts';
import { otherRequestsWords, shortRequests } from '../diff/short-lists.ts';
import { shortLines } from '../diff/shorten-list.ts';
import { proxyLines, requestLines } from '../diff/text.ts';
import { type Plain, plain, printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
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

type Lines = readonly (string | Plain)[];

/** The preview of an upgrade as text. */
export function formatUpgradeText(report: UpgradeReport): Printable {
  const { findings } = report;
  const blocks: readonly Lines[] = [
    [sidesWords(report)],
    proxyLines(report),
    ...effects(report),
    patches(report),
    requests(report),
    list('Resources that are refused', findings.refused, '+'),
    list('Definitions that are too old', findings.outdated, '+'),
    list('Findings that come', findings.introduced, '+'),
    list('Findings that go', findings.fixed, '-'),
    news(report),
  ];
  return printedLines([...blocks.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']), summaryWords(report)]);
}

function effects(report: UpgradeReport): readonly Lines[] {
  return report.effects.map((effect) => [
    causesWords(effect.causes),
    `  ${extentWords(effect)}`,
    ...effect.forms.map((form) => `    ${formWords(form)}`),
    ...formerWords(effect.causes).map((words) => `  ${words}`),
  ]);
}

function patches({ patches: found }: UpgradeReport): Lines {
  return found.length === 0 ? [] : ['Patches for other versions of proxies', ...found.map((patch) => `  ${patchWords(patch)}`)];
}

function requests(report: UpgradeReport): Lines {
  const { requests: found } = report;
  const notes = shortCertaintyWords(report);
  if (found.changed.length === 0) return notes;
  const lines = shortLines(
    shortRequests(found.changed, ({ causes }) => causes),
    (change) => [...requestLines(change), ...change.causes.map((cause) => `    because: ${causeWords(cause)}`)],
    (others, areAlike) => `  ${otherRequestsWords(others, areAlike)}`,
  );
  return ['Requests that end otherwise', ...lines, ...notes];
}

function list(heading: string, found: readonly Diagnostic[], sign: string): Lines {
  return found.length === 0 ? [] : [heading, ...found.map((finding) => plain`  ${sign} ${describeDiagnostic(finding)}`)];
}

function news({ news: releases }: UpgradeReport): Lines {
  return releases.flatMap(({ release, upgradeNotes, changeNotes }) => [
    `What Istio says of ${release}: ${upgradeNotes}`,
    `  all changes: ${changeNotes}`,
  ]);
}
