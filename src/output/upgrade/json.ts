import type { UpgradeReport } from '../../operations/upgrade/report.ts';
import { changeAsFacts, changeInWords } from '../diff/json.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { causesWords, certaintyWords } from './words.ts';

/** The preview of an upgrade as JSON: sentences as for people, and facts beside them. */
export function formatUpgradeJson(report: UpgradeReport): Printable {
  const { changed, tried } = report.requests;
  const effects = report.effects.map((effect) => ({ summary: causesWords(effect.causes), ...effect }));
  const requests = {
    changed: changed.map((change) => ({
      ...changeInWords(change),
      causes: change.causes,
      facts: changeAsFacts(change),
    })),
    tried,
    notes: certaintyWords(report),
    ...(report.requests.proof !== undefined && { proof: report.requests.proof }),
  };
  return printedJson({ ...report, effects, requests });
}
