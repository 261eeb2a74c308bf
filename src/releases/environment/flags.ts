import type { ValueKind } from './values.ts';

/** What depends on a variable. */
export type FlagEffect =
  /** What proxies are sent. */
  | 'proxies'
  /** What proxies are sent in ambient mode: nothing depends on it without PILOT_ENABLE_AMBIENT. */
  | 'ambient'
  /** What is added to pods when they are created. */
  | 'injection'
  /** How istiod works: not what proxies are sent. */
  | 'istiod';

/** An environment variable of istiod. */
export interface Flag {
  readonly name: string;
  readonly kind: ValueKind;
  /** What holds where it is not set, as it would be written. */
  readonly standard: string;
  readonly effect: FlagEffect;
  /** What it is about, in a few words. */
  readonly about: string;
  /** The release from which on it exists; undefined for as long as mesh knows. */
  readonly since?: string;
  /** The last release that has it. */
  readonly until?: string;
  /** Another variable, without which it does nothing. */
  readonly needs?: string;
  /** The values that istiod knows, where it does not take any of its kind. */
  readonly choices?: readonly Choice[];
}

/** A value that a variable can have. */
export interface Choice {
  readonly value: string;
  /** The release from which on it exists; undefined for as long as mesh knows. */
  readonly since?: string;
}

/** A default that is no boolean, whole number or text by itself. */
interface OtherDefault {
  readonly kind: ValueKind;
  readonly standard: string;
}

type FlagRow = readonly [
  name: string,
  standard: boolean | number | string | OtherDefault,
  about: string,
  limits?: Pick<Flag, 'since' | 'until' | 'needs' | 'choices'>,
];

const unsigned = (value: number): OtherDefault => ({ kind: 'unsigned', standard: String(value) });
const decimal = (value: number): OtherDefault => ({ kind: 'number', standard: String(value) });
const duration = (standard: string): OtherDefault => ({ kind: 'duration', standard });

/** What the other variables of the Multi-Cluster Services API need. */
const MCS = 'ENABLE_MCS_SERVICE_DISCOVERY';

