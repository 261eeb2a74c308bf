import type { Address, ClusterLoadAssignment, LbEndpoint, Locality } from '../../envoy/api.gen.ts';
import { goSort } from '../../util/go-sort.ts';
import { compact } from '../../util/object.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { clusterKeyLess } from './clusters.ts';
import type { EndpointFilter } from './endpoints.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/**
 * The assignments with only the endpoints that pass the filter, without those that have none left, in istioctl's order.
 * istioctl writer/envoy/configdump/endpoint.go.
 */
export function selectAssignments(
  assignments: readonly ClusterLoadAssignment[],
  filter: EndpointFilter,
): readonly ClusterLoadAssignment[] {
  const selected = assignments.map((assignment) => {
    const { clusterName = '', endpoints } = assignment;
    if (endpoints === undefined) return assignment;
    return {
      ...assignment,
      endpoints: endpoints.map((group) => {
        const left = (group.lbEndpoints ?? []).filter((endpoint) => selects(filter, endpoint, clusterName));
        return compact({ ...group, lbEndpoints: left.length === 0 ? undefined : left });
      }),
    };
  });
  const filled = selected.filter(({ endpoints = [] }) => endpoints.some(({ lbEndpoints = [] }) => lbEndpoints.length > 0));
  return goSort(filled, (a, b) => clusterKeyLess(a.clusterName ?? '', b.clusterName ?? ''));
}

/** The table of `proxy-config eds`. */
export function formatAssignments(
  assignments: readonly ClusterLoadAssignment[],
  options: { readonly filter: EndpointFilter; readonly withNames: boolean; readonly origins?: DescribeOrigin | undefined },
): Printable {
  const rows = selectAssignments(assignments, options.filter).flatMap(({ clusterName = '', endpoints = [] }) =>
    endpoints.flatMap((group) =>
      (group.lbEndpoints ?? []).map((endpoint) => [
        `${options.withNames ? 'endpoint/' : ''}${addressesOf(endpoint).join(',')}`,
        endpoint.healthStatus ?? 'UNKNOWN',
        describeLocality(group.locality),
        clusterName,
        ...originCell(options.origins, endpoint, group),
      ]),
    ),
  );
  return formatColumns([['NAME', 'STATUS', 'LOCALITY', 'CLUSTER', ...originHead(options.origins)], ...rows], 5);
}

function selects(filter: EndpointFilter, endpoint: LbEndpoint, cluster: string): boolean {
  const same = (wanted: string | undefined, own: string): boolean => !wanted || wanted.toLowerCase() === own.toLowerCase();
  const port = endpoint.endpoint?.address?.socketAddress?.portValue ?? 0;
  return (
    (!filter.address || addressesOf(endpoint).some((address) => same(filter.address, address))) &&
    (!filter.port || filter.port === port) &&
    same(filter.cluster, cluster) &&
    same(filter.status, endpoint.healthStatus ?? 'UNKNOWN')
  );
}

function addressesOf({ endpoint }: LbEndpoint): string[] {
  const additional = (endpoint?.additionalAddresses ?? []).map(({ address }) => address);
  return [endpoint?.address, ...additional].map(describeAddress);
}

function describeAddress(address: Address | undefined): string {
  const { socketAddress, pipe, envoyInternalAddress } = address ?? {};
  if (socketAddress) return `${socketAddress.address ?? ''}:${socketAddress.portValue ?? 0}`;
  if (pipe) return pipe.path ?? '';
  if (envoyInternalAddress?.serverListenerName !== undefined) {
    return `envoy://${envoyInternalAddress.serverListenerName}/${envoyInternalAddress.endpointId ?? ''}`;
  }
  return 'unknown';
}

function describeLocality(locality: Locality | undefined): string {
  const { region = '', zone = '', subZone = '' } = locality ?? {};
  if (zone === '') return region;
  return subZone === '' ? `${region}/${zone}` : `${region}/${zone}/${subZone}`;
}
