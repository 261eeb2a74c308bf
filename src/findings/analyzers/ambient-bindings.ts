import type { Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  entryWithoutWaypoint,
  waypointAttachmentDenied,
  waypointListenerRefused,
  waypointNotReady,
  waypointTrafficUnsupported,
} from '../../diagnostics/problems/ambient.ts';
import type { BindingError } from '../../model/ambient/bindings.ts';
import { boundListener, isForHbone, type Waypoints } from '../../model/ambient/waypoints.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { INBOUND_BINDING, USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import { isWaypointClass } from '../../resource/gateway-classes.ts';
import type { Resource } from '../../resource/resource.ts';
import { groupByKind, resourcesOf } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { nearest } from '../../util/nearest.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';

/** What istiod would write into the conditions istio.io/WaypointBound and istio.io/WaypointMissing; istio model/service.go GetConditions. */
export const ambientBindings: Analyzer = {
  name: 'mesh.ambient.Bindings',
  about: 'Waypoints that are asked for exist, admit who asks, and serve that kind of traffic',
  reads: ['Service', 'ServiceEntry', 'WorkloadEntry', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['KubernetesGateway', 'Service', 'Pod'],
  codes: [waypointNotReady.code, waypointAttachmentDenied.code, waypointTrafficUnsupported.code, entryWithoutWaypoint.code],
  run: (reader, report) => {
    const { ambient, resources } = reader.mesh();
    if (ambient === undefined) return;
    const gateways = new Set(resourcesOf(resources, 'KubernetesGateway').map(fullName));
    const places = { waypoints: ambient.waypoints, gateways };
    for (const { resource, binding, hostname } of ambient.services) {
      if (binding.error !== undefined) reportError(resource, binding.error, places, report);
      if (resource.kind !== 'ServiceEntry' || binding.waypoint !== undefined) continue;
      if (isWildcard(hostname)) report(entryWithoutWaypoint(at(resource, ['spec', 'hosts']), 'wildcard', hostname));
      // What istiod compares in any case; istio model GetDNSConnectStrategy.
      else if (resource.annotations['istio.io/connect-strategy']?.toUpperCase() === 'RACE_FIRST_TCP_CONNECT')
        report(entryWithoutWaypoint(at(resource, ['metadata', 'annotations', 'istio.io/connect-strategy']), 'race', hostname));
    }
    for (const { resource, waypointError } of ambient.allWorkloads) {
      if (resource.kind === 'WorkloadEntry' && waypointError !== undefined) reportError(resource, waypointError, places, report);
    }
  },
};

/** Where a label may lead to, by `namespace/name`. */
interface Places {
  readonly waypoints: Waypoints;
  readonly gateways: ReadonlySet<string>;
}

function reportError(
  resource: Resource,
  { reason, waypoint, askedBy: by, traffic = 'service' }: BindingError,
  { waypoints, gateways }: Places,
  report: Report,
): void {
  const { namespace } = resource;
  const subject = at(resource, by === 'object' ? ['metadata', 'labels', USE_WAYPOINT] : ['metadata', 'name']);
  switch (reason) {
    case 'WaypointIsNotReady': {
      const near = nearest(waypoint, waypoints.keys());
      const suggestions = near === undefined ? [] : [near];
      report(waypointNotReady(subject, by, namespace, waypoint, gateways.has(waypoint), suggestions));
      break;
    }
    case 'AttachmentDenied':
      report(waypointAttachmentDenied(subject, by, namespace, waypoint));
      break;
    case 'UnsupportedTrafficType': {
      const served = waypoints.get(waypoint)?.trafficType ?? '';
      report(waypointTrafficUnsupported(subject, by, namespace, waypoint, traffic, served));
      break;
    }
    default:
      assertNever(reason);
  }
}

/** What istiod would write into the condition Accepted of a waypoint's listeners; istio gateway/conversion.go unexpectedWaypointListener. */
export const waypointListeners: Analyzer = {
  name: 'mesh.ambient.Listeners',
  about: 'Waypoints have a listener for HBONE on port 15008 and no other',
  reads: ['KubernetesGateway', 'GatewayClass'],
  codes: [waypointListenerRefused.code],
  run: (reader, report) => {
    const { ambient, resources } = reader.mesh();
    if (ambient === undefined) return;
    const { of } = groupByKind(resources);
    const classes = new Map(of('GatewayClass').map(({ name, spec }) => [name, spec]));
    for (const gateway of of('KubernetesGateway')) {
      const { gatewayClassName, listeners } = gateway.spec;
      if (!isWaypointClass(gatewayClassName, classes.get(gatewayClassName))) continue;
      const bound = boundListener(listeners, ambient.waypoints.get(fullName(gateway))?.binding);
      for (const [index, listener] of listeners.entries()) {
        if (isForHbone(listener)) continue;
        const path = ['spec', 'listeners', index];
        const finding = waypointListenerRefused(at(gateway, path), formatField(path), listener.name, fullName(gateway));
        report(listener === bound ? asHint(finding, `its own pods are reached by it, as ${INBOUND_BINDING} says`) : finding);
      }
    }
  },
};
