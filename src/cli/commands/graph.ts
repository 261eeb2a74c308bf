import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type GraphFormat, graphFormats } from '../../output/graph/formats.ts';
import type { CommandContext } from '../context.ts';
import { addGatewayOption, addInputOptions, CLUSTERS } from '../options.ts';

export interface GraphOptions extends InputOptions {
  readonly output: GraphFormat;
  readonly from?: string;
  readonly to?: string;
  readonly gateway?: string;
  readonly title?: string;
}

/** `mesh graph`. */
export function graphCommand({ io, finish }: CommandContext): Command {
  const command = new Command('graph')
    .description('show who can call whom: on which ports, with which mutual TLS, and which policy decides')
    .argument('[path...]', 'further files, folders or patterns, as with -f');
  return addGatewayOption(addInputOptions(command, undefined, undefined, CLUSTERS))
    .addOption(
      new Option('-o, --output <format>', 'what to print; html is one page').choices(formatNames(graphFormats)).default('table'),
    )
    .option('--from <text>', 'only callers whose namespace/workload contains this')
    .option('--to <text>', 'only what is called: namespace/workload or host contains this')
    .option('--title <text>', 'with -o html: what the page is about (default: the files that are named, else the current folder)')
    .action(async (paths: readonly string[], options: GraphOptions) => {
      const { graph } = await import('../actions/graph.ts');
      finish(await graph(paths, options, io));
    });
}
