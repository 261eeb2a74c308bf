import type { Graph } from '../../graph/graph.ts';
import { formatColumns } from '../columns.ts';

/** A row for each way. */
export function formatGraphTable({ edges }: Graph): string {
  const rows = edges.map(({ from, to, host, port, protocol, access, tls, because }) => [
    from,
    to.join(', '),
    `${host}:${port}`,
    protocol,
    access,
    tls || '-',
    because.join('; ') || '-',
  ]);
  return formatColumns([['FROM', 'TO', 'HOST', 'PROTOCOL', 'ACCESS', 'TLS', 'BECAUSE'], ...rows], 2);
}
