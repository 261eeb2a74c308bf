import { describe, expect, it } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import type { ProxyView } from '../../../../src/scope/view.ts';
import { createTelemetry, type ProxyTelemetry } from '../../../../src/translate/telemetry/telemetry.ts';
import { joinUrlPath } from '../../../../src/util/url.ts';
import { buildersOf } from '../../../support/builders.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const bookinfo = `
apiVersion: v1
kind: Service
metadata: {name: collector, namespace: observability}
spec: {clusterIP: 10.96.0.10, selector: {app: collector}, ports: [{name: grpc, port: 4317}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews, namespace: bookinfo, labels: {app: reviews}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.10}
---
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: bookinfo, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy}]}
status: {podIP: 10.244.0.12}
---
`;
const collector = { service: 'collector.observability.svc.cluster.local', port: 4317 };
const clusterName = 'outbound|4317||collector.observability.svc.cluster.local';

function telemetryOf(spec: string, config: MeshConfig): { telemetry: ProxyTelemetry; reviews: ProxyView; gateway: ProxyView } {
  const resource = `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh, namespace: istio-system}
spec: ${spec}
`;
  const mesh = buildMesh(singleCluster(resourcesOfYaml(bookinfo + (spec === '' ? '{}' : resource)), config));
  const { view } = buildersOf(mesh);
  return { telemetry: createTelemetry(mesh), reviews: view('reviews'), gateway: view('gateway') };
}

describe('access logs', () => {
  it('come from MeshConfig where no provider logs anything', () => {
    const fromMesh = (spec: string) => {
      const { telemetry, reviews } = telemetryOf(spec, { accessLogFile: '/dev/stderr' });
      return telemetry.accessLogs(reviews, 'inbound').http.map(({ typedConfig }) => typedConfig?.path);
    };
    expect(fromMesh('')).toEqual(['/dev/stderr']);
    expect(fromMesh('{accessLogging: [{match: {mode: CLIENT}, providers: [{name: envoy}]}]}')).toEqual(['/dev/stderr']);
    expect(fromMesh('{accessLogging: [{providers: [{name: envoy}]}]}')).toEqual(['/dev/stdout']);
    // Disabled is something that is said.
    expect(fromMesh('{accessLogging: [{providers: [{name: envoy}], disabled: true}]}')).toEqual([]);
  });

  it('are filtered by expression, and on listeners by missing chains too', () => {
    const { telemetry, reviews } = telemetryOf(
      '{accessLogging: [{providers: [{name: envoy}], filter: {expression: "response.code >= 400"}}]}',
      {},
    );
    const { http, listener } = telemetry.accessLogs(reviews, 'outbound');
    expect(http[0]?.filter?.extensionFilter?.typedConfig).toMatchObject({ expression: 'response.code >= 400' });
    expect(listener[0]?.filter?.andFilter?.filters).toHaveLength(2);
  });

  it('come in the order of provider names; a provider whose service is unknown is left out', () => {
    const { telemetry, reviews } = telemetryOf(
      '{accessLogging: [{providers: [{name: otel}, {name: gone}, {name: als}, {name: file}]}]}',
      {
        extensionProviders: [
          {
            name: 'otel',
            envoyOtelAls: { ...collector, logFormat: { text: '%REQ_WITHOUT_QUERY(X)%', labels: { b: '1', a: '2' } } },
          },
          { name: 'gone', envoyTcpAls: { service: 'gone.example.com', port: 1 } },
          { name: 'als', envoyHttpAls: { ...collector, additionalRequestHeadersToLog: ['x-tenant'] } },
          { name: 'file', envoyFileAccessLog: { logFormat: { labels: {} }, omitEmptyValues: true } },
        ],
      },
    );
    const logs = telemetry.accessLogs(reviews, 'outbound').http.map(({ typedConfig }) => typedConfig);
    expect(logs).toMatchObject([
      {
        commonConfig: {
          logName: 'http_envoy_accesslog',
          grpcService: { envoyGrpc: { clusterName, authority: collector.service } },
        },
        additionalRequestHeadersToLog: ['x-tenant'],
      },
      { path: '/dev/stdout', logFormat: { omitEmptyValues: true, jsonFormat: { method: '%REQ(:METHOD)%' } } },
      {
        disableBuiltinLabels: true,
        body: { stringValue: '%REQ_WITHOUT_QUERY(X)%' },
        attributes: {
          values: [
            { key: 'a', value: { stringValue: '2' } },
            { key: 'b', value: { stringValue: '1' } },
          ],
        },
        formatters: [{ name: 'envoy.formatter.req_without_query' }],
      },
    ]);
  });
});

describe('metrics', () => {
  it('are counted by one filter for each Prometheus provider; gateways are clients that trust no host header', () => {
    const { telemetry, reviews, gateway } = telemetryOf(
      '{metrics: [{providers: [{name: prometheus}], overrides: [{match: {metric: REQUEST_SIZE, mode: CLIENT}, disabled: true}]}]}',
      {},
    );
    const configs = (view: ProxyView, listenerClass: 'inbound' | 'outbound' | 'gateway') =>
      telemetry.httpStats(view, listenerClass).map(({ typedConfig }) => typedConfig);
    const type = { '@type': 'type.googleapis.com/stats.PluginConfig' };
    const metrics = [{ name: 'request_bytes', drop: true }];
    expect(configs(reviews, 'outbound')).toEqual([{ ...type, metrics }]);
    expect(configs(reviews, 'inbound')).toEqual([{ ...type, disableHostHeaderFallback: true }]);
    expect(configs(gateway, 'gateway')).toEqual([{ ...type, disableHostHeaderFallback: true, metrics }]);
  });
});

describe('tracing', () => {
  const tracing = '{tracing: [{providers: [{name: tracer}], randomSamplingPercentage: 10}]}';

  it('is off for providers that cannot trace or cannot be found', () => {
    for (const provider of [{ prometheus: {} }, { zipkin: { service: 'gone.example.com', port: 1 } }, { lightstep: collector }]) {
      const { telemetry, reviews } = telemetryOf(tracing, { extensionProviders: [{ name: 'tracer', ...provider }] });
      expect(telemetry.tracing(reviews, 'outbound').tracing).toBeUndefined();
    }
  });

  it('spawns spans in gateways and for SkyWalking', () => {
    const spawns = (provider: object, pod: 'reviews' | 'gateway') => {
      const found = telemetryOf(tracing, { extensionProviders: [{ name: 'tracer', ...provider }] });
      return found.telemetry.tracing(found[pod], 'outbound').tracing?.spawnUpstreamSpan;
    };
    expect([spawns({ datadog: collector }, 'reviews'), spawns({ datadog: collector }, 'gateway')]).toEqual([undefined, true]);
    expect(spawns({ skywalking: collector }, 'reviews')).toBe(true);
  });

  it('samples everything where the provider samples by itself', () => {
    const sampling = (over: object) => {
      const http = { path: '/v1/traces', timeout: '3s', headers: [{ name: 'x-token', value: 'abc' }] };
      const { telemetry, reviews } = telemetryOf(tracing, {
        extensionProviders: [{ name: 'tracer', opentelemetry: { ...collector, http, ...over } }],
      });
      return telemetry.tracing(reviews, 'outbound').tracing;
    };
    expect(sampling({})?.randomSampling).toEqual({ value: 10 });
    const sampled = sampling({ dynatraceSampler: { tenant: 'abc', clusterId: 7 } });
    expect(sampled?.randomSampling).toEqual({ value: 100 });
    expect(sampled?.provider?.typedConfig).toMatchObject({
      httpService: { httpUri: { uri: `${collector.service}/v1/traces`, cluster: clusterName, timeout: '3s' } },
      sampler: {
        typedConfig: {
          tenant: 'abc',
          clusterId: 7,
          httpService: { httpUri: { uri: `${collector.service}/api/v2/samplingConfiguration` } },
        },
      },
    });
  });

  it('names the service by the conventions of OpenTelemetry where they are asked for', () => {
    const { telemetry, reviews } = telemetryOf(tracing, {
      extensionProviders: [
        { name: 'tracer', opentelemetry: { ...collector, serviceAttributeEnrichment: 'OTEL_SEMANTIC_CONVENTIONS' } },
      ],
    });
    expect(telemetry.tracing(reviews, 'outbound').tracing?.provider?.typedConfig).toMatchObject({
      serviceName: 'reviews',
      resourceDetectors: [{ name: 'envoy.tracers.opentelemetry.resource_detectors.environment' }],
    });
  });

  it('takes tags of the resource in place of those of the proxy config', () => {
    const tags = (spec: string) => {
      const { telemetry, reviews } = telemetryOf(spec, {
        extensionProviders: [{ name: 'tracer', zipkin: collector }],
        defaultConfig: { tracing: { customTags: { own: { literal: { value: 'x' } } } } },
      });
      return telemetry.tracing(reviews, 'outbound').tracing?.customTags?.map(({ tag }) => tag);
    };
    expect(tags('{tracing: [{providers: [{name: tracer}], enableIstioTags: false}]}')).toEqual(['own']);
    expect(
      tags(
        '{tracing: [{providers: [{name: tracer}], enableIstioTags: false, customTags: {b: {formatter: {value: "%PROTOCOL%"}}, a: {header: {name: x}}}}]}',
      ),
    ).toEqual(['a', 'b']);
  });

  it('is what the release of the proxy can do, not that of istiod', () => {
    const { telemetry, reviews } = telemetryOf(
      '{tracing: [{providers: [{name: tracer}], enableIstioTags: false, disableContextPropagation: true, customTags: {b: {formatter: {value: "%PROTOCOL%"}}, a: {header: {name: x}}}}]}',
      {
        extensionProviders: [
          { name: 'tracer', zipkin: { ...collector, traceContextOption: 'USE_B3_WITH_W3C_PROPAGATION', timeout: '2s' } },
        ],
      },
    );
    const tracingOf = (istioVersion: string) =>
      telemetry.tracing({ ...reviews, proxy: { ...reviews.proxy, istioVersion } }, 'outbound').tracing;
    expect(tracingOf('1.30.3')).toMatchObject({
      noContextPropagation: true,
      customTags: [{ tag: 'a' }, { tag: 'b' }],
      provider: { typedConfig: { collectorService: { httpUri: { timeout: '2s' } } } },
    });
    expect(tracingOf('1.29.6')?.noContextPropagation).toBeUndefined();
    const old = tracingOf('1.28.5');
    expect(old?.customTags?.map(({ tag }) => tag)).toEqual(['a']);
    expect(old?.provider?.typedConfig).toMatchObject({
      collectorCluster: clusterName,
      collectorEndpoint: '/api/v2/spans',
      collectorHostname: collector.service,
      traceContextOption: 'USE_B3_WITH_W3C_PROPAGATION',
    });
    expect(tracingOf('1.27.0')?.provider?.typedConfig).not.toHaveProperty('traceContextOption');
  });
});

describe('joinUrlPath', () => {
  it.each([
    ['', 'collector.example.com'],
    ['/v1/traces', 'collector.example.com/v1/traces'],
    ['v1/./../traces/', 'collector.example.com/traces/'],
    ['/a b?c', 'collector.example.com/a%20b%3Fc'],
    ['/a%20b', 'collector.example.com/a%20b'],
  ])('joins %j', (path, joined) => {
    expect(joinUrlPath('collector.example.com', path)).toBe(joined);
  });
});
