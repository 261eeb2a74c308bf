import { USE_WAYPOINT, USE_WAYPOINT_NAMESPACE } from '../../resource/ambient-labels.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';

/** Istio's controllers of waypoints and of gateways. */
const ownControllers: ReadonlySet<string> = new Set(['istio.io/mesh-controller', 'istio.io/gateway-controller']);

/**
 * Tells whether the waypoint of a Service or ServiceEntry, named by its labels or else by those of its namespace, is a Gateway of
 * another controller. What is not among the manifests is nobody's. As istio gateway/conversion.go waypointManagedByAnotherController.
 */
export function foreignWaypoints(
  resources: readonly Resource[],
  namespaces: ReadonlyMap<string, Labels>,
): (service: Resource) => boolean {
  const controllers = new Map(resourcesOf(resources, 'GatewayClass').map(({ name, spec }) => [name, spec.controllerName]));
  const classes = new Map(
    resourcesOf(resources, 'KubernetesGateway').map(({ namespace, name, spec }) => [
      `${namespace}/${name}`,
      spec.gatewayClassName,
    ]),
  );
  return ({ namespace, labels: ofService }) => {
    const labels = ofService[USE_WAYPOINT] === undefined ? (namespaces.get(namespace) ?? {}) : ofService;
    const waypoint = labels[USE_WAYPOINT] ?? '';
    if (waypoint === '' || waypoint.toLowerCase() === 'none') return false;
    const controller = controllers.get(classes.get(`${labels[USE_WAYPOINT_NAMESPACE] || namespace}/${waypoint}`) ?? '');
    return controller !== undefined && !ownControllers.has(controller);
  };
}
