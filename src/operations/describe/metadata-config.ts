import type { Metadata, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { isObject } from '../../util/object.ts';

/** The resource that the metadata of a cluster or route names as its maker. */
export interface Maker {
  /** As in the path: `virtual-service`, `destination-rule`. */
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
