import type { SdsSecretConfig } from '../../envoy/api.gen.ts';

/** Suffix of the secret that holds the CA certificates beside a key and certificate; istio credentials.SdsCaSuffix. */
export const CA_SUFFIX = '-cacert';

/** Name of the secret with a workload's own key and certificate. */
const WORKLOAD_CERTIFICATE = 'default';
/** Name of the secret with the mesh's root certificates. */
const ROOT_CERTIFICATES = 'ROOTCA';
/** The cluster of the proxy's own agent. */
const AGENT = 'sds-grpc';
const BUILTIN = 'builtin://';
const EXTERNAL = 'sds://';

/** The key and certificate of the workload itself. */
export const workloadCertificate: SdsSecretConfig = awaited(clusterSecret(WORKLOAD_CERTIFICATE, AGENT));
/** The root certificates of the mesh. */
export const rootCertificates: SdsSecretConfig = awaited(clusterSecret(ROOT_CERTIFICATES, AGENT));

/** A key and certificate in files of the proxy's pod, which its agent reads; undefined when one of them is not named. */
export function fileCertificate(certificate: string | undefined, privateKey: string | undefined): SdsSecretConfig | undefined {
  return certificate && privateKey ? fileSecret(`file-cert:${certificate}~${privateKey}`) : undefined;
}

/** CA certificates in a file of the proxy's pod; undefined when none is named. */
export function fileRootCertificates(file: string | undefined): SdsSecretConfig | undefined {
  return file ? fileSecret(`file-root:${file}`) : undefined;
}

function fileSecret(name: string): SdsSecretConfig {
  return clusterSecret(name, AGENT);
}

// as istio pkg/model/authentication.go: for the two secrets that must come, a listener waits without limit
function awaited(secret: SdsSecretConfig): SdsSecretConfig {
  return { ...secret, sdsConfig: { ...secret.sdsConfig, initialFetchTimeout: '0s' } };
}

/** Where external credentials (`sds://`) come from. */
export interface ExternalCredentials {
  /** A socket of the gateway's pod serves them. */
  readonly socket: boolean;
  /** Cluster of the SDS extension provider of MeshConfig: undefined when there is none, null when its service is unknown. */
  readonly providerCluster: string | undefined | null;
}

/**
 * The secret of a `credentialName`: a Kubernetes secret that istiod serves, the workload's own certificate (`builtin://`), or one
 * of an external SDS server (`sds://`). Undefined for an empty name, and where the external server cannot be found.
 * As istio pilot/pkg/security/model/authentication.go ConstructSdsSecretConfigForCredential.
 */
export function credentialSecret(name: string, external?: ExternalCredentials): SdsSecretConfig | undefined {
  if (name === '') return undefined;
  if (name === BUILTIN) return workloadCertificate;
  if (name === BUILTIN + CA_SUFFIX) return rootCertificates;
  if (!name.startsWith(EXTERNAL)) return istiodSecret(name);
  if (external?.socket) return clusterSecret(name, 'sds-external');
  const resource = name.slice(EXTERNAL.length);
  const cluster = external?.providerCluster;
  if (cluster === null) return undefined;
  return cluster === undefined ? istiodSecret(resource) : clusterSecret(resource, cluster);
}

// no initial fetch timeout on purpose: a secret that does not exist must not hold up the listener
function istiodSecret(name: string): SdsSecretConfig {
  return { name: resourceName(name), sdsConfig: { ads: {}, resourceApiVersion: 'V3' } };
}

function clusterSecret(name: string, clusterName: string): SdsSecretConfig {
  return {
    name,
    sdsConfig: {
      apiConfigSource: {
        apiType: 'GRPC',
        setNodeOnFirstMessageOnly: true,
        transportApiVersion: 'V3',
        grpcServices: [{ envoyGrpc: { clusterName } }],
      },
      resourceApiVersion: 'V3',
    },
  };
}

/** The name of a credential in SDS; istio pilot/pkg/model/credentials/resource.go ToResourceName. */
function resourceName(name: string): string {
  if (name.startsWith(BUILTIN)) return WORKLOAD_CERTIFICATE;
  if (name.startsWith('invalid://')) return 'invalid://';
  return /^(configmap|kubernetes|kubernetes-gateway):\/\//.test(name) ? name : `kubernetes://${name}`;
}
