import type { MeshConfig, MeshConfigExtensionProvider, ProxyConfig, ProxyConfigProxyHeaders } from '../api/istio.gen.ts';
import { compact } from '../util/object.ts';

/** The values of a ProxyConfig where nothing is written; istio pkg/config/mesh/mesh.go DefaultProxyConfig. */
const defaultProxyConfig: ProxyConfig = {
  configPath: './etc/istio/proxy',
  serviceCluster: 'istio-proxy',
  drainDuration: '45s',
  terminationDrainDuration: '5s',
  proxyAdminPort: 15000,
  controlPlaneAuthPolicy: 'MUTUAL_TLS',
  discoveryAddress: 'istiod.istio-system.svc:15012',
  binaryPath: '/usr/local/bin/envoy',
  statNameLength: 189,
  statusPort: 15020,
};

const defaultExtensionProviders: readonly MeshConfigExtensionProvider[] = [
  { name: 'prometheus', prometheus: {} },
  { name: 'stackdriver', stackdriver: {} },
  { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
];

/** The values of MeshConfig where nothing is written; istio pkg/config/mesh/mesh.go DefaultMeshConfig. */
const defaultMeshConfig: MeshConfig = {
  enableTracing: true,
  protocolDetectionTimeout: '0s',
  ingressService: 'istio-ingressgateway',
  ingressControllerMode: 'STRICT',
  ingressClass: 'istio',
  trustDomain: 'cluster.local',
  enableAutoMtls: true,
  outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  inboundTrafficPolicy: { mode: 'PASSTHROUGH' },
  localityLbSetting: { enabled: true },
  rootNamespace: 'istio-system',
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  connectTimeout: '10s',
  defaultServiceExportTo: ['*'],
  defaultVirtualServiceExportTo: ['*'],
  defaultDestinationRuleExportTo: ['*'],
  dnsRefreshRate: '60s',
  enablePrometheusMerge: true,
  defaultProviders: {},
};

/**
 * The MeshConfig that is in effect for a body as a user writes it (protobuf JSON names): every field overrides its default, but
 * `defaultConfig` and `defaultProviders` are merged, extension providers of new names join the built-in ones, and trust domain
 * aliases are sorted. As istio pkg/config/mesh/mesh.go ApplyMeshConfig.
 */
export function applyMeshConfig(body: MeshConfig): MeshConfig {
  const providers = new Map(defaultExtensionProviders.map((provider) => [provider.name, provider]));
  for (const provider of body.extensionProviders ?? []) providers.set(provider.name, provider);
  return {
    ...defaultMeshConfig,
    ...withoutNulls(body),
    defaultConfig: mergeProxyConfig(defaultProxyConfig, body.defaultConfig ?? {}),
    defaultProviders: { ...defaultMeshConfig.defaultProviders, ...body.defaultProviders },
    extensionProviders: [...providers.values()],
    trustDomainAliases: [...new Set(body.trustDomainAliases)].sort(),
  };
}

/**
 * `over` laid over `base`: each field replaces the one below whole, except proxy metadata, whose members merge, and proxy headers.
 * As istio pkg/config/mesh/mesh.go MergeProxyConfig.
 */
export function mergeProxyConfig(base: ProxyConfig, over: ProxyConfig): ProxyConfig {
  const { serviceCluster: _, ...rest } = base;
  // serviceCluster and tracingServiceName are members of one oneof.
  const below = over.tracingServiceName === undefined ? base : rest;
  const merged = { ...below, ...withoutNulls(over) };
  const proxyMetadata = { ...base.proxyMetadata, ...over.proxyMetadata };
  const proxyHeaders = base.proxyHeaders && over.proxyHeaders && mergeProxyHeaders(base.proxyHeaders, over.proxyHeaders);
  return {
    ...merged,
    ...(Object.keys(proxyMetadata).length > 0 && { proxyMetadata }),
    ...(proxyHeaders && { proxyHeaders }),
  };
}

/** Only these members are taken over from below; the others are lost. As istio pkg/config/mesh/mesh.go correctProxyHeaders. */
function mergeProxyHeaders(base: ProxyConfigProxyHeaders, over: ProxyConfigProxyHeaders): ProxyConfigProxyHeaders {
  const { forwardedClientCert, requestId, attemptCount, server, envoyDebugHeaders } = base;
  const { forwardedClientCert: ownCert, ...own } = withoutNulls(over);
  const cert = ownCert === undefined || ownCert === 'UNDEFINED' ? forwardedClientCert : ownCert;
  return {
    ...compact({ requestId, attemptCount, server, envoyDebugHeaders }),
    ...own,
    ...(cert && { forwardedClientCert: cert }),
  };
}

/** protobuf JSON reads null as "not set". */
function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined)) as T;
}
