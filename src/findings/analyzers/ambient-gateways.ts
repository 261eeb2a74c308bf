import { formatField } from '../../diagnostics/format-field.ts';
import { gatewayPastWaypoint } from '../../diagnostics/problems/ambient-effects.ts';
import { qualifiedName } from '../../model/ambient/waypoints.ts';
import { KUBERNETES_GATEWAY } from '../../model/gateway-api/listeners.ts';
import { targetRefsOf } from '../../model/security/policies.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { groupByKind } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** What is enforced for each request, so that a way past it is worth a word. */
const ENFORCED = ['AuthorizationPolicy', 'RequestAuthentication'] as const;

/** Policies of a waypoint that requests from outside do not meet; istio xds/endpoints findServiceWaypoint. */
export const gatewaysPastWaypoints: Analyzer = {
  name: 'mesh.ambient.GatewaysPastWaypoints',
  about: 'Gateways send through the waypoint of a service that has policies',
  reads: [
    ...ENFORCED,
    'VirtualService',
    'Gateway',
    'HTTPRoute',
    'Service',
    'ServiceEntry',
    'KubernetesGateway',
    'Namespace',
    'Pod',
  ],
  codes: [gatewayPastWaypoint.code],
  run: (reader, report) => {
    const { ambient, resources } = reader.mesh();
    if (ambient === undefined || ambient.waypoints.size === 0) return;
    const byTarget = groupBy(
      ambient.services.flatMap((service) => {
        const { waypoint } = service.binding;
        if (waypoint === undefined || service.ingressUsesWaypoint) return [];
        return [
          { target: `${service.resource.kind} ${fullName(service.resource)}`, service, waypoint },
          { target: `Gateway ${qualifiedName(waypoint)}`, service, waypoint },
        ];
      }),
      ({ target }) => target,
    );
    if (byTarget.size === 0) return;
    const traffic = reader.traffic();
    const gatewayTo = (host: string): string | undefined =>
      traffic
        .rulesTo(host)
        .flatMap(({ gateways }) => gateways)
        .find((gateway) => gateway !== MESH_GATEWAY && traffic.gatewayClients(gateway).length > 0);
    const { of } = groupByKind(resources);
    for (const kind of ENFORCED) {
      for (const resource of of(kind)) {
        const isList = (resource.spec.targetRefs ?? []).length > 0;
        for (const [index, { kind: target = '', name = '' }] of targetRefsOf(resource.spec).entries()) {
          for (const { service, waypoint } of byTarget.get(`${target} ${resource.namespace}/${name}`) ?? []) {
            const gateway = gatewayTo(service.hostname);
            if (gateway === undefined) continue;
            const path = isList ? ['spec', 'targetRefs', index] : ['spec', 'targetRef'];
            report(
              gatewayPastWaypoint(
                at(resource, path),
                formatField(path),
                service.hostname,
                qualifiedName(waypoint),
                nameOf(gateway),
              ),
            );
            break;
          }
        }
      }
    }
  },
};

/** A Gateway of the Gateway API as it is called, without the listener that stands behind its name. */
function nameOf(gateway: string): string {
  const end = gateway.indexOf(`-${KUBERNETES_GATEWAY}`);
  return end === -1 ? gateway : gateway.slice(0, end);
}
