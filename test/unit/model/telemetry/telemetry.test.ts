import { describe, expect, it } from 'vitest';
import type { AccessLogging, Telemetry } from '../../../../src/api/istio.gen.ts';
import { extensionProvider } from '../../../../src/model/extensions/extension-providers.ts';
import { applyMeshConfig } from '../../../../src/model/mesh-config.ts';
import { buildTelemetry } from '../../../../src/model/telemetry/telemetry.ts';
import { mergeAccessLogging } from '../../../../src/model/telemetry/telemetry-logging.ts';
import { mergeMetrics } from '../../../../src/model/telemetry/telemetry-metrics.ts';
import { mergeTracing } from '../../../../src/model/telemetry/telemetry-tracing.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOf } from '../../../../src/resource/select.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

function telemetryYaml(namespace: string, name: string, created: string, selector = ''): string {
  return `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}"}
spec: {${selector}accessLogging: [{providers: [{name: ${name}}]}]}
`;
}

describe('the Telemetry resources of a workload', () => {
  const index = buildTelemetry(
    resourcesOf(
      resourcesOfYaml(
        [
          telemetryYaml('bookinfo', 'selecting-late', '2024-01-03T00:00:00Z', 'selector: {matchLabels: {app: reviews}}, '),
          telemetryYaml('bookinfo', 'selecting-early', '2024-01-01T00:00:00Z', 'selector: {matchLabels: {app: reviews}}, '),
          telemetryYaml('bookinfo', 'other', '2024-01-01T00:00:00Z', 'selector: {matchLabels: {app: ratings}}, '),
          telemetryYaml('bookinfo', 'namespace-late', '2024-01-02T00:00:00Z'),
          telemetryYaml('bookinfo', 'namespace', '2024-01-01T00:00:00Z', 'selector: {}, '),
          telemetryYaml('istio-system', 'mesh', '2024-01-01T00:00:00Z'),
          telemetryYaml('istio-system', 'in-root', '2024-01-01T00:00:00Z', 'selector: {matchLabels: {app: reviews}}, '),
        ].join('---'),
      ),
      'Telemetry',
    ),
    'istio-system',
    defaultRelease.behaviours,
  );
  const namesFor = (namespace: string, app: string) =>
    index.forWorkload({ namespace, labels: { app } }).from.map(({ name }) => name);

  it('are the oldest of the mesh, the oldest of the namespace, and all that select it', () => {
    expect(namesFor('bookinfo', 'reviews')).toEqual(['mesh', 'namespace', 'selecting-early', 'selecting-late']);
    expect(namesFor('elsewhere', 'reviews')).toEqual(['mesh']);
  });

  it('select only in their own namespace, the root one too', () => {
    expect(namesFor('istio-system', 'reviews')).toEqual(['mesh', 'in-root']);
  });

  it('are one object for workloads that share them', () => {
    const reviews = index.forWorkload({ namespace: 'bookinfo', labels: { app: 'reviews', version: 'v1' } });
    expect(index.forWorkload({ namespace: 'bookinfo', labels: { app: 'reviews' } })).toBe(reviews);
    expect(reviews.accessLogging).toHaveLength(4);
  });
});

describe('extensionProvider', () => {
  it('looks past the case of names', () => {
    expect(extensionProvider(applyMeshConfig({}), 'Prometheus')?.name).toBe('prometheus');
    expect(extensionProvider(applyMeshConfig({}), 'zipkin')).toBeUndefined();
  });
});

describe('mergeAccessLogging', () => {
  const on = (name: string, over: Partial<AccessLogging> = {}): AccessLogging => ({ providers: [{ name }], ...over });
  const merged = (
    levels: readonly (readonly AccessLogging[])[],
    mode: 'CLIENT' | 'SERVER' = 'CLIENT',
    defaults: readonly string[] = [],
  ) =>
    [...mergeAccessLogging(levels, defaults, mode)].map(([name, { disabled, filter }]) =>
      disabled ? `!${name}` : filter ? `${name}:${filter.expression}` : name,
    );

  it('takes the default providers where nothing is said, and where no provider is named', () => {
    expect(merged([], 'CLIENT', ['envoy'])).toEqual(['envoy']);
    expect(merged([[{}]], 'CLIENT', ['envoy'])).toEqual(['envoy']);
    expect(merged([[{ disabled: true }]], 'CLIENT', ['envoy'])).toEqual(['!envoy']);
  });

  it('lets a level that names providers replace those above', () => {
    expect(merged([[on('envoy')], [on('json')]])).toEqual(['json']);
    expect(merged([[on('envoy')], [{ disabled: true }]])).toEqual(['!envoy']);
  });

  it('concerns one side', () => {
    const client = on('envoy', { match: { mode: 'CLIENT' } });
    expect(merged([[client]], 'CLIENT')).toEqual(['envoy']);
    expect(merged([[client]], 'SERVER')).toEqual([]);
    expect(merged([[client], [on('envoy', { match: { mode: 'SERVER' }, disabled: true })]], 'CLIENT')).toEqual(['envoy']);
  });

  it('gives a provider the last filter that was named with it', () => {
    const level = [on('envoy', { filter: { expression: 'a' } }), on('envoy', { filter: { expression: 'b' } })];
    expect(merged([level])).toEqual(['envoy:b']);
    expect(merged([[{ filter: { expression: 'a' } }]], 'CLIENT', ['envoy'])).toEqual(['envoy']);
  });

  it('disables one of several', () => {
    expect(merged([[on('envoy'), on('json', { disabled: true })]])).toEqual(['envoy', '!json']);
  });
});

