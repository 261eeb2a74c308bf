import { Command } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions } from '../options.ts';

/** Flags of `mesh waypoint generate`. */
interface GenerateOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly for?: string;
  readonly revision?: string;
}

/** `mesh waypoint list`, `status` and `generate`. */
export function waypointCommand({ io, finish }: CommandContext): Command {
  const parent = new Command('waypoint').description('print what istioctl waypoint would print');
  for (const table of ['list', 'status'] as const) {
    const about = table === 'list' ? 'the waypoints of a namespace' : 'whether they are programmed, and why not';
    const command = addInputOptions(new Command(table).description(about)).option('-A, --all-namespaces', 'of all namespaces');
    command.action(async (options: InputOptions & { readonly allNamespaces?: boolean }) => {
      const { printWaypoints } = await import('../actions/waypoint.ts');
      finish(await printWaypoints(table, options, options.allNamespaces ?? false, io));
    });
    parent.addCommand(command);
  }
  return parent.addCommand(
    new Command('generate')
      .description('write the Gateway of a waypoint')
      .option('--name <name>', 'what it is called', 'waypoint')
      .option('-n, --namespace <name>', 'where it stands')
      .option('--for <traffic>', 'what it serves: service, workload, all or none (default: as its class says)')
      .option('-r, --revision <name>', 'the revision of istiod that runs it')
      .action(async ({ for: trafficType, ...options }: GenerateOptions) => {
        const { printGenerated } = await import('../actions/waypoint.ts');
        finish(printGenerated({ ...options, ...(trafficType !== undefined && { trafficType }) }, io));
      }),
  );
}
