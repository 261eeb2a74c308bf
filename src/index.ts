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
export { UserError } from './diagnostics/user-error.ts';
export type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration } from './envoy/api.gen.ts';
export type { ProxyRef, XdsSnapshot } from './envoy/snapshot.ts';
export type { InputFiles } from './input/files.ts';
export { type Input, inputOfTexts, loadEachCluster, loadInput } from './input/load.ts';
export type { InputOptions } from './input/options.ts';
export { buildMesh } from './model/build-mesh.ts';
export type { Mesh } from './model/mesh.ts';
export { type ClusterInput, type MeshInput, singleCluster } from './model/mesh-input.ts';
export type { Proxy } from './model/proxies/proxy.ts';
export { describePod, describePodAmong, describeService, describeServiceAmong } from './operations/describe/describe.ts';
export type { PodDescription, ServiceDescription } from './operations/describe/description.ts';
export { compareConfigurations } from './operations/diff/compare-configurations.ts';
export { type ManifestConfiguration, openClusters, openConfiguration } from './operations/diff/configuration.ts';
export type { DiffReport } from './operations/diff/report.ts';
export { proveStatements, proveStatementsAmong } from './operations/prove/prove-file.ts';
export type { Counterexample, ProvenFile, StatementReport, Verdict } from './operations/prove/report.ts';
export type { WrittenStatement } from './operations/prove/written-statement.ts';
export { computeGraph, computeGraphAmong } from './operations/reachability/compute.ts';
export type { Graph } from './operations/reachability/graph.ts';
export { followAmong, followRequest, type TracedRequest } from './operations/trace/follow.ts';
export { type AskedRequest, readQuestion } from './operations/trace/question.ts';
export type { Release } from './releases/release.ts';
export type { Resource } from './resource/resource.ts';
export type { DataPlane } from './trace/data-plane.ts';
export type { Outcome, TraceRequest } from './trace/outcome.ts';
export { unknownServers } from './trace/servers/unknown.ts';
export { runTable, type TableRequest, type TableResult } from './trace/table.ts';
export { traceRequest } from './trace/trace.ts';
export { type Origin, originOf } from './util/origin.ts';
export { type CheckedWorkbench as Workbench, openCheckedWorkbench as openWorkbench } from './workbench/checked.ts';
export { findingsAmong } from './workbench/checked-clusters.ts';
export { type Benches, findAmong, openPrimaries, type ProxyOfBench } from './workbench/clusters.ts';