describe('mergeMetrics', () => {
  const providers = [{ name: 'prometheus' }];
  const client = (settings: NonNullable<Telemetry['metrics']>) => mergeMetrics(settings, []).get('prometheus')?.byMode.CLIENT;

  it('has no overrides for default providers', () => {
    expect([...mergeMetrics([], ['prometheus']).keys()]).toEqual(['prometheus']);
  });

  it('drops all metrics, and takes them back when anything is said of one', () => {
    const off = { providers, overrides: [{ disabled: true }] };
    expect(client([off])).toEqual({ disabled: true, overrides: [] });
    expect(client([off, { providers }])?.disabled).toBe(true);
    expect(client([off, { overrides: [{ match: { metric: 'REQUEST_COUNT' } }] }])).toEqual({
      disabled: false,
      overrides: [{ name: 'REQUEST_COUNT', disabled: false, tags: [] }],
    });
    expect(client([off, { overrides: [{ match: { metric: 'ALL_METRICS' } }] }])?.overrides).toHaveLength(10);
  });

  it('drops the metrics of one side only', () => {
    const byMode = mergeMetrics([{ providers, overrides: [{ match: { mode: 'SERVER' }, disabled: true }] }], []).get(
      'prometheus',
    )?.byMode;
    expect([byMode?.CLIENT.disabled, byMode?.SERVER.disabled]).toEqual([false, true]);
  });

  it('lays tags over each other, metric by metric', () => {
    const overrides = client([
      {
        providers,
        overrides: [
          { match: { metric: 'REQUEST_COUNT' }, tagOverrides: { host: { value: 'a' }, peer: { operation: 'REMOVE' } } },
        ],
      },
      { overrides: [{ match: { metric: 'REQUEST_COUNT' }, tagOverrides: { host: { value: 'b' } } }] },
    ])?.overrides;
    expect(overrides).toEqual([
      {
        name: 'REQUEST_COUNT',
        disabled: false,
        tags: [
          { name: 'host', value: 'b' },
          { name: 'peer', value: undefined },
        ],
      },
    ]);
  });

  it('ignores providers that a later level replaces', () => {
    const merged = mergeMetrics(
      [
        { providers, reportingInterval: '15s' },
        { providers: [{ name: 'own' }], reportingInterval: '5s' },
      ],
      [],
    );
    expect([...merged.keys()]).toEqual(['own']);
    expect(merged.get('own')?.reportingInterval).toBe('5s');
  });
});

describe('mergeTracing', () => {
  const config = applyMeshConfig({
    extensionProviders: [{ name: 'zipkin', zipkin: {} }],
    defaultProviders: { tracing: ['zipkin'] },
  });

  it('leaves it to the older settings where nobody says anything', () => {
    expect(mergeTracing([], applyMeshConfig({}), 'CLIENT')).toBeUndefined();
    expect(mergeTracing([], config, 'CLIENT')?.provider?.name).toBe('zipkin');
  });

  it('merges field by field, for one side or both', () => {
    const settings = [
      { randomSamplingPercentage: 50, customTags: { a: {} } },
      { match: { mode: 'SERVER' } as const, disableSpanReporting: true },
      { customTags: { b: {} } },
    ];
    expect(mergeTracing(settings, config, 'CLIENT')).toMatchObject({
      disabled: false,
      randomSamplingPercentage: 50,
      customTags: { b: {} },
      enableIstioTags: true,
    });
    expect(mergeTracing(settings, config, 'SERVER')?.disabled).toBe(true);
  });

  it('has no provider where the named one does not exist', () => {
    expect(mergeTracing([{ providers: [{ name: 'gone' }] }], config, 'CLIENT')?.provider).toBeUndefined();
  });
});
