import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration, TypedExtensionConfig } from './api.gen.ts';

/** Names a proxy. */
export interface ProxyRef {
  readonly name: string;
  readonly namespace: string;
  readonly type: 'sidecar' | 'gateway' | 'waypoint';
}

/** All that istiod would send to one proxy, in the order in which it would. Values remember their origins (util/origin.ts). */
export interface XdsSnapshot {
  readonly proxy: ProxyRef;
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  /** Configurations of filters that the listeners only name (ECDS). */
  readonly extensionConfigs: readonly TypedExtensionConfig[];
  /** What a user should know about the translation of this proxy. */
  readonly notes: readonly Diagnostic[];
  /** Finds single parts where not all need be made for that; they are those of the lists. */
  readonly single?: SingleParts;
}

/** Finds single parts of a snapshot. */
export interface SingleParts {
  /** The endpoints of one of its clusters, which asks for them by its name. */
  endpointsOf(cluster: Cluster): ClusterLoadAssignment;
  /** The routes of a name by which a listener of it asks for them. */
  routesNamed(name: string): RouteConfiguration | undefined;
  /**
   * Stands for its listeners, which are not made for that: snapshots of which it is the same object have the same ones, over all states of
   * manifests that somebody edits. Undefined where nothing can be said.
   */
  listenersKey(): object | undefined;
}
