import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Painter } from '../diagnostics.ts';
import type { FormatTable } from '../format-table.ts';
import type { Repository } from '../repository.ts';
import type { Texts } from './text.ts';

/** What a format may need besides the findings. */
export interface FindingContext {
  readonly texts: Texts;
  readonly paint: Painter;
  /** The version of mesh, for tools. */
  readonly version: string;
  /** The version and that of Istio, in words. */
  readonly fullVersion: string;
  /** For tools that know files by their place in it. */
  readonly repository: Repository;
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
    return formatSarif;
  },
  junit: async () => (await import('./junit.ts')).formatJunit,
  github: async () => {
    const { formatGithub } = await import('./github.ts');
    return (findings, { repository }) => formatGithub(findings, repository);
  },
  markdown: async () => {
    const { formatMarkdown } = await import('./markdown.ts');
    return (findings, { docsUrl }) => formatMarkdown(findings, docsUrl);
  },
};
