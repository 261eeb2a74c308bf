import type { CommonReport, WrittenResource } from '../../operations/recommend/report.ts';
import { printedJson } from '../escape/json.ts';
import type { PrintedRecommendation } from './formats.ts';
import { printManifests } from './print.ts';
import { proofWords, skippedWords, unusedWords } from './words.ts';

/** What recommendations of one kind have words of their own for. */
interface AdviceWords<Advice, Reason> {
  /** That there is none. */
  readonly none: string;
  /** How calls were compared whole. */
  readonly comparison: string;
  commentsOf(advice: Advice): readonly string[];
  reasonWords(reason: Reason): string;
}

/** How recommendations of one kind are printed. */
export interface AdvicePrinters<Report> {
  /** Manifests with what they are for, the proof, and what is not recommended and why. */
  text(report: Report): PrintedRecommendation;
  /** Manifests alone; what is not recommended is told beside them. */
  yaml(report: Report): PrintedRecommendation;
  /** All as data. */
  json(report: Report): PrintedRecommendation;
}

/** Makes the printers of recommendations of one kind. */
export function advicePrinters<
  Advice extends { readonly manifest: WrittenResource },
  Reason,
  Skipped extends { readonly subject: string; readonly reason: Reason },
>({ none, comparison, commentsOf, reasonWords }: AdviceWords<Advice, Reason>): AdvicePrinters<CommonReport<Advice, Skipped>> {
  return {
    text({ advice, skipped, proof, unused }) {
      const manifests = advice.map((one) => ({ manifest: one.manifest, comments: commentsOf(one) }));
      const end = [
        ...(advice.length === 0 ? [none] : ['Proof:', ...proofWords(proof, comparison)]),
        ...skippedWords(skipped, reasonWords),
        ...unusedWords(unused),
      ];
      return { text: printManifests(manifests, end), notes: [] };
    },
    yaml({ advice, skipped, unused }) {
      const manifests = advice.map(({ manifest }) => ({ manifest, comments: [] }));
      return { text: printManifests(manifests, []), notes: [...skippedWords(skipped, reasonWords), ...unusedWords(unused)] };
    },
    json({ advice, skipped, proof, unused }) {
      const { strangers, unknown } = unused;
      const told = {
        recommended: advice,
        skipped: skipped.map((one) => ({ ...one, text: reasonWords(one.reason) })),
        proof,
        unused: { requests: strangers.map(({ location, error }) => ({ location, text: error.message })), observed: unknown },
      };
      return { text: printedJson(told), notes: [] };
    },
  };
}
