import { Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import { addInputOptions, type InputOptions } from '../options.ts';

export interface AnalyzeOptions extends InputOptions {
  readonly output: 'log' | 'json' | 'yaml';
}

/** `mesh analyze`. */
export function analyzeCommand({ io, finish }: CommandContext): Command {
  const command = new Command('analyze')
    .description('look for mistakes, in single resources and between them')
    .argument('[path...]', 'files, folders or patterns; - for standard input');
  return addInputOptions(command)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['log', 'json', 'yaml']).default('log'))
    .action(async (paths: readonly string[], options: AnalyzeOptions) => {
      const { analyze } = await import('../actions/analyze.ts');
      finish(await analyze(paths, options, io));
    });
}
