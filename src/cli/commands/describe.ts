import { Command } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions } from '../options.ts';

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
      .argument(`<${kind}>`, `name, name.namespace or namespace/name of the ${kind}`);
    addInputOptions(command).action(async (name: string, options: InputOptions) => {
      const { describe } = await import('../actions/describe.ts');
      finish(await describe(kind, name, options, io));
    });
    parent.addCommand(command);
  }
  return parent;
}
