import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Resource } from '../../resource/resource.ts';
import { fieldsOf, isObject } from '../../util/object.ts';

/** Fields by which requests go to what a configuration does not name, or names where other servers tell it. */
const CHOOSING_FIELDS: ReadonlySet<string> = new Set([
  ...['clusterheader', 'clusterspecifierplugin', 'inlineclusterspecifierplugin'],
  ...['configdiscovery', 'scopedrds', 'vhds'],
]);

/** Where filters stand. */
const FILTER_FIELDS: ReadonlySet<string> = new Set(['filters', 'httpfilters', 'listenerfilters', 'upstreamhttpfilters']);

/** What is told of requests, which end as they do whoever hears of it. */
const TELLING_FIELDS: ReadonlySet<string> = new Set(['accesslog', 'tracing']);
const TELEMETRY = 'tracing and access logs';

/** The state of a connection that overrides the cluster of a TCP proxy. */
const CLUSTER_STATE = 'envoy.tcp_proxy.cluster';

const EXTENSIONS = 'envoy.extensions.';
const HCM = `type.googleapis.com/${EXTENSIONS}filters.network.http_connection_manager.v3.HttpConnectionManager`;
const TCP_PROXY = `type.googleapis.com/${EXTENSIONS}filters.network.tcp_proxy.v3.TcpProxy`;
const SCRIPTS: ReadonlySet<string> = new Set(
  ['Lua', 'LuaPerRoute'].map((name) => `type.googleapis.com/${EXTENSIONS}filters.http.lua.v3.${name}`),
);
/** A script that makes calls, or that stands elsewhere. */
const CALLS = /httpCall|filename|inline_?bytes|environment_?variable/i;

