import type { MeshConfig, MeshConfigTLSConfig, ServerTLSSettings, ServerTLSSettingsTLSProtocol } from '../../api/istio.gen.ts';
import type {
  CommonTlsContext,
  DownstreamTlsContext,
  SdsSecretConfig,
  TlsParameters,
  TlsParametersTlsProtocol,
  TransportSocket,
} from '../../envoy/api.gen.ts';
import { filterCipherSuites } from '../../model/security/cipher-suites.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import {
  ALPN_HTTP,
  ALPN_HTTP3,
  ALPN_PEER_EXCHANGE,
  agentSecret,
  caCredentialName,
  combinedValidation,
  credentialSecret,
  exactMatchers,
  fileCertificateName,
  fileRootName,
  MESH_ROOT,
  type SdsTraits,
  type SecretServer,
  WORKLOAD_CERTIFICATE,
} from './common.ts';
import { compliantTls } from './compliance.ts';

/** What the TLS context of a server depends on, beside its settings. */
export interface ServerTlsInput {
  readonly config: MeshConfig;
  readonly behaviours: Behaviours;
  /** Whether the server speaks TCP inside TLS, not HTTP. */
  readonly tcp: boolean;
  /** Whether it speaks HTTP/3 over UDP. */
  readonly quic?: boolean;
  readonly sds: SdsTraits;
  /** Those of the mesh's extension providers. */
  readonly secretServers: readonly SecretServer[];
}

/**
 * The TLS context of a gateway server that terminates TLS.
 * As istio pilot/pkg/networking/core/listener.go BuildListenerTLSContext.
 */
export function buildServerTlsContext(tls: ServerTLSSettings, input: ServerTlsInput): DownstreamTlsContext {
  const { config, tcp, behaviours, quic = false } = input;
  const mode = tls.mode ?? 'PASSTHROUGH';
  // Envoy asks no client of HTTP/3 for a certificate.
  const mutual = !quic && (mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL');
  const common =
    mode === 'ISTIO_MUTUAL'
      ? workloadContext(tls, mutual)
      : tls.credentialName || (tls.credentialNames ?? []).length > 0
        ? credentialContext(tls, input)
        : fileContext(tls, input.sds, mutual || mode === 'OPTIONAL_MUTUAL');
  const exchanges = mode === 'ISTIO_MUTUAL' && tcp && !behaviours.disableMxAlpn;
  const parameters = mode === 'ISTIO_MUTUAL' ? {} : tlsParameters(tls, config.tlsDefaults);
  return {
    commonTlsContext: compact({
      ...common,
      alpnProtocols: quic ? ALPN_HTTP3 : exchanges ? [ALPN_PEER_EXCHANGE, ...ALPN_HTTP] : ALPN_HTTP,
      tlsParams: compliantTls(Object.keys(parameters).length > 0 ? parameters : undefined, behaviours),
    }),
    requireClientCertificate: mutual,
  };
}

/** The context as the transport socket of a filter chain. */
export function downstreamTlsSocket(context: DownstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      ...context,
    },
  };
}

/** The context as the transport socket of a filter chain that speaks HTTP/3. */
export function quicSocket(context: DownstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.quic',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport',
      downstreamTlsContext: context,
    },
  };
}

/** The workload's own certificate, and clients of the mesh. */
function workloadContext(tls: ServerTLSSettings, validateClient: boolean): CommonTlsContext {
  return compact({
    tlsCertificateSdsSecretConfigs: [agentSecret(WORKLOAD_CERTIFICATE)],
    combinedValidationContext: validateClient ? validationOf(agentSecret(MESH_ROOT), tls) : undefined,
  });
}

function validationOf(root: SdsSecretConfig, tls: ServerTLSSettings): NonNullable<CommonTlsContext['combinedValidationContext']> {
  const validation = combinedValidation(root, exactMatchers(tls.subjectAltNames), tls.caCrl);
  return { ...validation, defaultValidationContext: { ...validation.defaultValidationContext, ...trustOf(tls) } };
}

/** Clients whose certificates nobody vouches for, where a server lets them in. */
function trustOf({ insecureSkipVerify }: ServerTLSSettings): { readonly trustChainVerification?: 'ACCEPT_UNTRUSTED' } {
  return insecureSkipVerify === true ? { trustChainVerification: 'ACCEPT_UNTRUSTED' } : {};
}

