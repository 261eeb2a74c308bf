import type { TracedRequest } from '../../operations/trace/follow.ts';
import type { FormatTable } from '../format-table.ts';
import type { TracePrinting } from './trace.ts';

/** Formats of `mesh trace`. */
export type TraceFormat = 'text' | 'json';

/** How a trace can be printed. */
export const traceFormats: FormatTable<TraceFormat, [traced: TracedRequest, printing: TracePrinting]> = {
  text: async () => (await import('./trace.ts')).formatTraceText,
  json: async () => (await import('./trace.ts')).formatTraceJson,
};
