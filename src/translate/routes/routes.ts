import type { RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { Mesh } from '../../model/mesh.ts';
import { parseProtocol } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import type { EgressListener, Scope, SidecarView } from '../../scope/view.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { withOrigin } from '../../util/origin.ts';
import { sharedByReads } from '../../util/shared-by-reads.ts';
import { compareText } from '../../util/text.ts';
import { proxyHeadersOf } from '../listeners/proxy-headers.ts';
import { type AddressTraits, addressTraits } from '../naming/service-address.ts';
import { catchAllVirtualHost } from './catch-all.ts';
import { parseRouteName, type RouteName } from './route-name.ts';
import { createGroupBuilder } from './sidecar-groups.ts';
import { createVirtualHostBuilder } from './virtual-hosts.ts';

/** What the routes of a sidecar depend on in how its proxy is set up. */
interface RouteTraits {
  readonly includeRequestAttemptCount: boolean;
  readonly forwardedHost: boolean;
  readonly addresses: AddressTraits;
}

/** What Envoy may answer by itself, in bytes; istio route.DefaultMaxDirectResponseBodySizeBytes. */
export const MAX_DIRECT_RESPONSE_BODY_SIZE: number = 1024 * 1024;

/**
 * Builds the outbound route configurations of sidecars, by the names that their listeners give; one that nothing is known for is
 * empty. Proxies that see the same share what is built. As istio core/httproute.go buildSidecarOutboundHTTPRouteConfig.
 */
export function createRouteBuilder(
  mesh: Mesh,
): (view: SidecarView, routeNames: readonly string[]) => readonly Emitted<RouteConfiguration>[] {
  const buildGroups = createGroupBuilder(mesh);
  const buildVirtualHosts = createVirtualHostBuilder(mesh);
  const internAddresses = interner<AddressTraits>();
  const internTraits = interner<RouteTraits>();
  const traitsOf = memo((proxy: Proxy): RouteTraits => {
    const { includeRequestAttemptCount, forwardedHost } = proxyHeadersOf(proxy.proxyConfig, 'outbound');
    return internTraits({
      includeRequestAttemptCount,
      forwardedHost,
      addresses: internAddresses(addressTraits(proxy, mesh.release.behaviours)),
    });
  });

  const virtualHosts = sharedByReads(
    clientTwin,
    (client: Client, scope: Scope, listener: EgressListener, listenPort: number, traits: RouteTraits): readonly VirtualHost[] => {
      const groups = buildGroups(client, scope.shared, listener, listenPort, traits.forwardedHost);
      return buildVirtualHosts(groups, {
        namespace: scope.namespace,
        listenPort,
        includeRequestAttemptCount: traits.includeRequestAttemptCount,
        traits: traits.addresses,
      });
    },
  );
  const byDomain = memo(indexByDomain);
  const catchAll = memo((scope: Scope, traits: RouteTraits) => scopeCatchAll(scope, traits));

  const configuration = sharedByReads(
    clientTwin,
    (client: Client, scope: Scope, name: string, traits: RouteTraits): Emitted<RouteConfiguration> => {
      const parsed = parseRouteName(name);
      if (parsed === undefined) return emit({ name, validateClusters: false });
      const listener = egressListenerFor(scope, name, parsed.port);
      const all = listener ? virtualHosts(client, scope, listener, servedPort(listener, parsed), traits) : [];
      const hosts = parsed.service ? virtualHostsOfService(byDomain(all), parsed.service) : [...all, catchAll(scope, traits)];
      return emit({
        name,
        ...(hosts.length > 0 && { virtualHosts: hosts }),
        validateClusters: false,
        maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_SIZE,
        ignorePortInHostMatching: true,
      });
    },
  );

  return ({ proxy, scope, client }, routeNames) => {
    const traits = traitsOf(proxy);
    return routeNames.map((name) => configuration(client, scope, name, traits));
  };
}

function emit(value: RouteConfiguration): Emitted<RouteConfiguration> {
  return { value, site: { context: 'SIDECAR_OUTBOUND' } };
}

/** The egress listener that a route configuration belongs to; as istio model/sidecar.go GetEgressListenerForRDS. */
function egressListenerFor({ egressListeners }: Scope, name: string, port: number): EgressListener | undefined {
  return egressListeners.find(({ listener }) => {
    if (listener?.port === undefined) return true;
    if ((listener.port.number ?? 0) !== port) return false;
    return port !== 0 || (listener.bind ?? '') === name;
  });
}

/** A listener that works as an HTTP proxy serves all ports. */
function servedPort({ listener }: EgressListener, { port }: RouteName): number {
  return parseProtocol(listener?.port?.protocol ?? '') === 'HTTP_PROXY' ? 0 : port;
}

function scopeCatchAll(scope: Scope, traits: RouteTraits): VirtualHost {
  const asked = scope.sidecar?.spec.outboundTrafficPolicy !== undefined;
  return withOrigin(catchAllVirtualHost(scope, traits), asked ? scope.sidecar : undefined, ['spec', 'outboundTrafficPolicy']);
}

function indexByDomain(virtualHosts: readonly VirtualHost[]): ReadonlyMap<string, VirtualHost> {
  return new Map(virtualHosts.flatMap((virtualHost) => (virtualHost.domains ?? []).map((domain) => [domain, virtualHost])));
}

/**
 * The routes of one service on a port whose protocol Envoy detects: its listener gets requests for this service alone, whatever
 * host they name. As istio core/httproute.go getVirtualHostsForSniffedServicePort.
 */
function virtualHostsOfService(
  byDomain: ReadonlyMap<string, VirtualHost>,
  { host, name }: NonNullable<RouteName['service']>,
): readonly VirtualHost[] {
  const found = [...new Set([byDomain.get(name) ?? [], byDomain.get(host) ?? []].flat())];
  const [only] = found;
  if (only !== undefined && found.length === 1) return [{ ...only, domains: ['*'] }];
  return found.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
}
