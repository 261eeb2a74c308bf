import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import {
  entryWithoutWaypoint,
  ingressWithoutWaypoint,
  waypointAttachmentDenied,
  waypointListenerRefused,
  waypointNotReady,
  waypointTrafficUnsupported,
} from '../../diagnostics/problems/ambient.ts';
import type { Ambient } from '../../model/ambient/ambient.ts';
import type { BindingError } from '../../model/ambient/bindings.ts';
import type { TunnelledService } from '../../model/ambient/services.ts';
import { boundListener, isForHbone, type Waypoints } from '../../model/ambient/waypoints.ts';
import type { PlacedWorkload } from '../../model/ambient/workloads.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import { INBOUND_BINDING, INGRESS_USE_WAYPOINT, USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import { isWaypointClass } from '../../resource/gateway-classes.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { groupByKind, resourcesOf } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { nearest } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';

/**
 * What istiod would write into the conditions istio.io/WaypointBound and istio.io/WaypointMissing, and the same of Pods, endpoints of
 * ServiceEntries and Namespaces, to which it writes nothing; istio model/service.go GetConditions.
 */
export const ambientBindings: Analyzer = {
  name: 'mesh.ambient.Bindings',
  about: 'Waypoints that are asked for exist, admit who asks, and serve that kind of traffic',
  reads: ['Service', 'ServiceEntry', 'WorkloadEntry', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['KubernetesGateway', 'Service', 'Pod'],
  codes: [
    ...[waypointNotReady.code, waypointAttachmentDenied.code, waypointTrafficUnsupported.code, entryWithoutWaypoint.code],
    ingressWithoutWaypoint.code,
  ],
  run: (reader, report) => {
    const { ambient, resources } = reader.mesh();
    if (ambient === undefined) return;
    const gateways = new Set(resourcesOf(resources, 'KubernetesGateway').map(fullName));
    const places = { waypoints: ambient.waypoints, gateways };
    // Of a label of a namespace each of its services tells, as istiod does; where there is none, the namespace itself.
    const told = new Set<string>();
    for (const { resource, binding, hostname } of ambient.services) {
      if (binding.error !== undefined) {
        reportError(at(resource, placeOf(binding.error)), resource.namespace, binding.error, places, report);
        if (binding.error.askedBy === 'namespace') told.add(resource.namespace);
      }
      if (resource.kind !== 'ServiceEntry' || binding.waypoint !== undefined) continue;
      if (isWildcard(hostname)) {
        const why = resource.spec.resolution === 'DYNAMIC_DNS' ? 'closed' : 'wildcard';
        report(entryWithoutWaypoint(at(resource, ['spec', 'hosts']), why, hostname));
      }
      // What istiod compares in any case; istio model GetDNSConnectStrategy.
      else if (resource.annotations['istio.io/connect-strategy']?.toUpperCase() === 'RACE_FIRST_TCP_CONNECT')
        report(entryWithoutWaypoint(at(resource, ['metadata', 'annotations', 'istio.io/connect-strategy']), 'race', hostname));
    }
    const namespaces = new Map(resourcesOf(resources, 'Namespace').map((namespace) => [namespace.name, namespace]));
    for (const { resource, waypointError: error, entryIndex } of onePerTemplate(ambient.allWorkloads)) {
      if (error === undefined) continue;
      const { namespace } = resource;
      if (error.askedBy === 'object' || resource.kind === 'WorkloadEntry') {
        const path = entryIndex === undefined ? placeOf(error) : ['spec', 'endpoints', entryIndex, 'labels', USE_WAYPOINT];
        reportError(at(resource, path), namespace, error, places, report);
      } else {
        const home = namespaces.get(namespace);
        if (home !== undefined && !told.has(namespace))
          reportError(at(home, ['metadata', 'labels', USE_WAYPOINT]), namespace, error, places, report);
      }
    }
    checkIngress(ambient, [...namespaces.values()], report);
  },
};

/** Of the pods of one template the first. */
function onePerTemplate(workloads: Ambient['allWorkloads']): Ambient['allWorkloads'] {
  const key = ({ resource, entryIndex }: PlacedWorkload): string => JSON.stringify([at(resource).location, entryIndex]);
  return [...groupBy(workloads, key).values()].flatMap(([first]) => first ?? []);
}

/** Labels by which gateways should use a waypoint that is not there; istio ambient/services.go ingressUseWaypointFromLabels. */
function checkIngress({ services }: Ambient, namespaces: readonly ResourceOf<'Namespace'>[], report: Report): void {
  const isAsked = (labels: Labels): boolean => parseGoBoolean(own(labels, INGRESS_USE_WAYPOINT) ?? '') === true;
  for (const resource of [...new Set(services.map((service) => service.resource)), ...namespaces]) {
    const value = own(resource.labels, INGRESS_USE_WAYPOINT);
    if (value !== undefined && parseGoBoolean(value) === undefined)
      report(ingressWithoutWaypoint(at(resource, ['metadata', 'labels', INGRESS_USE_WAYPOINT]), { reason: 'value', value }));
  }
  const isAlone = ({ binding }: TunnelledService): boolean => binding.waypoint === undefined;
  for (const { resource, binding } of services.filter(isAlone)) {
    // A waypoint that is asked for in vain is told of the label that asks for it.
    if (!isAsked(resource.labels) || binding.error !== undefined) continue;
    report(ingressWithoutWaypoint(at(resource, ['metadata', 'labels', INGRESS_USE_WAYPOINT]), { reason: 'service' }));
  }
  const byNamespace = groupBy(services, ({ namespace }) => namespace);
  for (const namespace of namespaces.filter(({ labels }) => isAsked(labels))) {
    const inside = byNamespace.get(namespace.name) ?? [];
    if (inside.length === 0 || !inside.every((service) => isAlone(service) && service.binding.error === undefined)) continue;
    report(ingressWithoutWaypoint(at(namespace, ['metadata', 'labels', INGRESS_USE_WAYPOINT]), { reason: 'namespace' }));
  }
}

/** The label of the object itself that asks, or its name where that of its namespace does. */
function placeOf({ askedBy }: BindingError): Path {
  if (askedBy === 'namespace') return ['metadata', 'name'];
  return ['metadata', 'labels', USE_WAYPOINT];
}

/** Where a label may lead to, by `namespace/name`. */
interface Places {
  readonly waypoints: Waypoints;
  readonly gateways: ReadonlySet<string>;
}

function reportError(
  subject: Subject,
  namespace: string,
  { reason, waypoint, askedBy: by, traffic = 'service' }: BindingError,
  { waypoints, gateways }: Places,
  report: Report,
): void {
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
