import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Painter } from '../diagnostics.ts';
import type { FormatTable } from '../format-table.ts';
import type { Texts } from './text.ts';

/** What a format may need besides the findings. */
export interface FindingContext {
  readonly texts: Texts;
  readonly paint: Painter;
  /** The version of mesh, for tools. */
  readonly version: string;
  /** Where the documentation of Istio's release begins. */
  readonly docsUrl: string;
}

/** How findings can be printed; `log` are istioctl's lines. */
export type FindingFormat = 'text' | 'log' | 'json' | 'yaml' | 'sarif' | 'junit' | 'github' | 'markdown';

/** The formats of `mesh analyze`. */
export const findingFormats: FormatTable<FindingFormat, [findings: readonly Diagnostic[], context: FindingContext]> = {
  text: async () => {
    const { formatFindings } = await import('./text.ts');
    return (findings, { texts, paint }) => formatFindings(findings, texts, paint);
  },
  log: async () => {
    const { formatLog } = await import('./text.ts');
    return (findings, { paint }) => formatLog(findings, paint);
  },
  json: async () => {
    const { formatFindingsJson } = await import('./data.ts');
    return (findings, { docsUrl }) => formatFindingsJson(findings, docsUrl);
  },
  yaml: async () => {
    const { formatFindingsYaml } = await import('./data.ts');
    return (findings, { docsUrl }) => formatFindingsYaml(findings, docsUrl);
  },
  sarif: async () => {
    const { formatSarif } = await import('./sarif.ts');
    return (findings, { version, docsUrl }) => formatSarif(findings, version, docsUrl);
  },
  junit: async () => (await import('./junit.ts')).formatJunit,
  github: async () => (await import('./github.ts')).formatGithub,
  markdown: async () => {
    const { formatMarkdown } = await import('./markdown.ts');
    return (findings, { docsUrl }) => formatMarkdown(findings, docsUrl);
  },
};
