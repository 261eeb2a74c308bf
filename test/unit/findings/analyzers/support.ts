import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import type { Analyzer } from '../../../../src/findings/analyzers/support/analyzer.ts';
import { createReader } from '../../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../../src/findings/analyzers/support/run.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

/** What an analyzer says of the resources of a YAML text. */
export function findingsOf(analyzer: Analyzer, yaml: string, meshConfig: MeshConfig = {}): readonly Diagnostic[] {
  const resources = resourcesOfYaml(yaml);
  const reader = createReader({
    release: defaultRelease,
    resources,
    meshConfig,
    now: 0,
    buildMesh: () => buildMesh(singleCluster(resources, meshConfig)),
  });
  return runAnalyzers(reader, [analyzer]).map(({ diagnostic }) => diagnostic);
}

/** The same as `CODE kind/name path`. */
export function briefly(analyzer: Analyzer, yaml: string, meshConfig: MeshConfig = {}): readonly string[] {
  return findingsOf(analyzer, yaml, meshConfig).map(
    ({ code, resource, path }) => `${code} ${resource?.kind}/${resource?.name} ${path?.join('.') ?? ''}`,
  );
}
