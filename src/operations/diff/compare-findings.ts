import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { append } from '../../util/collections.ts';
import type { FindingChanges } from './report.ts';

/** Findings of two analyses, paired by what they say and of what: lines and files may differ. */
export function compareFindings(before: readonly Diagnostic[], after: readonly Diagnostic[]): FindingChanges {
  const waiting = new Map<string, Diagnostic[]>();
  for (const finding of before) append(waiting, findingId(finding), finding);
  const introduced = after.filter((finding) => waiting.get(findingId(finding))?.shift() === undefined);
  return { introduced, fixed: [...waiting.values()].flat(), unchanged: after.length - introduced.length };
}

/** The message names places in files, which say nothing about what was found. */
function findingId({ code, severity, message, resource, location }: Diagnostic): string {
  const text = location === undefined ? message : message.replaceAll(/[^\s"'()]+/g, (word) => word.replace(/^.+:\d+/, ''));
  return JSON.stringify([code, severity, text, resource?.kind, resource?.namespace, resource?.name]);
}
