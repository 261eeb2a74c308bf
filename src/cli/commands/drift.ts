import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { type DriftFormat, driftFormats } from '../../output/drift/formats.ts';
import { formatNames } from '../../output/format-table.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS } from '../options.ts';

export interface DriftOptions extends InputOptions {
  readonly output: DriftFormat;
  readonly pod?: string;
  readonly endpoints: boolean;
}

/** `mesh drift`. */
export function driftCommand({ io, finish }: CommandContext): Command {
  const command = new Command('drift')
    .description('compare what a running proxy has with what the manifests would give it; exit status 1 when they differ')
    .argument('<config-dump>', 'file with /config_dump?include_eds of the proxy, or - for standard input');
  return addInputOptions(command, undefined, undefined, CLUSTERS)
    .option('--pod <pod>', 'the pod in the manifests (default: the one of the same name or workload as the dump)')
    .option('--no-endpoints', 'leave endpoints out, whose addresses only the cluster knows')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(formatNames(driftFormats)).default('text'))
    .action(async (dump: string, options: DriftOptions) => {
      const { drift } = await import('../actions/drift.ts');
      finish(await drift(dump, options, io));
    });
}
