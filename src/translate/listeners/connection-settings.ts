import type { ProxyConfigConnectionSettings } from '../../api/istio.gen.ts';
import type { HttpConnectionManager } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { Behaviours } from '../../releases/release.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';

/** What Envoy recommends at the edge of a network; istio connection_settings.go applyEdgeProfileDefaults. */
const edge: ProxyConfigConnectionSettings = {
  listenerPerConnectionBufferLimitBytes: 32_768,
  httpIdleTimeout: '3600s',
  httpStreamIdleTimeout: '300s',
  httpRequestTimeout: '300s',
  httpRequestHeadersTimeout: '60s',
  httpMaxConcurrentStreams: 100,
  http2InitialStreamWindowSize: 65_536,
  http2InitialConnectionWindowSize: 1_048_576,
  httpHeadersWithUnderscoresAction: 'HEADERS_WITH_UNDERSCORES_REJECT_REQUEST',
  httpMergeSlashes: true,
  httpPathWithEscapedSlashesAction: 'UNESCAPE_AND_REDIRECT',
};

/** The connection settings of a proxy, with the defaults of its profile: that of the edge is for gateways. */
export function connectionSettingsOf(
  { role, proxyConfig }: Proxy,
  { readsConnectionSettings }: Behaviours,
): ProxyConfigConnectionSettings | undefined {
  if (!readsConnectionSettings) return undefined;
  const settings = proxyConfig.connectionSettings;
  if (settings?.profile !== 'EDGE' || !factsOf[role].canBeEdge) return settings;
  const { httpHeadersWithUnderscoresAction: underscores, httpPathWithEscapedSlashesAction: slashes, ...written } = settings;
  return {
    ...edge,
    ...compact(written),
    ...(underscores &&
      underscores !== 'HEADERS_WITH_UNDERSCORES_UNSPECIFIED' && { httpHeadersWithUnderscoresAction: underscores }),
    ...(slashes && slashes !== 'PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED' && { httpPathWithEscapedSlashesAction: slashes }),
  };
}

const underscoresActions = {
  HEADERS_WITH_UNDERSCORES_ALLOW: undefined,
  HEADERS_WITH_UNDERSCORES_REJECT_REQUEST: 'REJECT_REQUEST',
  HEADERS_WITH_UNDERSCORES_DROP_HEADER: 'DROP_HEADER',
} as const;

/** A connection manager with the settings over what it has; istio connection_settings.go applyConnectionSettingsToHCM. */
export function withConnectionSettings(
  manager: HttpConnectionManager,
  settings: ProxyConfigConnectionSettings | undefined,
): HttpConnectionManager {
  if (settings === undefined) return manager;
  const underscores = settings.httpHeadersWithUnderscoresAction ?? 'HEADERS_WITH_UNDERSCORES_UNSPECIFIED';
  const common = compact({
    idleTimeout: canonicalDuration(settings.httpIdleTimeout),
    maxConnectionDuration: canonicalDuration(settings.httpMaxConnectionDuration),
    maxStreamDuration: canonicalDuration(settings.httpMaxStreamDuration),
    headersWithUnderscoresAction:
      underscores === 'HEADERS_WITH_UNDERSCORES_UNSPECIFIED' ? undefined : underscoresActions[underscores],
  });
  const http2 = compact({
    maxConcurrentStreams: unsigned(settings.httpMaxConcurrentStreams),
    initialStreamWindowSize: unsigned(settings.http2InitialStreamWindowSize),
    initialConnectionWindowSize: unsigned(settings.http2InitialConnectionWindowSize),
  });
  const setsCommon = Object.keys(common).length > 0 || underscores === 'HEADERS_WITH_UNDERSCORES_ALLOW';
  const setsHttp2 = [
    settings.httpMaxConcurrentStreams,
    settings.http2InitialStreamWindowSize,
    settings.http2InitialConnectionWindowSize,
  ].some((value) => value !== undefined);
  const slashes = settings.httpPathWithEscapedSlashesAction ?? 'PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED';
  const { mergeSlashes, ...rest } = manager;
  return {
    ...rest,
    ...compact({ mergeSlashes: (settings.httpMergeSlashes ?? mergeSlashes) || undefined }),
    ...(setsCommon && { commonHttpProtocolOptions: { ...manager.commonHttpProtocolOptions, ...common } }),
    ...(setsHttp2 && { http2ProtocolOptions: { ...manager.http2ProtocolOptions, ...http2 } }),
    ...compact({
      streamIdleTimeout: canonicalDuration(settings.httpStreamIdleTimeout),
      requestTimeout: canonicalDuration(settings.httpRequestTimeout),
      requestHeadersTimeout: canonicalDuration(settings.httpRequestHeadersTimeout),
      drainTimeout: canonicalDuration(settings.httpDrainTimeout),
    }),
    ...(slashes !== 'PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED' && { pathWithEscapedSlashesAction: slashes }),
  };
}

/** A number that Envoy takes; negative ones are not set. */
export function unsigned(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value;
}