const proxyRows: readonly FlagRow[] = [
  ['CLUSTER_ID', 'Kubernetes', 'name of the cluster'],
  [
    'COMPLIANCE_POLICY',
    '',
    'TLS versions, cipher suites and curves that a standard allows',
    { choices: [{ value: 'fips-140-2' }, { value: 'fips-140-3', since: '1.31' }, { value: 'pqc' }] },
  ],
  ['DISABLE_SHADOW_HOST_SUFFIX', true, 'mirrored requests keep their host, without -shadow'],
  ['DISABLE_TRACK_REMAINING_CB_METRICS', true, 'no metrics of what circuit breakers have left'],
  ['ENABLE_100_CONTINUE_HEADERS', true, '100-continue passes through'],
  ['ENABLE_ENHANCED_DESTINATIONRULE_MERGE', true, 'DestinationRules of one host stay apart where their exportTo differs'],
  ['ENABLE_GATEWAY_API_INFERENCE_EXTENSION', false, 'InferencePools as backends of routes'],
  [
    'ENABLE_GATEWAY_API_MANUAL_DEPLOYMENT',
    true,
    'a Gateway of the Gateway API may be served by a gateway that is deployed by hand',
  ],
  ['ENABLE_HCM_INTERNAL_NETWORKS', false, 'the ranges of MeshNetworks count as internal addresses'],
  ['ENABLE_LOCALITY_WEIGHTED_LB_CONFIG', false, 'clusters balance by the weights of localities even where nothing asks for it'],
  ['ENABLE_MCS_AUTO_EXPORT', false, 'every service is exported to other clusters', { needs: MCS }],
  ['ENABLE_MCS_CLUSTER_LOCAL', false, 'cluster.local means the endpoints of the own cluster', { needs: 'ENABLE_MCS_HOST' }],
  ['ENABLE_MCS_HOST', false, 'exported services have hosts in clusterset.local', { needs: MCS }],
  ['ENABLE_MCS_SERVICE_DISCOVERY', false, 'endpoints of other clusters are seen only where a service is exported'],
  ['ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY', true, 'policies with selectors hold for gateways of the Gateway API'],
  ['ENABLE_TLS_ON_SIDECAR_INGRESS', false, "the tls of a Sidecar's ingress listeners"],
  ['ISTIO_DUAL_STACK', false, 'listeners, hosts and endpoints of both IP families'],
  ['ISTIO_ENABLE_IPV4_OUTBOUND_LISTENER_FOR_IPV6_CLUSTERS', false, 'proxies with IPv6 alone take outbound IPv4 connections too'],
  ['ISTIO_WATCH_NAMESPACE', '', 'the only namespace that istiod looks at'],
  [
    'LABEL_CANONICAL_SERVICES_FOR_MESH_EXTERNAL_SERVICE_ENTRIES',
    false,
    'endpoints outside the mesh are named for their ServiceEntry in telemetry',
  ],
  ['MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP', 1, 'connections that a listener accepts at once'],
  ['MCS_API_GROUP', 'multicluster.x-k8s.io', 'group of the Multi-Cluster Services API', { needs: MCS }],
  ['MCS_API_VERSION', 'v1alpha1', 'version of the Multi-Cluster Services API', { needs: MCS }],
  ['PILOT_ALLOW_ANY_DYNAMIC_DNS_MAX_HOSTS', unsigned(1024), 'hosts that ALLOW_ANY_DYNAMIC_DNS remembers', { since: '1.31' }],
  ['PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE', false, "ports of services stay beside those of a Sidecar's ingress"],
  [
    'PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS',
    true,
    'endpoints that are not ready are sent too, marked so that nobody uses them, even when no other is left',
    { since: '1.31' },
  ],
  ['PILOT_DISABLE_MX_ALPN', false, 'no istio-peer-exchange among the protocols of handshakes'],
  ['PILOT_DNS_CARES_UDP_MAX_QUERIES', unsigned(100), 'queries that a resolver sends from one port'],
  ['PILOT_DNS_JITTER_DURATION', duration('100ms'), 'spread of repeated DNS queries'],
  ['PILOT_DRAINING_LABEL', 'istio.io/draining', 'label of endpoints that drain'],
  ['PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN', true, 'hosts with a dot at their end are domains too'],
  ['PILOT_ENABLE_AGENTGATEWAY', false, 'gateways of the class istio-agentgateway'],
  ['PILOT_ENABLE_ALPHA_GATEWAY_API', false, 'resources of the Gateway API that are not stable yet'],
  ['PILOT_ENABLE_ALPN_FILTER', true, 'the HTTP filter istio.alpn'],
  ['PILOT_ENABLE_AMBIENT', false, 'ambient mode'],
  ['PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY', true, 'WorkloadEntries of other clusters'],
  [
    'PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES',
    false,
    'endpoints of headless services are sent, in place of passing connections on',
  ],
  ['PILOT_ENABLE_GATEWAY_API', true, 'the Gateway API'],
  ['PILOT_ENABLE_GATEWAY_API_COPY_LABELS_ANNOTATIONS', true, 'managed gateways have the labels and annotations of their Gateway'],
  ['PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER', true, 'gateways are deployed for Gateways of the Gateway API'],
  ['PILOT_ENABLE_IP_AUTOALLOCATE', true, 'addresses for ServiceEntries are written into their status'],
  ['PILOT_ENABLE_K8S_SELECT_WORKLOAD_ENTRIES', true, 'Services select WorkloadEntries'],
  ['PILOT_ENABLE_METADATA_EXCHANGE', true, 'filters by which peers tell who they are'],
  ['PILOT_ENABLE_MONGO_FILTER', true, 'the filter mongo_proxy on ports of that protocol'],
  [
    'PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS',
    false,
    'policies of several CUSTOM providers on one workload',
    { since: '1.30' },
  ],
  ['PILOT_ENABLE_MYSQL_FILTER', false, 'the filter mysql_proxy on ports of that protocol'],
  ['PILOT_ENABLE_PERSISTENT_SESSION_FILTER', false, 'sessions that stay with one endpoint, for services with a label'],
  ['PILOT_ENABLE_QUIC_LISTENERS', false, 'HTTP/3 beside HTTPS on gateways'],
  ['PILOT_ENABLE_REDIS_FILTER', false, 'the filter redis_proxy on ports of that protocol'],
  ['PILOT_ENABLE_ROUTE_COLLAPSE_OPTIMIZATION', true, 'virtual hosts of gateways with the same routes become one'],
  ['PILOT_ENABLE_SERVICEENTRY_SELECT_PODS', true, 'ServiceEntries select pods'],
  [
    'PILOT_ENABLE_STRICT_GATEWAY_MERGING',
    true,
    'beside a managed Gateway of the Gateway API, Gateways of other namespaces do not count',
    { since: '1.31' },
  ],
  ['PILOT_ENABLE_TELEMETRY_LABEL', true, 'clusters and endpoints say what they are'],
  ['PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS', true, 'WorkloadEntries that are reported sick are left out'],
  ['PILOT_ENDPOINT_TELEMETRY_LABEL', true, 'endpoints say what they are'],
  ['PILOT_FILTER_GATEWAY_CLUSTER_CONFIG', false, 'gateways have the clusters that their routes use, and no more'],
  ['PILOT_GATEWAY_API_CONTROLLER_NAME', 'istio.io/gateway-controller', 'name by which GatewayClasses choose istiod'],
  ['PILOT_GATEWAY_API_DEFAULT_GATEWAYCLASS_NAME', 'istio', 'name of the GatewayClass of istiod'],
  ['PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT', duration('15s'), 'time for a handshake with a gateway', { since: '1.30' }],
  ['PILOT_HTTP10', false, 'proxies take HTTP/1.0'],
  ['PILOT_IGNORE_RESOURCES', '', 'kinds that istiod does not look at'],
  ['PILOT_INCLUDE_RESOURCES', '', 'exceptions from PILOT_IGNORE_RESOURCES'],
  [
    'PILOT_JWT_ENABLE_REMOTE_JWKS',
    'false',
    'proxies fetch the keys of tokens themselves',
    { choices: ['false', 'istiod', 'true', 'hybrid', 'envoy'].map((value) => ({ value })) },
  ],
  ['PILOT_MULTI_NETWORK_DISCOVER_GATEWAY_API', true, 'Gateways of the Gateway API are gateways of networks'],
  ['PILOT_MX_ADDITIONAL_LABELS', '', 'more labels that peers tell each other'],
  ['PILOT_PERSISTENT_SESSION_HEADER_LABEL', 'istio.io/persistent-session-header', 'label of services with sessions by header'],
  ['PILOT_PERSISTENT_SESSION_LABEL', 'istio.io/persistent-session', 'label of services with sessions by cookie'],
  ['PILOT_SCOPE_GATEWAY_TO_NAMESPACE', false, 'Gateways select workloads of their own namespace only'],
  [
    'PILOT_SEND_UNHEALTHY_ENDPOINTS',
    false,
    'endpoints that are not ready are sent too, marked so that nobody uses them, even when no other is left',
  ],
  [
    'PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE',
    true,
    'which namespace counts where several have a service of one host',
    { since: '1.30' },
  ],
  ['PILOT_SIDECAR_USE_REMOTE_ADDRESS', false, 'sidecars take the peer for the client'],
  ['PILOT_SKIP_VALIDATE_TRUST_DOMAIN', false, 'clients of any trust domain may connect'],
  ['PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY', true, 'gateways trace upstream requests apart', { until: '1.30' }],
  ['PILOT_TRACE_SAMPLING', decimal(1), 'percentage of requests that are traced where nobody says'],
  ['PILOT_UNIFIED_SIDECAR_SCOPE', true, 'what a namespace without Sidecar sees is computed as with one'],
  [
    'PREFER_DESTINATIONRULE_TLS_FOR_EXTERNAL_SERVICES',
    true,
    "a DestinationRule's tls goes before the certificates of the proxy, for services outside the mesh",
  ],
  ['RESOLVE_HOSTNAME_GATEWAYS', true, 'istiod resolves the host names of gateways of networks'],
  ['SHARED_MESH_CONFIG', '', 'a further ConfigMap with MeshConfig'],
];

