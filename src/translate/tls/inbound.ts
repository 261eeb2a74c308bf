import type { MeshConfig } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { DownstreamTlsContext, TransportSocket } from '../../envoy/api.gen.ts';
import {
  ALPN_DOWNSTREAM,
  ALPN_HTTP,
  agentSecret,
  combinedValidation,
  MESH_ROOT,
  trustDomainMatchers,
  WORKLOAD_CERTIFICATE,
} from './common.ts';

/** The mutual TLS that a sidecar terminates, for chains that look into requests and for those that do not. */
export interface InboundTlsSockets {
  readonly http: TransportSocket;
  readonly tcp: TransportSocket;
}

/** What sidecars accept where MeshConfig does not say (meshMTLS.cipherSuites). */
const meshCiphers: readonly string[] = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

/**
 * The TLS of a sidecar's inbound chains: its own certificate, and clients of the mesh's trust domains only. ALPN does not name
 * `istio`, by which chains are chosen, for that would disturb the choice of the HTTP version.
 * As istio pilot/pkg/security/authn/utils/utils.go BuildInboundTLS.
 */
export function buildInboundTls(config: MeshConfig): InboundTlsSockets {
  const context = (alpnProtocols: readonly string[]): DownstreamTlsContext => ({
    commonTlsContext: {
      alpnProtocols,
      tlsParams: {
        cipherSuites: config.meshMTLS?.cipherSuites?.length ? config.meshMTLS.cipherSuites : meshCiphers,
        tlsMinimumProtocolVersion: config.meshMTLS?.minProtocolVersion === 'TLSV1_3' ? 'TLSv1_3' : 'TLSv1_2',
        tlsMaximumProtocolVersion: 'TLSv1_3',
      },
      tlsCertificateSdsSecretConfigs: [agentSecret(WORKLOAD_CERTIFICATE)],
      combinedValidationContext: combinedValidation(agentSecret(MESH_ROOT), trustDomainMatchers(acceptedTrustDomains(config))),
    },
    requireClientCertificate: true,
  });
  return { http: downstreamTlsSocket(context(ALPN_HTTP)), tcp: downstreamTlsSocket(context(ALPN_DOWNSTREAM)) };
}

/** A TLS server. */
export function downstreamTlsSocket(context: DownstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', context),
  };
}

/** The trust domains whose clients may connect, each once; istio pilot/pkg/networking/plugin/authn/util.go. */
export function acceptedTrustDomains(config: MeshConfig): readonly string[] {
  const ofCertificates = (config.caCertificates ?? []).flatMap(({ trustDomains = [] }) => trustDomains);
  const all = [config.trustDomain ?? '', ...(config.trustDomainAliases ?? []), ...ofCertificates];
  return [...new Set(all.filter((domain) => domain !== ''))];
}
