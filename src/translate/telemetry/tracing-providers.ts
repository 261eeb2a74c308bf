import type {
  MeshConfigExtensionProvider,
  MeshConfigExtensionProviderHttpHeader,
  MeshConfigExtensionProviderOpenTelemetryTracingProvider,
  MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSampler,
  MeshConfigExtensionProviderZipkinTracingProvider,
} from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type {
  Any,
  HeaderValue,
  HeaderValueOption,
  HttpConnectionManagerTracing,
  HttpService,
  TypedExtensionConfig,
} from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { proxyCan } from '../../model/proxies/abilities.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { joinUrlPath } from '../../util/url.ts';
import { providerCluster } from '../naming/provider-cluster.ts';

/** Where a proxy sends its spans, and how. */
export interface ProviderTracing {
  readonly tracing: Pick<HttpConnectionManagerTracing, 'provider' | 'spawnUpstreamSpan' | 'maxPathTagLength'>;
  /** The provider chooses which requests are traced, so all have to reach it. */
  readonly hasSampler: boolean;
}

/**
 * Tracing with an extension provider; undefined for providers without tracing and for services that cannot be found. The name of
 * the traced service is left to the proxy, except where OpenTelemetry's conventions are asked for.
 * As istio pilot/pkg/networking/core/tracing.go configureFromProviderConfig.
 */
export function providerTracing(mesh: Mesh, provider: MeshConfigExtensionProvider, proxy: Proxy): ProviderTracing | undefined {
  const { zipkin, datadog, skywalking, opentelemetry } = provider;
  const settings = zipkin ?? datadog ?? skywalking ?? opentelemetry;
  const found = settings && providerCluster(mesh, settings.service ?? '', settings.port ?? 0);
  if (found === undefined) return undefined;

  const ofRole = factsOf[proxy.role].startsSpans && mesh.release.behaviours.spawnUpstreamSpanForGateway;
  const startsSpan = ofRole || skywalking !== undefined;
  const tracer = (name: string, typedConfig: Any, maxTagLength?: number, hasSampler = false): ProviderTracing => ({
    tracing: compact({
      provider: { name, typedConfig },
      spawnUpstreamSpan: startsSpan || undefined,
      maxPathTagLength: maxTagLength || undefined,
    }),
    hasSampler,
  });

  if (zipkin !== undefined) {
    return tracer('envoy.tracers.zipkin', zipkinConfig(zipkin, found, proxy), zipkin.maxTagLength);
  }
  if (datadog !== undefined) {
    const config = { collectorCluster: found.cluster, collectorHostname: found.hostname };
    return tracer(
      'envoy.tracers.datadog',
      any('type.googleapis.com/envoy.config.trace.v3.DatadogConfig', config),
      datadog.maxTagLength,
    );
  }
  if (skywalking !== undefined) {
    const grpcService = { envoyGrpc: { clusterName: found.cluster, authority: found.hostname } };
    return tracer('envoy.tracers.skywalking', any('type.googleapis.com/envoy.config.trace.v3.SkyWalkingConfig', { grpcService }));
  }
  if (opentelemetry === undefined) return undefined;
  const config = openTelemetryConfig(mesh, opentelemetry, found, proxy);
  const hasSampler = opentelemetry.dynatraceSampler !== undefined;
  return config && tracer('envoy.tracers.opentelemetry', config, opentelemetry.maxTagLength, hasSampler);
}

/** A service that was found. */
interface Found {
  readonly hostname: string;
  readonly cluster: string;
}

/** istio zipkinConfig: older proxies know no HTTP service, and so neither its timeout nor its headers. */
function zipkinConfig(zipkin: MeshConfigExtensionProviderZipkinTracingProvider, { hostname, cluster }: Found, proxy: Proxy): Any {
  const path = zipkin.path || '/api/v2/spans';
  const collector = proxyCan(proxy, 'collectorService')
    ? {
        collectorService: compact({
          httpUri: { uri: `http://${hostname}${path}`, cluster, timeout: canonicalDuration(zipkin.timeout) ?? '5s' },
          requestHeadersToAdd: requestHeaders(zipkin.headers),
        }),
      }
    : { collectorCluster: cluster, collectorEndpoint: path, collectorHostname: hostname };
  const hasW3c = zipkin.traceContextOption === 'USE_B3_WITH_W3C_PROPAGATION' && proxyCan(proxy, 'traceContext');
  return any(
    'type.googleapis.com/envoy.config.trace.v3.ZipkinConfig',
    compact({
      collectorEndpointVersion: 'HTTP_JSON' as const,
      // Istio's default is the longer trace id.
      traceId128bit: zipkin.enable64bitTraceId ? undefined : true,
      sharedSpanContext: false,
      ...collector,
      traceContextOption: hasW3c ? zipkin.traceContextOption : undefined,
    }),
  );
}

