import type { InputOptions } from '../../input/options.ts';
import { generateWaypoint, type WaypointChoice } from '../../operations/waypoints/generate.ts';
import { listWaypoints } from '../../operations/waypoints/waypoints.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import { formatWaypoints } from '../../output/waypoints/tables.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Prints the Gateway of a waypoint. Gives the exit status. */
export function printGenerated(choice: WaypointChoice, io: Io): number {
  io.out(formatGoYaml(generateWaypoint(choice)));
  return EXIT.fine;
}

/** Prints the waypoints of a namespace, or of all. Gives the exit status. */
export async function printWaypoints(table: 'list' | 'status', options: InputOptions, ofAll: boolean, io: Io): Promise<number> {
  const { mesh, input } = await openMesh(options, [], io);
  io.out(formatWaypoints(table, listWaypoints(mesh, ofAll ? undefined : input.namespace), ofAll));
  return EXIT.fine;
}
