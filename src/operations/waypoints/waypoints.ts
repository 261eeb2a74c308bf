import type { Mesh } from '../../model/mesh.ts';
import { WAYPOINT_FOR } from '../../resource/ambient-labels.ts';
import { compareResources } from '../../resource/complete.ts';
import { isManaged, managedGatewayName } from '../../resource/gateway-classes.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupByKind, type ResourcesByKind } from '../../resource/select.ts';
import { fieldsOf, listOf, own } from '../../util/object.ts';

/** A waypoint as istioctl lists it. */
export interface ListedWaypoint {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  /** `none` where no label of the Gateway says it, which istiod takes as `service`. */
  readonly trafficType: string;
  /** The condition Programmed: that of the manifest, else what istiod would write. */
  readonly programmed: WaypointCondition;
}

/** A condition of a Gateway. */
export interface WaypointCondition {
  readonly status: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** The Gateways of class istio-waypoint, by namespace and name; those of one namespace where it is given. */
export function listWaypoints(mesh: Mesh, namespace: string | undefined): readonly ListedWaypoint[] {
  const known = groupByKind(mesh.resources);
  const gateways = known
    .of('KubernetesGateway')
    .filter(
      (gateway) =>
        gateway.spec.gatewayClassName === 'istio-waypoint' && (namespace === undefined || gateway.namespace === namespace),
    );
  return [...gateways].sort(compareResources).map((gateway) => ({
    name: gateway.name,
    namespace: gateway.namespace,
    revision: gateway.labels['istio.io/rev'] || 'default',
    trafficType: gateway.labels[WAYPOINT_FOR] || 'none',
    programmed: writtenCondition(gateway.status) ?? expectedCondition(gateway, known, mesh),
  }));
}

function writtenCondition(status: unknown): WaypointCondition | undefined {
  const written = listOf(fieldsOf(status).conditions)
    .map(fieldsOf)
    .find(({ type }) => type === 'Programmed');
  if (written === undefined) return undefined;
  const text = (name: string): string => {
    const value = own(written, name);
    return typeof value === 'string' ? value : '';
  };
  return { status: text('status'), type: 'Programmed', reason: text('reason'), message: text('message') };
}

/** As istio config/kube/gateway/conversion.go reportGatewayStatus and gatewaycommon/context.go ResolveGatewayInstances. */
function expectedCondition(
  gateway: ResourceOf<'KubernetesGateway'>,
  { of }: ResourcesByKind,
  { ambient, domainSuffix }: Mesh,
): WaypointCondition {
  const { name, namespace, spec } = gateway;
  const classSpec = of('GatewayClass').find((each) => each.name === spec.gatewayClassName)?.spec;
  const [asked] = spec.addresses ?? [];
  const written = asked?.type === 'Hostname' && !isManaged(spec) ? asked.value : undefined;
  const serviceName = written ?? managedGatewayName(gateway, classSpec);
  const host = serviceName.includes('.') ? serviceName : `${serviceName}.${namespace}.svc.${domainSuffix}`;
  const service = of('Service').find((each) => each.namespace === namespace && each.name === serviceName.split('.')[0]);
  const ports = [...new Set(spec.listeners.map(({ port }) => port))].sort((a, b) => a - b);
  const has = (port: number): boolean => (service?.spec.ports ?? []).some((each) => each.port === port);
  const isReached = ambient?.waypoints.has(`${namespace}/${name}`) ?? false;
  const places = isReached ? ports.filter(has).map((port) => `${host}:${port}`) : [];
  const warning =
    service === undefined
      ? `hostname "${host}" not found`
      : isReached
        ? ports.flatMap((port) => (has(port) ? [] : `port ${port} not found for hostname "${host}"`)).join('; ')
        : `no instances found for hostname "${host}"`;
  const type = 'Programmed';
  if (places.length > 0 && warning === '') {
    const message = `Resource programmed, assigned to service(s) ${places.join(' and ')}`;
    return { status: 'True', type, reason: 'Programmed', message };
  }
  return {
    status: 'False',
    type,
    reason: service !== undefined && !isReached ? 'AddressNotAssigned' : 'AddressNotUsable',
    message:
      places.length > 0
        ? `Assigned to service(s) ${places.join(' and ')}, but failed to assign to all requested addresses: ${warning}`
        : `Failed to assign to any requested addresses: ${warning}`,
  };
}
