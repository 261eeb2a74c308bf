import { Command } from 'commander';
import { ISTIO_VERSION } from '../../util/istio-version.ts';
import type { CommandContext } from '../context.ts';
import { meshVersion, versionText } from '../version.ts';

/** `mesh version`. */
export function versionCommand({ io }: CommandContext): Command {
  return new Command('version')
    .description('print the version of mesh, and of the Istio that it computes after')
    .option('-s, --short', 'print the version number only')
    .option('-o, --output <format>', 'json')
    .action(({ short, output }: { short?: true; output?: string }) => {
      if (output === 'json') io.out(`${JSON.stringify({ version: meshVersion(), istioVersion: ISTIO_VERSION }, null, 2)}\n`);
      else io.out(`${short ? meshVersion() : versionText()}\n`);
    });
}
