import { describe, expect, test } from 'vitest';
import type { EnvoyFilter } from '../../../src/api/istio.gen.ts';
import { recordPatches } from '../../../src/compile/patch-notes.ts';
import { buildEnvoyFilters } from '../../../src/model/extensions/envoy-filters.ts';
import type { Proxy } from '../../../src/model/proxies/proxy.ts';
import { createPatcher } from '../../../src/patch/patch.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { ResourceOf } from '../../../src/resource/resource.ts';

type Patch = NonNullable<EnvoyFilter['configPatches']>[number];

const proxy = { role: 'sidecar', namespace: 'shop', name: 'cart', labels: {}, proxyConfig: {} } as unknown as Proxy;
const document = { locate: () => ({ file: 'filter.yaml', line: 1, column: 1 }) };

function notes(configPatches: readonly Patch[], spec: EnvoyFilter = {}, name = 'a'): unknown {
  const filter = {
    kind: 'EnvoyFilter',
    group: 'networking.istio.io',
    name: 'filter',
    namespace: 'shop',
    labels: {},
    annotations: {},
    document,
    spec: { ...spec, configPatches },
  } as unknown as ResourceOf<'EnvoyFilter'>;
  const { patches, forProxy } = buildEnvoyFilters([filter], 'istio-system', defaultRelease.behaviours);
  const record = recordPatches(patches, createPatcher());
  record.patcher.clusters({ patches: forProxy(proxy), contexts: ['SIDECAR_OUTBOUND'] }, [
    {
      value: { name, transportSocket: { name: 'tls', typedConfig: { '@type': 'x/envoy.type.v3.Percent' } } },
      site: { context: 'SIDECAR_OUTBOUND' },
    },
  ]);
  return record.notes(true).map(({ code, path, message }) => [code, path?.slice(2).join('.'), message]);
}

describe('notes on EnvoyFilters', () => {
  test('nothing is said about a patch that applies', () => {
    expect(notes([{ applyTo: 'CLUSTER', patch: { operation: 'MERGE', value: { alt_stat_name: 'b' } } }])).toEqual([]);
  });

  test('a patch whose match fits nothing is told', () => {
    expect(notes([{ applyTo: 'CLUSTER', match: { cluster: { name: 'b' } }, patch: { operation: 'REMOVE' } }])).toEqual([
      ['MESH1603', '0', 'the patch changes nothing: nothing in the proxies that it selects fits (REMOVE CLUSTER)'],
    ]);
  });

  test.each([
    [
      { service: 'a.shop.svc', portNumber: 8080 },
      ': no cluster of "a.shop.svc" has port 8080, which is that of the Service; there are 80',
    ],
    [{ service: 'b.shop.svc' }, ': no cluster is of service "b.shop.svc"'],
    [{ service: 'a.shop.svc', subset: 'v1' }, ''],
  ])('the part of the match of a cluster that fails is told: %o', (cluster, detail) => {
    const found = notes(
      [{ applyTo: 'CLUSTER', match: { cluster }, patch: { operation: 'REMOVE' } }],
      {},
      'outbound|80||a.shop.svc',
    );
    expect(found).toEqual([
      ['MESH1603', '0', `the patch changes nothing: nothing in the proxies that it selects fits (REMOVE CLUSTER)${detail}`],
    ]);
  });

  test('a patch that selects no proxy is told', () => {
    const patch: Patch = { applyTo: 'CLUSTER', patch: { operation: 'REMOVE' } };
    expect(notes([patch], { workloadSelector: { labels: { app: 'web' } } })).toEqual([
      ['MESH1603', '0', 'the patch changes nothing: none of the proxies is selected'],
    ]);
  });

  test('values that cannot be read, and fields that are ignored, are told at their place', () => {
    expect(
      notes([
        { applyTo: 'CLUSTER', patch: { operation: 'MERGE', value: { connect_timeout: 'soon' } } },
        { applyTo: 'CLUSTER', patch: { operation: 'MERGE', value: { alt_stat_nam: 'b', name: 'a' } } },
      ]),
    ).toEqual([
      [
        'MESH1601',
        '0.patch.value.connect_timeout',
        'the patch has no effect: value.connect_timeout: "soon" is not a duration such as "1.5s" or "1h30m"',
      ],
      [
        'MESH0102',
        '1.patch.value.alt_stat_nam',
        'unknown field "alt_stat_nam", which Istio ignores (did you mean "altStatName"?)',
      ],
    ]);
  });

  test('a patch at which Istio breaks off is told', () => {
    const value = {
      transport_socket: { name: 'tls', typed_config: { '@type': 'x/envoy.type.v3.FractionalPercent', numerator: 1 } },
    };
    expect(notes([{ applyTo: 'CLUSTER', patch: { operation: 'MERGE', value } }])).toMatchObject([
      ['MESH1602', '0', expect.stringContaining('cannot be merged')],
    ]);
  });
});
