import { isAny } from '../../envoy/any.ts';
import type { FilterChain, Metadata, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { isObject } from '../../util/object.ts';
import { originOf } from '../../util/origin.ts';
import { nameOf } from './context.ts';

const MANAGER = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The resource that made a cluster or route. */
export interface Maker {
  /** As in the metadata (`virtual-service`, `destination-rule`), or that of the resource. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** The service whose makers are looked for. */
export interface ServiceAtPort {
  readonly hostname: string;
  readonly port: number;
}

/** The DestinationRule behind the first outbound cluster of a service; istioctl getIstioDestinationRuleNameForSvc. */
export function destinationRuleBehind({ clusters }: XdsSnapshot, { hostname, port }: ServiceAtPort): Maker | undefined {
  const found = clusters.find(
    ({ name = '' }) => name.startsWith('outbound|') && name.includes(`|${port}|`) && name.endsWith(`|${hostname}`),
  );
  return makerOf(found?.metadata);
}

/** The VirtualService behind the first route that leads to a service; istioctl getIstioVirtualServiceNameForSvc. */
export function virtualServiceBehind({ routes }: XdsSnapshot, service: ServiceAtPort): Maker | undefined {
  for (const { name = '', virtualHosts = [] } of routes) {
    if (name !== String(service.port) && !name.startsWith('http.') && !name.startsWith('https.')) continue;
    for (const virtualHost of virtualHosts) {
      const found = (virtualHost.routes ?? []).find((route) => isOf(virtualHost, service) || leadsTo(route.route, service));
      if (found !== undefined) return makerOf(found.metadata);
    }
  }
  return undefined;
}

/** The DestinationRule behind the first cluster by which a waypoint reaches a service. */
export function destinationRuleAtWaypoint({ clusters }: XdsSnapshot, service: ServiceAtPort): Maker | undefined {
  const found = clusters.find(({ name = '' }) => isVip(name, service));
  return makerOf(found?.metadata);
}

/** The chains of a waypoint for a port of a service. */
export function chainsAtWaypoint({ listeners }: XdsSnapshot, service: ServiceAtPort): readonly FilterChain[] {
  const main = listeners.find(({ name }) => name === 'main_internal');
  return (main?.filterChains ?? []).filter(({ name = '' }) => isVip(name, service));
}

/** What made the first route of a waypoint for a service, where it is not the one that every service has. */
export function makerOfRoutesAtWaypoint(snapshot: XdsSnapshot, service: ServiceAtPort): Maker | undefined {
  const routes = chainsAtWaypoint(snapshot, service).flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }) =>
      isAny(typedConfig, MANAGER)
        ? (typedConfig.routeConfig?.virtualHosts ?? []).flatMap(({ routes: ofHost = [] }) => ofHost)
        : [],
    ),
  );
  const maker = routes
    .map((route) => originOf(route)?.resource)
    .find((resource) => resource !== undefined && resource.kind !== 'Service');
  return maker && { kind: maker.kind, ...nameOf(maker) };
}

/** Whether a cluster, or the chain that is called as it, is that of a waypoint for a port of a service. */
function isVip(name: string, { hostname, port }: ServiceAtPort): boolean {
  return name.startsWith(`inbound-vip|${port}|`) && name.endsWith(`|${hostname}`);
}

function isOf({ domains = [] }: VirtualHost, { hostname }: ServiceAtPort): boolean {
  return domains.includes(hostname);
}

interface Action {
  readonly cluster?: string;
  readonly weightedClusters?: { readonly clusters?: readonly { readonly name?: string }[] };
}

function leadsTo(action: Action | undefined, { hostname, port }: ServiceAtPort): boolean {
  const name = action?.cluster ?? action?.weightedClusters?.clusters?.[0]?.name ?? '';
  return name.startsWith(`outbound|${port}|`) && name.endsWith(`|${hostname}`);
}

function makerOf(metadata: Metadata | undefined): Maker | undefined {
  const istio = metadata?.filterMetadata?.istio;
  const config = isObject(istio) && typeof istio.config === 'string' ? istio.config : '';
  const [, , , , , namespace, kind, name] = config.split('/');
  return namespace && kind && name ? { kind, name, namespace } : undefined;
}
