import type { Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { Mesh } from '../../model/mesh.ts';
import { parseProtocol } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import { hasConnectionRoutes } from '../../model/traffic/connection-routes.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { EgressListener, SharedScope, SidecarView } from '../../scope/view.ts';
import { haveSameMembers } from '../../util/collections.ts';
import { interner } from '../../util/intern.ts';
import { memo, memoLatest } from '../../util/memo.ts';
import { sharedByReads } from '../../util/shared-by-reads.ts';
import {
  type AddressTraits,
  ANY_ADDRESS,
  addressTraits,
  anyAddress,
  localhosts,
  serviceAddress,
} from '../naming/service-address.ts';
import type { ListenerPort } from '../network-filters/outbound.ts';
import { proxyFlag, proxyMetadata } from '../traits/proxy-metadata.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { isListenerAddress, UNIX_SOCKET_PREFIX } from './address.ts';
import type { ChainPlan } from './filter-chain.ts';
import { createServiceChainBuilder, type OutboundClient, type ServiceChainBuilder } from './outbound-chains.ts';
import { buildOutboundListener, hasHttp, type OutboundTraits, planHttpProxy } from './outbound-listener.ts';
import { createListenerPlanner, isConnectionPort, type ListenerPlace, type ListenerPlan } from './outbound-plan.ts';
import { canListen, isUnprivileged, virtualListenerPorts } from './ports.ts';
import { buildForwardingChain, buildVirtualOutbound, catchAllCluster, catchAllFilters } from './virtual-outbound.ts';

/** What the outbound listeners of a scope depend on in how a proxy is set up, beside its filters; equal ones are one object. */
interface ListenerTraits {
  /** No traffic is redirected: every listener binds to its port. */
  readonly bindsToPorts: boolean;
  readonly unprivileged: boolean;
  readonly addresses: AddressTraits;
  readonly exactBalance: boolean;
}

/** A listener that is done, or the plan of one that has yet to get its HTTP filters. */
type Prepared = Emitted<Listener> | ListenerPlan;

/**
 * Builds the listeners for what leaves the workload. Proxies of one scope with equal traits share them.
 * As istio pilot/pkg/networking/core/listener.go buildSidecarOutboundListeners, buildHTTPProxy.
 */
export function createOutboundListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: SidecarView) => Emitted<Listener>[] {
  const internTraits = interner<ListenerTraits>();
  const headlessOf = memo((scope: SharedScope) => headlessEndpoints(mesh, scope));
  const traitsOf = memo(
    (proxy: Proxy): ListenerTraits =>
      internTraits({
        bindsToPorts: proxy.interceptionMode === 'NONE',
        unprivileged: isUnprivileged(proxy),
        addresses: addressTraits(proxy, mesh.release.behaviours),
        exactBalance: proxyFlag(proxy, 'OUTBOUND_LISTENER_EXACT_BALANCE'),
      }),
  );
  const catchAll = memo((cluster: string, tcp: TcpTraits) => catchAllFilters(tcp, cluster));
  const serviceChain = createServiceChainBuilder(mesh.config);
  const build = (plan: ListenerPlan, listenerTraits: OutboundTraits, cluster: string): Emitted<Listener> =>
    emit(buildOutboundListener(mesh.config, plan, listenerTraits, catchAll(cluster, listenerTraits.tcp)));

  const connectionListener = shareByChains(build);
  const prepare = sharedByReads(
    clientTwin,
    (client: Client, scope: SharedScope, listenerTraits: ListenerTraits, tcp: TcpTraits): readonly Prepared[] => {
      const context: PlanningContext = {
        mesh,
        scope,
        client,
        traits: listenerTraits,
        tcp,
        towards: traits.towards,
        serviceChain,
        ownAddress: client.addressAmong(headlessOf(scope)),
      };
      return planListeners(context).map((plan) => {
        if (hasHttp(plan)) return plan;
        const { exactBalance } = listenerTraits;
        return connectionListener(plan, { exactBalance, tcp, http: undefined }, catchAllCluster(scope));
      });
    },
  );
  // Those with HTTP are of one workload: its replicas come one after the other.
  const ofServices = memoLatest(
    (all: readonly Prepared[], scope: SharedScope, listenerTraits: ListenerTraits, tcp: TcpTraits, http: HttpTraits) =>
      all.map((prepared) =>
        'value' in prepared ? prepared : build(prepared, { ...listenerTraits, tcp, http }, catchAllCluster(scope)),
      ),
  );

  return (view) => {
    const { proxy, scope } = view;
    const tcp = traits.tcp(view, 'outbound');
    const http = traits.http(view, 'outbound');
    const listenerTraits = traitsOf(proxy);
    const prepared = prepare(view.client, scope.shared, listenerTraits, tcp);
    const cluster = catchAllCluster(scope);
    const proxyPort = httpProxyPort(mesh, proxy);
    const httpProxy =
      proxyPort > 0 ? [build(planHttpProxy(proxyPort, listenerTraits.addresses), { ...listenerTraits, tcp, http }, cluster)] : [];
    const { listener: accessLog } = traits.telemetry.accessLogs(view, 'outbound');
    const virtual = buildVirtualOutbound(
      mesh.config,
      proxy.interceptionMode,
      cluster,
      { tcp, addresses: listenerTraits.addresses },
      accessLog,
      buildForwardingChain(mesh.config, scope, http),
    );
    return [...ofServices(prepared, scope.shared, listenerTraits, tcp, http), ...httpProxy, ...(virtual ? [emit(virtual)] : [])];
  };
}

