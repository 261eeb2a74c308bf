import type { ConnectionPoolSettings, MeshConfig } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type {
  Any,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
  HttpProtocolOptions,
  UpstreamHttpProtocolOptions,
} from '../../envoy/api.gen.ts';
import { HTTP_OPTIONS } from '../../envoy/http-options.ts';
import { isHttp, isHttp2, isSniffed, type Protocol } from '../../model/protocol.ts';
import { factsOf, type Role } from '../../model/proxies/roles.ts';
import { assertNever } from '../../util/assert.ts';
import { compact } from '../../util/object.ts';

/** What a cluster speaks to its endpoints. */
export type UpstreamProtocol =
  /** Envoy's default: HTTP/1. */
  | { readonly kind: 'unset' }
  | { readonly kind: 'http1'; readonly options: Http1ProtocolOptions }
  | { readonly kind: 'http2' }
  /** What the client speaks to the proxy. */
  | { readonly kind: 'downstream'; readonly options: Http1ProtocolOptions };

/** Sends HTTP/1 headers in the case they came in. */
const preserveCase: Http1ProtocolOptions = {
  headerKeyFormat: {
    statefulFormatter: {
      name: 'preserve_case',
      typedConfig: any(
        'type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
        {},
      ),
    },
  },
};

/** HTTP/1 options for proxies that keep the case of headers or do not. */
export function http1Options(preserveHeaderCase: boolean): Http1ProtocolOptions {
  return preserveHeaderCase ? preserveCase : {};
}

/**
 * What the port speaks, before any policy. Only proxies that detect protocols can follow the client.
 * As istio pilot/pkg/networking/core/cluster_builder.go setUpstreamProtocol.
 */
export function protocolOfPort(
  protocol: Protocol,
  traits: { readonly role: Role; readonly preserveHeaderCase: boolean },
): UpstreamProtocol {
  if (isHttp2(protocol)) return { kind: 'http2' };
  const sniffed = isSniffed(protocol);
  const preserve = traits.preserveHeaderCase && (sniffed || isHttp(protocol));
  if (sniffed && factsOf[traits.role].detectsProtocols) return { kind: 'downstream', options: http1Options(preserve) };
  return preserve ? { kind: 'http1', options: preserveCase } : { kind: 'unset' };
}

/** The protocol with what the connection pool says; istio applyH2Upgrade and the end of applyConnectionPool. */
export function protocolOfPool(
  protocol: UpstreamProtocol,
  port: Protocol,
  pool: ConnectionPoolSettings | undefined,
  config: MeshConfig,
  canUpgrade: boolean,
): UpstreamProtocol {
  if (pool?.http?.useClientProtocol) {
    return { kind: 'downstream', options: protocol.kind === 'http1' ? protocol.options : {} };
  }
  return canUpgrade && protocol.kind === 'unset' && upgrades(port, pool, config) ? { kind: 'http2' } : protocol;
}

/** istio shouldH2Upgrade */
function upgrades(port: Protocol, pool: ConnectionPoolSettings | undefined, config: MeshConfig): boolean {
  // A destination rule may upgrade any port, the mesh only those that are known to be HTTP.
  const policy = pool?.http?.h2UpgradePolicy;
  if (policy === 'UPGRADE') return true;
  if (policy === 'DO_NOT_UPGRADE') return false;
  return isHttp(port) && config.h2UpgradePolicy === 'UPGRADE';
}

/** `typedExtensionProtocolOptions` of a cluster; undefined when it needs none. */
export function buildHttpOptions(
  protocol: UpstreamProtocol,
  common: HttpProtocolOptions | undefined,
  http2Options: Http2ProtocolOptions | undefined,
  upstream: UpstreamHttpProtocolOptions | undefined,
): Readonly<Record<string, Any>> | undefined {
  if (protocol.kind === 'unset' && common === undefined && upstream === undefined) return undefined;
  return {
    [HTTP_OPTIONS]: any(
      `type.googleapis.com/${HTTP_OPTIONS}`,
      compact({
        commonHttpProtocolOptions: common,
        upstreamHttpProtocolOptions: upstream,
        ...(protocol.kind === 'downstream'
          ? { useDownstreamProtocolConfig: { httpProtocolOptions: protocol.options, http2ProtocolOptions: {} } }
          : { explicitHttpConfig: explicitConfig(protocol, http2Options) }),
      }),
    ),
  };
}

function explicitConfig(
  protocol: Exclude<UpstreamProtocol, { kind: 'downstream' }>,
  http2Options: Http2ProtocolOptions | undefined,
) {
  switch (protocol.kind) {
    case 'http2':
      return { http2ProtocolOptions: http2Options ?? {} };
    case 'http1':
      return { httpProtocolOptions: protocol.options };
    case 'unset':
      // Envoy wants a choice.
      return { httpProtocolOptions: {} };
    default:
      return assertNever(protocol);
  }
}
