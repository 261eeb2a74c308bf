import type { Address, HealthStatus as EnvoyHealthStatus, LbEndpoint } from '../../envoy/api.gen.ts';
import { canonicalLabelsOf, canonicalService } from '../../model/registry/injection.ts';
import type { Endpoint, Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { compact, own } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { CONNECT_ORIGINATE, FORWARD_INNER_CONNECT, ORIGINAL_DESTINATION } from '../naming/names.ts';

/**
 * An endpoint as Envoy gets it: address, health, weight, and the metadata by which clusters choose mutual TLS and telemetry names
 * the server. As istio pilot/pkg/xds/endpoints buildEnvoyLbEndpoint and networking/util AppendLbEndpointMetadata.
 */
export function buildLbEndpoint(
  endpoint: Endpoint,
  { mutualTls, tunnel, matchesTunnel, handsOn }: Reached,
  service: Service,
  behaviours: Behaviours,
  share: MetadataSharer,
): LbEndpoint {
  const identity = telemetryIdentity(endpoint, service, behaviours);
  const metadata = endpointMetadata(mutualTls ? endpoint.tlsMode : '', identity, behaviours);
  return withOrigin(
    compact({
      endpoint:
        tunnel === undefined
          ? { address: buildAddress(endpoint), ...(endpoint.additionalAddresses.length > 0 && otherAddresses(endpoint)) }
          : { address: tunnelAddress(tunnel, handsOn ? FORWARD_INNER_CONNECT : CONNECT_ORIGINATE) },
      healthStatus: healthStatus(endpoint, behaviours),
      loadBalancingWeight: endpoint.weight || 1,
      metadata: share(tunnel === undefined ? metadata : withTunnel(metadata, tunnel, matchesTunnel)),
    }),
    endpoint.resource,
    endpoint.path,
  );
}

/** How a client reaches an endpoint. */
export interface Reached {
  readonly mutualTls: boolean;
  /** Where a tunnel leads; undefined where none is needed. */
  readonly tunnel: TunnelTarget | undefined;
  /** Whether the cluster learns by this that there is a tunnel; those that know nothing else need not. */
  readonly matchesTunnel: boolean;
  /** Whether what comes is a tunnel already, which is handed on as it is. */
  readonly handsOn: boolean;
}

/** A tunnel (HBONE) to an endpoint. */
export interface TunnelTarget {
  /** Address and port that the connection is for, behind the tunnel. */
  readonly local: string;
  /** Where the tunnel ends, if that is a waypoint. */
  readonly waypoint?: string;
}

function tunnelAddress({ local, waypoint }: TunnelTarget, serverListenerName: string): Address {
  return { envoyInternalAddress: { serverListenerName, endpointId: waypoint ?? local } };
}

/** By this, clusters choose the tunnel in place of mutual TLS. */
function withTunnel(
  { filterMetadata }: NonNullable<LbEndpoint['metadata']>,
  tunnel: TunnelTarget,
  matchesTunnel: boolean,
): NonNullable<LbEndpoint['metadata']> {
  return {
    filterMetadata: {
      ...filterMetadata,
      [ORIGINAL_DESTINATION]: { ...tunnel },
      ...(matchesTunnel && { 'envoy.transport_socket_match': { tunnel: 'http' } }),
    },
  };
}

/** Makes equal metadata one object: the endpoints of a pod differ in their ports only. */
export type MetadataSharer = (metadata: NonNullable<LbEndpoint['metadata']>) => NonNullable<LbEndpoint['metadata']>;

/** Who an endpoint is to telemetry. */
type TelemetryIdentity = Pick<Endpoint, 'workloadName' | 'namespace' | 'labels' | 'clusterId'>;

/** Endpoints outside the mesh can be named for their service, not for what stands on them. */
function telemetryIdentity(endpoint: Endpoint, service: Service, behaviours: Behaviours): TelemetryIdentity {
  if (!behaviours.labelCanonicalServicesForMeshExternalServiceEntries || !service.meshExternal) return endpoint;
  const { namespace } = service;
  return { ...endpoint, namespace, labels: { ...endpoint.labels, ...canonicalLabelsOf(service.labels) } };
}

/** The metadata of an endpoint; `tlsMode` is empty or `disabled` where it takes plain text. */
export function endpointMetadata(
  tlsMode: string,
  { workloadName, namespace, labels, clusterId }: TelemetryIdentity,
  { enableTelemetryLabel, endpointTelemetryLabel }: Behaviours,
): NonNullable<LbEndpoint['metadata']> {
  const ofTls = tlsMode !== '' && tlsMode !== 'disabled' ? { 'envoy.transport_socket_match': { tlsMode } } : undefined;
  if (!enableTelemetryLabel || !endpointTelemetryLabel) return ofTls === undefined ? {} : { filterMetadata: ofTls };
  const { name, revision } = canonicalService(labels, workloadName);
  const workload = [workloadName, namespace, name, revision === 'latest' ? '' : revision, clusterId].join(';');
  return {
    filterMetadata: {
      ...ofTls,
      istio: { workload },
    },
  };
}

/** Whether an endpoint is going down and keeps old sessions only. */
export function isDraining({ health, labels }: Endpoint, { drainingLabel }: Behaviours): boolean {
  return health === 'draining' || (drainingLabel !== '' && Boolean(own(labels, drainingLabel)));
}

function otherAddresses({
  additionalAddresses,
  port,
}: Endpoint): Pick<NonNullable<LbEndpoint['endpoint']>, 'additionalAddresses'> {
  return { additionalAddresses: additionalAddresses.map((address) => ({ address: buildAddress({ address, port }) })) };
}

function buildAddress({ address, port }: Pick<Endpoint, 'address' | 'port'>): Address {
  if (port === 0) return { pipe: address === '' ? {} : { path: address } };
  return { socketAddress: address === '' ? { portValue: port } : { address, portValue: port } };
}

function healthStatus(endpoint: Endpoint, behaviours: Behaviours): EnvoyHealthStatus | undefined {
  if (isDraining(endpoint, behaviours)) return 'DRAINING';
  switch (endpoint.health) {
    case 'healthy':
      return 'HEALTHY';
    case 'unhealthy':
      return 'UNHEALTHY';
    case 'terminating':
      return 'TIMEOUT';
    case 'draining':
    case 'unknown':
      return undefined;
    default:
      return assertNever(endpoint.health);
  }
}
