import type { ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import { records } from '../../envoy/config-dump.ts';
import { isObject } from '../../util/object.ts';
import { originOf, withOrigin } from '../../util/origin.ts';
import { type EndpointFilter, type EndpointRow, endpointAddress, selectsEndpoint } from './endpoints.ts';

/** What Envoy's `/clusters?format=json` tells of each cluster, in canonical JSON (envoy.admin.v3.ClusterStatus). */
export type ClusterStatus = Readonly<Record<string, unknown>>;

/** The rows of the endpoints table. */
export function rowsOfStatuses(statuses: readonly ClusterStatus[]): EndpointRow[] {
  return statuses.flatMap((status) => records(status.hostStatuses).map((host) => rowOf(host, status)));
}

/** The clusters that have a host which passes the filter, whole. */
export function selectStatuses(statuses: readonly ClusterStatus[], filter: EndpointFilter): readonly ClusterStatus[] {
  return statuses.filter((status) => records(status.hostStatuses).some((host) => selectsEndpoint(filter, rowOf(host, status))));
}

/** What Envoy would tell of these assignments before it checked any host: hosts whose health is not given count as healthy. */
export function statusesOfAssignments(assignments: readonly ClusterLoadAssignment[]): ClusterStatus[] {
  return assignments.map(({ clusterName, endpoints = [] }) => ({
    name: clusterName,
    addedViaApi: true,
    hostStatuses: endpoints.flatMap((group) => (group.lbEndpoints ?? []).map((endpoint) => hostStatus(endpoint, group))),
  }));
}

function hostStatus(lbEndpoint: LbEndpoint, group: LocalityLbEndpoints): object {
  const { endpoint, healthStatus = 'HEALTHY', loadBalancingWeight = 1 } = lbEndpoint;
  const { priority, locality } = group;
  const status = {
    address: endpoint?.address,
    healthStatus: { edsHealthStatus: healthStatus },
    weight: loadBalancingWeight,
    ...(priority !== undefined && { priority }),
    ...(locality !== undefined && { locality }),
  };
  const origin = originOf(lbEndpoint) ?? originOf(group);
  return withOrigin(status, origin?.resource, origin?.path);
}

function rowOf(host: Readonly<Record<string, unknown>>, status: ClusterStatus): EndpointRow {
  const health = isObject(host.healthStatus) ? host.healthStatus : {};
  return {
    ...endpointAddress(isObject(host.address) ? host.address : undefined),
    status: String(health.edsHealthStatus ?? 'UNKNOWN'),
    failedOutlierCheck: health.failedOutlierCheck === true,
    cluster: String(status.name ?? ''),
    host,
  };
}