function emit(value: Listener): Emitted<Listener> {
  return { value, site: { context: 'SIDECAR_OUTBOUND' } };
}

/** The port on which the proxy serves HTTP clients as their proxy; 0 for none. */
function httpProxyPort(mesh: Mesh, proxy: Proxy): number {
  const own = proxyMetadata(proxy, 'HTTP_PROXY_PORT') ?? '';
  return /^\d+$/.test(own) ? Number(own) : (mesh.config.proxyHttpPort ?? 0);
}

/**
 * Listeners without HTTP depend on little but their chains, which clients of many namespaces have in common: remembers each by its
 * chains, where it listens, and where it sends what they do not take.
 */
function shareByChains(
  build: (plan: ListenerPlan, traits: OutboundTraits, catchAll: string) => Emitted<Listener>,
): (plan: ListenerPlan, traits: OutboundTraits, catchAll: string) => Emitted<Listener> {
  const known = new WeakMap<ChainPlan, Map<string, { readonly plan: ListenerPlan; readonly listener: Emitted<Listener> }>>();
  return (plan, traits, catchAll) => {
    const [first] = plan.chains;
    if (first === undefined) return build(plan, traits, catchAll);
    const key = `${plan.binds.join()}|${plan.port}|${plan.bindToPort}|${traits.exactBalance}|${catchAll}`;
    let byPlace = known.get(first);
    if (byPlace === undefined) {
      byPlace = new Map();
      known.set(first, byPlace);
    }
    const shared = byPlace.get(key);
    if (shared !== undefined && haveSameMembers(shared.plan.chains, plan.chains)) return shared.listener;
    const listener = build(plan, traits, catchAll);
    byPlace.set(key, { plan, listener });
    return listener;
  };
}

/** Addresses of the endpoints for which a scope has listeners of their own. */
function headlessEndpoints(mesh: Mesh, scope: SharedScope): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const { services } of scope.egressListeners) {
    for (const service of services) {
      if (service.resolution !== 'passthrough' || service.address !== ANY_ADDRESS) continue;
      for (const port of service.ports) {
        for (const { address } of mesh.registry.endpointsOf(service, port)) addresses.add(address);
      }
    }
  }
  return addresses;
}

/** What the plans of the listeners of a scope depend on. */
interface PlanningContext {
  readonly mesh: Mesh;
  readonly scope: SharedScope;
  readonly client: Client;
  readonly traits: ListenerTraits;
  readonly tcp: TcpTraits;
  readonly towards: ProxyTraits['towards'];
  readonly serviceChain: ServiceChainBuilder;
  /** The proxy's own address, where it is behind a headless service of the scope. */
  readonly ownAddress: string | undefined;
}

