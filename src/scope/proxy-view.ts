import type { Sidecar } from '../api/istio.gen.ts';
import { selects } from '../model/labels.ts';
import type { Mesh } from '../model/mesh.ts';
import { sortByCreation } from '../model/order.ts';
import type { Proxy } from '../model/proxy.ts';
import type { Labels, Resource } from '../resource/resource.ts';
import { assertNever } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import { destinationRuleOf } from './destination-rule.ts';
import { createGatewayMerger } from './gateway-scope.ts';
import { createScopeBuilder } from './sidecar-scope.ts';
import type { GatewayView, ProxyView, Scope, SidecarView } from './view.ts';

/** Makes the views of the proxies of a mesh; proxies that see the same share one scope. */
export function createViewBuilder(mesh: Mesh): (proxy: Proxy) => ProxyView {
  const scopes = createScopeBuilder(mesh);
  const sidecars = indexSidecars(mesh);
  const mergeGateways = createGatewayMerger(mesh.gateways);

  const sidecarView = (proxy: Proxy): SidecarView => {
    const scope = scopes.forSidecars(sidecars(proxy.namespace, proxy.labels), proxy.namespace);
    return {
      role: 'sidecar',
      ...choicesFor(mesh, proxy, scope),
      mutualTls: mesh.peerAuthentications.forWorkload(proxy.namespace, proxy.labels),
      inboundDestinationRule: (hostname) => destinationRuleOf(scope, 'inbound', proxy.labels, hostname),
    };
  };
  const gatewayView = (proxy: Proxy): GatewayView => ({
    role: 'gateway',
    ...choicesFor(mesh, proxy, scopes.forGateways(proxy.namespace)),
    gateway: mergeGateways(proxy),
  });

  return memo((proxy) => {
    switch (proxy.role) {
      case 'sidecar':
        return sidecarView(proxy);
      case 'gateway':
        return gatewayView(proxy);
      default:
        return assertNever(proxy.role);
    }
  });
}

/** What is chosen in the same way for every role. */
function choicesFor(mesh: Mesh, proxy: Proxy, scope: Scope) {
  return {
    proxy,
    scope,
    requestAuthentications: mesh.policies.requestAuthentications(proxy),
    authorizationPolicies: mesh.policies.authorizationPolicies(proxy),
    telemetry: mesh.telemetry.forWorkload(proxy),
    extensions: mesh.extensions.forWorkload(proxy),
    patches: mesh.envoyFilters.forProxy(proxy),
    destinationRule: (hostname: string) => destinationRuleOf(scope, 'outbound', proxy.labels, hostname),
  };
}

/**
 * Which Sidecar applies: one of the namespace whose selector matches, then one of the namespace without selector, then the root
 * namespace's without selector; the oldest of each. As istio pilot/pkg/model/push_context.go initSidecarScopes, doGetSidecarScope.
 */
function indexSidecars(mesh: Mesh): (namespace: string, labels: Labels) => Resource<Sidecar> | undefined {
  const sorted = sortByCreation(mesh.sidecars);
  const ordered = [
    ...sorted.filter(({ spec }) => spec.workloadSelector !== undefined),
    ...sorted.filter(({ spec }) => spec.workloadSelector === undefined),
  ];
  const root = ordered.find(({ namespace, spec }) => namespace === mesh.rootNamespace && spec.workloadSelector === undefined);
  const byNamespace = new Map<string, Resource<Sidecar>[]>();
  for (const sidecar of ordered) byNamespace.set(sidecar.namespace, [...(byNamespace.get(sidecar.namespace) ?? []), sidecar]);
  return (namespace, labels) =>
    byNamespace.get(namespace)?.find(({ spec }) => selects(spec.workloadSelector?.labels ?? {}, labels)) ?? root;
}
