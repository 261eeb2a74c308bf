import type { GatewayClassSpec, GatewaySpec } from '../api/gateway-api.ts';
import { own } from '../util/object.ts';
import { matchesSelector } from './namespaces.ts';
import type { Labels, ResourceOf } from './resource.ts';

/** Istio's controller of gateways; istio features.ManagedGatewayController. */
const ISTIO_CONTROLLER = 'istio.io/gateway-controller';
/** The controller of gateways that stand for those of another cluster; istio constants.UnmanagedGatewayController. */
const REMOTE_CONTROLLER = 'istio.io/unmanaged-gateway';

/** The controller of waypoints; istio constants.ManagedGatewayMeshController. */
const WAYPOINT_CONTROLLER = 'istio.io/mesh-controller';

/** The controller of gateways between the networks of ambient mode; istio constants.ManagedGatewayEastWestController. */
export const EAST_WEST_CONTROLLER = 'istio.io/eastwest-controller';

/**
 * Classes that need not exist; istio gatewaycommon/classinfo.go GetBuiltinGatewayClasses. That of waypoints is there in ambient mode only,
 * the last where it spans networks.
 */
const builtinClasses: Readonly<Record<string, string>> = {
  istio: ISTIO_CONTROLLER,
  'istio-remote': REMOTE_CONTROLLER,
  'istio-waypoint': WAYPOINT_CONTROLLER,
  'istio-east-west': EAST_WEST_CONTROLLER,
};

/** Whether gateways of a class are waypoints; `spec` is that of the class where it is given. */
export function isWaypointClass(name: string, spec: GatewayClassSpec | undefined): boolean {
  return ownerOfClass(name, spec?.controllerName) === 'waypoint';
}

/** Whether a class is there without being given. */
export function isKnownClass(name: string): boolean {
  return own(builtinClasses, name) !== undefined;
}

/**
 * Whose gateways those of a class are: `istio`, `remote` (nothing is generated for them), `waypoint`, `eastWest` (between the networks of
 * ambient mode), or another controller's.
 */
export type GatewayClassOwner = 'istio' | 'remote' | 'waypoint' | 'eastWest' | 'other';

const owners: Readonly<Record<string, GatewayClassOwner>> = {
  [ISTIO_CONTROLLER]: 'istio',
  [REMOTE_CONTROLLER]: 'remote',
  [WAYPOINT_CONTROLLER]: 'waypoint',
  [EAST_WEST_CONTROLLER]: 'eastWest',
};

/** Finds the owner of a class by its name; as istio gatewaycommon/gatewayclass_collection.go FetchGatewayClass. */
export function buildGatewayClasses(resources: readonly ResourceOf<'GatewayClass'>[]): (name: string) => GatewayClassOwner {
  const controllers = new Map(resources.map(({ name, spec }) => [name, spec.controllerName]));
  return (name) => ownerOfClass(name, controllers.get(name));
}

/** A class of another controller is none to istiod, which then has its own of that name. */
function ownerOfClass(name: string, controller: string | undefined): GatewayClassOwner {
  const known = controller === undefined ? undefined : own(owners, controller);
  return known ?? own(owners, own(builtinClasses, name) ?? '') ?? 'other';
}

/**
 * Whether istiod itself runs the gateway: it names no address, or one IP address. Else its addresses name the Services of a gateway
 * that stands already. As istio gatewaycommon IsManaged.
 */
export function isManaged({ addresses = [] }: GatewaySpec): boolean {
  const [first, ...others] = addresses;
  if (first === undefined) return true;
  return others.length === 0 && (first.type ?? 'IPAddress') === 'IPAddress';
}

/** Name of the Service and Deployment that istiod makes for a gateway; `classSpec` is that of its class where it is given. */
export function managedGatewayName(
  { name, annotations, spec }: ResourceOf<'KubernetesGateway'>,
  classSpec?: GatewayClassSpec,
): string {
  return annotations['gateway.istio.io/name-override'] || `${name}${suffixOf(spec, classSpec)}`;
}

/** Name of the service account that istiod makes for a gateway; `classSpec` as above. */
export function managedServiceAccount(
  { name, annotations, spec }: ResourceOf<'KubernetesGateway'>,
  classSpec?: GatewayClassSpec,
): string {
  return annotations['gateway.istio.io/service-account'] || `${name}${suffixOf(spec, classSpec)}`;
}

/** What is made for a waypoint, or a gateway between networks, is called as itself. As istio gatewaycommon/classinfo.go DisableNameSuffix. */
function suffixOf({ gatewayClassName }: GatewaySpec, classSpec: GatewayClassSpec | undefined): string {
  const owner = ownerOfClass(gatewayClassName, classSpec?.controllerName);
  return owner === 'waypoint' || owner === 'eastWest' ? '' : `-${gatewayClassName}`;
}

/**
 * Whether a gateway takes the listeners of ListenerSets in a namespace with these labels (undefined where it is unknown).
 * As istio gatewaycommon NamespaceAcceptedByAllowListeners.
 */
export function allowsListenersOf(
  gateway: ResourceOf<'KubernetesGateway'>,
  namespace: string,
  labels: Labels | undefined,
): boolean {
  const allowed = gateway.spec.allowedListeners?.namespaces;
  if (allowed === undefined) return false;
  switch (allowed.from) {
    case 'All':
      return true;
    case 'Same':
      return namespace === gateway.namespace;
    case 'None':
      return false;
    default:
      return allowed.selector !== undefined && labels !== undefined && matchesSelector(allowed.selector, labels);
  }
}
