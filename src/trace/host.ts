import type { LbEndpoint } from '../envoy/api.gen.ts';
import { formatHostPort } from '../util/host-port.ts';

/** A place that a cluster sends to, or the address of a Service. */
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

/** The host at an address of which nothing else is known. */
export function hostAt(ip: string, port: number): Host {
  return { destination: { ip, port }, label: formatHostPort(ip, port), hostname: '', endpoint: undefined, cause: undefined };
}
