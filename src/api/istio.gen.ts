// Generated. Do not edit.
// Istio's API in protobuf JSON form: durations are strings, wrappers plain values, enums their names, absent fields unset.

/** A message without fields. */
export type Empty = Readonly<Record<string, never>>;

/** istio.telemetry.v1alpha1.AccessLogging */
export interface AccessLogging {
  readonly match?: AccessLoggingLogSelector;
  readonly providers?: readonly ProviderRef[];
  readonly disabled?: boolean;
  readonly filter?: AccessLoggingFilter;
}

/** istio.telemetry.v1alpha1.AccessLogging.Filter */
export interface AccessLoggingFilter {
  readonly expression?: string;
}

/** istio.telemetry.v1alpha1.AccessLogging.LogSelector */
export interface AccessLoggingLogSelector {
  readonly mode?: WorkloadMode;
}

/** istio.analysis.v1alpha1.AnalysisMessageBase */
export interface AnalysisMessageBase {
  readonly type?: AnalysisMessageBaseType;
  readonly level?: AnalysisMessageBaseLevel;
  readonly documentationUrl?: string;
}

/** istio.analysis.v1alpha1.AnalysisMessageBase.Level */
export type AnalysisMessageBaseLevel = 'UNKNOWN' | 'ERROR' | 'WARNING' | 'INFO';

/** istio.analysis.v1alpha1.AnalysisMessageBase.Type */
export interface AnalysisMessageBaseType {
  readonly name?: string;
  readonly code?: string;
}

/** istio.mesh.v1alpha1.AuthenticationPolicy */
export type AuthenticationPolicy = 'NONE' | 'MUTUAL_TLS' | 'INHERIT';

/** istio.security.v1beta1.AuthorizationPolicy */
export interface AuthorizationPolicy {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly rules?: readonly Rule[];
  readonly action?: AuthorizationPolicyAction;
  readonly provider?: AuthorizationPolicyExtensionProvider;
}

/** istio.security.v1beta1.AuthorizationPolicy.Action */
export type AuthorizationPolicyAction = 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';

/** istio.security.v1beta1.AuthorizationPolicy.ExtensionProvider */
export interface AuthorizationPolicyExtensionProvider {
  readonly name?: string;
}

/** istio.networking.v1alpha3.CaptureMode */
export type CaptureMode = 'DEFAULT' | 'IPTABLES' | 'NONE';

/** istio.mesh.v1alpha1.Certificate */
export interface Certificate {
  readonly secretName?: string;
  readonly dnsNames?: readonly string[];
}

/** istio.security.v1beta1.ClaimToHeader */
export interface ClaimToHeader {
  readonly header?: string;
  readonly claim?: string;
}

/** istio.networking.v1alpha3.ClientTLSSettings */
export interface ClientTLSSettings {
  readonly mode?: ClientTLSSettingsTLSmode;
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly credentialName?: string;
  readonly subjectAltNames?: readonly string[];
  readonly sni?: string;
  readonly insecureSkipVerify?: boolean;
  readonly caCrl?: string;
}

/** istio.networking.v1alpha3.ClientTLSSettings.TLSmode */
export type ClientTLSSettingsTLSmode = 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';

/** istio.security.v1beta1.Condition */
export interface Condition {
  readonly key?: string;
  readonly values?: readonly string[];
  readonly notValues?: readonly string[];
}

/** istio.mesh.v1alpha1.ConfigSource */
export interface ConfigSource {
  readonly address?: string;
  readonly tlsSettings?: ClientTLSSettings;
  readonly subscribedResources?: readonly Resource[];
}

/** istio.networking.v1alpha3.ConnectionPoolSettings */
export interface ConnectionPoolSettings {
  readonly tcp?: ConnectionPoolSettingsTCPSettings;
  readonly http?: ConnectionPoolSettingsHTTPSettings;
}

/** istio.networking.v1alpha3.ConnectionPoolSettings.HTTPSettings */
export interface ConnectionPoolSettingsHTTPSettings {
  readonly http1MaxPendingRequests?: number;
  readonly http2MaxRequests?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxRetries?: number;
  readonly idleTimeout?: string;
  readonly h2UpgradePolicy?: ConnectionPoolSettingsHTTPSettingsH2UpgradePolicy;
  readonly useClientProtocol?: boolean;
  readonly maxConcurrentStreams?: number;
}

/** istio.networking.v1alpha3.ConnectionPoolSettings.HTTPSettings.H2UpgradePolicy */
export type ConnectionPoolSettingsHTTPSettingsH2UpgradePolicy = 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';

/** istio.networking.v1alpha3.ConnectionPoolSettings.TCPSettings */
export interface ConnectionPoolSettingsTCPSettings {
  readonly maxConnections?: number;
  readonly connectTimeout?: string;
  readonly tcpKeepalive?: ConnectionPoolSettingsTCPSettingsTcpKeepalive;
  readonly maxConnectionDuration?: string;
  readonly idleTimeout?: string;
}

/** istio.networking.v1alpha3.ConnectionPoolSettings.TCPSettings.TcpKeepalive */
export interface ConnectionPoolSettingsTCPSettingsTcpKeepalive {
  readonly probes?: number;
  readonly time?: string;
  readonly interval?: string;
}

