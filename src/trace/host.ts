import type { LbEndpoint } from '../envoy/api.gen.ts';

/** A place that a cluster sends to. */
export interface Host {
  readonly destination: { readonly ip: string; readonly port: number } | { readonly socket: string };
  readonly label: string;
  readonly hostname: string;
  readonly endpoint: LbEndpoint | undefined;
  /** The value whose origin says where it comes from. */
  readonly cause: unknown;
  /** The pods of other hosts for which this one stands. */
  readonly kin?: readonly string[];
}
