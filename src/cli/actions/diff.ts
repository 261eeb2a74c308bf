import { usageError } from '../../diagnostics/user-error.ts';
import { loadInput } from '../../input/load.ts';
import { clustersOfSide, commonValue } from '../../input/options.ts';
import { compareConfigurations } from '../../operations/diff/compare-configurations.ts';
import { type Configuration, openConfiguration } from '../../operations/diff/configuration.ts';
import { endsAllEqual, hasChanges, isWorthTelling } from '../../operations/diff/report.ts';
import { diffFormats } from '../../output/diff/formats.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { type ConfigurationSource, ioWithRevisions, readClusters, readConfiguration } from '../read-configuration.ts';
import { countPassedOver, tellFailure, withProgress } from '../report.ts';

/**
 * Compares two configurations, or one with itself after namespaces are moved, and prints how they differ. Gives the exit status: 0 when
 * nothing changes, 1 when something does.
 */
export async function diff(before: string, after: string | undefined, options: DiffOptions, io: Io): Promise<number> {
  if (before === '-' && after === '-') throw usageError('standard input can be one side only');
  const withRevisions = ioWithRevisions(io);
  const earlier = await readConfiguration(
    sourceOf(before, { ...options, ambientNamespace: [] }, options.oldMeshConfig, options.oldRegistry),
    withRevisions,
  );
  const target = sourceOf(after ?? before, options, options.newMeshConfig, options.newRegistry);
  const later = after === undefined ? await readMoved(target, withRevisions) : await readConfiguration(target, withRevisions);
  return tell(earlier, later, options, io);
}

/** The same of several clusters, some of which differ between the sides. */
export async function diffClusters(options: DiffOptions, io: Io): Promise<number> {
  const { cluster, oldCluster, newCluster } = options;
  if (oldCluster === undefined && newCluster === undefined) {
    throw usageError(
      'nothing differs: name what a cluster was with --old-cluster NAME=PATH, or what it is going to be with --new-cluster',
    );
  }
  const withRevisions = ioWithRevisions(io);
  const read = (own: readonly string[] | undefined, meshConfig: string | undefined): Promise<Configuration> => {
    const named = clustersOfSide(cluster, own);
    const source = sourceOf(named.join(', '), options, meshConfig, undefined);
    return readClusters({ ...source, options: { ...source.options, cluster: named } }, withRevisions);
  };
  const earlier = await read(oldCluster, options.oldMeshConfig);
  return tell(earlier, await read(newCluster, options.newMeshConfig), options, io);
}

async function tell(earlier: Configuration, later: Configuration, options: DiffOptions, io: Io): Promise<number> {
  const isProofWanted = options.equal === true;
  if (isProofWanted && [earlier, later].some(({ kind }) => kind === 'dump'))
    throw usageError('--equal compares manifests: one proxy alone carries no requests');
  const report = await withProgress(io, 'places that requests go to', (onProgress) =>
    compareConfigurations(earlier, later, { ...options, isProofWanted, now: io.now(), onProgress }),
  );
  const isChanged = hasChanges(report);
  const format = await diffFormats[options.output]();
  io.out(format(report, isWorthTelling(report)));
  for (const { passedOver } of later.kind === 'manifests' ? later.inputs : []) countPassedOver(passedOver, options, io);
  if (isProofWanted && options.requests && report.requests.proof === undefined) {
    tellFailure('nothing is proven: no request was found that meets what has changed', io);
  }
  const { added, removed } = report.proxies;
  if (isProofWanted && report.requests.proven === 'all as before' && added.length + removed.length > 0)
    tellFailure('not equal: proxies come or go, and what these send has nothing to be compared with', io);
  return (isProofWanted ? endsAllEqual(report) : !isChanged) ? EXIT.fine : EXIT.failure;
}

/** The side of the same manifests, moved; what is wrong with them was said when they were read first. */
async function readMoved({ label, options }: ConfigurationSource, io: Io): Promise<Configuration> {
  const moved = { ...options, ambient: true, file: [label, ...(options.file ?? [])] };
  const names = options.ambientNamespace?.join(', ');
  const input = await loadInput(moved, [], io, { asksApiServer: true });
  return openConfiguration(`${label} with ${names} in ambient mode`, input, commonValue(options.meshConfig));
}

function sourceOf(
  label: string,
  options: DiffOptions,
  meshConfig: string | undefined,
  registry: string | undefined,
): ConfigurationSource {
  const config = meshConfig ?? options.meshConfig;
  const services = registry ?? options.registry;
  return {
    label,
    options: {
      ...options,
      ...(config !== undefined && { meshConfig: config }),
      ...(services !== undefined && { registry: services }),
    },
  };
}
