import { Command, Option } from 'commander';
import { printedLines } from '../../output/escape/plain.ts';
import { formatNames } from '../../output/format-table.ts';
import { type VersionFormat, versionFormats } from '../../output/version/formats.ts';
import { defaultRelease } from '../../releases/index.ts';
import type { CommandContext } from '../context.ts';
import { meshVersion } from '../version.ts';

/** `mesh version`. */
export function versionCommand({ io }: CommandContext): Command {
  return new Command('version')
    .description('print the version of mesh, and of the Istio that it computes after')
    .option('-s, --short', 'print the version number only')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(versionFormats)).default('text'))
    .action(async ({ short, output }: { short?: true; output: VersionFormat }) => {
      const versions = { version: meshVersion(), istioVersion: defaultRelease.version };
      if (short && output === 'text') io.out(printedLines([versions.version]));
      else io.out((await versionFormats[output]())(versions));
    });
}
