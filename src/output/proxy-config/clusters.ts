import type { Cluster } from '../../envoy/api.gen.ts';
import { goSort } from '../../util/go-sort.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { describeManagement } from './management.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/** Which clusters to show: substrings of their names, and the port. */
export interface ClusterChoice {
  readonly fqdn?: string;
  readonly port?: number;
  readonly subset?: string;
  readonly direction?: string;
}

/** The parts of a cluster name such as `outbound|80|v1|reviews`; others are a hostname alone. */
export interface ClusterKey {
  readonly direction: string;
  readonly subset: string;
  readonly hostname: string;
  readonly port: number;
}

/** Splits the name of a cluster; istioctl safelyParseSubsetKey. */
export function clusterKey(name: string): ClusterKey {
  const parts = name.split('|');
  if (parts.length <= 3) return { direction: '', subset: '', hostname: name, port: 0 };
  const [direction = '', port = '', subset = '', hostname = ''] = parts;
  return { direction, subset, hostname, port: /^\d+$/.test(port) ? Number(port) : 0 };
}

/** By hostname, subset, port and direction. */
export function clusterKeyLess(a: string, b: string): boolean {
  const [keyA, keyB] = [clusterKey(a), clusterKey(b)];
  if (keyA.hostname !== keyB.hostname) return keyA.hostname < keyB.hostname;
  if (keyA.subset !== keyB.subset) return keyA.subset < keyB.subset;
  if (keyA.port !== keyB.port) return keyA.port < keyB.port;
  return keyA.direction < keyB.direction;
}

/** Whether a cluster passes the filter; istioctl ClusterFilter.Verify. */
export function selectsCluster(filter: ClusterChoice, { name = '' }: Cluster): boolean {
  return (
    name.includes(filter.fqdn ?? '') &&
    name.includes(filter.direction ?? '') &&
    name.includes(filter.subset ?? '') &&
    (!filter.port || name.includes(`|${filter.port}|`))
  );
}

/** The order of istioctl. */
export function sortClusters(clusters: readonly Cluster[]): Cluster[] {
  return goSort(clusters, (a, b) => clusterKeyLess(a.name ?? '', b.name ?? ''));
}

/** The table of `proxy-config clusters`; istioctl PrintClusterSummary. */
export function formatClusters(
  clusters: readonly Cluster[],
  options: { readonly filter: ClusterChoice; readonly withNames: boolean; readonly origins?: DescribeOrigin | undefined },
): Printable {
  const rows = sortClusters(clusters)
    .filter((cluster) => selectsCluster(options.filter, cluster))
    .map((cluster) => {
      const { name = '' } = cluster;
      const end = [cluster.type ?? 'STATIC', describeManagement(cluster.metadata), ...originCell(options.origins, cluster)];
      const prefixed = `cluster/${name}`;
      if (name.split('|').length > 3) {
        const { direction, subset, hostname, port } = clusterKey(name);
        return [
          ...(options.withNames ? [prefixed] : []),
          hostname,
          String(port),
          subset === '' ? '-' : subset,
          direction,
          ...end,
        ];
      }
      if (options.withNames && name !== '') return [prefixed, prefixed, '-', '-', '-', ...end];
      return [name, '-', '-', '-', ...end];
    });
  const head = ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE', ...originHead(options.origins)];
  return formatColumns([options.withNames ? ['NAME', ...head] : head, ...rows], 5);
}
