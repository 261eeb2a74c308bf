import type { AuthorizationReport } from '../../operations/recommend/authorization/advice.ts';
import type { SidecarReport } from '../../operations/recommend/sidecar/advice.ts';
import type { Printable } from '../escape/printable.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh recommend`: manifests with comments, bare manifests, all as data. */
export type RecommendationFormat = 'text' | 'yaml' | 'json';

/** What is printed, and what is to be told beside it. */
export interface PrintedRecommendation {
  readonly text: Printable;
  readonly notes: readonly string[];
}

/** How Sidecars that are recommended can be printed. */
export const sidecarAdviceFormats: FormatTable<RecommendationFormat, [report: SidecarReport], PrintedRecommendation> = {
  text: async () => (await import('./sidecar.ts')).sidecarAdvicePrinters.text,
  yaml: async () => (await import('./sidecar.ts')).sidecarAdvicePrinters.yaml,
  json: async () => (await import('./sidecar.ts')).sidecarAdvicePrinters.json,
};

/** How AuthorizationPolicies that are recommended can be printed. */
export const authorizationAdviceFormats: FormatTable<RecommendationFormat, [report: AuthorizationReport], PrintedRecommendation> =
  {
    text: async () => (await import('./authorization.ts')).authorizationAdvicePrinters.text,
    yaml: async () => (await import('./authorization.ts')).authorizationAdvicePrinters.yaml,
    json: async () => (await import('./authorization.ts')).authorizationAdvicePrinters.json,
  };
