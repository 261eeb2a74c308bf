import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { FilterChain, HttpConnectionManager, Listener, TcpProxy } from '../../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { buildersOf } from '../../../support/builders.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

/** The listeners of a sidecar in the mesh of some manifests, by name. */
export function listenersOf(manifests: string, pod = 'shop/client', config: MeshConfig = {}): ReadonlyMap<string, Listener> {
  const { roles, sidecar } = buildersOf(buildMesh(singleCluster(resourcesOfYaml(manifests), config)));
  return new Map(roles.sidecar.listeners(sidecar(pod)).map(({ value }) => [value.name, value]));
}

/** Documents of a manifest, one after the other. */
export function documents(...texts: readonly string[]): string {
  return texts.join('\n---\n');
}

/** A pod of namespace shop with a sidecar. */
export function pod(name: string, ip: string, more = ''): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}${more}}
spec: {containers: [{name: app, image: example/app}]}
status: {podIP: ${ip}}`;
}

/** The client of most tests. */
export const client: string = pod('client', '10.244.0.1');

/** A Service of namespace shop; ports as in the manifest. */
export function service(name: string, clusterIp: string, ports: string, more = ''): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {clusterIP: ${clusterIp}, selector: {app: ${name}}, ports: [${ports}]${more}}`;
}

/** An Istio networking resource of namespace shop. */
export function istio(kind: string, name: string, spec: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: ${spec}`;
}

/** What a filter chain does, in short: what it matches and where it sends. */
export function summary(chain: FilterChain): { match: unknown; to: string } {
  const last = chain.filters?.at(-1)?.typedConfig as (TcpProxy & HttpConnectionManager) | undefined;
  const weighted = last?.weightedClusters?.clusters?.map(({ name, weight }) => `${name}=${weight}`).join(' ');
  const to = last?.rds
    ? `route ${last.rds.routeConfigName}`
    : last?.routeConfig
      ? `routes to ${last.routeConfig.name}`
      : (weighted ?? last?.cluster ?? '');
  return { match: chain.filterChainMatch, to };
}

/** The chains of a listener in short; the default one last, as `otherwise`. */
export function chains(listener: Listener | undefined): unknown {
  if (listener === undefined) return undefined;
  const { filterChains = [], defaultFilterChain } = listener;
  return {
    chains: filterChains.map(summary),
    ...(defaultFilterChain && { otherwise: summary(defaultFilterChain).to }),
  };
}
