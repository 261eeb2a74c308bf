import type { Mesh } from '../model/mesh.ts';
import type { PolicyWorkload } from '../model/policies.ts';
import type { Proxy } from '../model/proxy.ts';
import { canonicalDuration } from '../util/duration.ts';
import { interner } from '../util/intern.ts';
import { memo } from '../util/memo.ts';
import { createExtensions } from './extensions/extensions.ts';
import type { ListenerClass } from './listener-class.ts';
import { proxyHeadersOf } from './listeners/proxy-headers.ts';
import { proxyMetadata } from './proxy-metadata.ts';
import { createSecurityFilters } from './security/security-filters.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { type HttpTraits, noSecurityFilters, type SecurityFilters, type TcpTraits } from './traits.ts';

/** What listeners depend on in a proxy. */
export interface ProxyTraits {
  http(proxy: Proxy, listenerClass: ListenerClass): HttpTraits;
  tcp(proxy: Proxy, listenerClass: ListenerClass): TcpTraits;
  /**
   * The outbound traits for connections to a service whose hosts are resolved on the way. istiod takes the policies of the client,
   * and of the namespace of the service, for such connections as if they were inbound; istio networkfilter.go
   * buildCompleteNetworkFilters with a service.
   */
  towards(outbound: TcpTraits, client: PolicyWorkload): TcpTraits;
  readonly telemetry: Telemetry;
}

/**
 * Collects what listeners depend on in a proxy. Outbound traits that are equal are one object, so that proxies share what is built
 * from them; inbound and gateway traits hold policies of their own workload and are kept by proxy.
 */
export function createProxyTraits(mesh: Mesh): ProxyTraits {
  const telemetry = createTelemetry(mesh);
  const security = createSecurityFilters(mesh);
  const extensions = createExtensions(mesh);
  const internHttp = interner<HttpTraits>();
  const internTcp = interner<TcpTraits>();

  // Nobody is authorized on the way out: policies are for what a workload serves.
  const securityOf = (proxy: Proxy, listenerClass: ListenerClass): SecurityFilters =>
    listenerClass === 'outbound' ? noSecurityFilters : security.filters(proxy);

  const http = memo((proxy: Proxy, listenerClass: ListenerClass): HttpTraits => {
    const filters = securityOf(proxy, listenerClass);
    const traits: HttpTraits = {
      listenerClass,
      headers: proxyHeadersOf(proxy.proxyConfig, listenerClass),
      preserveHeaderCase: proxy.proxyConfig.proxyHeaders?.preserveHttp1HeaderCase === true,
      acceptHttp10: proxyMetadata(proxy, 'HTTP10') === '1',
      idleTimeout: canonicalDuration(proxyMetadata(proxy, 'IDLE_TIMEOUT')),
      accessLog: telemetry.accessLogs(proxy, listenerClass).http,
      ...telemetry.tracing(proxy, listenerClass),
      customAuthorization: filters.httpCustom,
      authentication: filters.httpAuthentication,
      authorization: filters.httpAuthorization,
      stats: telemetry.httpStats(proxy, listenerClass),
      extensions: extensions.http(proxy, listenerClass),
    };
    return listenerClass === 'outbound' ? internHttp(traits) : traits;
  });

  const tcp = memo((proxy: Proxy, listenerClass: ListenerClass): TcpTraits => {
    const filters = securityOf(proxy, listenerClass);
    const traits: TcpTraits = {
      listenerClass,
      idleTimeout: canonicalDuration(proxyMetadata(proxy, 'IDLE_TIMEOUT')),
      accessLog: telemetry.accessLogs(proxy, listenerClass).tcp,
      customAuthorization: filters.tcpCustom,
      authorization: filters.tcpAuthorization,
      stats: telemetry.tcpStats(proxy, listenerClass),
      extensions: extensions.tcp(proxy, listenerClass),
    };
    return listenerClass === 'outbound' ? internTcp(traits) : traits;
  });

  const towards = (outbound: TcpTraits, client: PolicyWorkload): TcpTraits => {
    const { tcpCustom, tcpAuthorization } = security.tcpFilters(client);
    return {
      ...outbound,
      customAuthorization: tcpCustom,
      authorization: tcpAuthorization,
      extensions: extensions.tcp(client, 'outbound'),
    };
  };

  return { http, tcp, towards, telemetry };
}