/** istio.networking.v1alpha3.CorsPolicy */
export interface CorsPolicy {
  readonly allowOrigin?: readonly string[];
  readonly allowOrigins?: readonly StringMatch[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly unmatchedPreflights?: CorsPolicyUnmatchedPreflights;
}

/** istio.networking.v1alpha3.CorsPolicy.UnmatchedPreflights */
export type CorsPolicyUnmatchedPreflights = 'UNSPECIFIED' | 'FORWARD' | 'IGNORE';

/** istio.networking.v1alpha3.Delegate */
export interface Delegate {
  readonly name?: string;
  readonly namespace?: string;
}

/** istio.networking.v1alpha3.Destination */
export interface Destination {
  readonly host?: string;
  readonly subset?: string;
  readonly port?: PortSelector;
}

/** istio.networking.v1alpha3.DestinationRule */
export interface DestinationRule {
  readonly host?: string;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets?: readonly Subset[];
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: PolicyWorkloadSelector;
}

/** istio.extensions.v1alpha1.EnvValueSource */
export type EnvValueSource = 'INLINE' | 'HOST';

/** istio.extensions.v1alpha1.EnvVar */
export interface EnvVar {
  readonly name?: string;
  readonly valueFrom?: EnvValueSource;
  readonly value?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter */
export interface EnvoyFilter {
  readonly workloadSelector?: WorkloadSelector;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly configPatches?: readonly EnvoyFilterEnvoyConfigObjectPatch[];
  readonly priority?: number;
}

/** istio.networking.v1alpha3.EnvoyFilter.ApplyTo */
export type EnvoyFilterApplyTo = 'INVALID' | 'LISTENER' | 'FILTER_CHAIN' | 'NETWORK_FILTER' | 'HTTP_FILTER' | 'ROUTE_CONFIGURATION' | 'VIRTUAL_HOST' | 'HTTP_ROUTE' | 'CLUSTER' | 'EXTENSION_CONFIG' | 'BOOTSTRAP' | 'LISTENER_FILTER';

/** istio.networking.v1alpha3.EnvoyFilter.ClusterMatch */
export interface EnvoyFilterClusterMatch {
  readonly portNumber?: number;
  readonly service?: string;
  readonly subset?: string;
  readonly name?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter.EnvoyConfigObjectMatch */
export interface EnvoyFilterEnvoyConfigObjectMatch {
  readonly context?: EnvoyFilterPatchContext;
  readonly proxy?: EnvoyFilterProxyMatch;
  readonly listener?: EnvoyFilterListenerMatch;
  readonly routeConfiguration?: EnvoyFilterRouteConfigurationMatch;
  readonly cluster?: EnvoyFilterClusterMatch;
  readonly waypoint?: EnvoyFilterWaypointMatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.EnvoyConfigObjectPatch */
export interface EnvoyFilterEnvoyConfigObjectPatch {
  readonly applyTo?: EnvoyFilterApplyTo;
  readonly match?: EnvoyFilterEnvoyConfigObjectMatch;
  readonly patch?: EnvoyFilterPatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.ListenerMatch */
export interface EnvoyFilterListenerMatch {
  readonly portNumber?: number;
  readonly portName?: string;
  readonly filterChain?: EnvoyFilterListenerMatchFilterChainMatch;
  readonly listenerFilter?: string;
  readonly name?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter.ListenerMatch.FilterChainMatch */
export interface EnvoyFilterListenerMatchFilterChainMatch {
  readonly name?: string;
  readonly sni?: string;
  readonly transportProtocol?: string;
  readonly applicationProtocols?: string;
  readonly filter?: EnvoyFilterListenerMatchFilterMatch;
  readonly destinationPort?: number;
}

/** istio.networking.v1alpha3.EnvoyFilter.ListenerMatch.FilterMatch */
export interface EnvoyFilterListenerMatchFilterMatch {
  readonly name?: string;
  readonly subFilter?: EnvoyFilterListenerMatchSubFilterMatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.ListenerMatch.SubFilterMatch */
export interface EnvoyFilterListenerMatchSubFilterMatch {
  readonly name?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter.Patch */
export interface EnvoyFilterPatch {
  readonly operation?: EnvoyFilterPatchOperation;
  readonly value?: Record<string, unknown>;
  readonly filterClass?: EnvoyFilterPatchFilterClass;
}

/** istio.networking.v1alpha3.EnvoyFilter.PatchContext */
export type EnvoyFilterPatchContext = 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY' | 'WAYPOINT';

/** istio.networking.v1alpha3.EnvoyFilter.Patch.FilterClass */
export type EnvoyFilterPatchFilterClass = 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS';

/** istio.networking.v1alpha3.EnvoyFilter.Patch.Operation */
export type EnvoyFilterPatchOperation = 'INVALID' | 'MERGE' | 'ADD' | 'REMOVE' | 'INSERT_BEFORE' | 'INSERT_AFTER' | 'INSERT_FIRST' | 'REPLACE';

/** istio.networking.v1alpha3.EnvoyFilter.ProxyMatch */
export interface EnvoyFilterProxyMatch {
  readonly proxyVersion?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** istio.networking.v1alpha3.EnvoyFilter.RouteConfigurationMatch */
export interface EnvoyFilterRouteConfigurationMatch {
  readonly portNumber?: number;
  readonly portName?: string;
  readonly gateway?: string;
  readonly vhost?: EnvoyFilterRouteConfigurationMatchVirtualHostMatch;
  readonly name?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter.RouteConfigurationMatch.RouteMatch */
export interface EnvoyFilterRouteConfigurationMatchRouteMatch {
  readonly name?: string;
  readonly action?: EnvoyFilterRouteConfigurationMatchRouteMatchAction;
}

/** istio.networking.v1alpha3.EnvoyFilter.RouteConfigurationMatch.RouteMatch.Action */
export type EnvoyFilterRouteConfigurationMatchRouteMatchAction = 'ANY' | 'ROUTE' | 'REDIRECT' | 'DIRECT_RESPONSE';

/** istio.networking.v1alpha3.EnvoyFilter.RouteConfigurationMatch.VirtualHostMatch */
export interface EnvoyFilterRouteConfigurationMatchVirtualHostMatch {
  readonly name?: string;
  readonly domainName?: string;
  readonly route?: EnvoyFilterRouteConfigurationMatchRouteMatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.WaypointMatch */
export interface EnvoyFilterWaypointMatch {
  readonly portNumber?: number;
  readonly route?: EnvoyFilterWaypointMatchRouteMatch;
  readonly filter?: EnvoyFilterWaypointMatchFilterMatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.WaypointMatch.FilterMatch */
export interface EnvoyFilterWaypointMatchFilterMatch {
  readonly name?: string;
  readonly subFilter?: EnvoyFilterWaypointMatchFilterMatchSubFilterMatch;
}

/** istio.networking.v1alpha3.EnvoyFilter.WaypointMatch.FilterMatch.SubFilterMatch */
export interface EnvoyFilterWaypointMatchFilterMatchSubFilterMatch {
  readonly name?: string;
}

/** istio.networking.v1alpha3.EnvoyFilter.WaypointMatch.RouteMatch */
export interface EnvoyFilterWaypointMatchRouteMatch {
  readonly name?: string;
}

/** istio.networking.v1alpha3.ExecHealthCheckConfig */
export interface ExecHealthCheckConfig {
  readonly command?: readonly string[];
}

/** istio.extensions.v1alpha1.FailStrategy */
export type FailStrategy = 'FAIL_CLOSE' | 'FAIL_OPEN' | 'FAIL_RELOAD';

/** istio.mesh.v1alpha1.ForwardClientCertDetails */
export type ForwardClientCertDetails = 'UNDEFINED' | 'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';

/** istio.networking.v1alpha3.Gateway */
export interface Gateway {
  readonly servers?: readonly Server[];
  readonly selector?: Readonly<Record<string, string>>;
}

/** istio.networking.v1alpha3.GrpcHealthCheckConfig */
export interface GrpcHealthCheckConfig {
  readonly port?: number;
  readonly service?: string;
}

/** istio.networking.v1alpha3.HTTPBody */
export interface HTTPBody {
  readonly string?: string;
  readonly bytes?: string;
}

/** istio.networking.v1alpha3.HTTPDirectResponse */
export interface HTTPDirectResponse {
  readonly status?: number;
  readonly body?: HTTPBody;
}

/** istio.networking.v1alpha3.HTTPFaultInjection */
export interface HTTPFaultInjection {
  readonly delay?: HTTPFaultInjectionDelay;
  readonly abort?: HTTPFaultInjectionAbort;
}

/** istio.networking.v1alpha3.HTTPFaultInjection.Abort */
export interface HTTPFaultInjectionAbort {
  readonly httpStatus?: number;
  readonly grpcStatus?: string;
  readonly http2Error?: string;
  readonly percentage?: Percent;
}

/** istio.networking.v1alpha3.HTTPFaultInjection.Delay */
export interface HTTPFaultInjectionDelay {
  readonly percent?: number;
  readonly fixedDelay?: string;
  readonly exponentialDelay?: string;
  readonly percentage?: Percent;
}

/** istio.networking.v1alpha3.HTTPHeader */
export interface HTTPHeader {
  readonly name?: string;
  readonly value?: string;
}

/** istio.networking.v1alpha3.HTTPHealthCheckConfig */
export interface HTTPHealthCheckConfig {
  readonly path?: string;
  readonly port?: number;
  readonly host?: string;
  readonly scheme?: string;
  readonly httpHeaders?: readonly HTTPHeader[];
}

/** istio.networking.v1alpha3.HTTPMatchRequest */
export interface HTTPMatchRequest {
  readonly name?: string;
  readonly uri?: StringMatch;
  readonly scheme?: StringMatch;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  readonly headers?: Readonly<Record<string, StringMatch>>;
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly gateways?: readonly string[];
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  readonly ignoreUriCase?: boolean;
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
  readonly sourceNamespace?: string;
  readonly statPrefix?: string;
}

/** istio.networking.v1alpha3.HTTPMirrorPolicy */
export interface HTTPMirrorPolicy {
  readonly destination?: Destination;
  readonly percentage?: Percent;
}

/** istio.networking.v1alpha3.HTTPRedirect */
export interface HTTPRedirect {
  readonly uri?: string;
  readonly authority?: string;
  readonly port?: number;
  readonly derivePort?: HTTPRedirectRedirectPortSelection;
  readonly scheme?: string;
  readonly redirectCode?: number;
}

/** istio.networking.v1alpha3.HTTPRedirect.RedirectPortSelection */
export type HTTPRedirectRedirectPortSelection = 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT';

/** istio.networking.v1alpha3.HTTPRetry */
export interface HTTPRetry {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
  readonly retryRemoteLocalities?: boolean;
  readonly retryIgnorePreviousHosts?: boolean;
  readonly backoff?: string;
}

/** istio.networking.v1alpha3.HTTPRewrite */
export interface HTTPRewrite {
  readonly uri?: string;
  readonly authority?: string;
  readonly uriRegexRewrite?: RegexRewrite;
}

/** istio.networking.v1alpha3.HTTPRoute */
export interface HTTPRoute {
  readonly name?: string;
  readonly match?: readonly HTTPMatchRequest[];
  readonly route?: readonly HTTPRouteDestination[];
  readonly redirect?: HTTPRedirect;
  readonly directResponse?: HTTPDirectResponse;
  readonly delegate?: Delegate;
  readonly rewrite?: HTTPRewrite;
  readonly timeout?: string;
  readonly retries?: HTTPRetry;
  readonly fault?: HTTPFaultInjection;
  readonly mirror?: Destination;
  readonly mirrors?: readonly HTTPMirrorPolicy[];
  readonly mirrorPercent?: number;
  readonly mirrorPercentage?: Percent;
  readonly corsPolicy?: CorsPolicy;
  readonly headers?: Headers;
}

/** istio.networking.v1alpha3.HTTPRouteDestination */
export interface HTTPRouteDestination {
  readonly destination?: Destination;
  readonly weight?: number;
  readonly headers?: Headers;
}

/** istio.networking.v1alpha3.Headers */
export interface Headers {
  readonly request?: HeadersHeaderOperations;
  readonly response?: HeadersHeaderOperations;
}

/** istio.networking.v1alpha3.Headers.HeaderOperations */
export interface HeadersHeaderOperations {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** istio.meta.v1alpha1.IstioCondition */
export interface IstioCondition {
  readonly type?: string;
  readonly status?: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number | string;
}

/** istio.networking.v1alpha3.IstioEgressListener */
export interface IstioEgressListener {
  readonly port?: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: CaptureMode;
  readonly hosts?: readonly string[];
}

/** istio.networking.v1alpha3.IstioIngressListener */
export interface IstioIngressListener {
  readonly port?: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: CaptureMode;
  readonly defaultEndpoint?: string;
  readonly tls?: ServerTLSSettings;
  readonly connectionPool?: ConnectionPoolSettings;
}

/** istio.security.v1beta1.JWTHeader */
export interface JWTHeader {
  readonly name?: string;
  readonly prefix?: string;
}

/** istio.security.v1beta1.JWTRule */
export interface JWTRule {
  readonly issuer?: string;
  readonly audiences?: readonly string[];
  readonly jwksUri?: string;
  readonly jwks?: string;
  readonly fromHeaders?: readonly JWTHeader[];
  readonly fromParams?: readonly string[];
  readonly outputPayloadToHeader?: string;
  readonly fromCookies?: readonly string[];
  readonly forwardOriginalToken?: boolean;
  readonly outputClaimToHeaders?: readonly ClaimToHeader[];
  readonly timeout?: string;
  readonly spaceDelimitedClaims?: readonly string[];
}

/** istio.networking.v1alpha3.L4MatchAttributes */
export interface L4MatchAttributes {
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  readonly sourceSubnet?: string;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly gateways?: readonly string[];
  readonly sourceNamespace?: string;
}

/** istio.mesh.v1alpha1.LabelSelector */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** istio.mesh.v1alpha1.LabelSelectorRequirement */
export interface LabelSelectorRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** istio.networking.v1alpha3.LoadBalancerSettings */
export interface LoadBalancerSettings {
  readonly simple?: LoadBalancerSettingsSimpleLB;
  readonly consistentHash?: LoadBalancerSettingsConsistentHashLB;
  readonly localityLbSetting?: LocalityLoadBalancerSetting;
  readonly warmupDurationSecs?: string;
  readonly warmup?: WarmupConfiguration;
}

/** istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB */
export interface LoadBalancerSettingsConsistentHashLB {
  readonly httpHeaderName?: string;
  readonly httpCookie?: LoadBalancerSettingsConsistentHashLBHTTPCookie;
  readonly useSourceIp?: boolean;
  readonly httpQueryParameterName?: string;
  readonly ringHash?: LoadBalancerSettingsConsistentHashLBRingHash;
  readonly maglev?: LoadBalancerSettingsConsistentHashLBMagLev;
  readonly minimumRingSize?: number | string;
}

/** istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.HTTPCookie */
export interface LoadBalancerSettingsConsistentHashLBHTTPCookie {
  readonly name?: string;
  readonly path?: string;
  readonly ttl?: string;
  readonly attributes?: readonly LoadBalancerSettingsConsistentHashLBHTTPCookieAttribute[];
}

/** istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.HTTPCookie.Attribute */
export interface LoadBalancerSettingsConsistentHashLBHTTPCookieAttribute {
  readonly name?: string;
  readonly value?: string;
}

/** istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.MagLev */
export interface LoadBalancerSettingsConsistentHashLBMagLev {
  readonly tableSize?: number | string;
}

/** istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.RingHash */
export interface LoadBalancerSettingsConsistentHashLBRingHash {
  readonly minimumRingSize?: number | string;
}

/** istio.networking.v1alpha3.LoadBalancerSettings.SimpleLB */
export type LoadBalancerSettingsSimpleLB = 'UNSPECIFIED' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST';

/** istio.networking.v1alpha3.LocalityLoadBalancerSetting */
export interface LocalityLoadBalancerSetting {
  readonly distribute?: readonly LocalityLoadBalancerSettingDistribute[];
  readonly failover?: readonly LocalityLoadBalancerSettingFailover[];
  readonly failoverPriority?: readonly string[];
  readonly enabled?: boolean;
}

/** istio.networking.v1alpha3.LocalityLoadBalancerSetting.Distribute */
export interface LocalityLoadBalancerSettingDistribute {
  readonly from?: string;
  readonly to?: Readonly<Record<string, number>>;
}

/** istio.networking.v1alpha3.LocalityLoadBalancerSetting.Failover */
export interface LocalityLoadBalancerSettingFailover {
  readonly from?: string;
  readonly to?: string;
}

/** istio.extensions.v1alpha1.LuaConfig */
export interface LuaConfig {
  readonly inlineCode?: string;
}

/** istio.mesh.v1alpha1.MeshConfig */
export interface MeshConfig {
  readonly proxyListenPort?: number;
  readonly proxyInboundListenPort?: number;
  readonly proxyHttpPort?: number;
  readonly connectTimeout?: string;
  readonly hboneIdleTimeout?: string;
  readonly protocolDetectionTimeout?: string;
  readonly tcpKeepalive?: ConnectionPoolSettingsTCPSettingsTcpKeepalive;
  readonly ingressClass?: string;
  readonly ingressService?: string;
  readonly ingressControllerMode?: MeshConfigIngressControllerMode;
  readonly ingressSelector?: string;
  readonly enableTracing?: boolean;
  readonly accessLogFile?: string;
  readonly accessLogFormat?: string;
  readonly accessLogEncoding?: MeshConfigAccessLogEncoding;
  readonly enableEnvoyAccessLogService?: boolean;
  readonly disableEnvoyListenerLog?: boolean;
  readonly defaultConfig?: ProxyConfig;
  readonly outboundTrafficPolicy?: MeshConfigOutboundTrafficPolicy;
  readonly inboundTrafficPolicy?: MeshConfigInboundTrafficPolicy;
  readonly configSources?: readonly ConfigSource[];
  readonly enableAutoMtls?: boolean;
  readonly trustDomain?: string;
  readonly trustDomainAliases?: readonly string[];
  readonly caCertificates?: readonly MeshConfigCertificateData[];
  readonly defaultServiceExportTo?: readonly string[];
  readonly defaultVirtualServiceExportTo?: readonly string[];
  readonly defaultDestinationRuleExportTo?: readonly string[];
  readonly rootNamespace?: string;
  readonly localityLbSetting?: LocalityLoadBalancerSetting;
  readonly dnsRefreshRate?: string;
  readonly h2UpgradePolicy?: MeshConfigH2UpgradePolicy;
  readonly inboundClusterStatName?: string;
  readonly outboundClusterStatName?: string;
  readonly certificates?: readonly Certificate[];
  readonly serviceSettings?: readonly MeshConfigServiceSettings[];
  readonly serviceScopeConfigs?: readonly MeshConfigServiceScopeConfigs[];
  readonly enablePrometheusMerge?: boolean;
  readonly verifyCertificateAtClient?: boolean;
  readonly ca?: MeshConfigCA;
  readonly extensionProviders?: readonly MeshConfigExtensionProvider[];
  readonly defaultProviders?: MeshConfigDefaultProviders;
  readonly discoverySelectors?: readonly LabelSelector[];
  readonly pathNormalization?: MeshConfigProxyPathNormalization;
  readonly defaultHttpRetryPolicy?: HTTPRetry;
  readonly meshMTLS?: MeshConfigTLSConfig;
  readonly tlsDefaults?: MeshConfigTLSConfig;
}

/** istio.mesh.v1alpha1.MeshConfig.AccessLogEncoding */
export type MeshConfigAccessLogEncoding = 'TEXT' | 'JSON';

/** istio.mesh.v1alpha1.MeshConfig.AuthPolicy */
export type MeshConfigAuthPolicy = 'NONE' | 'MUTUAL_TLS';

/** istio.mesh.v1alpha1.MeshConfig.CA */
export interface MeshConfigCA {
  readonly address?: string;
  readonly tlsSettings?: ClientTLSSettings;
  readonly requestTimeout?: string;
  readonly istiodSide?: boolean;
}

/** istio.mesh.v1alpha1.MeshConfig.CertificateData */
export interface MeshConfigCertificateData {
  readonly pem?: string;
  readonly spiffeBundleUrl?: string;
  readonly certSigners?: readonly string[];
  readonly trustDomains?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.DefaultProviders */
export interface MeshConfigDefaultProviders {
  readonly tracing?: readonly string[];
  readonly metrics?: readonly string[];
  readonly accessLogging?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider */
export interface MeshConfigExtensionProvider {
  readonly name?: string;
  readonly envoyExtAuthzHttp?: MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider;
  readonly envoyExtAuthzGrpc?: MeshConfigExtensionProviderEnvoyExternalAuthorizationGrpcProvider;
  readonly zipkin?: MeshConfigExtensionProviderZipkinTracingProvider;
  readonly lightstep?: MeshConfigExtensionProviderLightstepTracingProvider;
  readonly datadog?: MeshConfigExtensionProviderDatadogTracingProvider;
  readonly stackdriver?: MeshConfigExtensionProviderStackdriverProvider;
  readonly opencensus?: MeshConfigExtensionProviderOpenCensusAgentTracingProvider;
  readonly skywalking?: MeshConfigExtensionProviderSkyWalkingTracingProvider;
  readonly opentelemetry?: MeshConfigExtensionProviderOpenTelemetryTracingProvider;
  readonly prometheus?: MeshConfigExtensionProviderPrometheusMetricsProvider;
  readonly envoyFileAccessLog?: MeshConfigExtensionProviderEnvoyFileAccessLogProvider;
  readonly envoyHttpAls?: MeshConfigExtensionProviderEnvoyHttpGrpcV3LogProvider;
  readonly envoyTcpAls?: MeshConfigExtensionProviderEnvoyTcpGrpcV3LogProvider;
  readonly envoyOtelAls?: MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider;
  readonly sds?: MeshConfigExtensionProviderSDSProvider;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.DatadogTracingProvider */
export interface MeshConfigExtensionProviderDatadogTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly maxTagLength?: number;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationGrpcProvider */
export interface MeshConfigExtensionProviderEnvoyExternalAuthorizationGrpcProvider {
  readonly service?: string;
  readonly port?: number;
  readonly timeout?: string;
  readonly failOpen?: boolean;
  readonly clearRouteCache?: boolean;
  readonly statusOnError?: string;
  readonly includeRequestBodyInCheck?: MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationHttpProvider */
export interface MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider {
  readonly service?: string;
  readonly port?: number;
  readonly timeout?: string;
  readonly pathPrefix?: string;
  readonly failOpen?: boolean;
  readonly clearRouteCache?: boolean;
  readonly statusOnError?: string;
  readonly includeHeadersInCheck?: readonly string[];
  readonly includeRequestHeadersInCheck?: readonly string[];
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;
  readonly includeRequestBodyInCheck?: MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody;
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
  readonly headersToDownstreamOnAllow?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationRequestBody */
export interface MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody {
  readonly maxRequestBytes?: number;
  readonly allowPartialMessage?: boolean;
  readonly packAsBytes?: boolean;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyFileAccessLogProvider */
export interface MeshConfigExtensionProviderEnvoyFileAccessLogProvider {
  readonly path?: string;
  readonly logFormat?: MeshConfigExtensionProviderEnvoyFileAccessLogProviderLogFormat;
  readonly omitEmptyValues?: boolean;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyFileAccessLogProvider.LogFormat */
export interface MeshConfigExtensionProviderEnvoyFileAccessLogProviderLogFormat {
  readonly text?: string;
  readonly labels?: Record<string, unknown>;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyHttpGrpcV3LogProvider */
export interface MeshConfigExtensionProviderEnvoyHttpGrpcV3LogProvider {
  readonly service?: string;
  readonly port?: number;
  readonly logName?: string;
  readonly filterStateObjectsToLog?: readonly string[];
  readonly additionalRequestHeadersToLog?: readonly string[];
  readonly additionalResponseHeadersToLog?: readonly string[];
  readonly additionalResponseTrailersToLog?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyOpenTelemetryLogProvider */
export interface MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider {
  readonly service?: string;
  readonly port?: number;
  readonly logName?: string;
  readonly logFormat?: MeshConfigExtensionProviderEnvoyOpenTelemetryLogProviderLogFormat;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyOpenTelemetryLogProvider.LogFormat */
export interface MeshConfigExtensionProviderEnvoyOpenTelemetryLogProviderLogFormat {
  readonly text?: string;
  readonly labels?: Record<string, unknown>;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.EnvoyTcpGrpcV3LogProvider */
export interface MeshConfigExtensionProviderEnvoyTcpGrpcV3LogProvider {
  readonly service?: string;
  readonly port?: number;
  readonly logName?: string;
  readonly filterStateObjectsToLog?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.GrpcService */
export interface MeshConfigExtensionProviderGrpcService {
  readonly timeout?: string;
  readonly initialMetadata?: readonly MeshConfigExtensionProviderHttpHeader[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.HttpHeader */
export interface MeshConfigExtensionProviderHttpHeader {
  readonly name?: string;
  readonly value?: string;
  readonly envName?: string;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.HttpService */
export interface MeshConfigExtensionProviderHttpService {
  readonly path?: string;
  readonly timeout?: string;
  readonly headers?: readonly MeshConfigExtensionProviderHttpHeader[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.LightstepTracingProvider */
export interface MeshConfigExtensionProviderLightstepTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly accessToken?: string;
  readonly maxTagLength?: number;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.OpenCensusAgentTracingProvider */
export interface MeshConfigExtensionProviderOpenCensusAgentTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly context?: readonly MeshConfigExtensionProviderOpenCensusAgentTracingProviderTraceContext[];
  readonly maxTagLength?: number;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.OpenCensusAgentTracingProvider.TraceContext */
export type MeshConfigExtensionProviderOpenCensusAgentTracingProviderTraceContext = 'UNSPECIFIED' | 'W3C_TRACE_CONTEXT' | 'GRPC_BIN' | 'CLOUD_TRACE_CONTEXT' | 'B3';

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.OpenTelemetryTracingProvider */
export interface MeshConfigExtensionProviderOpenTelemetryTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly maxTagLength?: number;
  readonly http?: MeshConfigExtensionProviderHttpService;
  readonly grpc?: MeshConfigExtensionProviderGrpcService;
  readonly resourceDetectors?: MeshConfigExtensionProviderResourceDetectors;
  readonly serviceAttributeEnrichment?: MeshConfigExtensionProviderServiceAttributeEnrichment;
  readonly dynatraceSampler?: MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSampler;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.OpenTelemetryTracingProvider.DynatraceSampler */
export interface MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSampler {
  readonly tenant?: string;
  readonly clusterId?: number;
  readonly rootSpansPerMinute?: number;
  readonly httpService?: MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSamplerDynatraceApi;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.OpenTelemetryTracingProvider.DynatraceSampler.DynatraceApi */
export interface MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSamplerDynatraceApi {
  readonly service?: string;
  readonly port?: number;
  readonly http?: MeshConfigExtensionProviderHttpService;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.PrometheusMetricsProvider */
export type MeshConfigExtensionProviderPrometheusMetricsProvider = Empty;

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ResourceDetectors */
export interface MeshConfigExtensionProviderResourceDetectors {
  readonly environment?: MeshConfigExtensionProviderResourceDetectorsEnvironmentResourceDetector;
  readonly dynatrace?: MeshConfigExtensionProviderResourceDetectorsDynatraceResourceDetector;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ResourceDetectors.DynatraceResourceDetector */
export type MeshConfigExtensionProviderResourceDetectorsDynatraceResourceDetector = Empty;

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ResourceDetectors.EnvironmentResourceDetector */
export type MeshConfigExtensionProviderResourceDetectorsEnvironmentResourceDetector = Empty;

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.SDSProvider */
export interface MeshConfigExtensionProviderSDSProvider {
  readonly name?: string;
  readonly service?: string;
  readonly port?: number;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ServiceAttributeEnrichment */
export type MeshConfigExtensionProviderServiceAttributeEnrichment = 'ISTIO_CANONICAL' | 'OTEL_SEMANTIC_CONVENTIONS';

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.SkyWalkingTracingProvider */
export interface MeshConfigExtensionProviderSkyWalkingTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly accessToken?: string;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.StackdriverProvider */
export interface MeshConfigExtensionProviderStackdriverProvider {
  readonly debug?: boolean;
  readonly maxNumberOfAttributes?: number | string;
  readonly maxNumberOfAnnotations?: number | string;
  readonly maxNumberOfMessageEvents?: number | string;
  readonly maxTagLength?: number;
  readonly logging?: MeshConfigExtensionProviderStackdriverProviderLogging;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.StackdriverProvider.Logging */
export interface MeshConfigExtensionProviderStackdriverProviderLogging {
  readonly labels?: Readonly<Record<string, string>>;
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ZipkinTracingProvider */
export interface MeshConfigExtensionProviderZipkinTracingProvider {
  readonly service?: string;
  readonly port?: number;
  readonly maxTagLength?: number;
  readonly enable64bitTraceId?: boolean;
  readonly path?: string;
  readonly traceContextOption?: MeshConfigExtensionProviderZipkinTracingProviderTraceContextOption;
  readonly timeout?: string;
  readonly headers?: readonly MeshConfigExtensionProviderHttpHeader[];
}

/** istio.mesh.v1alpha1.MeshConfig.ExtensionProvider.ZipkinTracingProvider.TraceContextOption */
export type MeshConfigExtensionProviderZipkinTracingProviderTraceContextOption = 'USE_B3' | 'USE_B3_WITH_W3C_PROPAGATION';

/** istio.mesh.v1alpha1.MeshConfig.H2UpgradePolicy */
export type MeshConfigH2UpgradePolicy = 'DO_NOT_UPGRADE' | 'UPGRADE';

/** istio.mesh.v1alpha1.MeshConfig.InboundTrafficPolicy */
export interface MeshConfigInboundTrafficPolicy {
  readonly mode?: MeshConfigInboundTrafficPolicyMode;
}

/** istio.mesh.v1alpha1.MeshConfig.InboundTrafficPolicy.Mode */
export type MeshConfigInboundTrafficPolicyMode = 'PASSTHROUGH' | 'LOCALHOST';

/** istio.mesh.v1alpha1.MeshConfig.IngressControllerMode */
export type MeshConfigIngressControllerMode = 'UNSPECIFIED' | 'OFF' | 'DEFAULT' | 'STRICT';

/** istio.mesh.v1alpha1.MeshConfig.OutboundTrafficPolicy */
export interface MeshConfigOutboundTrafficPolicy {
  readonly mode?: MeshConfigOutboundTrafficPolicyMode;
  readonly tls?: ClientTLSSettings;
}

/** istio.mesh.v1alpha1.MeshConfig.OutboundTrafficPolicy.Mode */
export type MeshConfigOutboundTrafficPolicyMode = 'REGISTRY_ONLY' | 'ALLOW_ANY' | 'ALLOW_ANY_DYNAMIC_DNS';

/** istio.mesh.v1alpha1.MeshConfig.ProxyPathNormalization */
export interface MeshConfigProxyPathNormalization {
  readonly normalization?: MeshConfigProxyPathNormalizationNormalizationType;
}

/** istio.mesh.v1alpha1.MeshConfig.ProxyPathNormalization.NormalizationType */
export type MeshConfigProxyPathNormalizationNormalizationType = 'DEFAULT' | 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

/** istio.mesh.v1alpha1.MeshConfig.ServiceScopeConfigs */
export interface MeshConfigServiceScopeConfigs {
  readonly namespaceSelector?: LabelSelector;
  readonly servicesSelector?: LabelSelector;
  readonly scope?: MeshConfigServiceScopeConfigsScope;
}

/** istio.mesh.v1alpha1.MeshConfig.ServiceScopeConfigs.Scope */
export type MeshConfigServiceScopeConfigsScope = 'LOCAL' | 'GLOBAL';

/** istio.mesh.v1alpha1.MeshConfig.ServiceSettings */
export interface MeshConfigServiceSettings {
  readonly settings?: MeshConfigServiceSettingsSettings;
  readonly hosts?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.ServiceSettings.Settings */
export interface MeshConfigServiceSettingsSettings {
  readonly clusterLocal?: boolean;
}

/** istio.mesh.v1alpha1.MeshConfig.TLSConfig */
export interface MeshConfigTLSConfig {
  readonly minProtocolVersion?: MeshConfigTLSConfigTLSProtocol;
  readonly ecdhCurves?: readonly string[];
  readonly cipherSuites?: readonly string[];
}

/** istio.mesh.v1alpha1.MeshConfig.TLSConfig.TLSProtocol */
export type MeshConfigTLSConfigTLSProtocol = 'TLS_AUTO' | 'TLSV1_2' | 'TLSV1_3';

/** istio.mesh.v1alpha1.MeshNetworks */
export interface MeshNetworks {
  readonly networks?: Readonly<Record<string, Network>>;
}

/** istio.mesh.v1alpha1.Tracing */
export interface MeshTracing {
  readonly zipkin?: MeshTracingZipkin;
  readonly lightstep?: MeshTracingLightstep;
  readonly datadog?: MeshTracingDatadog;
  readonly stackdriver?: MeshTracingStackdriver;
  readonly openCensusAgent?: MeshTracingOpenCensusAgent;
  readonly customTags?: Readonly<Record<string, MeshTracingCustomTag>>;
  readonly maxPathTagLength?: number;
  readonly sampling?: number;
  readonly tlsSettings?: ClientTLSSettings;
  readonly enableIstioTags?: boolean;
}

/** istio.mesh.v1alpha1.Tracing.CustomTag */
export interface MeshTracingCustomTag {
  readonly literal?: MeshTracingLiteral;
  readonly environment?: MeshTracingEnvironment;
  readonly header?: MeshTracingRequestHeader;
}

/** istio.mesh.v1alpha1.Tracing.Datadog */
export interface MeshTracingDatadog {
  readonly address?: string;
}

/** istio.mesh.v1alpha1.Tracing.Environment */
export interface MeshTracingEnvironment {
  readonly name?: string;
  readonly defaultValue?: string;
}

/** istio.mesh.v1alpha1.Tracing.Lightstep */
export interface MeshTracingLightstep {
  readonly address?: string;
  readonly accessToken?: string;
}

/** istio.mesh.v1alpha1.Tracing.Literal */
export interface MeshTracingLiteral {
  readonly value?: string;
}

/** istio.mesh.v1alpha1.Tracing.OpenCensusAgent */
export interface MeshTracingOpenCensusAgent {
  readonly address?: string;
  readonly context?: readonly MeshTracingOpenCensusAgentTraceContext[];
}

/** istio.mesh.v1alpha1.Tracing.OpenCensusAgent.TraceContext */
export type MeshTracingOpenCensusAgentTraceContext = 'UNSPECIFIED' | 'W3C_TRACE_CONTEXT' | 'GRPC_BIN' | 'CLOUD_TRACE_CONTEXT' | 'B3';

/** istio.mesh.v1alpha1.Tracing.RequestHeader */
export interface MeshTracingRequestHeader {
  readonly name?: string;
  readonly defaultValue?: string;
}

/** istio.mesh.v1alpha1.Tracing.Stackdriver */
export interface MeshTracingStackdriver {
  readonly debug?: boolean;
  readonly maxNumberOfAttributes?: number | string;
  readonly maxNumberOfAnnotations?: number | string;
  readonly maxNumberOfMessageEvents?: number | string;
}

/** istio.mesh.v1alpha1.Tracing.Zipkin */
export interface MeshTracingZipkin {
  readonly address?: string;
}

/** istio.telemetry.v1alpha1.MetricSelector */
export interface MetricSelector {
  readonly metric?: MetricSelectorIstioMetric;
  readonly customMetric?: string;
  readonly mode?: WorkloadMode;
}

/** istio.telemetry.v1alpha1.MetricSelector.IstioMetric */
export type MetricSelectorIstioMetric = 'ALL_METRICS' | 'REQUEST_COUNT' | 'REQUEST_DURATION' | 'REQUEST_SIZE' | 'RESPONSE_SIZE' | 'TCP_OPENED_CONNECTIONS' | 'TCP_CLOSED_CONNECTIONS' | 'TCP_SENT_BYTES' | 'TCP_RECEIVED_BYTES' | 'GRPC_REQUEST_MESSAGES' | 'GRPC_RESPONSE_MESSAGES';

/** istio.telemetry.v1alpha1.Metrics */
export interface Metrics {
  readonly providers?: readonly ProviderRef[];
  readonly overrides?: readonly MetricsOverrides[];
  readonly reportingInterval?: string;
}

/** istio.telemetry.v1alpha1.MetricsOverrides */
export interface MetricsOverrides {
  readonly match?: MetricSelector;
  readonly disabled?: boolean;
  readonly tagOverrides?: Readonly<Record<string, MetricsOverridesTagOverride>>;
}

/** istio.telemetry.v1alpha1.MetricsOverrides.TagOverride */
export interface MetricsOverridesTagOverride {
  readonly operation?: MetricsOverridesTagOverrideOperation;
  readonly value?: string;
}

/** istio.telemetry.v1alpha1.MetricsOverrides.TagOverride.Operation */
export type MetricsOverridesTagOverrideOperation = 'UPSERT' | 'REMOVE';

/** istio.mesh.v1alpha1.Network */
export interface Network {
  readonly endpoints?: readonly NetworkNetworkEndpoints[];
  readonly gateways?: readonly NetworkIstioNetworkGateway[];
}

/** istio.mesh.v1alpha1.Network.IstioNetworkGateway */
export interface NetworkIstioNetworkGateway {
  readonly registryServiceName?: string;
  readonly address?: string;
  readonly port?: number;
  readonly locality?: string;
}

/** istio.mesh.v1alpha1.Network.NetworkEndpoints */
export interface NetworkNetworkEndpoints {
  readonly fromCidr?: string;
  readonly fromRegistry?: string;
}

/** istio.security.v1beta1.Operation */
export interface Operation {
  readonly hosts?: readonly string[];
  readonly notHosts?: readonly string[];
  readonly ports?: readonly string[];
  readonly notPorts?: readonly string[];
  readonly methods?: readonly string[];
  readonly notMethods?: readonly string[];
  readonly paths?: readonly string[];
  readonly notPaths?: readonly string[];
}

/** istio.networking.v1alpha3.OutboundTrafficPolicy */
export interface OutboundTrafficPolicy {
  readonly mode?: OutboundTrafficPolicyMode;
  readonly egressProxy?: Destination;
}

/** istio.networking.v1alpha3.OutboundTrafficPolicy.Mode */
export type OutboundTrafficPolicyMode = 'REGISTRY_ONLY' | 'ALLOW_ANY';

/** istio.networking.v1alpha3.OutlierDetection */
export interface OutlierDetection {
  readonly consecutiveErrors?: number;
  readonly splitExternalLocalOriginErrors?: boolean;
  readonly consecutiveLocalOriginFailures?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly consecutive5xxErrors?: number;
  readonly interval?: string;
  readonly baseEjectionTime?: string;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
}

/** istio.security.v1beta1.PeerAuthentication */
export interface PeerAuthentication {
  readonly selector?: PolicyWorkloadSelector;
  readonly mtls?: PeerAuthenticationMutualTLS;
  readonly portLevelMtls?: Readonly<Record<string, PeerAuthenticationMutualTLS>>;
}

/** istio.security.v1beta1.PeerAuthentication.MutualTLS */
export interface PeerAuthenticationMutualTLS {
  readonly mode?: PeerAuthenticationMutualTLSMode;
}

/** istio.security.v1beta1.PeerAuthentication.MutualTLS.Mode */
export type PeerAuthenticationMutualTLSMode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** istio.networking.v1alpha3.Percent */
export interface Percent {
  readonly value?: number;
}

/** istio.extensions.v1alpha1.PluginPhase */
export type PluginPhase = 'UNSPECIFIED_PHASE' | 'AUTHN' | 'AUTHZ' | 'STATS';

/** istio.extensions.v1alpha1.PluginType */
export type PluginType = 'UNSPECIFIED_PLUGIN_TYPE' | 'HTTP' | 'NETWORK';

/** istio.type.v1beta1.PortSelector */
export interface PolicyPortSelector {
  readonly number?: number;
}

/** istio.type.v1beta1.PolicyTargetReference */
export interface PolicyTargetReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** istio.type.v1beta1.WorkloadMode */
export type PolicyWorkloadMode = 'UNDEFINED' | 'CLIENT' | 'SERVER' | 'CLIENT_AND_SERVER';

/** istio.type.v1beta1.WorkloadSelector */
export interface PolicyWorkloadSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** istio.networking.v1alpha3.Port */
export interface Port {
  readonly number?: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

/** istio.networking.v1alpha3.PortSelector */
export interface PortSelector {
  readonly number?: number;
}

/** istio.mesh.v1alpha1.PrivateKeyProvider */
export interface PrivateKeyProvider {
  readonly cryptomb?: PrivateKeyProviderCryptoMb;
  readonly qat?: PrivateKeyProviderQAT;
}

/** istio.mesh.v1alpha1.PrivateKeyProvider.CryptoMb */
export interface PrivateKeyProviderCryptoMb {
  readonly pollDelay?: string;
  readonly fallback?: boolean;
}

/** istio.mesh.v1alpha1.PrivateKeyProvider.QAT */
export interface PrivateKeyProviderQAT {
  readonly pollDelay?: string;
  readonly fallback?: boolean;
}

/** istio.telemetry.v1alpha1.ProviderRef */
export interface ProviderRef {
  readonly name?: string;
}

/** istio.mesh.v1alpha1.ProxyConfig */
export interface ProxyConfig {
  readonly configPath?: string;
  readonly binaryPath?: string;
  readonly serviceCluster?: string;
  readonly tracingServiceName?: ProxyConfigTracingServiceName;
  readonly drainDuration?: string;
  readonly discoveryAddress?: string;
  readonly discoveryRefreshDelay?: string;
  readonly zipkinAddress?: string;
  readonly statsdUdpAddress?: string;
  readonly envoyMetricsServiceAddress?: string;
  readonly proxyAdminPort?: number;
  readonly availabilityZone?: string;
  readonly controlPlaneAuthPolicy?: AuthenticationPolicy;
  readonly customConfigFile?: string;
  readonly statNameLength?: number;
  readonly concurrency?: number;
  readonly proxyBootstrapTemplatePath?: string;
  readonly interceptionMode?: ProxyConfigInboundInterceptionMode;
  readonly tracing?: MeshTracing;
  readonly sds?: SDS;
  readonly envoyAccessLogService?: RemoteService;
  readonly envoyMetricsService?: RemoteService;
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly runtimeValues?: Readonly<Record<string, string>>;
  readonly statusPort?: number;
  readonly extraStatTags?: readonly string[];
  readonly gatewayTopology?: Topology;
  readonly terminationDrainDuration?: string;
  readonly meshId?: string;
  readonly readinessProbe?: ReadinessProbe;
  readonly proxyStatsMatcher?: ProxyConfigProxyStatsMatcher;
  readonly holdApplicationUntilProxyStarts?: boolean;
  readonly caCertificatesPem?: readonly string[];
  readonly image?: ProxyImage;
  readonly privateKeyProvider?: PrivateKeyProvider;
  readonly proxyHeaders?: ProxyConfigProxyHeaders;
  readonly fileFlushInterval?: string;
  readonly fileFlushMinSizeKb?: number;
  readonly statsCompression?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.InboundInterceptionMode */
export type ProxyConfigInboundInterceptionMode = 'REDIRECT' | 'TPROXY' | 'NONE';

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders */
export interface ProxyConfigProxyHeaders {
  readonly forwardedClientCert?: ForwardClientCertDetails;
  readonly setCurrentClientCertDetails?: ProxyConfigProxyHeadersSetCurrentClientCertDetails;
  readonly requestId?: ProxyConfigProxyHeadersRequestId;
  readonly server?: ProxyConfigProxyHeadersServer;
  readonly attemptCount?: ProxyConfigProxyHeadersAttemptCount;
  readonly envoyDebugHeaders?: ProxyConfigProxyHeadersEnvoyDebugHeaders;
  readonly metadataExchangeHeaders?: ProxyConfigProxyHeadersMetadataExchangeHeaders;
  readonly preserveHttp1HeaderCase?: boolean;
  readonly xForwardedHost?: ProxyConfigProxyHeadersXForwardedHost;
  readonly xForwardedPort?: ProxyConfigProxyHeadersXForwardedPort;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.AttemptCount */
export interface ProxyConfigProxyHeadersAttemptCount {
  readonly disabled?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.EnvoyDebugHeaders */
export interface ProxyConfigProxyHeadersEnvoyDebugHeaders {
  readonly disabled?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.MetadataExchangeHeaders */
export interface ProxyConfigProxyHeadersMetadataExchangeHeaders {
  readonly mode?: ProxyConfigProxyHeadersMetadataExchangeMode;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.MetadataExchangeMode */
export type ProxyConfigProxyHeadersMetadataExchangeMode = 'UNDEFINED' | 'IN_MESH';

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.RequestId */
export interface ProxyConfigProxyHeadersRequestId {
  readonly disabled?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.Server */
export interface ProxyConfigProxyHeadersServer {
  readonly disabled?: boolean;
  readonly value?: string;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.SetCurrentClientCertDetails */
export interface ProxyConfigProxyHeadersSetCurrentClientCertDetails {
  readonly subject?: boolean;
  readonly cert?: boolean;
  readonly chain?: boolean;
  readonly dns?: boolean;
  readonly uri?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.XForwardedHost */
export interface ProxyConfigProxyHeadersXForwardedHost {
  readonly enabled?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders.XForwardedPort */
export interface ProxyConfigProxyHeadersXForwardedPort {
  readonly enabled?: boolean;
}

/** istio.mesh.v1alpha1.ProxyConfig.ProxyStatsMatcher */
export interface ProxyConfigProxyStatsMatcher {
  readonly inclusionPrefixes?: readonly string[];
  readonly inclusionSuffixes?: readonly string[];
  readonly inclusionRegexps?: readonly string[];
}

/** istio.networking.v1beta1.ProxyConfig */
export interface ProxyConfigResource {
  readonly selector?: PolicyWorkloadSelector;
  readonly concurrency?: number;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly image?: ProxyImage;
}

/** istio.mesh.v1alpha1.ProxyConfig.TracingServiceName */
export type ProxyConfigTracingServiceName = 'APP_LABEL_AND_NAMESPACE' | 'CANONICAL_NAME_ONLY' | 'CANONICAL_NAME_AND_NAMESPACE';

/** istio.networking.v1beta1.ProxyImage */
export interface ProxyImage {
  readonly imageType?: string;
}

/** istio.extensions.v1alpha1.PullPolicy */
export type PullPolicy = 'UNSPECIFIED_POLICY' | 'IfNotPresent' | 'Always';

/** istio.networking.v1alpha3.ReadinessProbe */
export interface ReadinessProbe {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: HTTPHealthCheckConfig;
  readonly tcpSocket?: TCPHealthCheckConfig;
  readonly exec?: ExecHealthCheckConfig;
  readonly grpc?: GrpcHealthCheckConfig;
}

/** istio.networking.v1alpha3.RegexRewrite */
export interface RegexRewrite {
  readonly match?: string;
  readonly rewrite?: string;
}

/** istio.mesh.v1alpha1.RemoteService */
export interface RemoteService {
  readonly address?: string;
  readonly tlsSettings?: ClientTLSSettings;
  readonly tcpKeepalive?: ConnectionPoolSettingsTCPSettingsTcpKeepalive;
}

/** istio.security.v1beta1.RequestAuthentication */
export interface RequestAuthentication {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly jwtRules?: readonly JWTRule[];
}

/** istio.mesh.v1alpha1.Resource */
export type Resource = 'SERVICE_REGISTRY';

/** istio.networking.v1alpha3.RouteDestination */
export interface RouteDestination {
  readonly destination?: Destination;
  readonly weight?: number;
}

/** istio.security.v1beta1.Rule */
export interface Rule {
  readonly from?: readonly RuleFrom[];
  readonly to?: readonly RuleTo[];
  readonly when?: readonly Condition[];
}

/** istio.security.v1beta1.Rule.From */
export interface RuleFrom {
  readonly source?: Source;
}

/** istio.security.v1beta1.Rule.To */
export interface RuleTo {
  readonly operation?: Operation;
}

/** istio.mesh.v1alpha1.SDS */
export interface SDS {
  readonly enabled?: boolean;
  readonly k8sSaJwtPath?: string;
}

/** istio.networking.v1alpha3.Server */
export interface Server {
  readonly port?: Port;
  readonly bind?: string;
  readonly hosts?: readonly string[];
  readonly tls?: ServerTLSSettings;
  readonly defaultEndpoint?: string;
  readonly name?: string;
}

/** istio.networking.v1alpha3.ServerTLSSettings */
export interface ServerTLSSettings {
  readonly httpsRedirect?: boolean;
  readonly mode?: ServerTLSSettingsTLSmode;
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly caCertCredentialName?: string;
  readonly tlsCertificates?: readonly ServerTLSSettingsTLSCertificate[];
  readonly subjectAltNames?: readonly string[];
  readonly verifyCertificateSpki?: readonly string[];
  readonly verifyCertificateHash?: readonly string[];
  readonly minProtocolVersion?: ServerTLSSettingsTLSProtocol;
  readonly maxProtocolVersion?: ServerTLSSettingsTLSProtocol;
  readonly cipherSuites?: readonly string[];
}

/** istio.networking.v1alpha3.ServerTLSSettings.TLSCertificate */
export interface ServerTLSSettingsTLSCertificate {
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
}

/** istio.networking.v1alpha3.ServerTLSSettings.TLSProtocol */
export type ServerTLSSettingsTLSProtocol = 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3';

/** istio.networking.v1alpha3.ServerTLSSettings.TLSmode */
export type ServerTLSSettingsTLSmode = 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'AUTO_PASSTHROUGH' | 'ISTIO_MUTUAL' | 'OPTIONAL_MUTUAL';

/** istio.networking.v1alpha3.ServiceEntry */
export interface ServiceEntry {
  readonly hosts?: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports?: readonly ServicePort[];
  readonly location?: ServiceEntryLocation;
  readonly resolution?: ServiceEntryResolution;
  readonly endpoints?: readonly WorkloadEntry[];
  readonly workloadSelector?: WorkloadSelector;
  readonly exportTo?: readonly string[];
  readonly subjectAltNames?: readonly string[];
}

/** istio.networking.v1alpha3.ServiceEntryAddress */
export interface ServiceEntryAddress {
  readonly value?: string;
  readonly host?: string;
}

/** istio.networking.v1alpha3.ServiceEntry.Location */
export type ServiceEntryLocation = 'MESH_EXTERNAL' | 'MESH_INTERNAL';

/** istio.networking.v1alpha3.ServiceEntry.Resolution */
export type ServiceEntryResolution = 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';

/** istio.networking.v1alpha3.ServiceEntryStatus */
export interface ServiceEntryStatus {
  readonly conditions?: readonly IstioCondition[];
  readonly validationMessages?: readonly AnalysisMessageBase[];
  readonly observedGeneration?: number | string;
  readonly addresses?: readonly ServiceEntryAddress[];
}

/** istio.networking.v1alpha3.ServicePort */
export interface ServicePort {
  readonly number?: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

/** istio.networking.v1alpha3.Sidecar */
export interface Sidecar {
  readonly workloadSelector?: WorkloadSelector;
  readonly ingress?: readonly IstioIngressListener[];
  readonly egress?: readonly IstioEgressListener[];
  readonly inboundConnectionPool?: ConnectionPoolSettings;
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
}

/** istio.networking.v1alpha3.SidecarPort */
export interface SidecarPort {
  readonly number?: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

/** istio.security.v1beta1.Source */
export interface Source {
  readonly principals?: readonly string[];
  readonly notPrincipals?: readonly string[];
  readonly requestPrincipals?: readonly string[];
  readonly notRequestPrincipals?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly notNamespaces?: readonly string[];
  readonly serviceAccounts?: readonly string[];
  readonly notServiceAccounts?: readonly string[];
  readonly ipBlocks?: readonly string[];
  readonly notIpBlocks?: readonly string[];
  readonly remoteIpBlocks?: readonly string[];
  readonly notRemoteIpBlocks?: readonly string[];
  readonly trustDomains?: readonly string[];
  readonly notTrustDomains?: readonly string[];
}

/** istio.networking.v1alpha3.StringMatch */
export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

/** istio.networking.v1alpha3.Subset */
export interface Subset {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
}

/** istio.networking.v1alpha3.TCPHealthCheckConfig */
export interface TCPHealthCheckConfig {
  readonly host?: string;
  readonly port?: number;
}

/** istio.networking.v1alpha3.TCPRoute */
export interface TCPRoute {
  readonly match?: readonly L4MatchAttributes[];
  readonly route?: readonly RouteDestination[];
}

/** istio.networking.v1alpha3.TLSMatchAttributes */
export interface TLSMatchAttributes {
  readonly sniHosts?: readonly string[];
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly gateways?: readonly string[];
  readonly sourceNamespace?: string;
}

/** istio.networking.v1alpha3.TLSRoute */
export interface TLSRoute {
  readonly match?: readonly TLSMatchAttributes[];
  readonly route?: readonly RouteDestination[];
}

/** istio.telemetry.v1alpha1.Telemetry */
export interface Telemetry {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly tracing?: readonly Tracing[];
  readonly metrics?: readonly Metrics[];
  readonly accessLogging?: readonly AccessLogging[];
}

/** istio.mesh.v1alpha1.Topology */
export interface Topology {
  readonly numTrustedProxies?: number;
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
  readonly proxyProtocol?: TopologyProxyProtocolConfiguration;
}

/** istio.mesh.v1alpha1.Topology.ProxyProtocolConfiguration */
export type TopologyProxyProtocolConfiguration = Empty;

/** istio.telemetry.v1alpha1.Tracing */
export interface Tracing {
  readonly match?: TracingTracingSelector;
  readonly providers?: readonly ProviderRef[];
  readonly randomSamplingPercentage?: number;
  readonly disableSpanReporting?: boolean;
  readonly customTags?: Readonly<Record<string, TracingCustomTag>>;
  readonly useRequestIdForTraceSampling?: boolean;
  readonly enableIstioTags?: boolean;
  readonly disableContextPropagation?: boolean;
}

/** istio.telemetry.v1alpha1.Tracing.CustomTag */
export interface TracingCustomTag {
  readonly literal?: TracingLiteral;
  readonly environment?: TracingEnvironment;
  readonly header?: TracingRequestHeader;
  readonly formatter?: TracingFormatter;
}

/** istio.telemetry.v1alpha1.Tracing.Environment */
export interface TracingEnvironment {
  readonly name?: string;
  readonly defaultValue?: string;
}

/** istio.telemetry.v1alpha1.Tracing.Formatter */
export interface TracingFormatter {
  readonly value?: string;
}

/** istio.telemetry.v1alpha1.Tracing.Literal */
export interface TracingLiteral {
  readonly value?: string;
}

/** istio.telemetry.v1alpha1.Tracing.RequestHeader */
export interface TracingRequestHeader {
  readonly name?: string;
  readonly defaultValue?: string;
}

/** istio.telemetry.v1alpha1.Tracing.TracingSelector */
export interface TracingTracingSelector {
  readonly mode?: WorkloadMode;
}

/** istio.extensions.v1alpha1.TrafficExtension */
export interface TrafficExtension {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly phase?: TrafficExtensionExecutionPhase;
  readonly priority?: number;
  readonly match?: readonly TrafficSelector[];
  readonly wasm?: WasmConfig;
  readonly lua?: LuaConfig;
}

/** istio.extensions.v1alpha1.TrafficExtension.ExecutionPhase */
export type TrafficExtensionExecutionPhase = 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS';

/** istio.networking.v1alpha3.TrafficPolicy */
export interface TrafficPolicy {
  readonly loadBalancer?: LoadBalancerSettings;
  readonly connectionPool?: ConnectionPoolSettings;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTLSSettings;
  readonly portLevelSettings?: readonly TrafficPolicyPortTrafficPolicy[];
  readonly tunnel?: TrafficPolicyTunnelSettings;
  readonly proxyProtocol?: TrafficPolicyProxyProtocol;
  readonly retryBudget?: TrafficPolicyRetryBudget;
}

/** istio.networking.v1alpha3.TrafficPolicy.PortTrafficPolicy */
export interface TrafficPolicyPortTrafficPolicy {
  readonly port?: PortSelector;
  readonly loadBalancer?: LoadBalancerSettings;
  readonly connectionPool?: ConnectionPoolSettings;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTLSSettings;
}

/** istio.networking.v1alpha3.TrafficPolicy.ProxyProtocol */
export interface TrafficPolicyProxyProtocol {
  readonly version?: TrafficPolicyProxyProtocolVERSION;
}

/** istio.networking.v1alpha3.TrafficPolicy.ProxyProtocol.VERSION */
export type TrafficPolicyProxyProtocolVERSION = 'V1' | 'V2';

/** istio.networking.v1alpha3.TrafficPolicy.RetryBudget */
export interface TrafficPolicyRetryBudget {
  readonly percent?: number;
  readonly minRetryConcurrency?: number;
}

/** istio.networking.v1alpha3.TrafficPolicy.TunnelSettings */
export interface TrafficPolicyTunnelSettings {
  readonly protocol?: string;
  readonly targetHost?: string;
  readonly targetPort?: number;
}

/** istio.extensions.v1alpha1.TrafficSelector */
export interface TrafficSelector {
  readonly mode?: PolicyWorkloadMode;
  readonly ports?: readonly PolicyPortSelector[];
}

/** istio.networking.v1alpha3.VirtualService */
export interface VirtualService {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly http?: readonly HTTPRoute[];
  readonly tls?: readonly TLSRoute[];
  readonly tcp?: readonly TCPRoute[];
  readonly exportTo?: readonly string[];
}

/** istio.extensions.v1alpha1.VmConfig */
export interface VmConfig {
  readonly env?: readonly EnvVar[];
}

/** istio.networking.v1alpha3.WarmupConfiguration */
export interface WarmupConfiguration {
  readonly duration?: string;
  readonly minimumPercent?: number;
  readonly aggression?: number;
}

/** istio.extensions.v1alpha1.WasmConfig */
export interface WasmConfig {
  readonly url?: string;
  readonly sha256?: string;
  readonly imagePullPolicy?: PullPolicy;
  readonly imagePullSecret?: string;
  readonly verificationKey?: string;
  readonly pluginConfig?: Record<string, unknown>;
  readonly pluginName?: string;
  readonly failStrategy?: FailStrategy;
  readonly vmConfig?: VmConfig;
  readonly type?: PluginType;
}

/** istio.extensions.v1alpha1.WasmPlugin */
export interface WasmPlugin {
  readonly selector?: PolicyWorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly url?: string;
  readonly sha256?: string;
  readonly imagePullPolicy?: PullPolicy;
  readonly imagePullSecret?: string;
  readonly verificationKey?: string;
  readonly pluginConfig?: Record<string, unknown>;
  readonly pluginName?: string;
  readonly phase?: PluginPhase;
  readonly priority?: number;
  readonly failStrategy?: FailStrategy;
  readonly vmConfig?: VmConfig;
  readonly match?: readonly WasmPluginTrafficSelector[];
  readonly type?: PluginType;
}

/** istio.extensions.v1alpha1.WasmPlugin.TrafficSelector */
export interface WasmPluginTrafficSelector {
  readonly mode?: PolicyWorkloadMode;
  readonly ports?: readonly PolicyPortSelector[];
}

/** istio.networking.v1alpha3.WorkloadEntry */
export interface WorkloadEntry {
  readonly address?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: string;
  readonly locality?: string;
  readonly weight?: number;
  readonly serviceAccount?: string;
}

/** istio.networking.v1alpha3.WorkloadGroup */
export interface WorkloadGroup {
  readonly metadata?: WorkloadGroupObjectMeta;
  readonly template?: WorkloadEntry;
  readonly probe?: ReadinessProbe;
}

/** istio.networking.v1alpha3.WorkloadGroup.ObjectMeta */
export interface WorkloadGroupObjectMeta {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** istio.telemetry.v1alpha1.WorkloadMode */
export type WorkloadMode = 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER';

/** istio.networking.v1alpha3.WorkloadSelector */
export interface WorkloadSelector {
  readonly labels?: Readonly<Record<string, string>>;
}
