import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type RecommendationFormat, sidecarAdviceFormats } from '../../output/recommend/formats.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, collect } from '../options.ts';

/** Flags of `mesh recommend`. */
export interface RecommendOptions extends InputOptions {
  readonly output: RecommendationFormat;
  readonly per: 'workload' | 'namespace';
  readonly calls?: readonly string[];
  readonly requests?: readonly string[];
  readonly complete?: boolean;
  readonly detail?: 'ports' | 'methods' | 'paths';
}

/** `mesh recommend sidecar` and `authorization`. */
export function recommendCommand({ io, finish }: CommandContext): Command {
  const parent = new Command('recommend').description('write the least configuration that what is declared and observed needs');
  const about = {
    sidecar: 'the Sidecars with the fewest egress hosts, what they save, and the proof that no call ends otherwise',
    authorization: 'AuthorizationPolicies that let in who calls and nobody else, with the proof',
  } as const;
  for (const kind of ['sidecar', 'authorization'] as const) {
    const command = new Command(kind)
      .description(about[kind])
      .argument('[workload...]', 'for whom: names of workloads or pods (all, or those of --namespace)');
    addInputOptions(command)
      .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(sidecarAdviceFormats)).default('text'))
      .addOption(new Option('--per <scope>', 'one for each').choices(['workload', 'namespace']).default('workload'))
      .option(
        '--calls <file>',
        'observed calls: metrics of Istio (Prometheus text or JSON) or access logs; can be repeated',
        collect,
      )
      .option(
        '--requests <path>',
        'request tables, or folders with tables (else those beside the manifests); can be repeated',
        collect,
      )
      .option('--complete', 'take the calls for all that there are: what has none calls nobody, or is called by nobody')
      .action(async (names: readonly string[], options: RecommendOptions) => {
        const { recommend } = await import('../actions/recommend.ts');
        finish(await recommend(kind, names, options, io));
      });
    if (kind === 'authorization') {
      const detail = new Option('--detail <parts>', 'how exactly rules say what is let in').choices([
        'ports',
        'methods',
        'paths',
      ]);
      command.addOption(detail.default('paths'));
    }
    parent.addCommand(command);
  }
  return parent;
}
