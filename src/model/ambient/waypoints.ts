import type { GatewayListener, RouteNamespaces } from '../../api/gateway-api.ts';
import {
  INBOUND_BINDING,
  MANAGED,
  MANAGED_EAST_WEST,
  MANAGED_GATEWAY,
  MANAGED_WAYPOINT,
  USE_WAYPOINT,
  USE_WAYPOINT_NAMESPACE,
  WAYPOINT_FOR,
} from '../../resource/ambient-labels.ts';
import { isWaypointClass, managedGatewayName } from '../../resource/gateway-classes.ts';
import { matchesSelector } from '../../resource/namespaces.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { fieldsOf, listOf, own } from '../../util/object.ts';
import { selects } from '../labels.ts';
import type { Proxy } from '../proxies/proxy.ts';
import { HBONE_PORT } from '../registry/networks.ts';
import type { Workload } from '../registry/service.ts';
import { GATEWAY_NAME_LABEL } from '../security/policies.ts';

const ADDRESS_TYPE = 'networking.istio.io/address-type';

/** Where a waypoint is reached: by the name of its Service, or by an address where its status has nothing else. */
export type WaypointAddress = { readonly hostname: string; readonly namespace: string } | { readonly address: string };

/** What ztunnel does with connections for the pods of a waypoint. */
export interface ApplicationTunnel {
  readonly protocol: 'NONE' | 'PROXY';
  /** 0 for none of its own. */
  readonly port: number;
}

/** A gateway that others can lead their traffic through; istio ambient/waypoints.go Waypoint. */
export interface Waypoint {
  readonly name: string;
  readonly namespace: string;
  readonly address: WaypointAddress;
  /** What it serves; `service` where nobody says, and other words than these four are possible. */
  readonly trafficType: string;
  readonly binding: ApplicationTunnel | undefined;
  /** Which namespaces may use it. */
  readonly allowed: RouteNamespaces;
  /** Service accounts of its pods, sorted, one for each pod. */
  readonly serviceAccounts: readonly string[];
  readonly resource: ResourceOf<'KubernetesGateway'>;
}

/** The waypoints of a mesh, by `namespace/name`. */
export type Waypoints = ReadonlyMap<string, Waypoint>;

/**
 * The waypoints among the Gateways: those that have an address. A manifest rarely holds the status that istiod writes, so a Gateway
 * of Istio's class for waypoints is taken to have the address of its Service as soon as that selects a pod.
 * As istio ambient/waypoints.go gatewayToWaypointTransform and reportGatewayStatus.
 */
export function buildWaypoints(resources: readonly Resource[], workloads: readonly Workload[], domainSuffix: string): Waypoints {
  const { of } = groupByKind(resources);
  const classes = new Map(of('GatewayClass').map((gatewayClass) => [gatewayClass.name, gatewayClass]));
  const services = new Map(of('Service').map((service) => [qualifiedName(service), service]));
  const pods = groupBy(
    workloads.filter(({ kind, ips }) => kind === 'Pod' && ips.length > 0),
    ({ namespace }) => namespace,
  );
  const addressOf = (gateway: ResourceOf<'KubernetesGateway'>): WaypointAddress | undefined => {
    const written = writtenAddress(gateway);
    if (written !== undefined) return written;
    const { gatewayClassName } = gateway.spec;
    const classSpec = classes.get(gatewayClassName)?.spec;
    if (!isWaypointClass(gatewayClassName, classSpec)) return undefined;
    const service = services.get(`${gateway.namespace}/${managedGatewayName(gateway, classSpec)}`);
    const selector = service?.spec.selector ?? {};
    if (service === undefined || Object.keys(selector).length === 0) return undefined;
    if (!(pods.get(service.namespace) ?? []).some(({ ownLabels }) => selects(selector, ownLabels))) return undefined;
    const { clusterIP = '' } = service.spec;
    if (gateway.annotations[ADDRESS_TYPE] === 'IPAddress') return isIpAddress(clusterIP) ? { address: clusterIP } : undefined;
    return { namespace: gateway.namespace, hostname: `${service.name}.${service.namespace}.svc.${domainSuffix}` };
  };
  const waypoints = of('KubernetesGateway').flatMap((gateway): Waypoint[] => {
    const { name, namespace, labels } = gateway;
    const address = addressOf(gateway);
    if (address === undefined) return [];
    const gatewayClass = classes.get(gateway.spec.gatewayClassName);
    const binding = bindingOf(gateway.annotations[INBOUND_BINDING] ?? gatewayClass?.annotations[INBOUND_BINDING]);
    const instances = (pods.get(namespace) ?? []).filter(({ ownLabels }) => ownLabels[GATEWAY_NAME_LABEL] === name);
    return [
      {
        name,
        namespace,
        address,
        trafficType: labels[WAYPOINT_FOR] ?? gatewayClass?.labels[WAYPOINT_FOR] ?? 'service',
        binding,
        allowed: allowedRoutes(gateway.spec.listeners, binding),
        serviceAccounts: instances.map(({ serviceAccount }) => serviceAccount).sort(),
        resource: gateway,
      },
    ];
  });
  return new Map(waypoints.map((waypoint) => [qualifiedName(waypoint), waypoint]));
}

