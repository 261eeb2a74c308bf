import { Command, Option } from 'commander';
import { releaseNamed } from '../../input/release.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { formatNames } from '../../output/format-table.ts';
import { type VersionFormat, versionFormats } from '../../output/version/formats.ts';
import type { CommandContext } from '../context.ts';
import { ISTIO_VERSION } from '../options.ts';
import { meshVersion } from '../version.ts';

/** `mesh version`. */
export function versionCommand({ io }: CommandContext): Command {
  return new Command('version')
    .description('print the version of mesh, and of the Istio that it computes after')
    .option('-s, --short', 'print the version number only')
    .option(...ISTIO_VERSION)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(versionFormats)).default('text'))
    .action(async ({ short, output, istioVersion }: { short?: true; output: VersionFormat; istioVersion?: string }) => {
      const versions = { version: meshVersion(), istioVersion: (await releaseNamed(istioVersion)).version };
      if (short && output === 'text') io.out(printedLines([versions.version]));
      else io.out((await versionFormats[output]())(versions));
    });
}