const ambientRows: readonly FlagRow[] = [
  ['AMBIENT_ENABLE_BAGGAGE', false, 'proxies tell each other about peers by the header baggage of tunnels'],
  ['AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY', false, 'ztunnel gets policies that only log'],
  ['AMBIENT_ENABLE_MULTI_NETWORK', false, 'ambient across networks'],
  ['AMBIENT_ENABLE_MULTI_NETWORK_INGRESS', false, 'ingress gateways send to other networks'],
  ['AMBIENT_ENABLE_MULTI_NETWORK_WAYPOINT', true, 'waypoints send to other networks'],
  ['ENABLE_INGRESS_WAYPOINT_ROUTING', true, 'gateways send through the waypoints of services that ask for it'],
  [
    'ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES',
    false,
    'policies with selectors hold in front of waypoints, where tunnels end',
  ],
  ['ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS', false, 'waypoints resolve the server names of ServiceEntries with wildcards'],
  ['PILOT_AUTO_ALLOW_WAYPOINT_POLICY', false, 'workloads allow their waypoint alone'],
  ['PILOT_ENABLE_AMBIENT_WAYPOINTS', true, 'controllers of waypoints'],
  ['PILOT_ENABLE_SENDING_HBONE', true, 'proxies send by HBONE'],
  ['PILOT_ENABLE_SIDECAR_LISTENING_HBONE', true, 'sidecars take HBONE'],
  ['PILOT_HBONE_INITIAL_CONNECTION_WINDOW_SIZE', unsigned(0), 'window of HBONE connections'],
  ['PILOT_HBONE_INITIAL_STREAM_WINDOW_SIZE', unsigned(0), 'window of HBONE streams'],
  ['PILOT_PREFER_SENDING_HBONE', false, 'HBONE before mutual TLS'],
];

