import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { EarlierStage } from '../../operations/stages/stage-data.ts';
import { formatNames } from '../../output/format-table.ts';
import { type TranslateFormat, translateFormats } from '../../output/translate/formats.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS, collect } from '../options.ts';

/** What `mesh translate --stage` can print. */
const STAGES: readonly (EarlierStage | 'xds')[] = ['documents', 'model', 'view', 'xds'];

export interface TranslateOptions extends InputOptions {
  readonly output: TranslateFormat;
  readonly stage: EarlierStage | 'xds';
  readonly outDir?: string;
  readonly prune?: boolean;
  readonly withSecrets?: boolean;
  readonly proxy?: readonly string[];
}

/** `mesh translate`. */
export function translateCommand({ io, unguarded, finish }: CommandContext): Command {
  const command = new Command('translate')
    .description('compile manifests to the xDS that istiod would send to every proxy')
    .argument('[path...]', 'further files, folders or patterns, as with -f');
  return addInputOptions(command, undefined, undefined, CLUSTERS)
    .addOption(new Option('-o, --output <format>', 'what to print').choices(formatNames(translateFormats)).default('json'))
    .option('--out-dir <folder>', 'write one file per proxy, [<cluster>.]<namespace>.<pod>.json, instead of printing')
    .option('--prune', 'with --out-dir: remove the files of proxies that are not in the mesh any more')
    .option('--with-secrets', 'with -o envoy: certificates and private keys of the manifests, in place of stand-ins')
    .option(
      '--proxy <pod>',
      'only this proxy: pod, pod.namespace, [cluster/]namespace/pod, deployment/name; can be repeated',
      collect,
    )
    .addOption(new Option('--stage <stage>', 'print an earlier stage of the work').choices(STAGES).default('xds'))
    .action(async (paths: readonly string[], options: TranslateOptions) => {
      const { translate } = await import('../actions/translate.ts');
      finish(await translate(paths, options, options.withSecrets ? unguarded : io));
    });
}
