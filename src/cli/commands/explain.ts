import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { ISTIO_VERSION } from '../options.ts';

/** `mesh explain`. */
export function explainCommand({ io, finish }: CommandContext): Command {
  return new Command('explain')
    .description('say what a code means, what makes it appear, and how to fix it')
    .argument('[code]', 'a code such as IST0101 or MESH0012; without one, all are listed')
    .option(...ISTIO_VERSION)
    .action(async (code: string | undefined, { istioVersion }: { readonly istioVersion?: string }) => {
      const { explain } = await import('../actions/explain.ts');
      finish(await explain(code, istioVersion, io));
    });
}