const injectionRows: readonly FlagRow[] = [
  ['ENABLE_NATIVE_SIDECARS', 'auto', 'sidecars are init containers that keep running'],
  ['ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL', false, 'the health port of proxies takes the PROXY protocol'],
];

const istiodRows: readonly FlagRow[] = [
  ['AMBIENT_ENABLE_STATUS', true, 'status of resources that take part in ambient'],
  [
    'AMBIENT_SCOPED_ADDRESS_PUSHES',
    true,
    'a changed address is pushed only to the waypoints that it concerns',
    { since: '1.30' },
  ],
  ['BLOCKED_CIDRS_IN_JWKS_URIS', '', 'addresses from which istiod fetches no keys'],
  ['CA_TRUSTED_NODE_ACCOUNTS', '', 'accounts that may ask for certificates of other workloads on their node'],
  ['CERT_SIGNER_DOMAIN', '', 'domain of the signer of certificates'],
  ['DEBUG_ENDPOINT_AUTH_ALLOWED_NAMESPACES', '', "namespaces that may ask istiod's debug endpoints"],
  ['ENABLE_CA_SERVER', true, 'istiod signs certificates'],
  ['ENABLE_CLUSTER_TRUST_BUNDLE_API', false, 'root certificates in a ClusterTrustBundle'],
  ['ENABLE_DEBUG_ENDPOINT_AUTH', true, 'debug endpoints ask who is asking'],
  ['ENABLE_DEBUG_ON_HTTP', true, 'debug endpoints on the monitoring port'],
  ['ENABLE_LAZY_SIDECAR_EVALUATION', true, 'what a Sidecar selects is computed when it is needed'],
  ['ENABLE_LEADER_ELECTION', true, 'one istiod of several writes'],
  ['ENABLE_MULTICLUSTER_HEADLESS', true, 'names of headless services resolve to endpoints of all clusters of the network'],
  ['ENABLE_PROXY_FIND_POD_BY_IP', false, 'the pod of a proxy is found by its address too'],
  ['ENABLE_VTPROTOBUF', true, 'faster serialization'],
  ['ENABLE_XDS_API_GENERATOR_AUTH', true, 'the generator of resources asks who is asking', { since: '1.31' }],
  ['EXTERNAL_ISTIOD', false, 'istiod runs outside of the cluster that it serves'],
  ['INJECTION_WEBHOOK_CONFIG_NAME', 'istio-sidecar-injector', 'name of the webhook of injection'],
  ['ISTIOD_CUSTOM_HOST', '', 'more names for the certificate of istiod'],
  ['ISTIO_AGENT_ENABLE_WASM_REMOTE_LOAD_CONVERSION', true, 'agents fetch Wasm modules for their proxies'],
  ['ISTIO_DELTA_XDS', true, 'proxies are sent only what changes'],
  ['ISTIO_ENABLE_CONTROLLER_QUEUE_METRICS', false, "metrics of istiod's queues"],
  ['ISTIO_GPRC_MAXRECVMSGSIZE', 4194304, 'limit of what proxies send to istiod'],
  ['ISTIO_GPRC_MAXSTREAMS', 100000, 'limit of streams of istiod'],
  ['ISTIO_KUBE_CLIENT_CONTENT_TYPE', 'protobuf', 'what istiod speaks with the API server'],
  ['ISTIO_MULTIROOT_MESH', false, 'certificates of several roots'],
  ['ISTIO_WASM_MAX_BINARY_SIZE_BYTES', unsigned(268435456), 'limit of the size of Wasm modules', { since: '1.30' }],
  ['ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY', true, 'a workload may register only as itself'],
  ['JWKS_RESOLVER_INSECURE_SKIP_VERIFY', false, 'istiod does not check the certificates of servers of keys'],
  ['LOCAL_CLUSTER_SECRET_WATCHER', false, 'where secrets of remote clusters are looked for'],
  ['MUTEX_PROFILE_FRACTION', 1000, 'profiling of istiod'],
  ['PILOT_AGENT_MERGE_ENVOY_STATS', true, "agents merge Envoy's metrics with their own", { since: '1.30' }],
  ['PILOT_ANALYSIS_INTERVAL', duration('10s'), 'how often istiod runs its analyzers'],
  ['PILOT_CA_CERT_CONFIGMAP', 'istio-ca-root-cert', 'ConfigMap of the root certificate'],
  ['PILOT_CERT_PROVIDER', 'istiod', 'who signs the certificate of istiod'],
  ['PILOT_CONVERT_SIDECAR_SCOPE_CONCURRENCY', 1, 'how many Sidecars are computed at once'],
  ['PILOT_CRL_CONFIGMAP', 'istio-ca-crl', 'ConfigMap of revoked certificates'],
  ['PILOT_DEBOUNCE_AFTER', duration('100ms'), 'how long istiod waits for further changes'],
  ['PILOT_DEBOUNCE_MAX', duration('10s'), 'how long istiod waits for further changes at most'],
  ['PILOT_ENABLE_ANALYSIS', false, 'istiod writes findings into the status of resources'],
  ['PILOT_ENABLE_CA_CRL', true, 'lists of revoked certificates'],
  ['PILOT_ENABLE_CDS_CACHE', true, 'a cache of clusters'],
  ['PILOT_ENABLE_EDS_DEBOUNCE', true, 'endpoints wait for further changes too'],
  ['PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER', true, 'GatewayClasses of Istio are created'],
  ['PILOT_ENABLE_GATEWAY_API_STATUS', true, 'status of resources of the Gateway API'],
  ['PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS', false, 'nodes lose a taint once their CNI is ready'],
  ['PILOT_ENABLE_RDS_CACHE', true, 'a cache of routes'],
  ['PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER', true, 'secrets of remote clusters for gateways', { since: '1.31' }],
  ['PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION', true, 'workloads register as WorkloadEntries'],
  ['PILOT_ENABLE_XDS_CACHE', true, 'a cache of what proxies are sent'],
  ['PILOT_ENABLE_XDS_IDENTITY_CHECK', true, 'a proxy may ask only for what is its own'],
  ['PILOT_ENVOY_FILTER_STATS', false, 'metrics of EnvoyFilters'],
  ['PILOT_INSECURE_MULTICLUSTER_KUBECONFIG_OPTIONS', '', 'ways of authentication that remote clusters may use'],
  ['PILOT_IP_AUTOALLOCATE_IPV4_PREFIX', '240.240.0.0/16', 'range of the IPv4 addresses of ServiceEntries'],
  ['PILOT_IP_AUTOALLOCATE_IPV6_PREFIX', '2001:2::/48', 'range of the IPv6 addresses of ServiceEntries'],
  ['PILOT_JWT_PUB_KEY_REFRESH_INTERVAL', duration('20m'), 'how often istiod fetches keys'],
  ['PILOT_MAX_REQUESTS_PER_SECOND', decimal(0), 'limit of requests to istiod'],
  ['PILOT_MULTICLUSTER_KUBECONFIG_PATH', '', 'folder with access to remote clusters', { since: '1.30' }],
  ['PILOT_NODE_UNTAINT_CONTROLLERS_TAINT_NAME', 'cni.istio.io/not-ready', 'the taint that nodes lose', { since: '1.30' }],
  ['PILOT_PUSH_THROTTLE', 0, 'pushes at once'],
  ['PILOT_REMOTE_CLUSTER_TIMEOUT', duration('30s'), 'how long istiod waits for remote clusters'],
  ['PILOT_STATUS_MAX_WORKERS', 100, 'writers of status'],
  ['PILOT_WORKLOAD_ENTRY_GRACE_PERIOD', duration('10s'), 'how long a registered workload may be away'],
  ['PILOT_XDS_CACHE_INDEX_CLEAR_INTERVAL', duration('5s'), 'cache of what proxies are sent'],
  ['PILOT_XDS_CACHE_SIZE', 60000, 'cache of what proxies are sent'],
  ['PILOT_XDS_CACHE_STATS', false, 'metrics of the cache'],
  ['TRUSTED_GATEWAY_CIDR', '', 'gateways whose word istiod takes for who is asking'],
  ['UNSAFE_ENABLE_ADMIN_ENDPOINTS', false, 'dangerous debug endpoints'],
  ['UNSAFE_PILOT_ENABLE_DELTA_TEST', false, 'checks for tests', { until: '1.30' }],
  ['UNSAFE_PILOT_ENABLE_RUNTIME_ASSERTIONS', false, 'checks for tests'],
  ['USE_CACERTS_FOR_SELF_SIGNED_CA', false, 'the self-signed root in the secret cacerts'],
  ['VALIDATION_WEBHOOK_CONFIG_NAME', 'istio-istio-system', 'name of the webhook of validation'],
  ['XDS_AUTH', true, 'proxies must say who they are'],
];

