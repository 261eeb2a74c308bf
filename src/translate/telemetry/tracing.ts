import type { MeshTracingCustomTag, ProxyConfig, TracingCustomTag } from '../../api/istio.gen.ts';
import type { CustomTag, HttpConnectionManagerTracing } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { proxyCan } from '../../model/proxies/abilities.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { TracingSpec } from '../../model/telemetry/telemetry-tracing.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Labels } from '../../resource/resource.ts';
import { compact } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { providerTracing } from './tracing-providers.ts';

/** What the HTTP connection managers of a proxy do about tracing. */
export interface TracingSettings {
  /** Undefined where nothing is traced. */
  readonly tracing: HttpConnectionManagerTracing | undefined;
  /** Whether the request id alone decides if a request is sampled. */
  readonly useRequestIdForTraceSampling: boolean;
}

/** The name that Istio gives to the mesh in a proxy's metadata. */
const meshId = 'cluster.local';

/**
 * Tracing as MeshConfig alone asks for it (enableTracing, defaultConfig.tracing), which holds where no Telemetry resource and no
 * default provider says more. The tracer itself is in the bootstrap then.
 * As istio pilot/pkg/networking/core/tracing.go configureTracingFromTelemetry without a tracing config.
 */
export function meshConfigTracing({ config, release }: Pick<Mesh, 'config' | 'release'>, proxy: Proxy): TracingSettings {
  if (config.enableTracing !== true) return untraced;
  const settings = proxy.proxyConfig.tracing;
  const istioTags = [
    ...(settings?.enableIstioTags === false ? [] : [...istioTagsOf(proxy), ...policyTags]),
    ...peerTagsOf(proxy),
  ];
  return {
    tracing: compact({
      ...sampling(proxyConfigSampling(proxy.proxyConfig, release.behaviours)),
      customTags: sortTags([...istioTags, ...proxyConfigTags(proxy.proxyConfig)]),
      maxPathTagLength: settings?.maxPathTagLength || undefined,
    }),
    useRequestIdForTraceSampling: true,
  };
}

/** Nothing is traced. */
const untraced: TracingSettings = { tracing: undefined, useRequestIdForTraceSampling: true };

/**
 * Tracing as Telemetry resources and default providers ask for it; nothing is traced without a provider that can.
 * As istio pilot/pkg/networking/core/tracing.go configureTracingFromTelemetry.
 */
export function specTracing(mesh: Mesh, spec: TracingSpec, proxy: Proxy): TracingSettings {
  if (spec.disabled || spec.provider === undefined) return untraced;
  const provided = providerTracing(mesh, spec.provider, proxy);
  if (provided === undefined) return untraced;
  const { proxyConfig } = proxy;
  const percentage = provided.hasSampler
    ? 100
    : (spec.randomSamplingPercentage ?? proxyConfigSampling(proxyConfig, mesh.release.behaviours));
  const istioTags = [...(spec.enableIstioTags ? [...istioTagsOf(proxy), ...policyTags] : []), ...peerTagsOf(proxy)];
  // Older proxies know no tags that are formatted (istio buildCustomTagsFromProvider).
  const knowsFormats = proxyCan(proxy, 'formattedTags');
  const given = Object.entries(spec.customTags);
  const ownTags = given
    .filter(([, { formatter }]) => formatter === undefined || knowsFormats)
    .map(([tag, source]) => telemetryTag(tag, source));
  return {
    tracing: compact({
      maxPathTagLength: proxyConfig.tracing?.maxPathTagLength || undefined,
      ...provided.tracing,
      ...sampling(percentage),
      customTags: sortTags([...istioTags, ...(given.length > 0 ? ownTags : proxyConfigTags(proxyConfig))]),
      noContextPropagation: (spec.disableContextPropagation && proxyCan(proxy, 'noContextPropagation')) || undefined,
    }),
    useRequestIdForTraceSampling: spec.useRequestIdForTraceSampling,
  };
}

/** A tag of the Telemetry API; istio buildCustomTagsFromProvider. */
function telemetryTag(tag: string, source: TracingCustomTag): CustomTag {
  const [known] = customTag(tag, source);
  if (known !== undefined) return known;
  return source.formatter === undefined ? { tag } : { tag, value: source.formatter.value ?? '' };
}

