import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ZtunnelMessages } from '../envoy/ztunnel.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import { createPatcher } from '../patch/patch.ts';
import { createViewBuilder } from '../scope/proxy-view.ts';
import { scopeOf } from '../scope/sidecar-scope.ts';
import type { EgressListener, ProxyView, Scope } from '../scope/view.ts';
import { extensionConfigurations } from '../translate/extensions/extensions.ts';
import { createSecurityFilters } from '../translate/security/security-filters.ts';
import { createProxyTraits } from '../translate/traits/proxy-traits.ts';
import { ztunnelMessages } from '../translate/ztunnel/ztunnel.ts';
import { type Again, afresh } from '../util/again.ts';
import { assertNever, invariant } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import { compileProxy, type SharedBuilders } from './compile-proxy.ts';
import type { CompiledSnapshot } from './compiled-snapshot.ts';
import { recordPatches } from './patch-notes.ts';
import { policyDiagnostic } from './policy-notes.ts';
import { createRoles } from './roles.ts';

/** Compiles the proxies of one mesh; owns everything that they share. Two sessions share nothing. */
export interface Session {
  readonly mesh: Mesh;
  /** What a proxy sees. */
  view(proxy: Proxy): ProxyView;
  /** What istiod would send to a proxy. */
  compile(proxy: Proxy): CompiledSnapshot;
  /**
   * What a sidecar would get if its scope held no services: what it has of its own, which other proxies of that scope do not share. All
   * of what others get.
   */
  compileOwn(proxy: Proxy): CompiledSnapshot;
  /** What istiod would send to every ztunnel; undefined without ambient mode. */
  ztunnel(): ZtunnelMessages | undefined;
  /** What a user should know about the EnvoyFilters, as far as the proxies compiled so far tell. */
  patchNotes(): readonly Diagnostic[];
}

/** A session over a mesh, with what was made for an earlier state of it, which nobody asks any more. */
export function createSession(mesh: Mesh, again: Again = afresh): Session {
  // What is kept looks at the mesh of the last session alone.
  const turns = again('session', [], () => ({ last: mesh }));
  turns.last = mesh;
  const view = createViewBuilder(mesh, again);
  const security = createSecurityFilters(mesh);
  const roles = createRoles(mesh, createProxyTraits(mesh, security), again);
  const patches = recordPatches(mesh.envoyFilters.patches, createPatcher(mesh.release.envoyDescriptorChanges));
  const compiled = new Set<Proxy>();
  const emptied = memo(withoutServices);
  const shared: SharedBuilders = {
    extensionConfigs: (of, names) => extensionConfigurations(mesh, namespacesOf(of), names),
    patcher: patches.patcher,
    notes: (of) => security.notes(of).map(policyDiagnostic),
  };

  const compileView = (seen: ProxyView): CompiledSnapshot => {
    invariant(turns.last === mesh, 'an earlier state of the mesh is compiled after a later one');
    switch (seen.role) {
      case 'sidecar':
        return compileProxy(seen, roles.sidecar, shared);
      case 'gateway':
        return compileProxy(seen, roles.gateway, shared);
      case 'waypoint':
        return compileProxy(seen, roles.waypoint, shared);
      default:
        return assertNever(seen);
    }
  };
  const ownView = (seen: ProxyView): ProxyView => {
    switch (seen.role) {
      case 'sidecar':
        return { ...seen, scope: emptied(seen.scope) };
      case 'gateway':
      case 'waypoint':
        return seen;
      default:
        return assertNever(seen);
    }
  };
  return {
    mesh,
    view,
    compile(proxy) {
      compiled.add(proxy);
      return compileView(view(proxy));
    },
    compileOwn(proxy) {
      return compileView(ownView(view(proxy)));
    },
    ztunnel: memo(() => mesh.ambient && ztunnelMessages(mesh.ambient)),
    patchNotes: () => patches.notes(compiled.size === mesh.proxies.length),
  };
}

/** A scope from which nothing outbound is made. What is looked up in it is still found. */
function withoutServices(scope: Scope): Scope {
  const egressListeners = scope.egressListeners.map(
    ({ listener }): EgressListener => ({ listener, services: [], virtualServices: [], mostSpecificVirtualService: new Map() }),
  );
  return scopeOf({ ...scope.shared, egressListeners, services: [] }, scope.namespace);
}

/** The namespaces whose resources a proxy can ask for, beside the root namespace. */
function namespacesOf(view: ProxyView): readonly string[] {
  const served = view.role === 'waypoint' ? view.services : [];
  return [view.proxy.namespace, ...served.map(({ namespace }) => namespace)];
}
