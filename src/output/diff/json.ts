import type { DiffReport } from '../../operations/diff/report.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { clientWords, differenceWords } from './noticed-words.ts';
import { limitWords } from './words.ts';

/** A report as JSON: what differs of requests in words, as for people, and as facts beside them. */
export function formatDiffJson(report: DiffReport): Printable {
  const { changed, tried } = report.requests;
  const requests = {
    changed: changed.map((change) => ({
      requests: change.requests,
      from: change.from.map(clientWords),
      differences: Object.fromEntries(differenceWords(change).map(([aspect, before, after]) => [aspect, [before, after]])),
      facts: { from: change.from, differences: change.differences },
    })),
    tried,
    notes: limitWords(report.requests),
  };
  return printedJson({ ...report, requests });
}
