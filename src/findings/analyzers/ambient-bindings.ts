import type { Report } from '../../diagnostics/diagnostic.ts';
import {
  type AskedBy,
  entryWithoutWaypoint,
  waypointAttachmentDenied,
  waypointNotReady,
  waypointTrafficUnsupported,
} from '../../diagnostics/problems/ambient.ts';
import type { BindingError } from '../../model/ambient/bindings.ts';
import type { Waypoints } from '../../model/ambient/waypoints.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { nearest } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

const USE_WAYPOINT = 'istio.io/use-waypoint';

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
    for (const { resource, waypointError } of ambient.workloads) {
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
  { reason, waypoint, traffic = 'service' }: BindingError,
  { waypoints, gateways }: Places,
  report: Report,
): void {
  const by: AskedBy = own(resource.labels, USE_WAYPOINT) === undefined ? 'namespace' : 'object';
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
