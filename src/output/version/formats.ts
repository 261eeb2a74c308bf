import { printedJson } from '../escape/json.ts';
import { printedLines } from '../escape/plain.ts';
import type { FormatTable } from '../format-table.ts';

/** What version of mesh this is, and the release of Istio that it computes after where nobody asks for another. */
export interface Versions {
  readonly version: string;
  readonly istioVersion: string;
}

/** Formats of `mesh version`. */
export type VersionFormat = 'text' | 'json' | 'yaml';

/** How versions can be printed. */
export const versionFormats: FormatTable<VersionFormat, [versions: Versions]> = {
  text:
    async () =>
    ({ version, istioVersion }) =>
      printedLines([`mesh ${version} (Istio ${istioVersion})`]),
  json: async () => (versions) => printedJson(versions),
  yaml: async () => (await import('../go-yaml.ts')).formatGoYaml,
};