/** Certificates in files of the gateway's pod; the workload's own where none are named. As istio ApplyToCommonTLSContext. */
function fileContext(tls: ServerTLSSettings, { fileSocket }: SdsTraits, validateClient: boolean): CommonTlsContext {
  const several = (tls.tlsCertificates ?? []).length > 0 ? tls.tlsCertificates : undefined;
  const certificates = (several ?? [tls]).map(({ serverCertificate, privateKey }) =>
    agentSecret(
      serverCertificate && privateKey ? fileCertificateName(serverCertificate, privateKey) : WORKLOAD_CERTIFICATE,
      fileSocket,
    ),
  );
  const root = agentSecret(tls.caCertificates ? fileRootName(tls.caCertificates) : MESH_ROOT, fileSocket);
  return compact({
    tlsCertificateSdsSecretConfigs: certificates,
    combinedValidationContext: validateClient ? validationOf(root, tls) : undefined,
  });
}

/**
 * Certificates in secrets that `credentialName` or `credentialNames` name; the CA certificates are those of the first, unless
 * `caCertCredentialName` names another secret. As istio authentication.go ApplyCredentialSDSToServerCommonTLSContext.
 */
function credentialContext(
  tls: ServerTLSSettings,
  { sds, secretServers: servers, behaviours }: ServerTlsInput,
): CommonTlsContext {
  const several = tls.credentialNames ?? [];
  const names = several.length > 0 ? several : [tls.credentialName ?? ''];
  const secretOf = (name: string): SdsSecretConfig | undefined => credentialSecret(name, sds, { servers, behaviours });
  const subjects = exactMatchers(tls.subjectAltNames);
  const validates = tls.mode === 'MUTUAL' || tls.mode === 'OPTIONAL_MUTUAL';
  return compact({
    tlsCertificateSdsSecretConfigs: names.map(secretOf).filter((secret) => secret !== undefined),
    combinedValidationContext: validates
      ? compact({
          defaultValidationContext: compact({
            matchSubjectAltNames: subjects,
            verifyCertificateSpki: nonEmpty(tls.verifyCertificateSpki),
            verifyCertificateHash: nonEmpty(tls.verifyCertificateHash),
            ...trustOf(tls),
          }),
          validationContextSdsSecretConfig: secretOf(tls.caCertCredentialName || caCredentialName(names[0] ?? '')),
        })
      : undefined,
    validationContext: !validates && subjects ? { matchSubjectAltNames: subjects } : undefined,
  });
}

/** Versions, ciphers and curves: the mesh's defaults, over which the server's own settings are laid. */
function tlsParameters(tls: ServerTLSSettings, defaults: MeshConfigTLSConfig | undefined): TlsParameters {
  const ciphers = filterCipherSuites(tls.cipherSuites ?? []);
  return compact({
    tlsMinimumProtocolVersion: tlsVersion(tls.minProtocolVersion) ?? defaultMinimum(defaults),
    tlsMaximumProtocolVersion: tlsVersion(tls.maxProtocolVersion),
    cipherSuites: ciphers.length > 0 ? ciphers : nonEmpty(defaults?.cipherSuites),
    ecdhCurves: nonEmpty(defaults?.ecdhCurves),
  });
}

function defaultMinimum(defaults: MeshConfigTLSConfig | undefined): TlsParametersTlsProtocol | undefined {
  const version = defaults?.minProtocolVersion ?? 'TLS_AUTO';
  if (version === 'TLS_AUTO') return undefined;
  return version === 'TLSV1_3' ? 'TLSv1_3' : 'TLSv1_2';
}

/** Envoy's name of a version; undefined when it is left to Envoy. */
function tlsVersion(version: ServerTLSSettingsTLSProtocol | undefined): TlsParametersTlsProtocol | undefined {
  switch (version) {
    case 'TLSV1_0':
      return 'TLSv1_0';
    case 'TLSV1_1':
      return 'TLSv1_1';
    case 'TLSV1_2':
      return 'TLSv1_2';
    case 'TLSV1_3':
      return 'TLSv1_3';
    case 'TLS_AUTO':
    case undefined:
      return undefined;
    default:
      return assertNever(version);
  }
}
