/**
 * What an environment variable of istiod decides, named for the variable without `PILOT_`. A rule reads its switch where it lives,
 * as `release.behaviours.NAME`; which variables there are, and which of them mesh computes, stands in environment/flags.ts.
 * As istio pilot/pkg/features.
 */
export interface Switches {
  // Listeners and their filters.
  /** PILOT_HTTP10 */
  readonly http10: boolean;
  /** PILOT_SIDECAR_USE_REMOTE_ADDRESS */
  readonly sidecarUseRemoteAddress: boolean;
  /** ENABLE_100_CONTINUE_HEADERS */
  readonly enable100ContinueHeaders: boolean;
  /** PILOT_ENABLE_ALPN_FILTER */
  readonly enableAlpnFilter: boolean;
  /** PILOT_DISABLE_MX_ALPN: no `istio-peer-exchange` among the protocols of a handshake. */
  readonly disableMxAlpn: boolean;
  /** PILOT_ENABLE_METADATA_EXCHANGE */
  readonly enableMetadataExchange: boolean;
  /** PILOT_MX_ADDITIONAL_LABELS: labels that peers tell each other beside the usual ones; sorted, each once. */
  readonly mxAdditionalLabels: readonly string[];
  /** PILOT_ENABLE_MONGO_FILTER */
  readonly enableMongoFilter: boolean;
  /** PILOT_ENABLE_MYSQL_FILTER */
  readonly enableMysqlFilter: boolean;
  /** PILOT_ENABLE_REDIS_FILTER */
  readonly enableRedisFilter: boolean;
  /** MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP; 0 for no limit. */
  readonly maxConnectionsPerSocketEventLoop: number;
  /** ENABLE_HCM_INTERNAL_NETWORKS: the ranges of MeshNetworks are internal addresses. */
  readonly enableHcmInternalNetworks: boolean;
  /** PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT, in canonical form; `0s` for none. */
  readonly gatewayTransportSocketConnectTimeout: string;
  /** PILOT_TRACE_SAMPLING: the percentage of requests that are traced where nobody says. */
  readonly traceSampling: number;
  /** PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY */
  readonly spawnUpstreamSpanForGateway: boolean;

  // Routes.
  /** PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN: hosts with a dot at their end are domains too. */
  readonly enableAbsoluteFqdnVhostDomain: boolean;
  /** PILOT_ENABLE_ROUTE_COLLAPSE_OPTIMIZATION: virtual hosts of gateways with the same routes become one. */
  readonly enableRouteCollapseOptimization: boolean;
  /** DISABLE_SHADOW_HOST_SUFFIX */
  readonly disableShadowHostSuffix: boolean;

  // Clusters and endpoints.
  /** DISABLE_TRACK_REMAINING_CB_METRICS */
  readonly disableTrackRemainingCbMetrics: boolean;
  /** ENABLE_LOCALITY_WEIGHTED_LB_CONFIG */
  readonly enableLocalityWeightedLbConfig: boolean;
  /** PILOT_DNS_JITTER_DURATION, in canonical form. */
  readonly dnsJitterDuration: string;
  /** PILOT_DNS_CARES_UDP_MAX_QUERIES */
  readonly dnsCaresUdpMaxQueries: number;
  /** PILOT_ENABLE_TELEMETRY_LABEL */
  readonly enableTelemetryLabel: boolean;
  /** PILOT_ENDPOINT_TELEMETRY_LABEL */
  readonly endpointTelemetryLabel: boolean;
  /** LABEL_CANONICAL_SERVICES_FOR_MESH_EXTERNAL_SERVICE_ENTRIES */
  readonly labelCanonicalServicesForMeshExternalServiceEntries: boolean;
  /** PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES */
  readonly enableEdsForHeadlessServices: boolean;
  /** PILOT_SEND_UNHEALTHY_ENDPOINTS */
  readonly sendUnhealthyEndpoints: boolean;
  /** PILOT_DRAINING_LABEL: what marks endpoints that take no new sessions; empty for nothing. */
  readonly drainingLabel: string;
  /** PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS: also where nobody asks for them, unless outlier detection has a panic threshold. */
  readonly autoSendUnhealthyEndpoints: boolean;
  /** PILOT_ALLOW_ANY_DYNAMIC_DNS_MAX_HOSTS: hosts that a proxy keeps resolved. */
  readonly allowAnyDynamicDnsMaxHosts: number;
  /** PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: gateways have the clusters that their routes use, and no more. */
  readonly filterGatewayClusterConfig: boolean;
  /** PREFER_DESTINATIONRULE_TLS_FOR_EXTERNAL_SERVICES */
  readonly preferDestinationRuleTlsForExternalServices: boolean;

