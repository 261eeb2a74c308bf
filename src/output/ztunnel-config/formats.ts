import type { Printable } from '../escape/printable.ts';
import type { FormatTable } from '../format-table.ts';
import type { ZtunnelConfigChoice } from './choice.ts';

/** Formats of `mesh ztunnel-config`. */
export type ZtunnelConfigFormat = 'short' | 'json' | 'yaml';

/** What `mesh ztunnel-config` prints, in one format; `text` is the dump where it came as a text. */
export type ZtunnelConfigPrinter = readonly [
  dump: { readonly value: unknown; readonly text: string },
  choice: ZtunnelConfigChoice,
];

/** How what a ztunnel has can be printed. */
export const ztunnelConfigFormats: FormatTable<ZtunnelConfigFormat, ZtunnelConfigPrinter, Printable> = {
  short: async () => (await import('./tables.ts')).ztunnelTables,
  json: async () => (await import('./values.ts')).ztunnelJson,
  yaml: async () => (await import('./values.ts')).ztunnelYaml,
};
