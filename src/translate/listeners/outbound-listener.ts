import type { MeshConfig } from '../../api/istio.gen.ts';
import type { Listener, NetworkFilter } from '../../envoy/api.gen.ts';
import { invariant } from '../../util/assert.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { withOrigin } from '../../util/origin.ts';
import { type AddressTraits, localhosts } from '../naming/service-address.ts';
import { EXTENSION_PHASES, networkExtensions, sniDynamicForwardProxyName } from '../network-filters/network-filters.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { acceptLimit } from './accept-limit.ts';
import { additionalAddresses, buildAddress, listenerName } from './address.ts';
import { buildFilterChain, type HttpContent, matchesAll } from './filter-chain.ts';
import { buildHttpConnectionManager, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';
import { httpInspector, tlsInspector } from './listener-filters.ts';
import type { ListenerPlan } from './outbound-plan.ts';

/** What outbound listeners depend on in the proxy; HTTP traits are there for those that have HTTP chains. */
export interface OutboundTraits {
  readonly http: HttpTraits | undefined;
  readonly tcp: TcpTraits;
  /** Spread connections evenly over Envoy's threads. */
  readonly exactBalance: boolean;
}

/** Whether a listener has a chain that looks into requests. */
export function hasHttp({ chains }: ListenerPlan): boolean {
  return chains.some(({ content }) => content.kind === 'http');
}

/** The listener that takes requests as an HTTP proxy does (meshConfig.proxyHttpPort); istio listener.go buildHTTPProxy. */
export function planHttpProxy(port: number, addresses: AddressTraits): ListenerPlan {
  const content: HttpContent = {
    kind: 'http',
    routeName: 'http_proxy',
    protocol: 'HTTP_PROXY',
    service: undefined,
    isHttpProxy: true,
  };
  return { binds: localhosts(addresses), bindToPort: true, port, chains: [{ match: {}, content }], protocol: 'HTTP_PROXY' };
}

/**
 * The listener of a plan. Where no chain takes everything, the rest falls through to where unknown traffic goes.
 * As istio pilot/pkg/networking/core/listener.go buildListenerFromEntry.
 */
export function buildOutboundListener(
  config: MeshConfig,
  plan: ListenerPlan,
  traits: OutboundTraits,
  fallthrough: readonly NetworkFilter[],
): Listener {
  const [bind = '', ...others] = plan.binds;
  const name = listenerName(bind, plan.port);
  const { behaviours } = traits.tcp;
  const inspectsHttp = plan.chains.some(({ match }) => match.applicationProtocols?.length);
  const listenerFilters = [...(needsTlsInspector(plan) ? [tlsInspector] : []), ...(inspectsHttp ? [httpInspector] : [])];
  const built = plan.chains.map((chain) => {
    const filters = chain.content.kind === 'tcp' ? chain.content.filters : httpFilters(config, chain.content, plan, traits);
    const filterChain = withOrigin(buildFilterChain(chain, filters, behaviours), chain.origin?.resource, chain.origin?.path);
    return { isDefault: matchesAll(chain.match), filterChain };
  });
  const matching = built.filter(({ isDefault }) => !isDefault).map(({ filterChain }) => filterChain);
  const whole = built.findLast(({ isDefault }) => isDefault)?.filterChain;
  return {
    name,
    address: buildAddress(bind, plan.port),
    ...additionalAddresses(others, plan.port),
    trafficDirection: 'OUTBOUND',
    continueOnListenerFiltersTimeout: true,
    ...(traits.exactBalance && { connectionBalanceConfig: { exactBalance: {} } }),
    ...(plan.bindToPort ? acceptLimit(behaviours) : { bindToPort: false }),
    ...(listenerFilters.length > 0 && { listenerFilters }),
    listenerFiltersTimeout: inspectsHttp ? (canonicalDuration(config.protocolDetectionTimeout) ?? '0s') : '0s',
    ...(whole !== undefined && matching.length === 0
      ? { filterChains: [whole] }
      : {
          filterChains: matching,
          defaultFilterChain: whole ?? { filterChainMatch: {}, name: 'PassthroughFilterChain', filters: fallthrough },
        }),
  };
}

function needsTlsInspector({ chains }: ListenerPlan): boolean {
  return chains.some(
    ({ match, content }) =>
      match.serverNames?.length ||
      (content.kind === 'tcp' && content.filters.some((filter) => filter.name === sniDynamicForwardProxyName)),
  );
}

function httpFilters(
  config: MeshConfig,
  { routeName, protocol, service, isHttpProxy }: HttpContent,
  { binds, port }: ListenerPlan,
  { http, tcp }: OutboundTraits,
): readonly NetworkFilter[] {
  invariant(http !== undefined, 'a listener with HTTP chains is built without HTTP traits');
  const manager = buildHttpConnectionManager(config, {
    traits: http,
    statPrefix: `outbound_${listenerName(binds[0] ?? '', port)}`,
    routes: { rds: routeName },
    protocol,
    port,
    service,
    useRemoteAddress: !isHttpProxy && http.behaviours.sidecarUseRemoteAddress,
    // The HTTP proxy exchanges metadata with everyone, whatever proxyHeaders say.
    ...(isHttpProxy && { inMeshMetadataOnly: false }),
    fields: { ...headerFields(http), ...(isHttpProxy && { httpProtocolOptions: { allowAbsoluteUrl: true } }) },
  });
  return [...networkExtensions(tcp, port, EXTENSION_PHASES), httpConnectionManagerFilter(manager)];
}
