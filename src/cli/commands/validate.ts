import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type ValidateFormat, validateFormats } from '../../output/validate/formats.ts';
import type { CommandContext } from '../context.ts';
import { addApiServerOptions, addInputOptions, CLUSTERS } from '../options.ts';

export interface ValidateOptions extends InputOptions {
  readonly output: ValidateFormat;
}

/** `mesh validate`. */
export function validateCommand({ io, finish }: CommandContext): Command {
  const command = new Command('validate')
    .description('check each resource by itself, as the admission webhook does')
    .argument('[path...]', 'files, folders or patterns; - for standard input');
  return addApiServerOptions(addInputOptions(command, undefined, undefined, CLUSTERS))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(validateFormats)).default('text'))
    .action(async (paths: readonly string[], options: ValidateOptions) => {
      const { validate } = await import('../actions/validate.ts');
      finish(await validate(paths, options, io));
    });
}