  // Security.
  /** PILOT_SKIP_VALIDATE_TRUST_DOMAIN */
  readonly skipValidateTrustDomain: boolean;
  /** COMPLIANCE_POLICY; empty for none. */
  readonly compliancePolicy: string;
  /** PILOT_JWT_ENABLE_REMOTE_JWKS: who fetches the keys behind a `jwksUri`. */
  readonly jwtEnableRemoteJwks: 'istiod' | 'hybrid' | 'envoy';
  /** PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS */
  readonly enableMultipleCustomAuthzProviders: boolean;

  // Which resources count, and for whom.
  /** CLUSTER_ID: the cluster that istiod is in, as proxies and endpoints name it. */
  readonly clusterId: string;
  /** ISTIO_WATCH_NAMESPACE: the only namespace that istiod looks at; empty for all. */
  readonly watchNamespace: string;
  /** PILOT_IGNORE_RESOURCES: kinds that istiod does not look at, by names of their definitions or `*.` with the end of such. */
  readonly ignoredResources: readonly string[];
  /** PILOT_INCLUDE_RESOURCES: those of them that it looks at all the same. */
  readonly includedResources: readonly string[];
  /** ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY: policies without targetRefs hold for managed gateways of the Gateway API. */
  readonly enableSelectorBasedK8sGatewayPolicy: boolean;
  /** PILOT_ENABLE_K8S_SELECT_WORKLOAD_ENTRIES */
  readonly enableK8sSelectWorkloadEntries: boolean;
  /** PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY: WorkloadEntries of other clusters count. */
  readonly enableCrossClusterWorkloadEntry: boolean;
  /** PILOT_ENABLE_SERVICEENTRY_SELECT_PODS */
  readonly enableServiceEntrySelectPods: boolean;
  /** PILOT_ENABLE_IP_AUTOALLOCATE: addresses of ServiceEntries stand in their status; else istiod makes them up. */
  readonly enableIpAutoallocate: boolean;
  /** PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE: the best of the services of a host; else that of the first namespace. */
  readonly sidecarPickBestServiceNamespace: boolean;
  /** ENABLE_ENHANCED_DESTINATIONRULE_MERGE: rules of one host with other `exportTo` stay apart. */
  readonly enableEnhancedDestinationRuleMerge: boolean;
  /** PILOT_UNIFIED_SIDECAR_SCOPE: the default scope of a namespace is made as that of a Sidecar. */
  readonly unifiedSidecarScope: boolean;
  /** PILOT_SCOPE_GATEWAY_TO_NAMESPACE: Gateways select workloads of their own namespace only. */
  readonly scopeGatewayToNamespace: boolean;

