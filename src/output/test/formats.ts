import type { TestReport } from '../../operations/request-tables/report.ts';
import type { Painter } from '../diagnostics.ts';
import type { FormatTable } from '../format-table.ts';
import type { Repository } from '../repository.ts';

/** Formats of `mesh test`. */
export type TestFormat = 'text' | 'junit' | 'github' | 'json';

/** How the results of request tables can be printed. */
export const testFormats: FormatTable<TestFormat, [report: TestReport, paint: Painter, repository: Repository]> = {
  text: async () => (await import('./report.ts')).formatTestText,
  junit: async () => (await import('./report.ts')).formatTestJunit,
  github: async () => (await import('./report.ts')).formatTestGithub,
  json: async () => (await import('./report.ts')).formatTestJson,
};
