import type { FormatTable } from '../format-table.ts';
import type { PrinterOptions, ProxyPrinter } from './proxy-printer.ts';

/** Formats of `mesh translate`. */
export type TranslateFormat = 'json' | 'yaml' | 'config-dump' | 'envoy';

/** How compiled proxies can be printed, one after the other. */
export const translateFormats: FormatTable<TranslateFormat, [options: PrinterOptions], ProxyPrinter> = {
  json: async () => (await import('./xds.ts')).xdsJsonPrinter,
  yaml: async () => (await import('./xds.ts')).xdsYamlPrinter,
  'config-dump': async () => (await import('./envoy.ts')).configDumpPrinter,
  envoy: async () => (await import('./envoy.ts')).envoyPrinter,
};
