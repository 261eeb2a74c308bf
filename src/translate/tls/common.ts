import { any } from '../../envoy/any.ts';
import type { ConfigSource, SdsSecretConfig, StringMatcher, TransportSocket, UpstreamTlsContext } from '../../envoy/api.gen.ts';
import { AUTHORITY_SUFFIX } from '../../model/gateway-api/certificates.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact } from '../../util/object.ts';
import { proxyMetadata } from '../traits/proxy-metadata.ts';

/** Name under which the agent serves the workload's own certificate. */
export const WORKLOAD_CERTIFICATE = 'default';
/** Name under which the agent serves the roots of the mesh. */
export const MESH_ROOT = 'ROOTCA';

/** The server of secrets in the proxy's agent. */
const AGENT = 'sds-grpc';
const EXTERNAL_SDS_CLUSTER = 'sds-external';

/** ALPN of connections between sidecars that carry HTTP/2. */
export const ALPN_IN_MESH_H2: readonly string[] = ['istio', 'h2'];
/** ALPN of other connections between sidecars. */
export const ALPN_IN_MESH: readonly string[] = ['istio'];
/** ALPN of clients that speak HTTP/2 only. */
export const ALPN_H2_ONLY: readonly string[] = ['h2'];
/** ALPN that an HTTP server offers. */
export const ALPN_HTTP: readonly string[] = ['h2', 'http/1.1'];
/** ALPN that a server of HTTP/3 offers. */
export const ALPN_HTTP3: readonly string[] = ['h3'];
/** Offered first by peers that tell each other who they are, on connections that carry no HTTP. */
export const ALPN_PEER_EXCHANGE = 'istio-peer-exchange';

/** Whether clients tell peers who they are; istio cluster_tls.go. */
export function exchangesMetadata({ enableMetadataExchange, disableMxAlpn }: Behaviours): boolean {
  return enableMetadataExchange && !disableMxAlpn;
}

/** Plain text, as a transport socket of its own; istio xdsfilters.RawBufferTransportSocket. */
export const rawBufferSocket: TransportSocket = {
  name: 'envoy.transport_sockets.raw_buffer',
  typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
};

/** A TLS client. */
export function upstreamTlsSocket(context: UpstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', context),
  };
}

/** How the certificates of a proxy can be served besides by its agent; what a context depends on in the proxy it is for. */
export interface SdsTraits {
  /** A socket for external SDS (`sds://` credentials) is mounted. */
  readonly credentialSocket: boolean;
  /** Certificate files are served by a separate server. */
  readonly fileSocket: boolean;
}

/** The SDS traits that the proxy's agent reports; istio security.CredentialMetaDataName and CredentialFileMetaDataName. */
export function sdsTraitsOf(proxy: Proxy): SdsTraits {
  return {
    credentialSocket: proxyMetadata(proxy, 'credential') === 'true',
    fileSocket: proxyMetadata(proxy, 'file-credential') === 'true',
  };
}

/** Secret resource name of a certificate and its key in files; istio security.SdsCertificateConfig. */
export function fileCertificateName(certificate: string, privateKey: string): string {
  return `file-cert:${certificate}~${privateKey}`;
}

/** Secret resource name of CA certificates in a file; `system` stands for the roots of the operating system. */
export function fileRootName(certificates: string): string {
  return `file-root:${certificates}`;
}

/**
 * A secret that the proxy's agent serves: the workload certificate, the mesh roots, or files by the names above.
 * As istio pkg/model/authentication.go ConstructSdsSecretConfig and ConstructSdsFilesSecretConfig.
 */
export function agentSecret(name: string, fileSocket = false): SdsSecretConfig {
  if (name === WORKLOAD_CERTIFICATE) return workloadCertificate;
  if (name === MESH_ROOT) return meshRoot;
  return { name, sdsConfig: sdsServer(fileSocket ? 'sds-files-grpc' : AGENT) };
}

/** A server of secrets that an extension provider names. */
export interface SecretServer {
  /** As the provider calls it. */
  readonly name: string;
  /** Its host and cluster; undefined where its service is unknown. */
  readonly found: { readonly hostname: string; readonly cluster: string } | undefined;
}

/** Servers of secrets, in the order of their providers, and how a release asks them. */
export interface SecretServers {
  readonly servers: readonly SecretServer[];
  readonly behaviours: Behaviours;
}

