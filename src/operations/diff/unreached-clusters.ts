import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Resource } from '../../resource/resource.ts';
import { isObject } from '../../util/object.ts';
import type { ChangesOf } from './proxy-changes.ts';

/** Fields by which requests go to what a configuration does not name, or names where other servers tell it. */
const CHOOSING_FIELDS: ReadonlySet<string> = new Set([
  ...['clusterheader', 'clusterspecifierplugin', 'inlineclusterspecifierplugin'],
  ...['configdiscovery', 'scopedrds', 'vhds'],
]);

/** Where filters stand. */
const FILTER_FIELDS: ReadonlySet<string> = new Set(['filters', 'httpfilters', 'listenerfilters', 'upstreamhttpfilters']);

/** Where a Service is reached as a whole: beside what its proxies are told, nodes may lead elsewhere. */
const OF_SERVICE = /^outbound\|\d+\|\|/;

/** Configuration that sends nothing to a cluster but where its name is written; of any other that is not known. */
const NAMING_TYPES: ReadonlySet<string> = new Set(
  [
    'envoy.extensions.access_loggers.file.v3.FileAccessLog',
    'envoy.extensions.filters.http.cors.v3.Cors',
    'envoy.extensions.filters.http.cors.v3.CorsPolicy',
    'envoy.extensions.filters.http.fault.v3.HTTPFault',
    'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
    'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
    'envoy.extensions.filters.http.rbac.v3.RBAC',
    'envoy.extensions.filters.http.router.v3.Router',
    'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector',
    'envoy.extensions.filters.listener.original_dst.v3.OriginalDst',
    'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
    'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    'envoy.extensions.filters.network.rbac.v3.RBAC',
    'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    'envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig',
    'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
    'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
    'envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport',
    'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    'io.istio.http.peer_metadata.Config',
    'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig',
    'envoy.tcp.metadataexchange.config.MetadataExchange',
    'stats.PluginConfig',
    'udpa.type.v1.TypedStruct',
  ].map((name) => `type.googleapis.com/${name}`),
);

/**
 * Whether nothing changes but clusters, with their endpoints, to which no request can get in a proxy: on neither side does anything else
 * that it has name them, be it a route, a filter chain, a copy of requests, a filter or another cluster, and all that it has goes only
 * where names are written. What a client writes (a header, the name that TLS asks for) may be the name of a cluster otherwise. Clusters of
 * whole Services are not among them, since more than proxies may change with these.
 */
export function areAllUnreached(
  changesOf: ChangesOf,
  snapshotsOf: (proxy: string) => readonly (XdsSnapshot | undefined)[],
): boolean {
  return [...changesOf].every(([proxy, changes]) => {
    const names = new Set(changes.map(({ change: { resource } }) => resource));
    const areAllClusters = changes.every(({ change: { type } }) => type === 'clusters' || type === 'endpoints');
    if (!areAllClusters || [...names].some((name) => OF_SERVICE.test(name))) return false;
    return snapshotsOf(proxy).every((snapshot) => snapshot !== undefined && isWithoutWayTo(names, snapshot));
  });
}

/** Whether EnvoyFilters change what proxies start with, which is not among what istiod sends, and may lead to any cluster. */
export function isBootstrapPatched(resources: readonly Resource[]): boolean {
  return resources.some(({ kind, spec }) => kind === 'EnvoyFilter' && JSON.stringify(spec).includes('"BOOTSTRAP"'));
}

function isWithoutWayTo(names: ReadonlySet<string>, snapshot: XdsSnapshot): boolean {
  const wanted = [...names];
  const isSilent = (value: unknown): boolean => {
    if (typeof value === 'string') return !wanted.some((name) => value.includes(name));
    if (Array.isArray(value)) return value.every(isSilent);
    return !isObject(value) || Object.entries(value).every(([field, member]) => isSilent(field) && isSilent(member));
  };
  const { listeners, routes, extensionConfigs, clusters, endpoints } = snapshot;
  const others = clusters.filter(({ name = '' }) => !names.has(name));
  const otherEndpoints = endpoints.filter(({ clusterName = '' }) => !names.has(clusterName));
  return [listeners, routes, extensionConfigs, others, otherEndpoints].every((part) => isSilent(part) && isByName(part));
}

/** Whether a part of a configuration leads only to clusters whose names stand in it. */
function isByName(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isByName);
  if (!isObject(value)) return true;
  return Object.entries(value).every(([written, member]) => {
    // In a TypedStruct fields are called as their user calls them.
    const field = written.replaceAll('_', '').toLowerCase();
    if (CHOOSING_FIELDS.has(field)) return false;
    // Secrets lead nowhere.
    if (field === 'sdsconfig') return true;
    if (field === '@type' || field === 'typeurl') return NAMING_TYPES.has(String(member));
    if (field.endsWith('configsource') && !isOfIstiod(member)) return false;
    return isByName(member) && (!FILTER_FIELDS.has(field) || isConfigured(member));
  });
}

/** Whether resources come from where all others come from. */
function isOfIstiod(source: unknown): boolean {
  return isObject(source) && isObject(source.ads);
}

/** Whether each of some filters tells what it does, not by its name alone. */
function isConfigured(filters: unknown): boolean {
  return (
    !Array.isArray(filters) || filters.every((filter) => isObject(filter) && isObject(filter.typedConfig ?? filter.typed_config))
  );
}
