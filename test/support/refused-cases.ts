/** What Envoy refuses in a folder of fixtures/refused: the code, whose mistake it is and where it is written. */
export interface RefusedCase {
  readonly name: string;
  readonly code: string;
  readonly kind: string;
  readonly fields: readonly string[];
}

const refused = (name: string, code: string, kind: string, ...fields: readonly string[]): RefusedCase => ({
  name,
  code,
  kind,
  fields,
});

const hash = 'spec.trafficPolicy.loadBalancer.consistentHash';
const value = 'spec.configPatches[0].patch.value';

/** Each stands in refused.yaml and refused.mesh.yaml; accepted.yaml and accepted.mesh.yaml are what Envoy takes instead. */
export const refusedCases: readonly RefusedCase[] = [
  refused('cel-comprehension', 'MESH2098', 'Telemetry', 'spec.accessLogging[0].filter.expression'),
  refused('cel-function', 'MESH2098', 'Telemetry', 'spec.accessLogging[0].filter.expression'),
  refused('cookie-ttl-negative', 'MESH2097', 'DestinationRule', `${hash}.httpCookie.ttl`),
  refused('dynamic-dns-http2', 'MESH2097', 'ServiceEntry', 'spec.ports[0]'),
  refused('dynamic-dns-pool', 'MESH2097', 'ServiceEntry', 'spec.ports[0]'),
  refused(
    'gateway-tls-fingerprints',
    'MESH2097',
    'Gateway',
    'spec.servers[0].tls.verifyCertificateSpki[0]',
    'spec.servers[0].tls.verifyCertificateHash[0]',
  ),
  refused('hash-query-empty', 'MESH2097', 'DestinationRule', `${hash}.httpQueryParameterName`),
  refused('header-format-percent', 'MESH2098', 'VirtualService', 'spec.http[0].headers.response.add.x-cache'),
  refused('header-format-unknown', 'MESH2098', 'VirtualService', 'spec.http[0].headers.request.set.x-from'),
  refused('jwks-empty-keys', 'MESH2098', 'RequestAuthentication', 'spec.jwtRules[0].jwks'),
  refused('lua-syntax', 'MESH2098', 'TrafficExtension', 'spec.lua.inlineCode'),
  refused(
    'mesh-authorization-body',
    'MESH2097',
    'MeshConfig',
    'extensionProviders[0].envoyExtAuthzGrpc.includeRequestBodyInCheck.maxRequestBytes',
  ),
  refused('mesh-cipher', 'MESH2097', 'MeshConfig', 'meshMTLS.cipherSuites[0]'),
  refused('mesh-log-folder', 'MESH2097', 'MeshConfig', 'accessLogFile'),
  refused('mesh-log-json-unknown', 'MESH2098', 'MeshConfig', 'accessLogFormat'),
  refused('mesh-log-parameters', 'MESH2098', 'MeshConfig', 'accessLogFormat'),
  refused('mesh-log-unclosed', 'MESH2098', 'MeshConfig', 'accessLogFormat'),
  refused('mesh-log-unknown', 'MESH2098', 'MeshConfig', 'accessLogFormat'),
  refused('mesh-protocol-timeout', 'MESH2097', 'MeshConfig', 'protocolDetectionTimeout'),
  refused('mesh-retry-backoff', 'MESH2097', 'MeshConfig', 'defaultHttpRetryPolicy.backoff'),
  refused('patch-cluster-nameless', 'MESH2097', 'EnvoyFilter', value),
  refused('patch-cluster-outliers', 'MESH2097', 'EnvoyFilter', `${value}.outlier_detection.max_ejection_time`),
  refused('patch-cluster-ring', 'MESH2097', 'EnvoyFilter', `${value}.ring_hash_lb_config.minimum_ring_size`),
  refused('patch-cluster-timeout', 'MESH2097', 'EnvoyFilter', `${value}.connect_timeout`),
  refused('patch-cluster-type', 'MESH2097', 'EnvoyFilter', `${value}.type`),
  refused('patch-header-limit', 'MESH2097', 'EnvoyFilter', `${value}.typed_config.max_request_headers_kb`),
  refused('patch-listener-without-address', 'MESH2097', 'EnvoyFilter', value),
  refused('patch-lua-syntax', 'MESH2098', 'EnvoyFilter', `${value}.typed_config.inline_code`),
  refused('patch-route-cluster', 'MESH2097', 'EnvoyFilter', `${value}.route.cluster`),
  refused('patch-router-removed', 'MESH2094', 'EnvoyFilter', 'spec.configPatches[0].patch.operation'),
  refused('patch-stat-prefix', 'MESH2097', 'EnvoyFilter', `${value}.typed_config`),
  refused('patch-typed-struct', 'MESH2097', 'EnvoyFilter', `${value}.typed_config.value.stat_prefix`),
  refused('patch-typed-struct-old', 'MESH2097', 'EnvoyFilter', `${value}.typed_config`),
  refused('patch-typed-struct-typeless', 'MESH2097', 'EnvoyFilter', `${value}.typed_config`),
  refused('patch-upgrade-connect', 'MESH2097', 'EnvoyFilter', `${value}.route.upgrade_configs[0].connect_config`),
  refused('patch-upgrade-route', 'MESH2097', 'EnvoyFilter', `${value}.route.upgrade_configs[1]`),
  refused('patch-upgrade-twice', 'MESH2097', 'EnvoyFilter', `${value}.typed_config.upgrade_configs[0]`),
  refused('patch-virtual-host-without-domains', 'MESH2097', 'EnvoyFilter', value),
  refused('redirect-line-break', 'MESH2097', 'VirtualService', 'spec.http[0].redirect.uri'),
  refused('ring-huge', 'MESH2097', 'DestinationRule', `${hash}.ringHash.minimumRingSize`),
  refused('service-entry-socket', 'MESH2097', 'ServiceEntry', 'spec.endpoints[0].address'),
  refused('sidecar-egress-socket', 'MESH2097', 'Sidecar', 'spec.egress[0].bind'),
  refused('sidecar-ingress-socket', 'MESH2097', 'Sidecar', 'spec.ingress[0].defaultEndpoint'),
  refused('tls-sni-long', 'MESH2097', 'DestinationRule', 'spec.trafficPolicy.tls.sni'),
  refused('tls-sni-null', 'MESH2097', 'DestinationRule', 'spec.trafficPolicy.tls.sni'),
  refused('tracer-hidden', 'MESH2099', 'Telemetry', 'spec.tracing[0].providers[0].name'),
];