  // What is new.
  /** ENABLE_TLS_ON_SIDECAR_INGRESS */
  readonly enableTlsOnSidecarIngress: boolean;
  /** PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE: a Sidecar's ingress adds to the ports of services. */
  readonly allowSidecarServiceInboundListenerMerge: boolean;
  /** PILOT_ENABLE_QUIC_LISTENERS */
  readonly enableQuicListeners: boolean;
  /** PILOT_ENABLE_PERSISTENT_SESSION_FILTER */
  readonly enablePersistentSessionFilter: boolean;
  /** PILOT_PERSISTENT_SESSION_LABEL */
  readonly persistentSessionLabel: string;
  /** PILOT_PERSISTENT_SESSION_HEADER_LABEL */
  readonly persistentSessionHeaderLabel: string;
  /** PILOT_ENABLE_ALPHA_GATEWAY_API */
  readonly enableAlphaGatewayApi: boolean;
  /** ISTIO_DUAL_STACK */
  readonly dualStack: boolean;
  /** ISTIO_ENABLE_IPV4_OUTBOUND_LISTENER_FOR_IPV6_CLUSTERS: proxies with IPv6 alone take outbound IPv4 connections, and look it up. */
  readonly enableIpv4OutboundListenerForIpv6Clusters: boolean;
  /** PILOT_ENABLE_STRICT_GATEWAY_MERGING: beside a managed Gateway of the Gateway API, Gateways of other namespaces do not count. */
  readonly enableStrictGatewayMerging: boolean;
  /** PILOT_ENABLE_GATEWAY_API */
  readonly enableGatewayApi: boolean;
  /** PILOT_MULTI_NETWORK_DISCOVER_GATEWAY_API */
  readonly multiNetworkDiscoverGatewayApi: boolean;
  /** RESOLVE_HOSTNAME_GATEWAYS */
  readonly resolveHostnameGateways: boolean;
  /** PILOT_ENABLE_AMBIENT: ambient mode. */
  readonly enableAmbient: boolean;
  /** PILOT_AUTO_ALLOW_WAYPOINT_POLICY: ztunnel lets waypoints in whatever other policies allow. */
  readonly autoAllowWaypointPolicy: boolean;
  /** PILOT_ENABLE_SENDING_HBONE: sidecars and gateways open tunnels. */
  readonly enableSendingHbone: boolean;
  /** PILOT_ENABLE_SIDECAR_LISTENING_HBONE: sidecars that ask for it take tunnels. */
  readonly enableSidecarListeningHbone: boolean;
  /** PILOT_PREFER_SENDING_HBONE: tunnels go before mutual TLS, where an endpoint takes both. */
  readonly preferSendingHbone: boolean;
  /** PILOT_HBONE_INITIAL_STREAM_WINDOW_SIZE; 0 leaves it to Envoy. */
  readonly hboneInitialStreamWindowSize: number;
  /** PILOT_HBONE_INITIAL_CONNECTION_WINDOW_SIZE; 0 leaves it to Envoy. */
  readonly hboneInitialConnectionWindowSize: number;
  /** AMBIENT_ENABLE_MULTI_NETWORK: ambient mode spans networks, by way of gateways between them; never true without ambient mode. */
  readonly ambientEnableMultiNetwork: boolean;
  /** AMBIENT_ENABLE_MULTI_NETWORK_INGRESS: ingress gateways send to other networks. */
  readonly ambientEnableMultiNetworkIngress: boolean;
  /** AMBIENT_ENABLE_MULTI_NETWORK_WAYPOINT: waypoints send to other networks. */
  readonly ambientEnableMultiNetworkWaypoint: boolean;
  /** AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY: ztunnel is told of policies that are only tried out. */
  readonly ambientEnableDryRunAuthorizationPolicy: boolean;
  /** AMBIENT_ENABLE_BAGGAGE: proxies learn about their peers by a header of tunnels. */
  readonly ambientEnableBaggage: boolean;
  /** ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES: policies by selector hold where tunnels end, before those of services. */
  readonly enableLayeredWaypointAuthorizationPolicies: boolean;
  /** ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS: waypoints resolve the server names of TLS connections to hosts with wildcards. */
  readonly enableWildcardHostServiceEntriesForTls: boolean;
  /** ENABLE_INGRESS_WAYPOINT_ROUTING: gateways go through the waypoints of services whose label asks for it. */
  readonly enableIngressWaypointRouting: boolean;
  /** PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS */
  readonly enableWorkloadEntryHealthchecks: boolean;
}

