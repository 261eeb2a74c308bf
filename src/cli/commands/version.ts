import { Command } from 'commander';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { defaultRelease } from '../../releases/index.ts';
import type { CommandContext } from '../context.ts';
import { meshVersion, versionText } from '../version.ts';

/** `mesh version`. */
export function versionCommand({ io }: CommandContext): Command {
  return new Command('version')
    .description('print the version of mesh, and of the Istio that it computes after')
    .option('-s, --short', 'print the version number only')
    .option('-o, --output <format>', 'json')
    .action(({ short, output }: { short?: true; output?: string }) => {
      if (output === 'json') io.out(printedJson({ version: meshVersion(), istioVersion: defaultRelease.version }));
      else io.out(printedLines([short ? meshVersion() : versionText()]));
    });
}
