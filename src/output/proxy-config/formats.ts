import type { ConfigDump } from '../../envoy/config-dump.ts';
import type { Printable } from '../escape/printable.ts';
import type { FormatTable } from '../format-table.ts';
import type { ClusterStatus } from './cluster-statuses.ts';
import type { DumpPart, PrintOptions } from './print.ts';

/** Formats of `mesh proxy-config`. */
export type ProxyConfigFormat = 'short' | 'json' | 'yaml';

/** A dump as a whole, in the forms in which one may want it. */
export interface WholeDump {
  /** As text. */
  text(): string;
  /** As a value. */
  value(): unknown;
  dump(): ConfigDump;
}

/** How what a proxy has is printed in one format. */
export interface ProxyConfigPrinter {
  /** One part; throws MissingSection or NothingFound, whose messages are istioctl's. */
  part(dump: ConfigDump, part: DumpPart, options: PrintOptions): Printable;
  /** What `/clusters` of the proxy's Envoy tells. */
  endpoints(statuses: readonly ClusterStatus[], options: PrintOptions): Printable;
  /** All parts, one after the other, so that what stands before a missing section is printed; throws like `part`. */
  all(dump: WholeDump, options: PrintOptions): Iterable<Printable>;
}

/** How what a proxy has can be printed. */
export const proxyConfigFormats: FormatTable<ProxyConfigFormat, [], ProxyConfigPrinter> = {
  short: async () => (await import('./print.ts')).tablePrinter,
  json: async () => (await import('./print.ts')).jsonPrinter,
  yaml: async () => (await import('./print.ts')).yamlPrinter,
};
