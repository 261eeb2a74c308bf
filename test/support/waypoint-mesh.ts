import type { MeshConfig } from '../../src/api/istio.gen.ts';
import { createSession } from '../../src/compile/session.ts';
import type { FilterChain, HttpConnectionManager, Listener, Route, TcpProxy } from '../../src/envoy/api.gen.ts';
import { buildMesh } from '../../src/model/build-mesh.ts';
import { singleCluster } from '../../src/model/mesh-input.ts';
import { defaultRelease } from '../../src/releases/index.ts';
import type { Behaviours, Release } from '../../src/releases/release.ts';
import { resourcesOfYaml } from './resources.ts';

/** Meshes with a waypoint in namespace `shop`, for tests of what it gets. */

/** Of an istiod in ambient mode. */
export const ambientRelease: Release = {
  ...defaultRelease,
  behaviours: { ...defaultRelease.behaviours, enableAmbient: true },
};

/** What is special about a waypoint. */
interface WaypointSettings {
  readonly serves?: 'service' | 'workload' | 'all';
  readonly from?: 'Same' | 'All';
  readonly podAnnotations?: string;
}

/** The Gateway of a waypoint with its Service and pod, as istiod's controller makes them. */
export function waypoint({ serves = 'service', from = 'Same', podAnnotations = '' }: WaypointSettings = {}): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: ${serves}}}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: ${from}}}}]
---
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: shop, labels: {gateway.istio.io/managed: istio.io-mesh-controller}}
spec:
  clusterIP: 10.96.0.9
  selector: {gateway.networking.k8s.io/gateway-name: waypoint}
  ports: [{name: mesh, port: 15008, appProtocol: hbone}]
---
apiVersion: v1
kind: Pod
metadata:
  name: waypoint
  namespace: shop
  labels: {gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller}
  annotations: {${podAnnotations}}
spec: {containers: [{name: istio-proxy, args: [proxy, waypoint]}]}
status: {podIP: 10.244.0.7}
`;
}

/** A Service that uses the waypoint. */
export function served(name: string, clusterIp: string, ports: string, namespace = 'shop'): string {
  return `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: {istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: shop}
spec: {clusterIP: ${clusterIp}, selector: {app: ${name}}, ports: [${ports}]}
`;
}

/** A ServiceEntry that uses the waypoint. */
export function servedEntry(name: string, spec: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec: {${spec}}
`;
}

/** An object of Istio. */
export function object(kind: string, name: string, spec: string, namespace = 'shop'): string {
  const groups: Readonly<Record<string, string>> = {
    AuthorizationPolicy: 'security',
    RequestAuthentication: 'security',
    Telemetry: 'telemetry',
    WasmPlugin: 'extensions',
    TrafficExtension: 'extensions',
  };
  const version = groups[kind] === 'extensions' ? 'v1alpha1' : kind === 'EnvoyFilter' ? 'v1alpha3' : 'v1';
  return `
apiVersion: ${groups[kind] ?? 'networking'}.istio.io/${version}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}
`;
}

/** What the waypoint of some manifests listens to, EnvoyFilters included. */
export interface WaypointListeners {
  readonly listeners: ReadonlyMap<string, Listener>;
  /** Names of its clusters. */
  readonly clusters: readonly string[];
  /** Of main_internal. */
  readonly chains: ReadonlyMap<string, FilterChain>;
  /** The connection manager of a chain. */
  manager(chain: string): HttpConnectionManager;
  /** Names of the HTTP filters of a chain. */
  httpFilters(chain: string): readonly string[];
  routes(chain: string): readonly Route[];
  /** The TCP proxy of a chain. */
  proxy(chain: string): TcpProxy;
  /** Names of the network filters of a chain. */
  networkFilters(chain: string): readonly string[];
}

/** Compiles the waypoint of some manifests, of an istiod with some other behaviours. */
export function waypointListeners(
  documents: readonly string[],
  config: MeshConfig = {},
  behaviours: Partial<Behaviours> = {},
): WaypointListeners {
  const release = { ...ambientRelease, behaviours: { ...ambientRelease.behaviours, ...behaviours } };
  const mesh = buildMesh(singleCluster(resourcesOfYaml(documents.join('---')), config, undefined, release));
  const proxy = mesh.proxies.find(({ role }) => role === 'waypoint');
  if (proxy === undefined) throw new Error('the mesh has no waypoint');
  const compiled = createSession(mesh).compile(proxy);
  const listeners = new Map(compiled.listeners.map((listener) => [listener.name, listener]));
  const chains = new Map(
    (listeners.get('main_internal')?.filterChains ?? []).map((chain) => [
      (chain.name ?? '').replace('.svc.cluster.local', ''),
      chain,
    ]),
  );
  const filters = (chain: string) => chains.get(chain)?.filters ?? [];
  const manager = (chain: string) => (filters(chain).at(-1)?.typedConfig ?? {}) as unknown as HttpConnectionManager;
  return {
    listeners,
    clusters: compiled.clusters.map(({ name = '' }) => name.replace('.svc.cluster.local', '')),
    chains,
    manager,
    httpFilters: (chain) => (manager(chain).httpFilters ?? []).map(({ name }) => name ?? ''),
    routes: (chain) => (manager(chain).routeConfig?.virtualHosts ?? []).flatMap(({ routes }) => routes ?? []),
    proxy: (chain) => (filters(chain).at(-1)?.typedConfig ?? {}) as unknown as TcpProxy,
    networkFilters: (chain) => filters(chain).map(({ name }) => name ?? ''),
  };
}
