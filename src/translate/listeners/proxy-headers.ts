import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { HttpConnectionManager } from '../../envoy/api.gen.ts';
import type { ListenerClass } from '../traits/listener-class.ts';

/** Which headers a proxy adds, changes or leaves out; istio pilot/pkg/networking/util/proxy_headers.go ProxyHeaders. */
export interface ProxyHeaders {
  /** Value of the `server` header; empty leaves Envoy's own. */
  readonly serverName: string;
  readonly passServerHeaderThrough: boolean;
  readonly forwardedClientCert: NonNullable<HttpConnectionManager['forwardClientCertDetails']>;
  readonly currentClientCertDetails: NonNullable<HttpConnectionManager['setCurrentClientCertDetails']>;
  readonly includeRequestAttemptCount: boolean;
  readonly generateRequestId: boolean;
  readonly suppressEnvoyHeaders: boolean;
  /** Exchange workload metadata by headers inside the mesh only. */
  readonly inMeshMetadataOnly: boolean;
  readonly forwardedPort: boolean;
  readonly forwardedHost: boolean;
}

/**
 * The header settings of `proxyConfig.proxyHeaders` for a listener class. Sidecars name no server on the way out.
 * As istio GetProxyHeadersFromProxyConfig.
 */
export function proxyHeadersOf(proxyConfig: ProxyConfig, listenerClass: ListenerClass): ProxyHeaders {
  const headers = proxyConfig.proxyHeaders ?? {};
  const ownName = listenerClass === 'outbound' ? '' : 'istio-envoy';
  const forwarded = headers.forwardedClientCert ?? 'UNDEFINED';
  const details = headers.setCurrentClientCertDetails ?? {};
  const passServerHeaderThrough = headers.server?.disabled === true;
  return {
    serverName: passServerHeaderThrough ? '' : headers.server?.value || ownName,
    passServerHeaderThrough,
    forwardedClientCert: forwarded === 'UNDEFINED' ? 'APPEND_FORWARD' : forwarded,
    currentClientCertDetails: {
      subject: details.subject ?? true,
      ...(details.uri !== false && { uri: true }),
      ...(details.dns !== false && { dns: true }),
      ...(details.cert === true && { cert: true }),
      ...(details.chain === true && { chain: true }),
    },
    includeRequestAttemptCount: headers.attemptCount?.disabled !== true,
    generateRequestId: headers.requestId?.disabled !== true,
    suppressEnvoyHeaders: headers.envoyDebugHeaders?.disabled === true,
    inMeshMetadataOnly: headers.metadataExchangeHeaders?.mode === 'IN_MESH',
    forwardedPort: headers.xForwardedPort?.enabled === true,
    forwardedHost: headers.xForwardedHost?.enabled === true,
  };
}
