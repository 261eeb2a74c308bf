import type { HttpFilter } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { ConnectionPolicies } from '../../scope/client.ts';
import type { ProxyView } from '../../scope/view.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { httpExtensions, tcpExtensions } from '../extensions/extensions.ts';
import { connectionSettingsOf } from '../listeners/connection-settings.ts';
import { proxyHeadersOf } from '../listeners/proxy-headers.ts';
import { forwardLookupFamilyOf } from '../naming/lookup-family.ts';
import { unknownHostsCache } from '../naming/unknown-hosts.ts';
import type { SecurityFilterBuilder } from '../security/security-filters.ts';
import { createTelemetry, type ProxyTelemetry } from '../telemetry/telemetry.ts';
import type { ListenerClass } from './listener-class.ts';
import { proxyMetadata } from './proxy-metadata.ts';
import { type HttpTraits, noSecurityFilters, type SecurityFilters, type TcpTraits } from './traits.ts';

/** What listeners depend on in a proxy. */
export interface ProxyTraits {
  http(view: ProxyView, listenerClass: ListenerClass): HttpTraits;
  tcp(view: ProxyView, listenerClass: ListenerClass): TcpTraits;
  /**
   * The outbound traits for connections to a service whose hosts are resolved on the way. istiod takes the policies of the client,
   * and of the namespace of the service, for such connections as if they were inbound; istio networkfilter.go
   * buildCompleteNetworkFilters with a service.
   */
  towards(outbound: TcpTraits, policies: ConnectionPolicies): TcpTraits;
  /** Inbound traits of what came through a tunnel (HBONE), where the peer is known by what its end says. */
  tunnelled(view: ProxyView): { readonly http: HttpTraits; readonly tcp: TcpTraits };
  /** The authorization where tunnels (HBONE) end, where there is one beside that of what comes out of them. */
  tunnelEnd(view: ProxyView): readonly HttpFilter[];
  readonly telemetry: ProxyTelemetry;
}

/**
 * Collects what listeners depend on in a proxy. Outbound traits that are equal are one object, so that proxies share what is built
 * from them; inbound and gateway traits hold policies of their own workload and are kept by proxy.
 */
export function createProxyTraits(mesh: Mesh, security: SecurityFilterBuilder): ProxyTraits {
  const telemetry = createTelemetry(mesh);
  const { behaviours } = mesh.release;
  const internHttp = interner<HttpTraits>(textOfTraits);
  const internTcp = interner<TcpTraits>(textOfTraits);

  // Nobody is authorized on the way out: policies are for what a workload serves.
  const securityOf = (view: ProxyView, listenerClass: ListenerClass): SecurityFilters =>
    listenerClass === 'outbound' ? noSecurityFilters : security.filters(view);

  const http = memo((view: ProxyView, listenerClass: ListenerClass): HttpTraits => {
    const { proxy } = view;
    const filters = securityOf(view, listenerClass);
    const traits: HttpTraits = {
      behaviours,
      internalRanges: mesh.internalRanges,
      listenerClass,
      forwardLookupFamily: forwardLookupFamilyOf(proxy, behaviours),
      connectionSettings: connectionSettingsOf(proxy, behaviours),
      unknownHosts:
        listenerClass === 'outbound' && view.scope.resolvesUnknownHosts ? unknownHostsCache(proxy, behaviours) : undefined,
      headers: proxyHeadersOf(proxy.proxyConfig, listenerClass),
      preserveHeaderCase: proxy.proxyConfig.proxyHeaders?.preserveHttp1HeaderCase === true,
      acceptHttp10: behaviours.http10 || proxyMetadata(proxy, 'HTTP10') === '1',
      idleTimeout: canonicalDuration(proxyMetadata(proxy, 'IDLE_TIMEOUT')),
      accessLog: telemetry.accessLogs(view, listenerClass).http,
      ...telemetry.tracing(view, listenerClass),
      customAuthorization: filters.httpCustom,
      authentication: filters.httpAuthentication,
      authorization: filters.httpAuthorization,
      stats: telemetry.httpStats(view, listenerClass),
      extensions: httpExtensions(view.extensions, listenerClass),
    };
    return listenerClass === 'outbound' ? internHttp(traits) : traits;
  });

  const tcp = memo((view: ProxyView, listenerClass: ListenerClass): TcpTraits => {
    const filters = securityOf(view, listenerClass);
    const traits: TcpTraits = {
      behaviours,
      listenerClass,
      forwardLookupFamily: forwardLookupFamilyOf(view.proxy, behaviours),
      idleTimeout: canonicalDuration(proxyMetadata(view.proxy, 'IDLE_TIMEOUT')),
      accessLog: telemetry.accessLogs(view, listenerClass).tcp,
      customAuthorization: filters.tcpCustom,
      authorization: filters.tcpAuthorization,
      stats: telemetry.tcpStats(view, listenerClass),
      extensions: tcpExtensions(view.extensions, listenerClass),
    };
    return listenerClass === 'outbound' ? internTcp(traits) : traits;
  });

  const towards = (outbound: TcpTraits, { authorizationPolicies, extensions }: ConnectionPolicies): TcpTraits => {
    const { tcpCustom, tcpAuthorization } = security.tcpFilters(authorizationPolicies);
    return {
      ...outbound,
      customAuthorization: tcpCustom,
      authorization: tcpAuthorization,
      extensions: tcpExtensions(extensions, 'outbound'),
    };
  };

  const tunnelled: ProxyTraits['tunnelled'] = (view) => {
    const ofHttp = http(view, 'inbound');
    const ofTcp = tcp(view, 'inbound');
    const filters = security.tunnelFilters(view);
    return {
      http: {
        ...ofHttp,
        customAuthorization: filters.httpCustom ?? ofHttp.customAuthorization,
        authorization: filters.httpAuthorization ?? ofHttp.authorization,
      },
      tcp: {
        ...ofTcp,
        customAuthorization: filters.tcpCustom ?? ofTcp.customAuthorization,
        authorization: filters.tcpAuthorization ?? ofTcp.authorization,
      },
    };
  };

  const tunnelEnd: ProxyTraits['tunnelEnd'] = ({ layeredPolicies }) =>
    layeredPolicies === undefined ? [] : security.tunnelEndFilters(layeredPolicies);

  return { http, tcp, towards, tunnelled, tunnelEnd, telemetry };
}

/** What tells traits of one mesh from each other. */
function textOfTraits(traits: HttpTraits | TcpTraits): string {
  return JSON.stringify({ ...traits, behaviours: undefined, internalRanges: undefined });
}
