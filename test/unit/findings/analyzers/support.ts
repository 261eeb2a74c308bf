import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import type { Analyzer } from '../../../../src/findings/analyzers/support/analyzer.ts';
import { createReader } from '../../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../../src/findings/analyzers/support/run.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { DEFAULT_DOMAIN, singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Behaviours } from '../../../../src/releases/release.ts';
import { completeResources } from '../../../../src/resource/complete.ts';
import { memo } from '../../../../src/util/memo.ts';
import { inputOfYaml } from '../../../support/resources.ts';

/** What an analyzer says of the resources of a YAML text, in a cluster of this DNS domain. */
export function findingsOf(
  analyzer: Analyzer,
  yaml: string,
  meshConfig: MeshConfig = {},
  clusterDomain: string = DEFAULT_DOMAIN,
): readonly Diagnostic[] {
  const { resources, written } = inputOfYaml(yaml);
  const { clusters, ...rest } = singleCluster(resources, meshConfig);
  const input = { ...rest, clusters: [{ ...clusters[0], domain: clusterDomain }] as const };
  const reader = createReader({
    release: defaultRelease,
    resources: written,
    meshConfig,
    clusterDomain,
    now: 0,
    buildMesh: () => buildMesh(input),
  });
  return runAnalyzers(reader, [analyzer]).map(({ diagnostic }) => diagnostic);
}

/** What an analyzer says where istiod is in ambient mode, and has made what belongs to waypoints. */
export function inAmbientMode(analyzer: Analyzer, yaml: string, more: Partial<Behaviours> = {}): readonly Diagnostic[] {
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableAmbient: true, ...more } };
  const resources = inputOfYaml(yaml).written;
  const completed = completeResources(resources, () => {}, release.behaviours);
  const mesh = memo(() => buildMesh(singleCluster(completed, {}, undefined, release)));
  const reader = createReader({ release, resources, meshConfig: {}, clusterDomain: DEFAULT_DOMAIN, now: 0, buildMesh: mesh });
  return runAnalyzers(reader, [analyzer]).map(({ diagnostic }) => diagnostic);
}

/** The same as `CODE kind/name path`. */
export function briefly(
  analyzer: Analyzer,
  yaml: string,
  meshConfig: MeshConfig = {},
  clusterDomain: string = DEFAULT_DOMAIN,
): readonly string[] {
  return findingsOf(analyzer, yaml, meshConfig, clusterDomain).map(
    ({ code, resource, path }) => `${code} ${resource?.kind}/${resource?.name} ${path?.join('.') ?? ''}`,
  );
}