/** Everything that clients force or that is already being traced, and `percentage` of the rest; istio configureSampling. */
export function sampling(percentage: number): HttpConnectionManagerTracing {
  return {
    clientSampling: { value: 100 },
    overallSampling: { value: 100 },
    randomSampling: percentage === 0 ? {} : { value: percentage },
  };
}

/** The percentage that a proxy's config names, else istiod's; istio proxyConfigSamplingValue. */
function proxyConfigSampling({ tracing }: ProxyConfig, { traceSampling }: Behaviours): number {
  const percentage = tracing?.sampling ?? 0;
  if (percentage === 0) return traceSampling;
  return percentage > 100 ? 1 : percentage;
}

/** Tags in order of their names; undefined where there are none. */
function sortTags(tags: readonly CustomTag[]): readonly CustomTag[] | undefined {
  return tags.length === 0 ? undefined : [...tags].sort((a, b) => compareText(a.tag ?? '', b.tag ?? ''));
}

/** Who reports: istio buildServiceTags. */
function istioTagsOf(proxy: Proxy): readonly CustomTag[] {
  return identityTags(proxy.labels, proxy.namespace, proxy.clusterId);
}

function identityTags(labels: Labels, namespace: string, clusterId: string): readonly CustomTag[] {
  return [
    literal('istio.canonical_revision', labels['service.istio.io/canonical-revision'] || 'latest'),
    literal('istio.canonical_service', labels['service.istio.io/canonical-name'] || 'unknown'),
    literal('istio.mesh_id', meshId),
    literal('istio.namespace', namespace || 'default'),
    literal('istio.cluster_id', clusterId || 'unknown'),
  ];
}

function literal(tag: string, value: string): CustomTag {
  return { tag, literal: { value } };
}

/** Tags, and the fields of what is known of a peer that they show. */
const peerFields = {
  workload: 'workload',
  namespace: 'namespace',
  cluster_id: 'cluster',
  canonical_service: 'service',
  canonical_revision: 'revision',
  app: 'app',
  app_version: 'version',
  workload_type: 'type',
  instance_name: 'name',
} as const;

const peerTags: readonly CustomTag[] = (['downstream', 'upstream'] as const).flatMap((side) =>
  Object.entries(peerFields).map(([tag, field]) => ({
    tag: `istio.${side === 'downstream' ? 'source' : 'destination'}_${tag}`,
    value: `%FILTER_STATE(${side}_peer_obj:FIELD:${field})%`,
  })),
);

/** Who is on both sides of a proxy that is neither; istio buildWaypointSourceTags. */
function peerTagsOf({ role }: Proxy): readonly CustomTag[] {
  return factsOf[role].standsBetweenPeers ? peerTags : [];
}

/** The outcome of dry-run authorization policies; istio optionalPolicyTags. */
const policyTags: readonly CustomTag[] = (['allow', 'deny'] as const).flatMap((action) => [
  dryRunTag(`istio.authorization.dry_run.${action}_policy.name`, `istio_dry_run_${action}_shadow_effective_policy_id`),
  dryRunTag(`istio.authorization.dry_run.${action}_policy.result`, `istio_dry_run_${action}_shadow_engine_result`),
]);

function dryRunTag(tag: string, key: string): CustomTag {
  return { tag, metadata: { kind: { request: {} }, metadataKey: { key: 'envoy.filters.http.rbac', path: [{ key }] } } };
}

/** The tags of `proxyConfig.tracing.customTags`; istio buildCustomTagsFromProxyConfig. */
function proxyConfigTags({ tracing }: ProxyConfig): readonly CustomTag[] {
  return Object.entries(tracing?.customTags ?? {}).flatMap(([tag, source]) => customTag(tag, source));
}

function customTag(tag: string, source: MeshTracingCustomTag): readonly CustomTag[] {
  if (source.literal) return [{ tag, literal: withoutEmpty(source.literal) }];
  if (source.environment) return [{ tag, environment: withoutEmpty(source.environment) }];
  if (source.header) return [{ tag, requestHeader: withoutEmpty(source.header) }];
  return [];
}

/** An empty text is protobuf's default and thus not written. */
function withoutEmpty<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== '')) as T;
}
