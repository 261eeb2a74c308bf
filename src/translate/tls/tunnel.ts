import { any } from '../../envoy/any.ts';
import type { CommonTlsContext, InternalUpstreamTransportMetadataValueSource, TransportSocket } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { ORIGINAL_DESTINATION } from '../naming/names.ts';
import { ALPN_H2_ONLY, agentSecret, combinedValidation, rawBufferSocket, trustDomainMatchers } from './common.ts';
import { compliantTls } from './compliance.ts';
import { acceptedTrustDomains, type WorkloadSecrets } from './inbound.ts';

/**
 * The mutual TLS of tunnels, for both of their ends; a waypoint names its own namespace beside the trust domains.
 * As istio core/listener_waypoint.go buildCommonConnectTLSContext and cluster_waypoint.go buildWaypointConnectOriginate.
 */
export function tunnelTlsContext(
  { config, release: { behaviours } }: Pick<Mesh, 'config' | 'release'>,
  { certificate, root, fileSocket }: WorkloadSecrets,
  namespace?: string,
): CommonTlsContext {
  const trustDomains = behaviours.skipValidateTrustDomain ? [] : acceptedTrustDomains(config);
  const { defaultValidationContext, ...validation } = combinedValidation(agentSecret(root, fileSocket), undefined);
  const ofNamespace =
    namespace === undefined || behaviours.skipValidateTrustDomain
      ? []
      : [{ prefix: `spiffe://${config.trustDomain ?? ''}/ns/${namespace}/sa/` }];
  const names = [...(trustDomainMatchers(trustDomains) ?? []), ...ofNamespace].map((matcher) => ({
    sanType: 'URI' as const,
    matcher,
  }));
  return {
    alpnProtocols: ALPN_H2_ONLY,
    tlsParams: compliantTls({ tlsMinimumProtocolVersion: 'TLSv1_3', tlsMaximumProtocolVersion: 'TLSv1_3' }, behaviours),
    tlsCertificateSdsSecretConfigs: [agentSecret(certificate, fileSocket)],
    combinedValidationContext: {
      ...validation,
      defaultValidationContext: compact({ ...defaultValidationContext, matchTypedSubjectAltNames: nonEmpty(names) }),
    },
  };
}

/** No TLS, by another name than matches use for it; istio util RawBufferTransport. */
export const plainSocket: TransportSocket = { ...rawBufferSocket, name: 'raw_buffer' };

const HOST: InternalUpstreamTransportMetadataValueSource['kind'] = { host: {} };

const CLUSTER: InternalUpstreamTransportMetadataValueSource['kind'] = { cluster: {} };

/** Under this name clusters and endpoints say how peers are learned about; istio util IstioPeerMetadataKey. */
export const PEER_METADATA = 'istio.peer_metadata';

/** What listeners inside of the proxy learn about the endpoint and the cluster. */
const passthroughMetadata: readonly InternalUpstreamTransportMetadataValueSource[] = [
  { kind: HOST, name: ORIGINAL_DESTINATION },
  { kind: CLUSTER, name: 'istio' },
  { kind: HOST, name: 'istio' },
];

const peerMetadata: readonly InternalUpstreamTransportMetadataValueSource[] = [
  { kind: CLUSTER, name: PEER_METADATA },
  { kind: HOST, name: PEER_METADATA },
];

/** Leads to the listener that opens tunnels; istio util FullMetadataPassthroughInternalUpstreamTransportSocket. */
export function tunnelSocket(inner: TransportSocket, behaviours: Behaviours): TransportSocket {
  return internalSocket('envoy.transport_sockets.internal_upstream', {
    passthroughMetadata: withPeers(passthroughMetadata, behaviours),
    transportSocket: inner,
  });
}

/** Leads from a waypoint to the listener that opens tunnels; istio util WaypointInternalUpstreamTransportSocket. */
export function waypointSocket(inner: TransportSocket, behaviours: Behaviours): TransportSocket {
  const learned = passthroughMetadata.filter(({ kind }) => kind === HOST);
  return internalSocket('internal_upstream', {
    passthroughMetadata: withPeers(learned, behaviours),
    transportSocket: inner,
  });
}

function withPeers(
  metadata: readonly InternalUpstreamTransportMetadataValueSource[],
  { ambientEnableBaggage }: Behaviours,
): readonly InternalUpstreamTransportMetadataValueSource[] {
  return ambientEnableBaggage ? [...metadata, ...peerMetadata] : metadata;
}

/** Leads to another listener of the proxy, which learns nothing; istio util DefaultInternalUpstreamTransportSocket. */
export function plainInternalSocket(inner: TransportSocket, name = 'internal_upstream'): TransportSocket {
  return internalSocket(name, { transportSocket: inner });
}

function internalSocket(name: string, config: Readonly<Record<string, unknown>>): TransportSocket {
  const type = 'type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport';
  return { name, typedConfig: any(type, config) };
}
