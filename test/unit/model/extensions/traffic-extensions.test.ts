import { describe, expect, test } from 'vitest';
import type { TrafficExtension, WasmPlugin } from '../../../../src/api/istio.gen.ts';
import { buildExtensions } from '../../../../src/model/extensions/traffic-extensions.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { securityResource } from '../../../support/security-resource.ts';

const reviews = { namespace: 'bookinfo', labels: { app: 'reviews' } };
const wasm = { url: 'oci://registry.example/filter:1' };

function extension(id: string, spec: TrafficExtension) {
  return securityResource('TrafficExtension', id, spec);
}

function plugin(id: string, spec: WasmPlugin) {
  return securityResource('WasmPlugin', id, spec);
}

function namesFor(extensions: Parameters<typeof buildExtensions>[0], plugins: Parameters<typeof buildExtensions>[1] = []) {
  return buildExtensions(extensions, plugins, 'istio-system', defaultRelease.behaviours)
    .forWorkload(reviews)
    .map(({ resourceName }) => resourceName);
}

describe('extensions', () => {
  test('are named for namespace and name, translated WasmPlugins with a mark', () => {
    expect(namesFor([extension('bookinfo/stamp', { wasm })], [plugin('bookinfo/basic', { url: 'x' })])).toEqual([
      'extensions.istio.io/trafficextension/bookinfo.basic~istio-translated-wasmplugin',
      'extensions.istio.io/trafficextension/bookinfo.stamp',
    ]);
  });

  test('of the highest priority come first, those without one last, else own namespace first and oldest first', () => {
    const names = namesFor([
      extension('istio-system/root', { wasm }),
      extension('bookinfo/none', { wasm }),
      extension('bookinfo/zero', { wasm, priority: 0 }),
      extension('bookinfo/ten', { wasm, priority: 10 }),
      extension('bookinfo/negative', { wasm, priority: -5 }),
    ]);
    expect(names.map((name) => name.split('.').at(-1))).toEqual(['ten', 'zero', 'negative', 'none', 'root']);
  });

  test('keep phase, targets and module of a WasmPlugin', () => {
    const spec: WasmPlugin = { ...wasm, phase: 'AUTHN', selector: { matchLabels: { app: 'reviews' } }, pluginName: 'root' };
    const [built] = buildExtensions([], [plugin('bookinfo/basic', spec)], 'istio-system', defaultRelease.behaviours).forWorkload(
      reviews,
    );
    expect(built).toMatchObject({ phase: 'AUTHN', code: { wasm: { url: wasm.url, pluginName: 'root' } } });
  });

  test('without usable code are discarded, with the reason', () => {
    const index = buildExtensions(
      [
        extension('bookinfo/nothing', {}),
        extension('bookinfo/no-url', { wasm: {} }),
        extension('bookinfo/bad-url', { wasm: { url: 'http://[::1' } }),
        extension('bookinfo/empty-lua', { lua: { inlineCode: '' } }),
        extension('bookinfo/long-lua', { lua: { inlineCode: 'é'.repeat(32769) } }),
        extension('bookinfo/longest-lua', { lua: { inlineCode: 'x'.repeat(65536) } }),
      ],
      [],
      'istio-system',
      defaultRelease.behaviours,
    );
    expect(index.discarded.map(({ resource }) => resource.name)).toEqual([
      'nothing',
      'no-url',
      'bad-url',
      'empty-lua',
      'long-lua',
    ]);
    expect(index.forWorkload(reviews)).toHaveLength(1);
  });
});
