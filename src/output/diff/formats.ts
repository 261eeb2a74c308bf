import type { DiffReport } from '../../operations/diff/report.ts';
import { printedLines } from '../escape/plain.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh diff`. */
export type DiffFormat = 'text' | 'json' | 'markdown';

/** How a comparison can be printed; where there is nothing to tell, `text` is empty. */
export const diffFormats: FormatTable<DiffFormat, [report: DiffReport, isWorthTelling: boolean]> = {
  text: async () => {
    const { formatDiffText } = await import('./text.ts');
    return (report, isWorthTelling) => (isWorthTelling ? formatDiffText(report) : printedLines([]));
  },
  json: async () => (await import('./json.ts')).formatDiffJson,
  markdown: async () => (await import('./markdown.ts')).formatDiffMarkdown,
};