/** istio otelConfig */
function openTelemetryConfig(
  mesh: Mesh,
  provider: MeshConfigExtensionProviderOpenTelemetryTracingProvider,
  found: Found,
  proxy: Proxy,
): Any | undefined {
  const { http, grpc, dynatraceSampler } = provider;
  const conventions = provider.serviceAttributeEnrichment === 'OTEL_SEMANTIC_CONVENTIONS';
  const detectors = [
    // The conventions need the attributes of the environment.
    ...(provider.resourceDetectors?.environment !== undefined ? [environmentDetector] : []),
    ...(provider.resourceDetectors?.dynatrace !== undefined ? [dynatraceDetector] : []),
    ...(conventions && provider.resourceDetectors?.environment === undefined ? [environmentDetector] : []),
  ];
  const sampler = dynatraceSampler && buildDynatraceSampler(mesh, dynatraceSampler, provider, found);
  if (dynatraceSampler !== undefined && sampler === undefined) return undefined;
  return any(
    'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
    compact({
      serviceName: conventions ? openTelemetryServiceName(proxy) : undefined,
      httpService: http && httpService(found, http.path ?? '', http),
      grpcService: http
        ? undefined
        : compact({
            envoyGrpc: { clusterName: found.cluster, authority: found.hostname },
            timeout: canonicalDuration(grpc?.timeout),
            initialMetadata: grpc?.initialMetadata?.length ? grpc.initialMetadata.map(headerValue) : undefined,
          }),
      resourceDetectors: detectors.length > 0 ? detectors : undefined,
      sampler,
    }),
  );
}

const environmentDetector: TypedExtensionConfig = {
  name: 'envoy.tracers.opentelemetry.resource_detectors.environment',
  typedConfig: any(
    'type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig',
    {},
  ),
};

const dynatraceDetector: TypedExtensionConfig = {
  name: 'envoy.tracers.opentelemetry.resource_detectors.dynatrace',
  typedConfig: any(
    'type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.DynatraceResourceDetectorConfig',
    {},
  ),
};

/** Undefined when there is nobody to ask for the rate of samples; istio configureDynatraceSampler. */
function buildDynatraceSampler(
  mesh: Mesh,
  sampler: MeshConfigExtensionProviderOpenTelemetryTracingProviderDynatraceSampler,
  { http }: MeshConfigExtensionProviderOpenTelemetryTracingProvider,
  exporter: Found,
): TypedExtensionConfig | undefined {
  const own = sampler.httpService;
  const found = own === undefined ? exporter : providerCluster(mesh, own.service ?? '', own.port ?? 0);
  const settings = own === undefined ? http : (own.http ?? {});
  if (found === undefined || settings === undefined) return undefined;
  const path = own === undefined ? 'api/v2/samplingConfiguration' : (own.http?.path ?? '');
  return {
    name: 'envoy.tracers.opentelemetry.samplers.dynatrace',
    typedConfig: any(
      'type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3.DynatraceSamplerConfig',
      compact({
        tenant: sampler.tenant || undefined,
        clusterId: sampler.clusterId || undefined,
        rootSpansPerMinute: sampler.rootSpansPerMinute || undefined,
        httpService: httpService(found, path, settings),
      }),
    ),
  };
}

function httpService(
  { hostname, cluster }: Found,
  path: string,
  { timeout, headers }: { readonly timeout?: string; readonly headers?: readonly MeshConfigExtensionProviderHttpHeader[] },
): HttpService {
  return compact({
    httpUri: compact({ uri: joinUrlPath(hostname, path), cluster, timeout: canonicalDuration(timeout) }),
    requestHeadersToAdd: requestHeaders(headers),
  });
}

/**
 * The name of a proxy's workload by OpenTelemetry's conventions for Kubernetes; istio otelServiceName.
 */
function openTelemetryServiceName({ annotations, labels, workloadName, name }: Proxy): string {
  return (
    annotations['resource.opentelemetry.io/service.name'] ||
    labels['app.kubernetes.io/instance'] ||
    labels['app.kubernetes.io/name'] ||
    workloadName ||
    name
  );
}

function requestHeaders(
  headers: readonly MeshConfigExtensionProviderHttpHeader[] | undefined,
): readonly HeaderValueOption[] | undefined {
  if (headers === undefined || headers.length === 0) return undefined;
  return headers.map((header) => ({ header: headerValue(header), appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' }));
}

/** A value from istiod's environment is not known here: it is empty, as for a variable that is not set. */
function headerValue({ name, value }: MeshConfigExtensionProviderHttpHeader): HeaderValue {
  return compact({ key: name || undefined, value: value || undefined });
}
