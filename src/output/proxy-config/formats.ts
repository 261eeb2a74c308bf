import type { FormatTable } from '../format-table.ts';
import type { ProxyConfigPrinter } from './printer.ts';

/** Formats of `mesh proxy-config`. */
export type ProxyConfigFormat = 'short' | 'json' | 'yaml';

/** How what a proxy has can be printed. */
export const proxyConfigFormats: FormatTable<ProxyConfigFormat, [], ProxyConfigPrinter> = {
  short: async () => (await import('./print.ts')).tablePrinter,
  json: async () => (await import('./print.ts')).jsonPrinter,
  yaml: async () => (await import('./print.ts')).yamlPrinter,
};
