import { Command, Option } from 'commander';
import { usageError } from '../../diagnostics/user-error.ts';
import { hasTarget, type InputOptions, type TargetOptions } from '../../input/options.ts';
import { type DiffFormat, diffFormats } from '../../output/diff/formats.ts';
import { formatNames } from '../../output/format-table.ts';
import type { CommandContext } from '../context.ts';
import { addGatewayOption, addInputOptions, addTargetOptions, CLUSTERS, collect } from '../options.ts';

export interface DiffOptions extends InputOptions, TargetOptions {
  readonly output: DiffFormat;
  readonly oldCluster?: readonly string[];
  readonly newCluster?: readonly string[];
  readonly oldMeshConfig?: string;
  readonly newMeshConfig?: string;
  readonly oldRegistry?: string;
  readonly newRegistry?: string;
  readonly requests: boolean;
  readonly equal?: boolean;
  readonly gateway?: string;
}

/** `mesh diff`. */
export function diffCommand({ io, finish }: CommandContext): Command {
  const command = new Command('diff')
    .description('show what a change of the manifests changes: proxies, requests, findings')
    .argument('[old]', 'file, folder, pattern, path in a git revision (HEAD~1:manifests), or config dump of a proxy')
    .argument('[new]', 'the same, afterwards; not with --to or --ambient-namespace, which compare the manifests with themselves');
  return addGatewayOption(addTargetOptions(addInputOptions(command, undefined, undefined, CLUSTERS)))
    .option('--old-cluster <name=path>', 'a cluster as it is on the old side; can be repeated', collect)
    .option('--new-cluster <name=path>', 'a cluster as it is on the new side; can be repeated', collect)
    .option('--old-mesh-config <file>', 'body of MeshConfig of the old side')
    .option('--new-mesh-config <file>', 'body of MeshConfig of the new side')
    .option('--old-registry <file>', 'mock service registry of the old side')
    .option('--new-registry <file>', 'mock service registry of the new side')
    .option('--ambient-namespace <name>', 'compare with this namespace moved to ambient mode; can be repeated', collect)
    .option('--no-requests', 'do not try requests')
    .option('--equal', 'succeed only with a proof that every request ends as before, whatever else changes')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(diffFormats)).default('text'))
    .addHelpText(
      'after',
      '\nFlags without old or new hold for both sides; -f names files that both sides share.\nExit status: 0 no change, 1 changes; with --equal 0 only where every request is proven to end as before.',
    )
    .action(async (before: string | undefined, after: string | undefined, options: DiffOptions) => {
      if (options.equal === true && !options.requests)
        throw usageError('--equal asks about requests, --no-requests leaves them out');
      if (hasTarget(options)) {
        if (after !== undefined)
          throw usageError('with --to flags there is one side only: the same manifests are compiled twice');
        if (options.oldCluster !== undefined || options.newCluster !== undefined)
          throw usageError('with --to flags there is one side only: clusters are named by --cluster');
        const { previewAsDiff } = await import('../actions/upgrade.ts');
        finish(await previewAsDiff(before === undefined ? [] : [before], options, io));
        return;
      }
      const isMoved = options.ambientNamespace !== undefined;
      if (isMoved && after !== undefined) {
        throw usageError('with --ambient-namespace there is one side only: it is compared with the same manifests moved');
      }
      const { diff, diffClusters } = await import('../actions/diff.ts');
      if (options.cluster !== undefined || options.oldCluster !== undefined || options.newCluster !== undefined) {
        if (before !== undefined || isMoved)
          throw usageError('clusters are named by --cluster, --old-cluster and --new-cluster alone');
        finish(await diffClusters(options, io));
        return;
      }
      if (before === undefined || (after === undefined && !isMoved)) {
        throw usageError(`missing required argument '${before === undefined ? 'old' : 'new'}'`);
      }
      finish(await diff(before, after, options, io));
    });
}
