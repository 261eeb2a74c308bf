import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { accessWords, reasonsInShort, type WordedGraph } from './words.ts';

/** A row for each way. */
export function formatGraphTable({ edges }: WordedGraph): Printable {
  const rows = edges.map((edge) => {
    const { from, to, host, port, protocol, tls } = edge;
    return [
      from,
      to.join(', '),
      `${host}:${port}`,
      protocol,
      accessWords(edge),
      tls || '-',
      reasonsInShort(edge).join('; ') || '-',
    ];
  });
  return formatColumns([['FROM', 'TO', 'HOST', 'PROTOCOL', 'ACCESS', 'TLS', 'BECAUSE'], ...rows], 2);
}
