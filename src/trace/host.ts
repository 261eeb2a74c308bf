import type { LbEndpoint } from '../envoy/api.gen.ts';
import { formatHostPort, parseHostPort } from '../util/host-port.ts';
import { isObject } from '../util/object.ts';
import type { TextSource } from './recording/source.ts';

/** A place that a cluster sends to, or the address of a Service. */
export interface Host {
  readonly destination:
    | { readonly ip: string; readonly port: number }
    | { readonly socket: string }
    /** A listener of the proxy itself, from which a tunnel leads to where the endpoint says. */
    | { readonly internal: string; readonly local?: string; readonly waypoint?: string };
  readonly label: string;
  readonly hostname: string;
  /** Where its name comes from, if that is made of the request. */
  readonly nameSource?: TextSource;
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

/** The address of an endpoint; where a tunnel leads to it, that of the pod behind the tunnel. */
export function ipOfEndpoint({ endpoint }: LbEndpoint): string | undefined {
  const { socketAddress, envoyInternalAddress } = endpoint?.address ?? {};
  if (envoyInternalAddress === undefined) return socketAddress?.address;
  return parseHostPort(envoyInternalAddress.endpointId ?? '')?.host;
}

/** The port of an endpoint, in the same way. */
export function portOfEndpoint({ endpoint }: LbEndpoint): number | undefined {
  const { socketAddress, envoyInternalAddress } = endpoint?.address ?? {};
  if (envoyInternalAddress === undefined) return socketAddress?.portValue;
  return parseHostPort(envoyInternalAddress.endpointId ?? '')?.port;
}

/** Where a tunnel leads that begins at a listener of the proxy itself, as its endpoint tells that listener: to whom, and through which waypoint. */
export function tunnelOfEndpoint({ metadata }: LbEndpoint): { readonly local?: string; readonly waypoint?: string } {
  const told = metadata?.filterMetadata?.['envoy.filters.listener.original_dst'];
  const { local, waypoint } = isObject(told) ? told : {};
  return { ...(typeof local === 'string' && { local }), ...(typeof waypoint === 'string' && { waypoint }) };
}

/** The address that a host is reached at in the end; undefined for sockets and for what only passes through the proxy itself. */
export function ipOfHost({ destination }: Pick<Host, 'destination'>): string | undefined {
  if ('ip' in destination) return destination.ip;
  return 'internal' in destination ? parseHostPort(destination.waypoint ?? destination.local ?? '')?.host : undefined;
}