/** What holds where nobody sets anything. A release that does otherwise says so in its behaviours. */
export const defaultSwitches: Switches = {
  http10: false,
  sidecarUseRemoteAddress: false,
  enable100ContinueHeaders: true,
  enableAlpnFilter: true,
  disableMxAlpn: false,
  enableMetadataExchange: true,
  mxAdditionalLabels: [],
  enableMongoFilter: true,
  enableMysqlFilter: false,
  enableRedisFilter: false,
  maxConnectionsPerSocketEventLoop: 1,
  enableHcmInternalNetworks: false,
  gatewayTransportSocketConnectTimeout: '15s',
  traceSampling: 1,
  spawnUpstreamSpanForGateway: true,

  enableAbsoluteFqdnVhostDomain: true,
  enableRouteCollapseOptimization: true,
  disableShadowHostSuffix: true,

  disableTrackRemainingCbMetrics: true,
  enableLocalityWeightedLbConfig: false,
  dnsJitterDuration: '0.100s',
  dnsCaresUdpMaxQueries: 100,
  enableTelemetryLabel: true,
  endpointTelemetryLabel: true,
  labelCanonicalServicesForMeshExternalServiceEntries: false,
  enableEdsForHeadlessServices: false,
  sendUnhealthyEndpoints: false,
  drainingLabel: 'istio.io/draining',
  autoSendUnhealthyEndpoints: false,
  allowAnyDynamicDnsMaxHosts: 1024,
  filterGatewayClusterConfig: false,
  preferDestinationRuleTlsForExternalServices: true,

  skipValidateTrustDomain: false,
  compliancePolicy: '',
  jwtEnableRemoteJwks: 'istiod',
  enableMultipleCustomAuthzProviders: false,

  clusterId: 'Kubernetes',
  watchNamespace: '',
  ignoredResources: [],
  includedResources: [],
  enableSelectorBasedK8sGatewayPolicy: true,
  enableK8sSelectWorkloadEntries: true,
  enableCrossClusterWorkloadEntry: true,
  enableServiceEntrySelectPods: true,
  enableIpAutoallocate: true,
  sidecarPickBestServiceNamespace: true,
  enableEnhancedDestinationRuleMerge: true,
  unifiedSidecarScope: true,
  scopeGatewayToNamespace: false,

  enableTlsOnSidecarIngress: false,
  allowSidecarServiceInboundListenerMerge: false,
  enableQuicListeners: false,
  enablePersistentSessionFilter: false,
  persistentSessionLabel: 'istio.io/persistent-session',
  persistentSessionHeaderLabel: 'istio.io/persistent-session-header',
  enableAlphaGatewayApi: false,
  dualStack: false,
  enableIpv4OutboundListenerForIpv6Clusters: false,
  enableStrictGatewayMerging: false,
  enableGatewayApi: true,
  multiNetworkDiscoverGatewayApi: true,
  resolveHostnameGateways: true,
  enableAmbient: false,
  autoAllowWaypointPolicy: false,
  enableSendingHbone: true,
  enableSidecarListeningHbone: true,
  preferSendingHbone: false,
  hboneInitialStreamWindowSize: 0,
  hboneInitialConnectionWindowSize: 0,
  ambientEnableMultiNetwork: false,
  ambientEnableMultiNetworkIngress: false,
  ambientEnableMultiNetworkWaypoint: true,
  ambientEnableDryRunAuthorizationPolicy: false,
  ambientEnableBaggage: false,
  enableLayeredWaypointAuthorizationPolicies: false,
  enableWildcardHostServiceEntriesForTls: false,
  enableIngressWaypointRouting: true,
  enableWorkloadEntryHealthchecks: true,
};