/** Configuration that sends nothing to a cluster but where its name is written; of any other that is not known. */
const NAMING_TYPES: ReadonlySet<string> = new Set(
  [
    ...[
      'access_loggers.file.v3.FileAccessLog',
      'access_loggers.filters.cel.v3.ExpressionFilter',
      'access_loggers.grpc.v3.HttpGrpcAccessLogConfig',
      'access_loggers.grpc.v3.TcpGrpcAccessLogConfig',
      'access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
      'access_loggers.stream.v3.StderrAccessLog',
      'access_loggers.stream.v3.StdoutAccessLog',
      'clusters.dynamic_forward_proxy.v3.ClusterConfig',
      'filters.http.buffer.v3.Buffer',
      'filters.http.buffer.v3.BufferPerRoute',
      'filters.http.compressor.v3.Compressor',
      'filters.http.compressor.v3.CompressorPerRoute',
      'filters.http.cors.v3.Cors',
      'filters.http.cors.v3.CorsPolicy',
      'filters.http.csrf.v3.CsrfPolicy',
      'filters.http.decompressor.v3.Decompressor',
      'filters.http.dynamic_forward_proxy.v3.FilterConfig',
      'filters.http.ext_authz.v3.ExtAuthz',
      'filters.http.ext_authz.v3.ExtAuthzPerRoute',
      'filters.http.ext_proc.v3.ExternalProcessor',
      'filters.http.ext_proc.v3.ExtProcPerRoute',
      'filters.http.fault.v3.HTTPFault',
      'filters.http.grpc_stats.v3.FilterConfig',
      'filters.http.grpc_web.v3.GrpcWeb',
      'filters.http.header_mutation.v3.HeaderMutation',
      'filters.http.header_mutation.v3.HeaderMutationPerRoute',
      'filters.http.header_to_metadata.v3.Config',
      'filters.http.jwt_authn.v3.JwtAuthentication',
      'filters.http.jwt_authn.v3.PerRouteConfig',
      'filters.http.local_ratelimit.v3.LocalRateLimit',
      'filters.http.oauth2.v3.OAuth2',
      'filters.http.ratelimit.v3.RateLimit',
      'filters.http.ratelimit.v3.RateLimitPerRoute',
      'filters.http.rbac.v3.RBAC',
      'filters.http.rbac.v3.RBACPerRoute',
      'filters.http.router.v3.Router',
      'filters.http.set_filter_state.v3.Config',
      'filters.http.stateful_session.v3.StatefulSession',
      'filters.http.stateful_session.v3.StatefulSessionPerRoute',
      'filters.listener.http_inspector.v3.HttpInspector',
      'filters.listener.original_dst.v3.OriginalDst',
      'filters.listener.original_src.v3.OriginalSrc',
      'filters.listener.proxy_protocol.v3.ProxyProtocol',
      'filters.listener.tls_inspector.v3.TlsInspector',
      'filters.network.ext_authz.v3.ExtAuthz',
      'filters.network.http_connection_manager.v3.HttpConnectionManager',
      'filters.network.local_ratelimit.v3.LocalRateLimit',
      'filters.network.mongo_proxy.v3.MongoProxy',
      'filters.network.mysql_proxy.v3.MySQLProxy',
      'filters.network.ratelimit.v3.RateLimit',
      'filters.network.rbac.v3.RBAC',
      'filters.network.redis_proxy.v3.RedisProxy',
      'filters.network.set_filter_state.v3.Config',
      'filters.network.sni_dynamic_forward_proxy.v3.FilterConfig',
      'filters.network.tcp_proxy.v3.TcpProxy',
      'formatter.cel.v3.Cel',
      'http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
      'http.stateful_session.cookie.v3.CookieBasedSessionState',
      'http.stateful_session.header.v3.HeaderBasedSessionState',
      'matching.common_inputs.network.v3.ApplicationProtocolInput',
      'matching.common_inputs.network.v3.DestinationIPInput',
      'matching.common_inputs.network.v3.DestinationPortInput',
      'matching.common_inputs.network.v3.FilterStateInput',
      'network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      'path.match.uri_template.v3.UriTemplateMatchConfig',
      'request_id.uuid.v3.UuidRequestIdConfig',
      'retry.host.previous_hosts.v3.PreviousHostsPredicate',
      'retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
      'tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig',
      'transport_sockets.internal_upstream.v3.InternalUpstreamTransport',
      'transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      'transport_sockets.raw_buffer.v3.RawBuffer',
      'transport_sockets.tls.v3.DownstreamTlsContext',
      'transport_sockets.tls.v3.UpstreamTlsContext',
      'upstreams.http.v3.HttpProtocolOptions',
    ].map((name) => `${EXTENSIONS}${name}`),
    ...['DatadogConfig', 'OpenTelemetryConfig', 'SkyWalkingConfig', 'ZipkinConfig'].map(
      (name) => `envoy.config.trace.v3.${name}`,
    ),
    'envoy.tcp.metadataexchange.config.MetadataExchange',
    'google.protobuf.StringValue',
    'io.istio.http.peer_metadata.Config',
    'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig',
    'stats.PluginConfig',
    'udpa.type.v1.TypedStruct',
    'xds.type.matcher.v3.IPMatcher',
  ].map((name) => `type.googleapis.com/${name}`),
);

/**
 * What in a part of a configuration may lead to any cluster, by its name: fields and filters by which others choose than who wrote the
 * configuration, and what nothing is known of. All else leads only to clusters whose names stand in it.
 */
export function choosersIn(value: unknown, filter?: string): readonly string[] {
  if (typeof value === 'string') return value === CLUSTER_STATE ? [filter ?? value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => choosersIn(one, filter));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([written, member]): readonly string[] => {
    const field = plainField(written);
    if (CHOOSING_FIELDS.has(field)) return [written];
    // Secrets lead nowhere.
    if (field === 'sdsconfig') return [];
    if (field === '@type' || field === 'typeurl') return isNaming(String(member), value) ? [] : [filter ?? String(member)];
    if (field.endsWith('configsource') && !isOfIstiod(member)) return [written];
    if (!FILTER_FIELDS.has(field) || !Array.isArray(member)) return choosersIn(member, filter);
    return member.flatMap((one) => (isConfigured(one) ? choosersIn(one, nameOf(one)) : [nameOf(one) ?? written]));
  });
}

