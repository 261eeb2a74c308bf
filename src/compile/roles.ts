import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration } from '../envoy/api.gen.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { Mesh } from '../model/mesh.ts';
import { factsOf, type Role } from '../model/proxies/roles.ts';
import { aboutServices } from '../model/registry/service.ts';
import type { PatchTarget } from '../patch/patch.ts';
import type { ProxyView } from '../scope/view.ts';
import { createClusterBuilder } from '../translate/clusters/clusters.ts';
import { createEndpointBuilder } from '../translate/endpoints/endpoints.ts';
import { createConnectOriginate } from '../translate/listeners/connect-originate.ts';
import { createGatewayListenerBuilder } from '../translate/listeners/gateway.ts';
import { createListenerBuilder } from '../translate/listeners/listeners.ts';
import { createWaypointListenerBuilder } from '../translate/listeners/waypoint.ts';
import { createGatewayRouteBuilder } from '../translate/routes/gateway.ts';
import { createRouteBuilder } from '../translate/routes/routes.ts';
import type { ProxyTraits } from '../translate/traits/proxy-traits.ts';
import { type Again, afresh, againOver } from '../util/again.ts';
import { gatewayDiagnostics } from './gateway-notes.ts';

/** How the configuration of the proxies of a role is made. */
export interface RoleBuilders<View> {
  readonly listeners: (view: View) => readonly Emitted<Listener>[];
  readonly routes: (view: View, names: readonly string[]) => readonly Emitted<RouteConfiguration>[];
  readonly clusters: (view: View) => readonly Emitted<Cluster>[];
  readonly endpoints: (view: View, clusterName: string) => ClusterLoadAssignment;
  /** What patches call the parts of a proxy, in the order in which it gets them. */
  readonly patchContexts: PatchTarget['contexts'];
  /** What `portNumber` means to patches of routes; undefined where it is the number itself. */
  readonly patchedPorts: (view: View) => PatchTarget['gatewayPorts'];
  /** What is to be said about the resources that only this role looks at. */
  readonly notes: (view: View) => readonly Diagnostic[];
}

/** The builders of a session, for every role. */
export type Roles = { readonly [R in Role]: RoleBuilders<Extract<ProxyView, { role: R }>> };

/** The table of roles: who builds what for whom. */
export function createRoles(mesh: Mesh, traits: ProxyTraits, again: Again = afresh): Roles {
  // What is built for a service is remembered by its identity, which says what the registry knows of it.
  const registry = { part: 'registry', steady: aboutServices } as const;
  const clusters = againOver(again, 'clusters', mesh, createClusterBuilder, registry);
  const endpoints = againOver(again, 'endpoints', mesh, createEndpointBuilder, registry);
  const sidecarListeners = createListenerBuilder(mesh, traits);
  const gatewayListeners = createGatewayListenerBuilder(mesh, traits);
  const connectOriginate = createConnectOriginate(mesh, traits);
  return {
    sidecar: {
      listeners: (view) => [...sidecarListeners(view), ...connectOriginate(view)],
      routes: againOver(again, 'routes', mesh, createRouteBuilder),
      clusters: clusters.sidecar,
      endpoints,
      patchContexts: factsOf.sidecar.patchContexts,
      patchedPorts: () => undefined,
      notes: () => [],
    },
    gateway: {
      listeners: (view) => [...gatewayListeners(view), ...connectOriginate(view)],
      routes: createGatewayRouteBuilder(mesh),
      clusters: clusters.gateway,
      endpoints,
      patchContexts: factsOf.gateway.patchContexts,
      patchedPorts: ({ gateway }) => gateway?.portMap,
      notes: ({ gateway }) => gatewayDiagnostics(gateway),
    },
    waypoint: {
      listeners: createWaypointListenerBuilder(mesh, traits),
      // Its routes stand in its listeners.
      routes: () => [],
      clusters: clusters.waypoint,
      endpoints,
      patchContexts: factsOf.waypoint.patchContexts,
      patchedPorts: () => undefined,
      notes: ({ gateway }) => gatewayDiagnostics(gateway),
    },
  };
}