/**
 * The secret that a `credentialName` of a Gateway or DestinationRule names; undefined for an empty name, and for an external one
 * whose server cannot be found. As istio pilot/pkg/security/model/authentication.go ConstructSdsSecretConfigForCredential.
 */
export function credentialSecret(
  name: string,
  traits: SdsTraits,
  { servers, behaviours }: SecretServers,
): SdsSecretConfig | undefined {
  if (name === '') return undefined;
  if (name === 'builtin://') return agentSecret(WORKLOAD_CERTIFICATE);
  if (name === `builtin://${AUTHORITY_SUFFIX}`) return agentSecret(MESH_ROOT);
  if (!name.startsWith(EXTERNAL)) return { name: secretResourceName(name), sdsConfig: adsSource };
  const resource = name.slice(EXTERNAL.length);
  const byProvider = behaviours.externalSecretsBy === 'provider-name';
  const server = byProvider ? servers.find((candidate) => candidate.name === resource) : servers[0];
  // The server behind the socket expects the whole name.
  if (traits.credentialSocket && !(byProvider && server)) return { name, sdsConfig: sdsServer(EXTERNAL_SDS_CLUSTER) };
  if (server === undefined) return { name: secretResourceName(byProvider ? name : resource), sdsConfig: adsSource };
  if (server.found === undefined) return undefined;
  const { hostname, cluster } = server.found;
  const authority = behaviours.namesSecretServer ? hostname : undefined;
  return { name: byProvider ? name : resource, sdsConfig: sdsServer(cluster, authority) };
}

const EXTERNAL = 'sds://';

/** The CA certificates that belong to a `credentialName`. */
export function caCredentialName(credentialName: string): string {
  return `${credentialName}${AUTHORITY_SUFFIX}`;
}

/** Matchers for exactly these names; undefined for none. */
export function exactMatchers(names: readonly string[] | undefined): readonly StringMatcher[] | undefined {
  return names === undefined || names.length === 0 ? undefined : names.map((exact) => ({ exact }));
}

/** Matchers for every SPIFFE identity of these trust domains; undefined for none. */
export function trustDomainMatchers(trustDomains: readonly string[]): readonly StringMatcher[] | undefined {
  return trustDomains.length === 0 ? undefined : trustDomains.map((domain) => ({ prefix: `spiffe://${domain}/` }));
}

/** Validation of the peer against a root from SDS and, if any, these names. */
export function combinedValidation(
  root: SdsSecretConfig | undefined,
  subjectAltNames: readonly StringMatcher[] | undefined,
  crlFile?: string,
): {
  readonly defaultValidationContext: {
    readonly matchSubjectAltNames?: readonly StringMatcher[];
    readonly crl?: { readonly filename: string };
  };
  readonly validationContextSdsSecretConfig?: SdsSecretConfig;
} {
  return compact({
    defaultValidationContext: compact({
      matchSubjectAltNames: subjectAltNames,
      crl: crlFile ? { filename: crlFile } : undefined,
    }),
    validationContextSdsSecretConfig: root,
  });
}

/** No first fetch limit of its own: a secret that does not exist must not hold up the rest. */
const adsSource: ConfigSource = { ads: {}, resourceApiVersion: 'V3' };

function sdsServer(clusterName: string, authority?: string): ConfigSource {
  return {
    apiConfigSource: {
      apiType: 'GRPC',
      transportApiVersion: 'V3',
      grpcServices: [{ envoyGrpc: compact({ clusterName, authority }) }],
      setNodeOnFirstMessageOnly: true,
    },
    resourceApiVersion: 'V3',
  };
}

/** A proxy has to wait for the identity of its own; other secrets may be missing. Nearly every cluster has these two. */
const ownSource: ConfigSource = { ...sdsServer(AGENT), initialFetchTimeout: '0s' };
const workloadCertificate: SdsSecretConfig = { name: WORKLOAD_CERTIFICATE, sdsConfig: ownSource };
const meshRoot: SdsSecretConfig = { name: MESH_ROOT, sdsConfig: ownSource };

/** istio pilot/pkg/model/credentials/resource.go ToResourceName */
function secretResourceName(name: string): string {
  if (name.startsWith('builtin://')) return 'default';
  if (name.startsWith('invalid://')) return 'invalid://';
  if (/^(configmap|kubernetes|kubernetes-gateway):\/\//.test(name)) return name;
  return `kubernetes://${name}`;
}
