import type { ProxyConfigConnectionSettings } from '../../api/istio.gen.ts';
import type {
  AccessLog,
  ClusterDnsLookupFamily,
  DnsCacheConfig,
  HttpConnectionManagerTracing,
  HttpFilter,
  NetworkFilter,
} from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Cidr } from '../../util/cidr.ts';
import type { ProxyHeaders } from '../listeners/proxy-headers.ts';
import type { ListenerClass } from './listener-class.ts';

/** When a traffic extension (Wasm, Lua) sees a request, relative to Istio's own filters. */
export type ExtensionPhase = 'AUTHN' | 'AUTHZ' | 'STATS' | 'UNSPECIFIED_PHASE';

/** A filter that a TrafficExtension or WasmPlugin adds to the listeners of a proxy. */
export interface PlacedExtension<F> {
  readonly phase: ExtensionPhase;
  readonly filter: F;
  /** Ports it is for; undefined for all. */
  readonly ports: readonly number[] | undefined;
}

/**
 * All that an HTTP connection manager depends on in the proxy it is for, on one listener class. Proxies with equal traits share
 * one object, and thus all that is built from it.
 */
export interface HttpTraits {
  /** Of the mesh. */
  readonly behaviours: Behaviours;
  /** Of the mesh: what counts as internal addresses where that is asked for. */
  readonly internalRanges: readonly Cidr[];
  readonly listenerClass: ListenerClass;
  /** The addresses that are looked up for hosts that are resolved request by request. */
  readonly forwardLookupFamily: ClusterDnsLookupFamily;
  /** Limits and timeouts of its clients' connections. */
  readonly connectionSettings: ProxyConfigConnectionSettings | undefined;
  /** Where hosts that nothing is known of are resolved for outbound requests; undefined where they are not. */
  readonly unknownHosts: DnsCacheConfig | undefined;
  readonly headers: ProxyHeaders;
  readonly preserveHeaderCase: boolean;
  readonly acceptHttp10: boolean;
  readonly idleTimeout: string | undefined;
  readonly accessLog: readonly AccessLog[];
  readonly tracing: HttpConnectionManagerTracing | undefined;
  readonly useRequestIdForTraceSampling: boolean;
  readonly customAuthorization: readonly HttpFilter[];
  readonly authentication: readonly HttpFilter[];
  readonly authorization: readonly HttpFilter[];
  readonly stats: readonly HttpFilter[];
  /** In order of their priority within a phase. */
  readonly extensions: readonly PlacedExtension<HttpFilter>[];
}

/** All that a chain of network filters depends on in the proxy it is for, on one listener class; shared as HttpTraits are. */
export interface TcpTraits {
  /** Of the mesh. */
  readonly behaviours: Behaviours;
  readonly listenerClass: ListenerClass;
  /** The addresses that are looked up for hosts that are resolved request by request. */
  readonly forwardLookupFamily: ClusterDnsLookupFamily;
  readonly idleTimeout: string | undefined;
  readonly accessLog: readonly AccessLog[];
  readonly customAuthorization: readonly NetworkFilter[];
  readonly authorization: readonly NetworkFilter[];
  readonly stats: readonly NetworkFilter[];
  readonly extensions: readonly PlacedExtension<NetworkFilter>[];
}

/** The authorization and authentication filters of a proxy, from RequestAuthentication and AuthorizationPolicy resources. */
export interface SecurityFilters {
  /** External authorization (action CUSTOM). */
  readonly httpCustom: readonly HttpFilter[];
  /** JWT checks. */
  readonly httpAuthentication: readonly HttpFilter[];
  /** AUDIT, DENY, ALLOW. */
  readonly httpAuthorization: readonly HttpFilter[];
  readonly tcpCustom: readonly NetworkFilter[];
  readonly tcpAuthorization: readonly NetworkFilter[];
}

/** Of proxies that no policy is for. */
export const noSecurityFilters: SecurityFilters = {
  httpCustom: [],
  httpAuthentication: [],
  httpAuthorization: [],
  tcpCustom: [],
  tcpAuthorization: [],
};
