import type { Cluster, ClusterLoadAssignment } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';

/** A snapshot whose endpoints, of which there may be many, are made when somebody looks at them. */
export interface CompiledSnapshot extends XdsSnapshot {
  /** The endpoints of one cluster that asks for them by its name. */
  endpointsOf(cluster: Cluster): ClusterLoadAssignment;
}
