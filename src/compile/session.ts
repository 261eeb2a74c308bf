import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxy.ts';
import { createPatcher } from '../patch/patch.ts';
import { createViewBuilder } from '../scope/proxy-view.ts';
import type { ProxyView } from '../scope/view.ts';
import { createClusterBuilder } from '../translate/clusters/clusters.ts';
import { createEndpointBuilder } from '../translate/endpoints/endpoints.ts';
import { createExtensions } from '../translate/extensions/extensions.ts';
import { createGatewayListenerBuilder } from '../translate/listeners/gateway.ts';
import { createListenerBuilder } from '../translate/listeners/listeners.ts';
import { createGatewayRouteBuilder } from '../translate/routes/gateway.ts';
import { createRouteBuilder } from '../translate/routes/routes.ts';
import { createSecurityFilters } from '../translate/security/security-filters.ts';
import { compileProxy } from './compile-proxy.ts';
import { gatewayDiagnostics } from './gateway-notes.ts';
import { recordPatches } from './patch-notes.ts';
import { policyDiagnostic } from './policy-notes.ts';

/** Compiles the proxies of one mesh; owns everything that they share. Two sessions share nothing. */
export interface Session {
  readonly mesh: Mesh;
  /** What a proxy sees. */
  view(proxy: Proxy): ProxyView;
  /** What istiod would send to a proxy. */
  compile(proxy: Proxy): XdsSnapshot;
  /** What a user should know about the EnvoyFilters, as far as the proxies compiled so far tell. */
  patchNotes(): readonly Diagnostic[];
}

/** A session over a mesh. */
export function createSession(mesh: Mesh): Session {
  const view = createViewBuilder(mesh);
  const policies = createSecurityFilters(mesh);
  const patches = recordPatches(mesh, createPatcher(mesh));
  const builders = {
    sidecar: { listeners: createListenerBuilder(mesh), routes: createRouteBuilder(mesh) },
    gateway: { listeners: createGatewayListenerBuilder(mesh), routes: createGatewayRouteBuilder(mesh) },
    clusters: createClusterBuilder(mesh),
    endpoints: createEndpointBuilder(mesh),
    extensionConfigs: createExtensions(mesh).configurations,
    patcher: patches.patcher,
    notes: ({ proxy, gateway }: ProxyView) => [...policies.notes(proxy).map(policyDiagnostic), ...gatewayDiagnostics(gateway)],
  };
  return { mesh, view, compile: (proxy) => compileProxy(view(proxy), builders), patchNotes: patches.notes };
}
