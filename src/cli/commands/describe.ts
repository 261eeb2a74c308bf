import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { type DescribeFormat, describeFormats } from '../../output/describe/formats.ts';
import { formatNames } from '../../output/format-table.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS } from '../options.ts';

export interface DescribeOptions extends InputOptions {
  readonly output: DescribeFormat;
}

/** `mesh describe pod|service`. */
export function describeCommand({ io, finish }: CommandContext): Command {
  const parent = new Command('describe').alias('des').description('what of the configuration affects a pod or a service');
  const kinds = [
    { kind: 'pod', alias: 'po', about: 'its Services, DestinationRules, VirtualServices, policies, mutual TLS and gateways' },
    { kind: 'service', alias: 'svc', about: 'its DestinationRules, VirtualServices, policies and gateways' },
  ] as const;
  for (const { kind, alias, about } of kinds) {
    const command = new Command(kind)
      .alias(alias)
      .description(about)
      .argument(`<${kind}>`, `name, name.namespace or [cluster/]namespace/name of the ${kind}`);
    addInputOptions(command, undefined, undefined, CLUSTERS)
      .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(describeFormats)).default('text'))
      .action(async (name: string, options: DescribeOptions) => {
        const { describe } = await import('../actions/describe.ts');
        finish(await describe(kind, name, options, io));
      });
    parent.addCommand(command);
  }
  return parent;
}
