import { createRoles, type Roles } from '../../src/compile/roles.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { createViewBuilder } from '../../src/scope/proxy-view.ts';
import type { GatewayView, ProxyView, SidecarView, WaypointView } from '../../src/scope/view.ts';
import { createSecurityFilters } from '../../src/translate/security/security-filters.ts';
import { createProxyTraits } from '../../src/translate/traits/proxy-traits.ts';

/** The builders of a mesh, and the views of its proxies by name or `namespace/name`. */
export interface TestBuilders {
  readonly roles: Roles;
  view(name: string): ProxyView;
  sidecar(name: string): SidecarView;
  gateway(name: string): GatewayView;
  waypoint(name: string): WaypointView;
}

/** What a session has inside, for tests of single builders. */
export function buildersOf(mesh: Mesh): TestBuilders {
  const viewOf = createViewBuilder(mesh);
  const view = (name: string): ProxyView => {
    const proxy = mesh.proxies.find((candidate) => [candidate.name, `${candidate.namespace}/${candidate.name}`].includes(name));
    if (proxy === undefined) throw new Error(`no proxy ${name}`);
    return viewOf(proxy);
  };
  return {
    roles: createRoles(mesh, createProxyTraits(mesh, createSecurityFilters(mesh))),
    view,
    sidecar(name) {
      const found = view(name);
      if (found.role !== 'sidecar') throw new Error(`${name} is no sidecar`);
      return found;
    },
    gateway(name) {
      const found = view(name);
      if (found.role !== 'gateway') throw new Error(`${name} is no gateway`);
      return found;
    },
    waypoint(name) {
      const found = view(name);
      if (found.role !== 'waypoint') throw new Error(`${name} is no waypoint`);
      return found;
    },
  };
}
