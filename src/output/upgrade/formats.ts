import type { UpgradeReport } from '../../operations/upgrade/report.ts';
import { printedLines } from '../escape/plain.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of the preview of an upgrade. */
export type UpgradeFormat = 'text' | 'json' | 'markdown';

/** How it can be printed; `text` is empty where there is nothing worth telling. */
export const upgradeFormats: FormatTable<UpgradeFormat, [report: UpgradeReport, isWorthTelling: boolean]> = {
  text: async () => {
    const { formatUpgradeText } = await import('./text.ts');
    return (report, isWorthTelling) => (isWorthTelling ? formatUpgradeText(report) : printedLines([]));
  },
  json: async () => (await import('./json.ts')).formatUpgradeJson,
  markdown: async () => (await import('./markdown.ts')).formatUpgradeMarkdown,
};
