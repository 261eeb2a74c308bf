/**
 * mesh as a library: manifests in, the xDS of each proxy out.
 *
 * ```ts
 * const mesh = openWorkbench(inputOfTexts([{ file: 'mesh.yaml', text }]));
 * const snapshots = mesh.proxies.map((proxy) => mesh.snapshotOf(proxy));
 * ```
 */
export type { MeshConfig } from './api/istio.gen.ts';
export { createSession, type Session } from './compile/session.ts';
export type { Diagnostic, Location, Severity } from './diagnostics/diagnostic.ts';
export type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration } from './envoy/api.gen.ts';
export type { ProxyRef, XdsSnapshot } from './envoy/snapshot.ts';
export { type Input, inputOfTexts } from './input/load.ts';
export { buildMesh } from './model/build-mesh.ts';
export type { Mesh } from './model/mesh.ts';
export { type ClusterInput, type MeshInput, singleCluster } from './model/mesh-input.ts';
export type { Proxy } from './model/proxy.ts';
export type { Release } from './releases/release.ts';
export type { Resource } from './resource/resource.ts';
export { type Origin, originOf } from './util/origin.ts';
export { openWorkbench, type Workbench } from './workbench/workbench.ts';
