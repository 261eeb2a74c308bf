import { usageError } from '../../diagnostics/user-error.ts';
import { loadInput } from '../../input/load.ts';
import { commonFile } from '../../input/options.ts';
import { compareConfigurations } from '../../operations/diff/compare-configurations.ts';
import { type Configuration, openConfiguration } from '../../operations/diff/configuration.ts';
import { hasChanges } from '../../operations/diff/report.ts';
import { diffFormats } from '../../output/diff/formats.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { type ConfigurationSource, ioWithRevisions, readConfiguration } from '../read-configuration.ts';
import { countPassedOver } from '../report.ts';

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
  const report = compareConfigurations(earlier, later, { ...options, now: io.now() });
  const isChanged = hasChanges(report);
  const format = await diffFormats[options.output]();
  io.out(format(report, isChanged));
  if (later.kind === 'manifests') countPassedOver(later.input.passedOver, options, io);
  return isChanged ? EXIT.failure : EXIT.fine;
}

/** The side of the same manifests, moved; what is wrong with them was said when they were read first. */
async function readMoved({ label, options }: ConfigurationSource, io: Io): Promise<Configuration> {
  const moved = { ...options, ambient: true, file: [label, ...(options.file ?? [])] };
  const names = options.ambientNamespace?.join(', ');
  const input = await loadInput(moved, [], io, { asksApiServer: true });
  return openConfiguration(`${label} with ${names} in ambient mode`, input, commonFile(options.meshConfig));
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
