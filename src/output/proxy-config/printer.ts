import type { ConfigDump } from '../../envoy/config-dump.ts';
import type { Printable } from '../escape/printable.ts';
import type { ClusterStatus } from './cluster-statuses.ts';
import type { ClusterChoice } from './clusters.ts';
import type { EndpointFilter } from './endpoints.ts';
import type { ListenerChoice } from './listeners.ts';
import type { DescribeOrigin } from './origin-column.ts';
import type { RouteFilter } from './routes.ts';

/** What of a config dump to print. */
export type DumpPart = 'listeners' | 'routes' | 'clusters' | 'eds' | 'ecds' | 'bootstrap' | 'secret';

/** How to print it: the flags of istioctl. */
export interface PrintOptions {
  readonly listeners: ListenerChoice;
  readonly routes: RouteFilter;
  readonly clusters: ClusterChoice;
  readonly endpoints: EndpointFilter;
  readonly verbose: boolean;
  /** Listeners as the summary of a waypoint shows them: one row for each match of a chain. */
  readonly waypoint: boolean;
  /** Headings between the parts of `all`. */
  readonly withHeaders: boolean;
  /** Whether a part that has nothing is empty; istioctl refuses it, since a running proxy always has what its bootstrap holds. */
  readonly mayBeEmpty: boolean;
  /** Adds a column to the tables that tells who made each row. */
  readonly origins?: DescribeOrigin | undefined;
  /** Milliseconds since 1970: which certificates are valid. */
  readonly now: number;
}

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
