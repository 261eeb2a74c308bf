import type { HTTPRoute } from '../../../../src/api/istio.gen.ts';
import type { Kind, SpecOf } from '../../../../src/api/kinds.ts';
import type { Route } from '../../../../src/envoy/api.gen.ts';
import { selects } from '../../../../src/model/labels.ts';
import type { Service } from '../../../../src/model/registry/service.ts';
import { buildVirtualServices } from '../../../../src/model/traffic/virtual-services.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Labels, ResourceOf } from '../../../../src/resource/resource.ts';
import type { SourceDocument } from '../../../../src/source/document.ts';
import type { AddressTraits } from '../../../../src/translate/naming/service-address.ts';
import { destinationCluster } from '../../../../src/translate/routes/destination.ts';
import { buildRoutesForVirtualService } from '../../../../src/translate/routes/route.ts';
import type { RouteContext } from '../../../../src/translate/routes/route-input.ts';
import { deepFreeze } from '../../../../src/util/object.ts';

const document: SourceDocument = {
  file: 'shop.yaml',
  index: 0,
  value: undefined,
  locate: () => ({ file: 'shop.yaml', line: 1, column: 1 }),
};

/** A resource of namespace `shop`. */
export function resource<K extends Kind>(
  kind: K,
  name: string,
  spec: SpecOf<K>,
  over: Partial<ResourceOf<K>> = {},
): ResourceOf<K> {
  const group = 'networking.istio.io';
  const made: unknown = deepFreeze({
    kind,
    group,
    version: 'v1beta1',
    namespace: 'shop',
    labels: {},
    annotations: {},
    document,
    name,
    spec,
    ...over,
  });
  return made as ResourceOf<K>;
}

/** The Kubernetes Service `cart` of namespace `shop`, without address. */
export function service(over: Partial<Service> = {}): Service {
  return {
    hostname: 'cart.shop.svc.cluster.local',
    name: 'cart',
    objectName: '',
    namespace: 'shop',
    registry: 'Kubernetes',
    ports: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    address: '0.0.0.0',
    addresses: [],
    allocatedAddresses: [],
    resolution: 'clientSide',
    meshExternal: false,
    serviceAccounts: [],
    visibility: { everywhere: true, nowhere: false, namespaces: new Set(), explicit: false },
    createdAt: 0,
    labels: {},
    selector: undefined,
    externalName: '',
    aliases: [],
    trafficDistribution: 'any',
    nodeLocal: false,
    passthroughTargetPorts: new Map(),
    raceFirstTcpConnect: false,
    externalAddresses: [],
    resource: resource('Service', 'cart', {}),
    ...over,
  };
}

/** The virtual service `cart` of namespace `shop` with these HTTP rules, resolved. */
export function virtualService(
  http: readonly HTTPRoute[],
  over: Partial<ResourceOf<'VirtualService'>> = {},
): ResourceOf<'VirtualService'> {
  const written = resource('VirtualService', 'cart', { hosts: ['cart'], http }, over);
  const [resolved] = buildVirtualServices([written], {}, 'cluster.local').all;
  if (resolved === undefined) throw new Error('not a root');
  return resolved;
}

/** A client of namespace `web`. */
export function clientWith(labels: Labels): RouteContext['client'] {
  return { carries: (wanted) => selects(wanted, labels), namespace: () => 'web' };
}

/** For a plain sidecar of namespace `web`, on port 80, that knows no service. */
export function routeContext(over: Partial<RouteContext> = {}): RouteContext {
  return {
    behaviours: defaultRelease.behaviours,
    client: clientWith({}),
    gatewayNames: new Set(['mesh']),
    listenPort: 80,
    isTls: false,
    defaultRetries: undefined,
    appendForwardedHost: false,
    lookupService: () => undefined,
    lookupCluster: destinationCluster,
    lookupHash: () => undefined,
    ...over,
  };
}

/** The routes of these rules, as JSON prints them. */
export function routesOf(http: readonly HTTPRoute[], over: Partial<RouteContext> = {}, annotations = {}): readonly Route[] {
  return plain(buildRoutesForVirtualService(virtualService(http, { annotations }), routeContext(over)));
}

/** The only route of a rule. */
export function routeOf(rule: HTTPRoute, over: Partial<RouteContext> = {}, annotations = {}): Route {
  const [route, ...rest] = routesOf([rule], over, annotations);
  if (route === undefined || rest.length > 0) throw new Error(`expected one route, got ${rest.length + (route ? 1 : 0)}`);
  return route;
}

/** Without origins, as JSON prints it. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A rule that sends everything to `cart`. */
export const toCart: HTTPRoute = { route: [{ destination: { host: 'cart' } }] };

/** How converted Gateway API routes are marked. */
export const gatewayApi = { 'internal.istio.io/route-semantics': 'gateway' };

/** Of a pod of IPv4 alone. */
export const ipv4: AddressTraits = {
  ipv4: true,
  ipv6: false,
  dualStack: false,
  seesBothFamilies: false,
  usesAllocatedAddresses: false,
  clusterId: 'Kubernetes',
};
