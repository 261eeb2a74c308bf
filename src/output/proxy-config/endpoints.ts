import type { Address } from '../../envoy/api.gen.ts';
import { goSort } from '../../util/go-sort.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/** Which endpoints to show. */
export interface EndpointFilter {
  readonly address?: string;
  readonly port?: number;
  readonly cluster?: string;
  readonly status?: string;
}

/** A row of the table: what Envoy's `/clusters` tells of a host. */
export interface EndpointRow {
  readonly address: string;
  /** 0 where the address has none. */
  readonly port: number;
  readonly status: string;
  readonly failedOutlierCheck: boolean;
  readonly cluster: string;
  /** What was told of the host, with its origin where it has one. */
  readonly host?: unknown;
}

/** Whether an endpoint passes the filter; istioctl writer/envoy/clusters Verify. */
export function selectsEndpoint(filter: EndpointFilter, row: EndpointRow): boolean {
  const same = (wanted: string | undefined, own: string): boolean => !wanted || wanted.toLowerCase() === own.toLowerCase();
  return (
    same(filter.address, row.address) &&
    (!filter.port || filter.port === row.port) &&
    same(filter.cluster, row.cluster) &&
    same(filter.status, row.status)
  );
}

/** The table of `proxy-config endpoints`; istioctl PrintEndpointsSummary. */
export function formatEndpoints(rows: readonly EndpointRow[], filter: EndpointFilter, origins?: DescribeOrigin): Printable {
  const shown = goSort(
    rows.filter((row) => selectsEndpoint(filter, row)),
    (a, b) => {
      if (a.address !== b.address) return a.address < b.address;
      if (a.port !== b.port) return a.port < b.port;
      return a.cluster < b.cluster;
    },
  );
  const cells = shown.map(({ address, port, status, failedOutlierCheck, cluster, host }) => [
    port === 0 ? address : `${address}:${port}`,
    status,
    failedOutlierCheck ? 'FAILED' : 'OK',
    cluster,
    ...originCell(origins, host),
  ]);
  return formatColumns([['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER', ...originHead(origins)], ...cells], 5);
}

/** Address and port of a host as the table shows them. */
export function endpointAddress(address: Address | undefined): { readonly address: string; readonly port: number } {
  const { socketAddress, pipe, envoyInternalAddress } = address ?? {};
  if (socketAddress) return { address: socketAddress.address ?? '', port: socketAddress.portValue ?? 0 };
  if (pipe) return { address: `unix://${pipe.path ?? ''}`, port: 0 };
  if (envoyInternalAddress?.serverListenerName !== undefined) {
    return { address: `envoy://${envoyInternalAddress.serverListenerName}/${envoyInternalAddress.endpointId ?? ''}`, port: 0 };
  }
  return { address: 'unknown', port: 0 };
}
