import { Command, InvalidArgumentError, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type TestFormat, testFormats } from '../../output/test/formats.ts';
import type { CommandContext } from '../context.ts';
import { addGatewayOption, addInputOptions, CLUSTERS, WATCH } from '../options.ts';
import { runWatched } from '../watch.ts';

export interface TestOptions extends InputOptions {
  readonly output: TestFormat;
  readonly coverage?: boolean;
  readonly failUnder?: number;
  readonly scaffold?: boolean;
  readonly gateway?: string;
  readonly watch?: boolean;
}

/** `mesh test`. */
export function testCommand({ io, finish }: CommandContext): Command {
  const command = new Command('test')
    .description('check request tables (*.mesh-test.yaml, requests.yaml): what must happen to which request')
    .argument('[path...]', 'tables, or folders with tables (the current one)');
  return addGatewayOption(addInputOptions(command, undefined, undefined, CLUSTERS))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(testFormats)).default('text'))
    .option('--coverage', 'tell which routes, filter chains and policy rules no request meets')
    .option('--fail-under <percent>', 'fail when fewer of them are met', readPercent)
    .option(...WATCH)
    .option('--scaffold', 'print a table of what the mesh does now')
    .addHelpText('after', '\nExit status: 0 fine, 79 an expectation fails, 64 usage, 65 something cannot be read.')
    .action(async (paths: readonly string[], options: TestOptions) => {
      const { test } = await import('../actions/test.ts');
      finish(await runWatched(options, io, (seen) => test(paths, options, seen)));
    });
}

function readPercent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 100)) throw new InvalidArgumentError(`"${text}" is not a percentage.`);
  return value;
}