function flagsOf(effect: FlagEffect, rows: readonly FlagRow[]): readonly Flag[] {
  const needs = effect === 'ambient' ? { needs: 'PILOT_ENABLE_AMBIENT' } : {};
  return rows.map(([name, standard, about, limits]) => ({ name, effect, about, ...needs, ...defaultOf(standard), ...limits }));
}

function defaultOf(standard: FlagRow[1]): OtherDefault {
  switch (typeof standard) {
    case 'boolean':
      return { kind: 'boolean', standard: String(standard) };
    case 'number':
      return { kind: 'integer', standard: String(standard) };
    case 'string':
      return { kind: 'text', standard };
    default:
      return standard;
  }
}

/** The variables of pilot/pkg/features and pkg/features, of all releases that mesh knows, by name. */
export const flags: ReadonlyMap<string, Flag> = new Map(
  [
    ...flagsOf('proxies', proxyRows),
    ...flagsOf('ambient', ambientRows),
    ...flagsOf('injection', injectionRows),
    ...flagsOf('istiod', istiodRows),
  ].map((flag) => [flag.name, flag]),
);

/** Variables of istiod that change nothing in any proxy and are no feature: of its pod, its certificates, its logs. */
export const otherVariables: ReadonlySet<string> = new Set(
  [
    'AUDIENCE CITADEL_ENABLE_JITTER_FOR_ROOT_CERT_ROTATOR CITADEL_SELF_SIGNED_CA_CERT_TTL CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE',
    'CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE DEFAULT_WORKLOAD_CERT_TTL',
    'EXTERNAL_CA GODEBUG GOGC GOMAXPROCS GOMEMLIMIT INJECT_ENABLED ISTIOD_SAN JWT_POLICY JWT_RULE K8S_SIGNER KUBECONFIG',
    'KUBERNETES_SERVICE_HOST MAX_WORKLOAD_CERT_TTL PLATFORM POD_NAME POD_NAMESPACE REVISION ROOT_CA_DIR SERVICE_ACCOUNT',
    'TOKEN_AUDIENCES TOKEN_ISSUER TRUST_DOMAIN USE_REMOTE_CERTS',
  ].flatMap((names) => names.split(' ')),
);

/** Variables that once were, and that people still set; nothing reads them in any release that mesh knows. */
export const goneVariables: ReadonlySet<string> = new Set([
  'ENABLE_AUTO_SNI',
  'ENABLE_ENHANCED_RESOURCE_SCOPING',
  'ENABLE_EXTERNAL_NAME_ALIAS',
  'UNIFIED_SIDECAR_SCOPING',
  'VERIFY_CERT_AT_CLIENT',
]);