/** `namespace/name`. */
export function qualifiedName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** Whether Istio's controller of waypoints made something, as its labels say. */
export function standsForWaypoint(labels: Labels): boolean {
  return own(labels, MANAGED) === MANAGED_WAYPOINT;
}

/** Whether a gateway takes what comes from outside, as its labels say; istio model IsIngressGateway. */
export function standsForIngress(labels: Labels): boolean {
  return own(labels, MANAGED) === MANAGED_GATEWAY || own(labels, 'istio') === 'ingressgateway';
}

/** Whether a proxy is a gateway between networks: it runs as a waypoint. As istio model Proxy.IsAmbientEastWestGateway. */
export function standsBetweenNetworks({ role, labels }: Pick<Proxy, 'role' | 'labels'>): boolean {
  return role === 'waypoint' && own(labels, MANAGED) === MANAGED_EAST_WEST;
}

/** The waypoint that a workload is an instance of. */
export function waypointOfInstance(waypoints: Waypoints, namespace: string, labels: Labels): Waypoint | undefined {
  const name = labels[GATEWAY_NAME_LABEL];
  return name ? waypoints.get(`${namespace}/${name}`) : undefined;
}

/** The address of a status in the manifest; names are preferred. As getGatewayAddress. */
function writtenAddress({ status, namespace }: ResourceOf<'KubernetesGateway'>): WaypointAddress | undefined {
  const addresses = listOf(fieldsOf(status).addresses).map(fieldsOf);
  const ofType = (wanted: string): string | undefined => {
    const value = addresses.find(({ type }) => type === wanted)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const hostname = ofType('Hostname');
  if (hostname !== undefined) return { hostname, namespace };
  const address = ofType('IPAddress');
  return address !== undefined && isIpAddress(address) ? { address } : undefined;
}

/** What the annotation says, `PROTOCOL` or `PROTOCOL/PORT`; nothing where it cannot be read. As makeInboundBinding. */
function bindingOf(text: string | undefined): ApplicationTunnel | undefined {
  if (text === undefined) return undefined;
  const [protocol, port, ...rest] = text.split('/');
  if (rest.length > 0 || (protocol !== 'NONE' && protocol !== 'PROXY')) return undefined;
  return { protocol, port: port !== undefined && /^\d{1,9}$/.test(port) ? Number(port) : 0 };
}

/** Whether a listener is what a waypoint is made of. */
export function isForHbone({ protocol, port }: GatewayListener): boolean {
  return protocol === 'HBONE' && port === HBONE_PORT;
}

/** The listener that a binding names. As makeAllowedRoutes. */
export function boundListener(
  listeners: readonly GatewayListener[],
  binding: ApplicationTunnel | undefined,
): GatewayListener | undefined {
  if (binding === undefined) return undefined;
  return listeners.find(({ port, protocol }) =>
    binding.port !== 0 ? port === binding.port : binding.protocol === 'PROXY' && protocol === 'istio.io/PROXY',
  );
}

/** Which namespaces the listener admits that the binding names, else the one for HBONE. As makeAllowedRoutes. */
function allowedRoutes(listeners: readonly GatewayListener[], binding: ApplicationTunnel | undefined): RouteNamespaces {
  const listener = boundListener(listeners, binding) ?? listeners.find(isForHbone);
  return listener?.allowedRoutes?.namespaces ?? {};
}

/** Whether what stands in a namespace may use a waypoint. As AllowsAttachmentFromNamespace. */
export function admits(
  { allowed: { from = 'Same', selector }, ...waypoint }: Waypoint,
  namespace: string,
  labels: Labels,
): boolean {
  switch (from) {
    case 'All':
      return true;
    case 'Selector':
      return selector !== undefined && matchesSelector(selector, labels);
    // istiod has no case for None.
    case 'None':
    case 'Same':
      return waypoint.namespace === namespace;
    default:
      return assertNever(from);
  }
}

/** What a label asks for: no waypoint, or one by name; undefined where nothing is asked. */
export function askedWaypoint(labels: Labels, namespace: string): 'none' | { namespace: string; name: string } | undefined {
  const name = own(labels, USE_WAYPOINT);
  if (name === undefined) return undefined;
  return name === 'none' ? 'none' : { name, namespace: own(labels, USE_WAYPOINT_NAMESPACE) ?? namespace };
}
