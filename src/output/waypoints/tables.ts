import type { ListedWaypoint } from '../../operations/waypoints/waypoints.ts';
import { formatColumns } from '../columns.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';

/** The tables of `istioctl waypoint list` and `status`; of all namespaces with a column for these. */
export function formatWaypoints(
  table: 'list' | 'status',
  waypoints: readonly ListedWaypoint[],
  ofAllNamespaces: boolean,
): Printable {
  if (waypoints.length === 0) return printedLines(['No waypoints found.']);
  const head = table === 'list' ? ['REVISION', 'TRAFFIC TYPE', 'PROGRAMMED'] : ['STATUS', 'TYPE', 'REASON', 'MESSAGE'];
  const rows = waypoints.map(({ namespace, name, revision, trafficType, programmed }) => [
    ...(ofAllNamespaces ? [namespace] : []),
    name,
    ...(table === 'list'
      ? [revision, trafficType, programmed.status]
      : [programmed.status, programmed.type, programmed.reason, programmed.message]),
  ]);
  return formatColumns([[...(ofAllNamespaces ? ['NAMESPACE'] : []), 'NAME', ...head], ...rows], 5);
}
