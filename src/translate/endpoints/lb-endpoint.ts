import type { Address, HealthStatus as EnvoyHealthStatus, LbEndpoint } from '../../envoy/api.gen.ts';
import { canonicalService } from '../../model/registry/injection.ts';
import type { Endpoint } from '../../model/registry/service.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';

/** The label of workloads that take no new sessions. */
const DRAINING_LABEL = 'istio.io/draining';

/**
 * An endpoint as Envoy gets it: address, health, weight, and the metadata by which clusters choose mutual TLS and telemetry names
 * the server. As istio pilot/pkg/xds/endpoints buildEnvoyLbEndpoint and networking/util AppendLbEndpointMetadata.
 */
export function buildLbEndpoint(endpoint: Endpoint, mutualTls: boolean): LbEndpoint {
  return withOrigin(
    compact({
      endpoint: { address: buildAddress(endpoint) },
      healthStatus: healthStatus(endpoint),
      loadBalancingWeight: endpoint.weight || 1,
      metadata: endpointMetadata(mutualTls ? endpoint.tlsMode : '', endpoint),
    }),
    endpoint.resource,
    endpoint.path,
  );
}

/** The metadata of an endpoint; `tlsMode` is empty or `disabled` where it takes plain text. */
export function endpointMetadata(
  tlsMode: string,
  { workloadName, namespace, labels, clusterId }: Pick<Endpoint, 'workloadName' | 'namespace' | 'labels' | 'clusterId'>,
): NonNullable<LbEndpoint['metadata']> {
  const { name, revision } = canonicalService(labels, workloadName);
  const workload = [workloadName, namespace, name, revision === 'latest' ? '' : revision, clusterId].join(';');
  return {
    filterMetadata: {
      ...(tlsMode !== '' && tlsMode !== 'disabled' && { 'envoy.transport_socket_match': { tlsMode } }),
      istio: { workload },
    },
  };
}

/** Whether an endpoint is going down and keeps old sessions only. */
export function isDraining({ health, labels }: Endpoint): boolean {
  return health === 'draining' || Boolean(labels[DRAINING_LABEL]);
}

function buildAddress({ address, port }: Pick<Endpoint, 'address' | 'port'>): Address {
  if (port === 0) return { pipe: address === '' ? {} : { path: address } };
  return { socketAddress: address === '' ? { portValue: port } : { address, portValue: port } };
}

function healthStatus(endpoint: Endpoint): EnvoyHealthStatus | undefined {
  if (isDraining(endpoint)) return 'DRAINING';
  switch (endpoint.health) {
    case 'healthy':
      return 'HEALTHY';
    case 'unhealthy':
      return 'UNHEALTHY';
    case 'terminating':
      return 'TIMEOUT';
    default:
      return undefined;
  }
}
