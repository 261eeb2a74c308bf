import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration } from '../envoy/api.gen.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { Mesh } from '../model/mesh.ts';
import { factsOf, type Role } from '../model/proxies/roles.ts';
import { aboutServices } from '../model/registry/service.ts';
import type { PatchTarget } from '../patch/patch.ts';
import { destinationRuleOf } from '../scope/destination-rule.ts';
import type { ChosenForWorkload, ProxyView, Scope, SidecarView } from '../scope/view.ts';
import { createClusterBuilder } from '../translate/clusters/clusters.ts';
import { createEndpointBuilder } from '../translate/endpoints/endpoints.ts';
import { createConnectOriginate } from '../translate/listeners/connect-originate.ts';
import { createGatewayListenerBuilder } from '../translate/listeners/gateway.ts';
import { createListenerBuilder } from '../translate/listeners/listeners.ts';
import { createWaypointListenerBuilder } from '../translate/listeners/waypoint.ts';
import { createGatewayRouteBuilder } from '../translate/routes/gateway.ts';
import { createRouteBuilder } from '../translate/routes/routes.ts';
import { createSecurityFilters } from '../translate/security/security-filters.ts';
import { createProxyTraits, type ProxyTraits } from '../translate/traits/proxy-traits.ts';
import { type Again, afresh, againOver } from '../util/again.ts';
import { memo } from '../util/memo.ts';
import { gatewayDiagnostics } from './gateway-notes.ts';
import { createListenerScopes } from './listener-scopes.ts';

/** How the configuration of the proxies of a role is made. */
export interface RoleBuilders<View> {
  readonly listeners: (view: View) => readonly Emitted<Listener>[];
  /** Stands for the listeners, over all states of a mesh; undefined where nothing is known of them before they are made. */
  readonly listenersKey: (view: View) => object | undefined;
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
  const clusters = againOver(again, 'clusters', mesh, (of) => createClusterBuilder(of, again !== afresh), registry);
  const endpoints = againOver(again, 'endpoints', mesh, createEndpointBuilder, registry);
  const sidecars = againOver(
    again,
    'listeners of sidecars',
    mesh,
    again === afresh ? () => sidecarListeners(mesh, traits) : keptSidecarListeners,
  );
  const gatewayListeners = createGatewayListenerBuilder(mesh, traits);
  const connectOriginate = createConnectOriginate(mesh, traits);
  return {
    sidecar: {
      ...sidecars,
      routes: againOver(again, 'routes', mesh, createRouteBuilder),
      clusters: clusters.sidecar,
      endpoints,
      patchContexts: factsOf.sidecar.patchContexts,
      patchedPorts: () => undefined,
      notes: () => [],
    },
    gateway: {
      listeners: (view) => [...gatewayListeners(view), ...connectOriginate(view)],
      listenersKey: () => undefined,
      routes: createGatewayRouteBuilder(mesh),
      clusters: clusters.gateway,
      endpoints,
      patchContexts: factsOf.gateway.patchContexts,
      patchedPorts: ({ gateway }) => gateway?.portMap,
      notes: ({ gateway }) => gatewayDiagnostics(gateway),
    },
    waypoint: {
      listeners: createWaypointListenerBuilder(mesh, traits),
      listenersKey: () => undefined,
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

/** How the listeners of sidecars are made. */
type SidecarListeners = Pick<RoleBuilders<SidecarView>, 'listeners' | 'listenersKey'>;

function sidecarListeners(mesh: Mesh, traits: ProxyTraits): SidecarListeners {
  const listeners = createListenerBuilder(mesh, traits);
  const connectOriginate = createConnectOriginate(mesh, traits);
  return { listeners: (view) => [...listeners(view), ...connectOriginate(view)], listenersKey: () => undefined };
}

/** The same where states of a mesh follow each other: they are made of no more than what their key stands for. */
function keptSidecarListeners(mesh: Mesh): SidecarListeners {
  // What equal traits come from is not told apart, so that all must be the same that they are made of.
  const { policies, peerAuthentications, telemetry, extensions, envoyFilters, proxies, registry, config } = mesh;
  const madeOf = [policies, peerAuthentications, telemetry, extensions, envoyFilters, proxies, registry, config];
  const { listeners } = sidecarListeners(mesh, createProxyTraits(mesh, createSecurityFilters(mesh)));
  const scopeFor = createListenerScopes();
  const keys = memo((_chosen: ChosenForWorkload, _scope: Scope): object => ({ madeOf }));
  const seenBy = ({ chosen, scope }: SidecarView): SidecarView => {
    const { proxy, client } = chosen;
    const seen = scopeFor(scope);
    return {
      role: 'sidecar',
      ...chosen,
      chosen,
      scope: seen,
      destinationRule: (hostname) => destinationRuleOf(seen, client, hostname),
      mutualTls: peerAuthentications.forWorkload(proxy.namespace, proxy.labels),
    };
  };
  return {
    listeners: (view) => listeners(seenBy(view)),
    listenersKey: ({ chosen, scope }) => keys(chosen, scopeFor(scope)),
  };
}
