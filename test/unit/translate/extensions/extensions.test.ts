import { describe, expect, test } from 'vitest';
import type { TrafficExtension, TrafficSelector, WasmConfig } from '../../../../src/api/istio.gen.ts';
import { isAny } from '../../../../src/envoy/any.ts';
import type { PluginConfig } from '../../../../src/envoy/api.gen.ts';
import { buildExtensions } from '../../../../src/model/extensions/traffic-extensions.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { extensionConfigurations, httpExtensions, tcpExtensions } from '../../../../src/translate/extensions/extensions.ts';
import type { ListenerClass } from '../../../../src/translate/traits/listener-class.ts';
import { securityResource } from '../../../support/security-resource.ts';

const workload = { namespace: 'bookinfo', labels: { app: 'reviews' } };
const NAMES = ['extensions.istio.io/trafficextension/bookinfo.x0'];
const wasm: WasmConfig = { url: 'oci://registry.example/filter:1' };

function extensionsOf(...specs: TrafficExtension[]) {
  const resources = specs.map((spec, index) => securityResource('TrafficExtension', `bookinfo/x${index}`, spec));
  const extensions = buildExtensions(resources, [], 'istio-system', defaultRelease.behaviours);
  const own = extensions.forWorkload(workload);
  const mesh = { extensions, rootNamespace: 'istio-system' };
  return {
    http: (listenerClass: ListenerClass) => httpExtensions(own, listenerClass),
    tcp: (listenerClass: ListenerClass) => tcpExtensions(own, listenerClass),
    configurations: (names: readonly string[], namespace = workload.namespace) =>
      extensionConfigurations(mesh, [namespace], names),
  };
}

/** The ports of each listener class that an extension with this match is for; `none` where it is not. */
function ports(...match: TrafficSelector[]): unknown[] {
  const extensions = extensionsOf({ wasm, match });
  return (['inbound', 'outbound', 'gateway'] as const).map((listenerClass) => {
    const [placed] = extensions.http(listenerClass);
    return placed === undefined ? 'none' : (placed.ports ?? 'all');
  });
}

function pluginConfig(given: WasmConfig): PluginConfig | undefined {
  const [configuration] = extensionsOf({ wasm: given }).configurations(NAMES);
  const typedConfig = configuration?.typedConfig;
  return isAny(typedConfig, 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm') ? typedConfig.config : undefined;
}

describe('where an extension applies', () => {
  test('servers are inbound listeners, clients outbound ones and gateways', () => {
    expect(ports()).toEqual(['all', 'all', 'all']);
    expect(ports({ mode: 'SERVER' })).toEqual(['all', 'none', 'none']);
    expect(ports({ mode: 'CLIENT' })).toEqual(['none', 'all', 'all']);
    expect(ports({ mode: 'CLIENT_AND_SERVER' })).toEqual(['all', 'all', 'all']);
    expect(ports({})).toEqual(['all', 'all', 'all']);
  });

  test('ports of all selectors of the side count together; a selector without ports is for all', () => {
    expect(ports({ mode: 'SERVER', ports: [{ number: 80 }] }, { ports: [{ number: 81 }] })).toEqual([[80, 81], [81], [81]]);
    expect(ports({ mode: 'SERVER', ports: [{ number: 80 }] }, { mode: 'SERVER' })).toEqual(['all', 'none', 'none']);
    expect(ports({ ports: [{}] })).toEqual([[], [], []]);
  });
});

describe('filters', () => {
  test('hold Lua code themselves', () => {
    const extensions = extensionsOf({ phase: 'AUTHZ', lua: { inlineCode: 'code' } });
    expect(extensions.http('inbound')).toMatchObject([
      {
        phase: 'AUTHZ',
        filter: {
          name: 'extensions.istio.io/trafficextension/bookinfo.x0',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
            defaultSourceCode: { inlineString: 'code' },
          },
        },
      },
    ]);
    expect(extensions.tcp('inbound')).toEqual([]);
    expect(extensions.configurations(NAMES)).toEqual([]);
  });

  test('discover Wasm modules, and let RBAC stand in for one that cannot be loaded', () => {
    expect(extensionsOf({ wasm }).http('inbound')).toMatchObject([
      {
        phase: 'UNSPECIFIED_PHASE',
        filter: {
          configDiscovery: {
            configSource: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
            typeUrls: [
              'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
              'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
            ],
          },
        },
      },
    ]);
  });

  test('of type NETWORK are for connections, others for requests', () => {
    const network = extensionsOf({ wasm: { ...wasm, type: 'NETWORK' } });
    expect(network.http('inbound')).toEqual([]);
    expect(network.tcp('inbound')).toHaveLength(1);
    expect(extensionsOf({ wasm }).tcp('inbound')).toEqual([]);
  });
});

describe('the configuration of a Wasm module', () => {
  test('names module, environment and what happens on failure', () => {
    expect(
      pluginConfig({
        ...wasm,
        sha256: 'abc',
        pluginName: 'root',
        pluginConfig: { b: [1], a: 'x' },
        imagePullPolicy: 'Always',
        failStrategy: 'FAIL_OPEN',
        vmConfig: {
          env: [
            { name: 'MODE', value: 'on' },
            { name: 'POD', valueFrom: 'HOST' },
          ],
        },
      }),
    ).toEqual({
      name: 'bookinfo.x0',
      rootId: 'root',
      vmConfig: {
        runtime: 'envoy.wasm.runtime.v8',
        code: { remote: { httpUri: { uri: wasm.url, cluster: '_', timeout: '30s' }, sha256: 'abc' } },
        environmentVariables: {
          hostEnvKeys: ['POD'],
          keyValues: { ISTIO_META_WASM_IMAGE_PULL_POLICY: 'Always', ISTIO_META_WASM_PLUGIN_RESOURCE_VERSION: '', MODE: 'on' },
        },
      },
      configuration: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: '{"a":"x","b":[1]}' },
      failurePolicy: 'FAIL_OPEN',
    });
  });

  test('takes a module without scheme from a registry of images, and one of a file from there', () => {
    expect(pluginConfig({ url: 'registry.example/filter:1' })?.vmConfig?.code?.remote?.httpUri?.uri).toBe(
      'oci://registry.example/filter:1',
    );
    expect(pluginConfig({ url: 'file:///opt/filter.wasm' })?.vmConfig?.code).toEqual({ local: { filename: '/opt/filter.wasm' } });
  });

  test('is for proxies of its own and the root namespace', () => {
    expect(extensionsOf({ wasm }).configurations(NAMES, 'other')).toEqual([]);
    expect(extensionsOf({ wasm }).configurations(['extensions.istio.io/trafficextension/bookinfo.unknown'])).toEqual([]);
  });

  test('is an empty message for a module without one of its own', () => {
    expect(pluginConfig(wasm)?.configuration).toEqual({});
  });

  test('never shows a pull secret', () => {
    const variables = pluginConfig({ ...wasm, imagePullSecret: 'pull' })?.vmConfig?.environmentVariables;
    expect(variables?.keyValues?.ISTIO_META_WASM_IMAGE_PULL_SECRET).toBe('');
  });
});
