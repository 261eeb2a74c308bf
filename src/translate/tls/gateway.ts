import type { MeshConfig, MeshConfigTLSConfig, ServerTLSSettings, ServerTLSSettingsTLSProtocol } from '../../api/istio.gen.ts';
import type {
  CertificateValidationContext,
  CommonTlsContext,
  DownstreamTlsContext,
  SdsSecretConfig,
  TlsParameters,
  TlsParametersTlsProtocol,
  TransportSocket,
} from '../../envoy/api.gen.ts';
import { filterCipherSuites } from '../../model/cipher-suites.ts';
import { compact } from '../../util/object.ts';
import {
  CA_SUFFIX,
  credentialSecret,
  type ExternalCredentials,
  fileCertificate,
  fileRootCertificates,
  rootCertificates,
  workloadCertificate,
} from './secrets.ts';

/** What the TLS context of a server depends on, beside its settings. */
export interface ServerTlsInput {
  readonly config: MeshConfig;
  /** Whether the server speaks TCP inside TLS, not HTTP. */
  readonly tcp: boolean;
  readonly external: ExternalCredentials;
}

/**
 * The TLS context of a gateway server that terminates TLS.
 * As istio pilot/pkg/networking/core/listener.go BuildListenerTLSContext.
 */
export function buildServerTlsContext(tls: ServerTLSSettings, input: ServerTlsInput): DownstreamTlsContext {
  const { config, tcp, external } = input;
  const mode = tls.mode ?? 'PASSTHROUGH';
  const mutual = mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL';
  const common =
    mode === 'ISTIO_MUTUAL'
      ? workloadContext(tls)
      : tls.credentialName || (tls.credentialNames ?? []).length > 0
        ? credentialContext(tls, external)
        : fileContext(tls, mutual || mode === 'OPTIONAL_MUTUAL');
  const parameters = mode === 'ISTIO_MUTUAL' ? {} : tlsParameters(tls, config.tlsDefaults);
  return {
    commonTlsContext: compact({
      ...common,
      alpnProtocols: mode === 'ISTIO_MUTUAL' && tcp ? ['istio-peer-exchange', 'h2', 'http/1.1'] : ['h2', 'http/1.1'],
      tlsParams: Object.keys(parameters).length > 0 ? parameters : undefined,
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

/** The workload's own certificate, and clients of the mesh. */
function workloadContext(tls: ServerTLSSettings): CommonTlsContext {
  return {
    tlsCertificateSdsSecretConfigs: [workloadCertificate],
    combinedValidationContext: {
      defaultValidationContext: validation(tls),
      validationContextSdsSecretConfig: rootCertificates,
    },
  };
}

/** Certificates in files of the gateway's pod. As istio authentication.go ApplyToCommonTLSContext. */
function fileContext(tls: ServerTLSSettings, validateClient: boolean): CommonTlsContext {
  const several = (tls.tlsCertificates ?? []).length > 0 ? tls.tlsCertificates : undefined;
  const certificates = (several ?? [tls]).map(
    ({ serverCertificate, privateKey }) => fileCertificate(serverCertificate, privateKey) ?? workloadCertificate,
  );
  return compact({
    tlsCertificateSdsSecretConfigs: certificates,
    combinedValidationContext: validateClient
      ? {
          defaultValidationContext: validation(tls),
          validationContextSdsSecretConfig: fileRootCertificates(tls.caCertificates) ?? rootCertificates,
        }
      : undefined,
  });
}

/**
 * Certificates in secrets that `credentialName` or `credentialNames` name; the CA certificates are those of the first, unless
 * `caCertCredentialName` names another secret. As istio authentication.go ApplyCredentialSDSToServerCommonTLSContext.
 */
function credentialContext(tls: ServerTLSSettings, external: ExternalCredentials): CommonTlsContext {
  const several = tls.credentialNames ?? [];
  const names = several.length > 0 ? several : [tls.credentialName ?? ''];
  const secrets = names
    .map((name) => credentialSecret(name, external))
    .filter((secret): secret is SdsSecretConfig => secret !== undefined);
  const subjects = exactNames(tls.subjectAltNames);
  const authority = credentialSecret(tls.caCertCredentialName || `${names[0] ?? ''}${CA_SUFFIX}`, external);
  const validates = tls.mode === 'MUTUAL' || tls.mode === 'OPTIONAL_MUTUAL';
  return compact({
    tlsCertificateSdsSecretConfigs: secrets,
    combinedValidationContext: validates
      ? compact({
          defaultValidationContext: compact({
            matchSubjectAltNames: subjects,
            verifyCertificateSpki: nonEmpty(tls.verifyCertificateSpki),
            verifyCertificateHash: nonEmpty(tls.verifyCertificateHash),
          }),
          validationContextSdsSecretConfig: authority,
        })
      : undefined,
    validationContext: !validates && subjects ? { matchSubjectAltNames: subjects } : undefined,
  });
}

/** How a client's certificate is checked where SDS gives the CA certificates. */
function validation(tls: ServerTLSSettings): CertificateValidationContext {
  return compact({
    matchSubjectAltNames: exactNames(tls.subjectAltNames),
    crl: tls.caCrl ? { filename: tls.caCrl } : undefined,
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
    default:
      return undefined;
  }
}

function exactNames(names: readonly string[] | undefined): { exact: string }[] | undefined {
  return nonEmpty(names)?.map((exact) => ({ exact }));
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list !== undefined && list.length > 0 ? list : undefined;
}
