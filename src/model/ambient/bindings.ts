import type { AskedBy } from '../../diagnostics/problems/ambient.ts';
import { MANAGED, MANAGED_EAST_WEST, MANAGED_WAYPOINT, USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { Labels } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { admits, askedWaypoint, qualifiedName, type Waypoint, type Waypoints } from './waypoints.ts';

/** Why something has no waypoint although a label asks for one; istio model.StatusMessage of WaypointBound. */
export interface BindingError {
  readonly reason: 'WaypointIsNotReady' | 'AttachmentDenied' | 'UnsupportedTrafficType';
  /** `namespace/name` of the waypoint that was asked for. */
  readonly waypoint: string;
  /** Whose label asks for it. */
  readonly askedBy: AskedBy;
  /** The traffic that it does not serve. */
  readonly traffic?: 'service' | 'workload';
}

/** The waypoint of a service or workload, or why it has none; neither where none is asked for. */
export interface Binding {
  readonly waypoint?: Waypoint;
  readonly error?: BindingError;
}

/** What has a waypoint. */
export interface Bound {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Finds the waypoints of services and workloads. */
export interface Bindings {
  ofService(object: Bound): Binding;
  ofWorkload(object: Bound): Binding;
}

/** Services of gateways that stand in the way themselves. */
const WITHOUT_WAYPOINT: readonly string[] = [MANAGED_WAYPOINT, MANAGED_EAST_WEST];

/**
 * Who uses which waypoint: as the label of the object says, else that of its namespace. A label that names a missing waypoint does
 * not fall back to the namespace. As istio ambient/waypoints.go fetchWaypointForTarget, -ForService, -ForWorkload.
 */
export function createBindings(waypoints: Waypoints, namespaceLabels: (namespace: string) => Labels): Bindings {
  const target = ({ namespace, labels }: Bound): Binding => {
    const asked = askedWaypoint(labels, namespace) ?? askedWaypoint(namespaceLabels(namespace), namespace);
    const askedBy = askedByOf(labels);
    if (asked === undefined || asked === 'none') return {};
    const waypoint = waypoints.get(qualifiedName(asked));
    if (waypoint === undefined) return { error: { reason: 'WaypointIsNotReady', waypoint: qualifiedName(asked), askedBy } };
    if (admits(waypoint, namespace, namespaceLabels(namespace))) return { waypoint };
    return { error: { reason: 'AttachmentDenied', waypoint: qualifiedName(asked), askedBy } };
  };
  const serves = ({ trafficType }: Waypoint, traffic: 'service' | 'workload'): boolean =>
    trafficType === traffic || trafficType === 'all';
  const unsupported = (waypoint: Waypoint, { labels }: Bound, traffic: 'service' | 'workload'): Binding => ({
    error: { reason: 'UnsupportedTrafficType', waypoint: qualifiedName(waypoint), askedBy: askedByOf(labels), traffic },
  });
  return {
    ofService(object) {
      if (WITHOUT_WAYPOINT.includes(own(object.labels, MANAGED) ?? '')) return {};
      const binding = target(object);
      const { waypoint } = binding;
      return waypoint === undefined || serves(waypoint, 'service') ? binding : unsupported(waypoint, object, 'service');
    },
    ofWorkload(object) {
      const binding = target(object);
      const { waypoint } = binding;
      if (waypoint === undefined || serves(waypoint, 'workload')) return binding;
      // What only the namespace asks for is meant for its services.
      return askedByOf(object.labels) === 'namespace' ? {} : unsupported(waypoint, object, 'workload');
    },
  };
}

function askedByOf(labels: Labels): AskedBy {
  return own(labels, USE_WAYPOINT) === undefined ? 'namespace' : 'object';
}
