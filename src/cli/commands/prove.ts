import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type ProveFormat, proveFormats } from '../../output/prove/formats.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS } from '../options.ts';

export interface ProveOptions extends InputOptions {
  readonly output: ProveFormat;
  readonly suggest?: boolean;
}

/** `mesh prove`. */
export function proveCommand({ io, finish }: CommandContext): Command {
  const command = new Command('prove')
    .description('prove statements (*.mesh-policy.yaml) about all requests, or find one that breaks them')
    .argument('[path...]', 'files of statements, or folders with them (the current one)');
  return addInputOptions(command, undefined, undefined, CLUSTERS)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(proveFormats)).default('text'))
    .option('--suggest', 'print statements that hold now')
    .addHelpText(
      'after',
      '\nExit status: 0 all are proven, 79 one is refuted, 80 none is and one is undecided, 64 usage, 65 something cannot be read.',
    )
    .action(async (paths: readonly string[], options: ProveOptions) => {
      const { prove } = await import('../actions/prove.ts');
      finish(await prove(paths, options, io));
    });
}
