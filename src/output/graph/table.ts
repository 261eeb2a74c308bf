import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import type { WordedGraph } from './words.ts';

/** A row for each way. */
export function formatGraphTable({ edges }: WordedGraph): Printable {
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
