import type { DiffReport, RequestChange } from '../../operations/diff/report.ts';
import { isObject } from '../../util/object.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { reasonAsJson } from '../why/located.ts';
import { clientWords, differenceWords } from './noticed-words.ts';
import { equalityWords, limitWords, whichWords } from './words.ts';

/** A report as JSON: what differs of requests in words, as for people, and as facts beside them. */
export function formatDiffJson(report: DiffReport): Printable {
  const { changed, tried } = report.requests;
  const requests = {
    changed: changed.map((change) => ({ ...changeInWords(change), facts: changeAsFacts(change) })),
    tried,
    notes: [...limitWords(report.requests), ...equalityWords(report.requests)],
    ...(report.requests.proof !== undefined && { proof: report.requests.proof }),
  };
  const silent = report.migration?.silent.map(({ witness, ...rest }) => ({
    ...rest,
    ...(witness !== undefined && { witness: { ...changeInWords(witness), facts: changeAsFacts(witness) } }),
  }));
  return printedJson({ ...report, requests, ...(silent !== undefined && { migration: { ...report.migration, silent } }) });
}

/** Requests with the same change, as people are told. */
export function changeInWords(change: RequestChange): object {
  return {
    requests: change.requests,
    ...(change.which !== undefined && { which: whichWords(change) }),
    from: change.from.map(clientWords),
    differences: Object.fromEntries(differenceWords(change).map(([aspect, before, after]) => [aspect, [before, after]])),
    ...(change.why !== undefined && { why: change.why.map(reasonAsJson) }),
  };
}

/** The same for programs. */
export function changeAsFacts({ from, differences, which }: RequestChange): object {
  return { from, differences, ...(which !== undefined && { which: withNumbers(which) }) };
}

/** The same with numbers as JSON has them. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withNumbers(part)])) : value;
}
