import { usageError } from '../../diagnostics/user-error.ts';
import { compareConfigurations } from '../../operations/diff/compare-configurations.ts';
import { hasChanges } from '../../operations/diff/report.ts';
import { diffFormats } from '../../output/diff/formats.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { type ConfigurationSource, ioWithRevisions, readConfiguration } from '../read-configuration.ts';
import { countPassedOver } from '../report.ts';

/** Compares two configurations and prints how they differ. Gives the exit status: 0 when nothing changes, 1 when something does. */
export async function diff(before: string, after: string, options: DiffOptions, io: Io): Promise<number> {
  if (before === '-' && after === '-') throw usageError('standard input can be one side only');
  const withRevisions = ioWithRevisions(io);
  const earlier = await readConfiguration(sourceOf(before, options, options.oldMeshConfig, options.oldRegistry), withRevisions);
  const later = await readConfiguration(sourceOf(after, options, options.newMeshConfig, options.newRegistry), withRevisions);
  const report = compareConfigurations(earlier, later, { ...options, now: io.now() });
  const isChanged = hasChanges(report);
  const format = await diffFormats[options.output]();
  io.out(format(report, isChanged));
  if (later.kind === 'manifests') countPassedOver(later.input.passedOver, options, io);
  return isChanged ? EXIT.failure : EXIT.fine;
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
