import { describe, expect, test } from 'vitest';
import type { MeshConfig, ProxyConfig } from '../../../../src/api/istio.gen.ts';
import type { Proxy } from '../../../../src/model/proxies/proxy.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { defaultJsonFormat, defaultTextFormat, meshConfigAccessLogs } from '../../../../src/translate/telemetry/access-logs.ts';
import { meshConfigTracing } from '../../../../src/translate/telemetry/tracing.ts';

describe('access logs of MeshConfig', () => {
  const format = (config: MeshConfig): unknown =>
    meshConfigAccessLogs({ accessLogFile: '/dev/stdout', ...config }).http[0]?.typedConfig?.logFormat;

  test('there are none without a file or service', () => {
    expect(Object.values(meshConfigAccessLogs({})).flat()).toEqual([]);
  });

  test('text is the default; a format of the user gets a line end', () => {
    expect(format({})).toEqual({ textFormatSource: { inlineString: defaultTextFormat } });
    expect(format({ accessLogFormat: '%START_TIME%' })).toEqual({ textFormatSource: { inlineString: '%START_TIME%\n' } });
  });

  test('JSON formats that are no JSON object fall back to the default', () => {
    const own = { accessLogEncoding: 'JSON', accessLogFormat: '{"time": "%START_TIME%"}' } as const;
    expect(format(own)).toEqual({ jsonFormat: { time: '%START_TIME%' }, jsonFormatOptions: {} });
    expect(format({ ...own, accessLogFormat: '[oops' })).toEqual({ jsonFormat: defaultJsonFormat, jsonFormatOptions: {} });
  });

  test('the operator REQ_WITHOUT_QUERY needs a formatter', () => {
    expect(format({ accessLogFormat: '%REQ_WITHOUT_QUERY(:PATH)%\n' })).toMatchObject({
      formatters: [{ name: 'envoy.formatter.req_without_query' }],
    });
  });

  test('the access log service comes after the file', () => {
    const logs = meshConfigAccessLogs({ accessLogFile: '/dev/stdout', enableEnvoyAccessLogService: true });
    expect(logs.http.map(({ name }) => name)).toEqual(['envoy.access_loggers.file', 'envoy.access_loggers.http_grpc']);
    expect(logs.tcp.map(({ name }) => name)).toEqual(['envoy.access_loggers.file', 'envoy.tcp_grpc_access_log']);
    expect(logs.listener.every(({ filter }) => filter?.responseFlagFilter !== undefined)).toBe(true);
  });
});

describe('tracing of MeshConfig', () => {
  const proxy = (proxyConfig: ProxyConfig, role: Proxy['role'] = 'sidecar'): Proxy =>
    ({
      role,
      labels: { 'service.istio.io/canonical-name': 'cart' },
      namespace: 'shop',
      clusterId: 'Kubernetes',
      proxyConfig,
    }) as unknown as Proxy;
  const tracing = (settings: ProxyConfig['tracing'], config: MeshConfig = { enableTracing: true }) =>
    meshConfigTracing({ config, release: defaultRelease }, proxy(settings ? { tracing: settings } : {})).tracing;

  test('nothing is traced where tracing is off', () => {
    expect(tracing(undefined, { enableTracing: false })).toBeUndefined();
  });

  test('one request in a hundred is sampled unless told otherwise; more than all is one', () => {
    expect(tracing(undefined)?.randomSampling).toEqual({ value: 1 });
    expect(tracing({ sampling: 12.5 })?.randomSampling).toEqual({ value: 12.5 });
    expect(tracing({ sampling: 101 })?.randomSampling).toEqual({ value: 1 });
  });

  test('tags are sorted by name, those of Istio among those of the user', () => {
    const tags = tracing({
      customTags: { 'istio.n': { literal: { value: 'x' } }, zone: { environment: { name: 'ZONE' } } },
    })?.customTags;
    const names = tags?.map(({ tag }) => tag);
    expect(names).toEqual([...(names ?? [])].sort());
    expect(tags).toContainEqual({ tag: 'zone', environment: { name: 'ZONE' } });
    expect(tags).toContainEqual({ tag: 'istio.canonical_service', literal: { value: 'cart' } });
    expect(tags).toContainEqual({ tag: 'istio.canonical_revision', literal: { value: 'latest' } });
  });

  test('a waypoint shows who is on both sides, even where the tags of Istio are off; others do not', () => {
    const tagsOf = (role: Proxy['role']) =>
      meshConfigTracing(
        { config: { enableTracing: true }, release: defaultRelease },
        proxy({ tracing: { enableIstioTags: false } }, role),
      ).tracing?.customTags;
    expect(tagsOf('sidecar')).toBeUndefined();
    expect(tagsOf('waypoint')).toHaveLength(18);
    expect(tagsOf('waypoint')).toContainEqual({
      tag: 'istio.source_canonical_service',
      value: '%FILTER_STATE(downstream_peer_obj:FIELD:service)%',
    });
  });

  test('enableIstioTags false leaves only those of the user', () => {
    expect(tracing({ enableIstioTags: false })?.customTags).toBeUndefined();
    expect(
      tracing({ enableIstioTags: false, customTags: { user: { header: { name: 'x-user', defaultValue: '' } } } })?.customTags,
    ).toEqual([{ tag: 'user', requestHeader: { name: 'x-user' } }]);
  });
});