function planListeners(context: PlanningContext): readonly ListenerPlan[] {
  const { mesh, scope, client, traits, tcp, towards, serviceChain } = context;
  const outboundClient: OutboundClient = {
    config: mesh.config,
    traits: tcp,
    traitsTowards: memo((service) => towards(tcp, client.policiesTowards(service.namespace))),
    serviceChain,
    namespace: client.namespace,
    carries: client.carries,
    domainSuffix: mesh.domainSuffix,
    serviceByHostname: (hostname) => scope.serviceByHostname(hostname),
    destinationRule: (hostname) => destinationRuleOf(scope, client, hostname)?.rule.spec,
  };
  const planner = createListenerPlanner(outboundClient, traits.addresses);
  const reserved = virtualListenerPorts(mesh.config);
  const anywhere = anyAddress(traits.addresses);
  for (const egress of scope.egressListeners) {
    const bindToPort = traits.bindsToPorts || bindsToPort(egress);
    const binds = egress.listener?.bind ? [egress.listener.bind] : bindToPort ? localhosts(traits.addresses) : [];
    const bind = binds[0] ?? '';
    const place: ListenerPlace = { binds, bindToPort, virtualServices: connectionVirtualServices(egress) };
    const mayListen = (port: ListenerPort): boolean =>
      canListen({ bindToPort, bind, anywhere, port: port.port, protocol: port.protocol }, traits.unprivileged, reserved);

    const written = egress.listener?.port;
    if (written !== undefined) {
      const port: ListenerPort = {
        port: written.number ?? 0,
        name: written.name ?? '',
        protocol: parseProtocol(written.protocol ?? ''),
      };
      if (!mayListen(port)) continue;
      for (const service of egress.services) planner.add(service, port, place);
      continue;
    }
    // The listeners that a Sidecar names with their ports hold what it says and no more.
    planner.lock();
    for (const service of egress.services) {
      for (const port of service.ports) {
        if (!mayListen(port)) continue;
        const endpoints = headlessAddresses(context, service, port, place);
        if (endpoints === undefined) planner.add(service, port, place);
        else for (const binds of endpoints) planner.add(service, port, { ...place, binds });
      }
    }
  }
  return planner.plans();
}

/** Whether the Sidecar wants a listener of the operating system, which a unix domain socket always is. */
function bindsToPort({ listener }: EgressListener): boolean {
  return listener?.captureMode === 'NONE' || listener?.bind?.startsWith(UNIX_SOCKET_PREFIX) === true;
}

/** The only virtual services that show in listeners: those of HTTP are in routes. */
function connectionVirtualServices({ virtualServices }: EgressListener): readonly ResourceOf<'VirtualService'>[] {
  return virtualServices.filter(hasConnectionRoutes);
}

/**
 * A headless service has no address of its own: for anything but HTTP, each of its endpoints gets a listener, but for the proxy's
 * own, which is inbound. A ServiceEntry without endpoints (resolution NONE) stands for any address. Undefined for other services.
 */
function headlessAddresses(
  { mesh, traits, ownAddress }: PlanningContext,
  service: Service,
  port: ListenerPort,
  { binds }: ListenerPlace,
): readonly (readonly string[])[] | undefined {
  const isHeadless =
    service.resolution === 'passthrough' &&
    binds.length === 0 &&
    isConnectionPort(port.protocol) &&
    serviceAddress(service, traits.addresses) === ANY_ADDRESS;
  if (!isHeadless) return undefined;
  const endpoints = mesh.registry.endpointsOf(service, port);
  if (endpoints.length === 0 && service.registry !== 'Kubernetes' && service.selector === undefined) return undefined;
  return endpoints
    .map(({ address, additionalAddresses }) => [address, ...additionalAddresses])
    .filter((addresses) => addresses.every(isListenerAddress) && addresses[0] !== ownAddress);
}
