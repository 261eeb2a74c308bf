import type { Sidecar } from '../api/istio.gen.ts';
import { selects } from '../model/labels.ts';
import type { Mesh } from '../model/mesh.ts';
import { sortByCreation } from '../model/order.ts';
import type { Proxy } from '../model/proxy.ts';
import type { Labels, Resource } from '../resource/resource.ts';
import { createGatewayMerger } from './gateway-scope.ts';
import { createScopeBuilder } from './sidecar-scope.ts';
import type { ProxyView } from './view.ts';

/** Makes the views of the proxies of a mesh; proxies that see the same share one scope. */
export function createViewBuilder(mesh: Mesh): (proxy: Proxy) => ProxyView {
  const scopes = createScopeBuilder(mesh);
  const sidecars = indexSidecars(mesh);
  const mergeGateways = createGatewayMerger(mesh.gateways);
  return (proxy) => ({
    proxy,
    scope:
      proxy.type === 'gateway'
        ? scopes.forGateways(proxy.namespace)
        : scopes.forSidecars(sidecars(proxy.namespace, proxy.labels), proxy.namespace),
    gateway: proxy.type === 'gateway' ? mergeGateways(proxy) : undefined,
  });
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
