import { Command } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions } from '../options.ts';

/** `mesh waypoint list` and `status`. */
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
  return parent;
}
