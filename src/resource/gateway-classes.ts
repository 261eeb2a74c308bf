import type { GatewaySpec } from '../api/gateway-api.ts';
import { own } from '../util/object.ts';
import { matchesSelector } from './namespaces.ts';
import type { Labels, ResourceOf } from './resource.ts';

/** Istio's controller of gateways; istio features.ManagedGatewayController. */
const ISTIO_CONTROLLER = 'istio.io/gateway-controller';
/** The controller of gateways that stand for those of another cluster; istio constants.UnmanagedGatewayController. */
const REMOTE_CONTROLLER = 'istio.io/unmanaged-gateway';

/** Classes that need not exist; istio gatewaycommon/classinfo.go GetBuiltinGatewayClasses, with ambient mode off. */
const builtinClasses: Readonly<Record<string, string>> = { istio: ISTIO_CONTROLLER, 'istio-remote': REMOTE_CONTROLLER };

/** Whose gateways those of a class are: `istio`, `remote` (nothing is generated for them), or another controller's. */
export type GatewayClassOwner = 'istio' | 'remote' | 'other';

/** Finds the owner of a class by its name; as istio gatewaycommon/gatewayclass_collection.go FetchGatewayClass. */
export function buildGatewayClasses(resources: readonly ResourceOf<'GatewayClass'>[]): (name: string) => GatewayClassOwner {
  const controllers = new Map(resources.map(({ name, spec }) => [name, spec.controllerName]));
  const ownerOf = (controller: string | undefined): GatewayClassOwner =>
    controller === ISTIO_CONTROLLER ? 'istio' : controller === REMOTE_CONTROLLER ? 'remote' : 'other';
  return (name) => {
    const owner = ownerOf(controllers.get(name));
    return owner === 'other' ? ownerOf(own(builtinClasses, name)) : owner;
  };
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

/** Name of the Service and Deployment that istiod makes for a gateway. */
export function managedGatewayName({ name, annotations, spec }: ResourceOf<'KubernetesGateway'>): string {
  return annotations['gateway.istio.io/name-override'] || `${name}-${spec.gatewayClassName}`;
}

/** Name of the service account that istiod makes for a gateway. */
export function managedServiceAccount({ name, annotations, spec }: ResourceOf<'KubernetesGateway'>): string {
  return annotations['gateway.istio.io/service-account'] || `${name}-${spec.gatewayClassName}`;
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
