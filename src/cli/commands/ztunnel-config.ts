import { Command, Option } from 'commander';
import { usageError } from '../../diagnostics/user-error.ts';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import type { ZtunnelConfigPart } from '../../output/ztunnel-config/choice.ts';
import { type ZtunnelConfigFormat, ztunnelConfigFormats } from '../../output/ztunnel-config/formats.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions } from '../options.ts';

/** Flags of `mesh ztunnel-config`. */
export interface ZtunnelConfigOptions extends InputOptions {
  readonly output: ZtunnelConfigFormat;
  readonly node?: string;
  readonly address?: string;
  readonly workloadNamespace?: string;
  readonly workloadNode?: string;
  readonly serviceNamespace?: string;
  readonly policyNamespace?: string;
  readonly direction?: string;
  readonly raw?: boolean;
  readonly withHeaders?: boolean;
}

type Flag = readonly [flag: string, about: string];
const ofNamespace: Flag = ['--workload-namespace <name>', 'only workloads of this namespace'];

const subcommands: readonly (readonly [ZtunnelConfigPart, aliases: readonly string[], about: string, flags: readonly Flag[]])[] =
  [
    [
      'workload',
      ['workloads', 'w'],
      'the workloads that a ztunnel knows',
      [
        ['--address <address>', 'only the workload of this address'],
        ofNamespace,
        ['--workload-node <name>', 'only workloads on this node'],
      ],
    ],
    ['service', ['services', 'svc', 's'], 'its services', [['--service-namespace <name>', 'only services of this namespace']]],
    ['policy', ['policies', 'pol', 'p'], 'its policies', [['--policy-namespace <name>', 'only policies of this namespace']]],
    ['certificate', ['certificates', 'certs', 'cert'], 'its certificates (of a dump)', []],
    [
      'connections',
      ['cons'],
      'its connections (of a dump)',
      [['--direction <direction>', 'inbound or outbound'], ['--raw', 'addresses instead of names'], ofNamespace],
    ],
    ['all', [], 'everything', [['--with-headers', 'print a heading before each part']]],
  ];

/** `mesh ztunnel-config` and its subcommands. */
export function ztunnelConfigCommand({ io, finish }: CommandContext): Command {
  const parent = new Command('ztunnel-config')
    .alias('zc')
    .description('print what istioctl ztunnel-config would print, of manifests or of the dump of a running ztunnel');
  for (const [part, aliases, about, flags] of subcommands) {
    const command = addInputOptions(new Command(part).aliases([...aliases]).description(about))
      .argument(
        '[pod]',
        'a ztunnel, or a pod for what its ztunnel knows of it; without it, --file may name the dump of a ztunnel',
      )
      .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(ztunnelConfigFormats)).default('short'))
      .option('--node <name>', 'the ztunnel of this node (istiod tells all of them the same)');
    for (const flag of flags) command.option(...flag);
    command.action(async (pod: string | undefined, options: ZtunnelConfigOptions) => {
      const { printZtunnelConfig } = await import('../actions/ztunnel-config.ts');
      finish(await printZtunnelConfig(part, pod, options, io));
    });
    parent.addCommand(command);
  }
  // What of a ztunnel only a running one has; unknown flags are istioctl's.
  const log = new Command('log')
    .description('not supported: the log levels of a running ztunnel')
    .allowUnknownOption()
    .allowExcessArguments();
  return parent.addCommand(
    log.action(() => {
      throw usageError(
        'ztunnel-config log asks a running ztunnel for its log levels, or sets them, and mesh talks to none; istioctl ztunnel-config log does',
      );
    }),
  );
}
