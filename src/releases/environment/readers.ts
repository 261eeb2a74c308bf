import type { Switches } from '../switches.ts';
import type { Value } from './values.ts';

/** Makes the switches of a value; undefined for a value that istiod passes over although it can read it. */
export type SwitchReader = (value: Value) => Partial<Switches> | undefined;

type Named<T> = { [K in keyof Switches]: Switches[K] extends T ? (T extends Switches[K] ? K : never) : never }[keyof Switches];

const flag =
  (name: Named<boolean>): SwitchReader =>
  (value) => ({ [name]: value });

const number =
  (name: Named<number>): SwitchReader =>
  (value) => ({ [name]: value });

const text =
  (name: Named<string>): SwitchReader =>
  (value) => ({ [name]: value });

/** Filters of crdwatcher.go fetchResourceFilter. */
const filters =
  (name: Named<readonly string[]>): SwitchReader =>
  (value) => ({
    [name]: String(value)
      .split(',')
      .map((filter) => filter.trim())
      .filter((filter) => filter !== ''),
  });

/** What mesh computes, by the variable that decides it. A variable that is not here changes nothing in what mesh computes. */
export const switchReaders: Readonly<Record<string, SwitchReader>> = {
  AMBIENT_ENABLE_BAGGAGE: flag('ambientEnableBaggage'),
  AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY: flag('ambientEnableDryRunAuthorizationPolicy'),
  AMBIENT_ENABLE_MULTI_NETWORK: flag('ambientEnableMultiNetwork'),
  AMBIENT_ENABLE_MULTI_NETWORK_INGRESS: flag('ambientEnableMultiNetworkIngress'),
  AMBIENT_ENABLE_MULTI_NETWORK_WAYPOINT: flag('ambientEnableMultiNetworkWaypoint'),
  CLUSTER_ID: text('clusterId'),
  COMPLIANCE_POLICY: text('compliancePolicy'),
  DISABLE_SHADOW_HOST_SUFFIX: flag('disableShadowHostSuffix'),
  DISABLE_TRACK_REMAINING_CB_METRICS: flag('disableTrackRemainingCbMetrics'),
  ENABLE_100_CONTINUE_HEADERS: flag('enable100ContinueHeaders'),
  ENABLE_ENHANCED_DESTINATIONRULE_MERGE: flag('enableEnhancedDestinationRuleMerge'),
  ENABLE_HCM_INTERNAL_NETWORKS: flag('enableHcmInternalNetworks'),
  ENABLE_INGRESS_WAYPOINT_ROUTING: flag('enableIngressWaypointRouting'),
  ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES: flag('enableLayeredWaypointAuthorizationPolicies'),
  ENABLE_LOCALITY_WEIGHTED_LB_CONFIG: flag('enableLocalityWeightedLbConfig'),
  ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY: flag('enableSelectorBasedK8sGatewayPolicy'),
  ENABLE_TLS_ON_SIDECAR_INGRESS: flag('enableTlsOnSidecarIngress'),
  ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS: flag('enableWildcardHostServiceEntriesForTls'),
  ISTIO_DUAL_STACK: flag('dualStack'),
  ISTIO_ENABLE_IPV4_OUTBOUND_LISTENER_FOR_IPV6_CLUSTERS: flag('enableIpv4OutboundListenerForIpv6Clusters'),
  ISTIO_WATCH_NAMESPACE: text('watchNamespace'),
  LABEL_CANONICAL_SERVICES_FOR_MESH_EXTERNAL_SERVICE_ENTRIES: flag('labelCanonicalServicesForMeshExternalServiceEntries'),
  MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP: number('maxConnectionsPerSocketEventLoop'),
  PILOT_ALLOW_ANY_DYNAMIC_DNS_MAX_HOSTS: number('allowAnyDynamicDnsMaxHosts'),
  PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE: flag('allowSidecarServiceInboundListenerMerge'),
  PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS: flag('autoSendUnhealthyEndpoints'),
  PILOT_AUTO_ALLOW_WAYPOINT_POLICY: flag('autoAllowWaypointPolicy'),
  PILOT_DISABLE_MX_ALPN: flag('disableMxAlpn'),
  PILOT_DNS_CARES_UDP_MAX_QUERIES: number('dnsCaresUdpMaxQueries'),
  PILOT_DNS_JITTER_DURATION: text('dnsJitterDuration'),
  PILOT_DRAINING_LABEL: text('drainingLabel'),
  PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN: flag('enableAbsoluteFqdnVhostDomain'),
  PILOT_ENABLE_ALPHA_GATEWAY_API: flag('enableAlphaGatewayApi'),
  PILOT_ENABLE_ALPN_FILTER: flag('enableAlpnFilter'),
  PILOT_ENABLE_AMBIENT: flag('enableAmbient'),
  PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES: flag('enableEdsForHeadlessServices'),
  PILOT_ENABLE_GATEWAY_API: flag('enableGatewayApi'),
  PILOT_ENABLE_IP_AUTOALLOCATE: flag('enableIpAutoallocate'),
  PILOT_ENABLE_K8S_SELECT_WORKLOAD_ENTRIES: flag('enableK8sSelectWorkloadEntries'),
  PILOT_ENABLE_METADATA_EXCHANGE: flag('enableMetadataExchange'),
  PILOT_ENABLE_MONGO_FILTER: flag('enableMongoFilter'),
  PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY: flag('enableCrossClusterWorkloadEntry'),
  PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: flag('enableMultipleCustomAuthzProviders'),
  PILOT_ENABLE_MYSQL_FILTER: flag('enableMysqlFilter'),
  PILOT_ENABLE_PERSISTENT_SESSION_FILTER: flag('enablePersistentSessionFilter'),
  PILOT_ENABLE_QUIC_LISTENERS: flag('enableQuicListeners'),
  PILOT_ENABLE_REDIS_FILTER: flag('enableRedisFilter'),
  PILOT_ENABLE_ROUTE_COLLAPSE_OPTIMIZATION: flag('enableRouteCollapseOptimization'),
  PILOT_ENABLE_SENDING_HBONE: flag('enableSendingHbone'),
  PILOT_ENABLE_SERVICEENTRY_SELECT_PODS: flag('enableServiceEntrySelectPods'),
  PILOT_ENABLE_SIDECAR_LISTENING_HBONE: flag('enableSidecarListeningHbone'),
  PILOT_ENABLE_STRICT_GATEWAY_MERGING: flag('enableStrictGatewayMerging'),
  PILOT_ENABLE_TELEMETRY_LABEL: flag('enableTelemetryLabel'),
  PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS: flag('enableWorkloadEntryHealthchecks'),
  PILOT_ENDPOINT_TELEMETRY_LABEL: flag('endpointTelemetryLabel'),
  PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: flag('filterGatewayClusterConfig'),
  PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT: text('gatewayTransportSocketConnectTimeout'),
  PILOT_HBONE_INITIAL_CONNECTION_WINDOW_SIZE: number('hboneInitialConnectionWindowSize'),
  PILOT_HBONE_INITIAL_STREAM_WINDOW_SIZE: number('hboneInitialStreamWindowSize'),
  PILOT_HTTP10: flag('http10'),
  PILOT_IGNORE_RESOURCES: filters('ignoredResources'),
  PILOT_INCLUDE_RESOURCES: filters('includedResources'),
  // istio pkg/jwt ConvertToJwksFetchMode
  PILOT_JWT_ENABLE_REMOTE_JWKS: (value) => ({
    jwtEnableRemoteJwks: value === 'envoy' ? 'envoy' : value === 'hybrid' || value === 'true' ? 'hybrid' : 'istiod',
  }),
  PILOT_MULTI_NETWORK_DISCOVER_GATEWAY_API: flag('multiNetworkDiscoverGatewayApi'),
  PILOT_MX_ADDITIONAL_LABELS: (value) => ({
    mxAdditionalLabels: value === '' ? [] : [...new Set(String(value).split(','))].sort(),
  }),
  PILOT_PERSISTENT_SESSION_HEADER_LABEL: text('persistentSessionHeaderLabel'),
  PILOT_PERSISTENT_SESSION_LABEL: text('persistentSessionLabel'),
  PILOT_PREFER_SENDING_HBONE: flag('preferSendingHbone'),
  PILOT_SCOPE_GATEWAY_TO_NAMESPACE: flag('scopeGatewayToNamespace'),
  PILOT_SEND_UNHEALTHY_ENDPOINTS: flag('sendUnhealthyEndpoints'),
  PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE: flag('sidecarPickBestServiceNamespace'),
  PILOT_SIDECAR_USE_REMOTE_ADDRESS: flag('sidecarUseRemoteAddress'),
  PILOT_SKIP_VALIDATE_TRUST_DOMAIN: flag('skipValidateTrustDomain'),
  PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY: flag('spawnUpstreamSpanForGateway'),
  PILOT_TRACE_SAMPLING: (value) => (Number(value) >= 0 && Number(value) <= 100 ? { traceSampling: Number(value) } : undefined),
  PILOT_UNIFIED_SIDECAR_SCOPE: flag('unifiedSidecarScope'),
  PREFER_DESTINATIONRULE_TLS_FOR_EXTERNAL_SERVICES: flag('preferDestinationRuleTlsForExternalServices'),
  RESOLVE_HOSTNAME_GATEWAYS: flag('resolveHostnameGateways'),
};