/** The name of a field as protobuf JSON has it, or as it was declared: in a TypedStruct its user chooses. */
function plainField(written: string): string {
  return written.replaceAll('_', '').toLowerCase();
}

/** Whether what a configuration of a type sends goes to clusters that it names. A script that makes no calls sends nothing. */
function isNaming(type: string, config: object): boolean {
  return NAMING_TYPES.has(type) || (SCRIPTS.has(type) && !CALLS.test(JSON.stringify(config)));
}

/** Whether resources come from where all others come from. */
function isOfIstiod(source: unknown): boolean {
  return isObject(source) && isObject(source.ads);
}

/** Whether a filter tells what it does, not by its name alone. */
function isConfigured(filter: unknown): boolean {
  return isObject(filter) && configOf(filter) !== undefined;
}

function configOf(filter: Readonly<Record<string, unknown>>): object | undefined {
  return [filter.typedConfig, filter.typed_config].find(isObject);
}

function nameOf(filter: unknown): string | undefined {
  return isObject(filter) && typeof filter.name === 'string' && filter.name !== '' ? filter.name : undefined;
}

/** Whether EnvoyFilters change what proxies start with, which is not among what istiod sends, so that it may lead to any cluster. */
export function isBootstrapPatched(resources: readonly Resource[]): boolean {
  return resources.some(({ kind, spec }) => kind === 'EnvoyFilter' && JSON.stringify(spec).includes('"BOOTSTRAP"'));
}

/** What leads to clusters in some parts of a proxy's configuration. */
export interface Ways {
  /** Clusters that requests and connections are passed on to, or copies of them. */
  readonly led: ReadonlySet<string>;
  /** Whatever filters say, some of which are clusters that they ask; each with the filter. */
  readonly asked: ReadonlyMap<string, string>;
  /** Whatever is said of access logs and tracing. */
  readonly told: ReadonlySet<string>;
  /** What may lead to any cluster. */
  readonly choosers: readonly string[];
}

/** The ways to clusters of one resource. */
export function waysIn(resource: object, type: 'listener' | 'routes' | 'extension' | 'cluster'): Ways {
  const [led, asked, told] = [new Set<string>(), new Map<string, string>(), new Set<string>()];
  /** `filter` is who says it; where it is none, only names of clusters in their fields count. */
  const collect = (value: unknown, field: string, filter: string | undefined): void => {
    if (typeof value === 'string') {
      if (filter === TELEMETRY) told.add(value);
      else if (filter !== undefined) asked.set(value, filter);
      else if (field === 'cluster') led.add(value);
      return;
    }
    if (Array.isArray(value)) {
      for (const one of value) {
        if (field === 'weightedClusters' && filter === undefined && isObject(one)) led.add(String(one.name));
        if (FILTER_FIELDS.has(field.toLowerCase()) && isObject(one)) collect(configOf(one), '', filterOf(one));
        else collect(one, field, filter);
      }
      return;
    }
    if (!isObject(value)) return;
    for (const [name, member] of Object.entries(value)) {
      if (TELLING_FIELDS.has(name.toLowerCase())) collect(member, name, TELEMETRY);
      else if (name === 'typedPerFilterConfig' && isObject(member))
        for (const [key, config] of Object.entries(member)) collect(config, '', key);
      else if (name !== 'serverListenerName') collect(member, field === 'weightedClusters' ? field : name, filter);
    }
  };
  const { name = '' } = resource as { readonly name?: string };
  if (type === 'cluster') {
    const { clusterType, typedExtensionProtocolOptions, filters } = resource as Partial<XdsSnapshot['clusters'][number]>;
    collect([clusterType, typedExtensionProtocolOptions, filters], '', `cluster ${name}`);
  } else collect(resource, '', type === 'extension' ? name : undefined);
  return { led, asked, told, choosers: choosersIn(resource) };
}

/** Who says what a filter says; nobody where it passes requests on itself. */
function filterOf(filter: Readonly<Record<string, unknown>>): string | undefined {
  const { '@type': type } = fieldsOf(filter.typedConfig);
  return type === HCM || type === TCP_PROXY ? undefined : (nameOf(filter) ?? 'a filter without a name');
}
