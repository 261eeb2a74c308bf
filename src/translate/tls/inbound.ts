import type { MeshConfig } from '../../api/istio.gen.ts';
import type { DownstreamTlsContext, TransportSocket } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { memo } from '../../util/memo.ts';
import { proxyMetadata } from '../traits/proxy-metadata.ts';
import {
  ALPN_HTTP,
  ALPN_PEER_EXCHANGE,
  agentSecret,
  combinedValidation,
  exchangesMetadata,
  fileCertificateName,
  fileRootName,
  MESH_ROOT,
  sdsTraitsOf,
  trustDomainMatchers,
  WORKLOAD_CERTIFICATE,
} from './common.ts';
import { compliantTls } from './compliance.ts';
import { downstreamTlsSocket } from './gateway.ts';

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
 * The TLS of the inbound chains of sidecars: their own certificate, and clients of the mesh's trust domains only. ALPN does not name
 * `istio`, by which chains are chosen, for that would disturb the choice of the HTTP version. A proxy can bring certificate files of
 * its own (TLS_SERVER_* metadata); all others share one socket.
 * As istio pilot/pkg/security/authn/utils/utils.go BuildInboundTLS and security/model/authentication.go ApplyToCommonTLSContext.
 */
export function createInboundTls({
  config,
  release: { behaviours },
}: Pick<Mesh, 'config' | 'release'>): (proxy: Proxy) => InboundTlsSockets {
  const trustDomains = behaviours.skipValidateTrustDomain ? [] : acceptedTrustDomains(config);
  const build = memo((certificate: string, root: string, fileSocket: boolean): InboundTlsSockets => {
    const context = (alpnProtocols: readonly string[]): DownstreamTlsContext => ({
      commonTlsContext: {
        alpnProtocols,
        tlsParams: compliantTls(
          {
            cipherSuites: config.meshMTLS?.cipherSuites?.length ? config.meshMTLS.cipherSuites : meshCiphers,
            tlsMinimumProtocolVersion: config.meshMTLS?.minProtocolVersion === 'TLSV1_3' ? 'TLSv1_3' : 'TLSv1_2',
            tlsMaximumProtocolVersion: 'TLSv1_3',
          },
          behaviours,
        ),
        tlsCertificateSdsSecretConfigs: [agentSecret(certificate, fileSocket)],
        combinedValidationContext: combinedValidation(agentSecret(root, fileSocket), trustDomainMatchers(trustDomains)),
      },
      requireClientCertificate: true,
    });
    const tcp = exchangesMetadata(behaviours) ? [ALPN_PEER_EXCHANGE, ...ALPN_HTTP] : ALPN_HTTP;
    return { http: downstreamTlsSocket(context(ALPN_HTTP)), tcp: downstreamTlsSocket(context(tcp)) };
  });
  return (proxy) => {
    const { certificate, root, fileSocket } = workloadSecretsOf(proxy);
    return build(certificate, root, fileSocket);
  };
}

/** The names of the secrets by which a proxy proves who it is and knows its peers. */
export interface WorkloadSecrets {
  readonly certificate: string;
  readonly root: string;
  /** Whether files are served by a server of their own. */
  readonly fileSocket: boolean;
}

/** Those of the mesh, or the files that a proxy brings (TLS_SERVER_* metadata); istio security/model ApplyToCommonTLSContext. */
export function workloadSecretsOf(proxy: Proxy): WorkloadSecrets {
  const chain = proxyMetadata(proxy, 'TLS_SERVER_CERT_CHAIN') ?? '';
  const key = proxyMetadata(proxy, 'TLS_SERVER_KEY') ?? '';
  const roots = proxyMetadata(proxy, 'TLS_SERVER_ROOT_CERT') ?? '';
  return {
    certificate: chain !== '' && key !== '' ? fileCertificateName(chain, key) : WORKLOAD_CERTIFICATE,
    root: roots !== '' ? fileRootName(roots) : MESH_ROOT,
    fileSocket: sdsTraitsOf(proxy).fileSocket,
  };
}

/** The trust domains whose clients may connect, each once; istio pilot/pkg/networking/plugin/authn/util.go. */
export function acceptedTrustDomains(config: MeshConfig): readonly string[] {
  const ofCertificates = (config.caCertificates ?? []).flatMap(({ trustDomains = [] }) => trustDomains);
  const all = [config.trustDomain ?? '', ...(config.trustDomainAliases ?? []), ...ofCertificates];
  return [...new Set(all.filter((domain) => domain !== ''))];
}
