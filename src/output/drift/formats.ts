import type { DriftReport } from '../../operations/drift/drift.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh drift`. */
export type DriftFormat = 'text' | 'json';

/** How drift can be printed. */
export const driftFormats: FormatTable<DriftFormat, [report: DriftReport]> = {
  text: async () => (await import('./report.ts')).formatDriftText,
  json: async () => (await import('./report.ts')).formatDriftJson,
};
