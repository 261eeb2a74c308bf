import { Command, Option } from 'commander';
import type { InputOptions, TargetOptions } from '../../input/options.ts';
import { formatNames } from '../../output/format-table.ts';
import { type UpgradeFormat, upgradeFormats } from '../../output/upgrade/formats.ts';
import type { CommandContext } from '../context.ts';
import { addGatewayOption, addInputOptions, addTargetOptions, CLUSTERS } from '../options.ts';

export interface UpgradeCheckOptions extends InputOptions, TargetOptions {
  readonly output: UpgradeFormat;
  readonly gateway?: string;
}

/** `mesh upgrade-check`. */
export function upgradeCheckCommand({ io, finish }: CommandContext): Command {
  const command = new Command('upgrade-check')
    .description('show what another release of Istio changes for the same manifests; exit status 1 where requests end otherwise')
    .argument('[path...]', 'files, folders or patterns (else as -f)');
  return addGatewayOption(addTargetOptions(addInputOptions(command, undefined, undefined, CLUSTERS)))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(upgradeFormats)).default('text'))
    .addHelpText('after', '\nWithout a --to flag: the release after the one that is used.')
    .action(async (paths: readonly string[], options: UpgradeCheckOptions) => {
      const { upgradeCheck } = await import('../actions/upgrade.ts');
      finish(await upgradeCheck(paths, options, io));
    });
}
