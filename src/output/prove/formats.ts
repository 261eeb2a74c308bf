import type { ProveReport } from '../../operations/prove/report.ts';
import type { FindingContext } from '../findings/formats.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh prove`. */
export type ProveFormat = 'text' | 'json' | 'junit' | 'github' | 'sarif';

/** How proofs and refutations can be printed. */
export const proveFormats: FormatTable<ProveFormat, [report: ProveReport, context: Omit<FindingContext, 'texts'>]> = {
  text: async () => {
    const { formatProveText } = await import('./report.ts');
    return (report, { paint }) => formatProveText(report, paint);
  },
  json: async () => (await import('./report.ts')).formatProveJson,
  junit: async () => (await import('./report.ts')).formatProveJunit,
  github: async () => {
    const [{ asFindings }, { formatGithub }] = await Promise.all([import('./report.ts'), import('../findings/github.ts')]);
    return (report, { repository }) => formatGithub(asFindings(report), repository);
  },
  sarif: async () => {
    const [{ asFindings }, { formatSarif }] = await Promise.all([import('./report.ts'), import('../findings/sarif.ts')]);
    return (report, context) => formatSarif(asFindings(report), context);
  },
};
