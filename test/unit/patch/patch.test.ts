import { describe, expect, test } from 'vitest';
import type { EnvoyFilter } from '../../../src/api/istio.gen.ts';
import type { Cluster, HttpConnectionManager, Listener, RouteConfiguration } from '../../../src/envoy/api.gen.ts';
import type { Emitted, PatchSite } from '../../../src/envoy/emitted.ts';
import { buildEnvoyFilters } from '../../../src/model/extensions/envoy-filters.ts';
import type { Proxy } from '../../../src/model/proxies/proxy.ts';
import { factsOf } from '../../../src/model/proxies/roles.ts';
import { createPatcher, type Patched } from '../../../src/patch/patch.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Resource, ResourceOf } from '../../../src/resource/resource.ts';
import { deepFreeze } from '../../../src/util/object.ts';

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const BUFFER = 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

const sidecar = {
  role: 'sidecar',
  namespace: 'shop',
  name: 'cart',
  labels: { app: 'cart' },
  proxyConfig: {},
  clusterId: 'Kubernetes',
  istioVersion: '1.30.3',
};
const gateway = { ...sidecar, role: 'gateway', namespace: 'istio-system', name: 'ingress', labels: {} };

function filter(spec: EnvoyFilter, meta: Partial<Resource> = {}): ResourceOf<'EnvoyFilter'> {
  const base = { kind: 'EnvoyFilter', group: 'networking.istio.io', version: 'v1alpha3', name: 'filter', namespace: 'shop' };
  return { ...base, labels: {}, annotations: {}, ...meta, spec } as ResourceOf<'EnvoyFilter'>;
}

function patcherOf(...filters: ResourceOf<'EnvoyFilter'>[]) {
  const { forProxy } = buildEnvoyFilters(filters, 'istio-system', defaultRelease.behaviours);
  return {
    ...createPatcher(),
    sidecar: { patches: forProxy(sidecar as unknown as Proxy), contexts: factsOf.sidecar.patchContexts },
    gateway: { patches: forProxy(gateway as unknown as Proxy), contexts: factsOf.gateway.patchContexts },
  };
}

type Patch = NonNullable<EnvoyFilter['configPatches']>[number];
const patching = (...configPatches: Patch[]) => patcherOf(filter({ configPatches }));

const emit = <T extends object>(value: T, site: PatchSite): Emitted<T> => deepFreeze({ value, site });

const httpFilters = ['cors', 'router'].map((name) => ({ name, typedConfig: { '@type': name === 'router' ? ROUTER : BUFFER } }));
const listener = (name: string, extra: object = {}): Listener => ({
  name,
  address: { socketAddress: { address: '0.0.0.0', portValue: 80 } },
  listenerFilters: [
    {
      name: 'tls',
      typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector' },
    },
  ],
  filterChains: [
    {
      name: 'http',
      filterChainMatch: { destinationPort: 8080 },
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typedConfig: { '@type': HCM, statPrefix: 'x', httpFilters, ...extra },
        },
      ],
    },
  ],
});

function patchListener(
  patcher: ReturnType<typeof patcherOf>,
  value: Listener,
  context: PatchSite['context'] = 'SIDECAR_OUTBOUND',
) {
  return patcher.listeners(context === 'GATEWAY' ? patcher.gateway : patcher.sidecar, [emit(value, { context })]);
}

function namesOfHttpFilters(patched: Patched<Listener>): unknown {
  const config = patched.resources[0]?.value.filterChains?.[0]?.filters?.[0]?.typedConfig as HttpConnectionManager | undefined;
  return config?.httpFilters?.map(({ name }) => name);
}

const httpFilterMatch = (subFilter: string) => ({
  listener: {
    filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager', subFilter: { name: subFilter } } },
  },
});
const value = { name: 'new', typed_config: { '@type': BUFFER, max_request_bytes: 5 } };

describe('HTTP filters', () => {
  test.each([
    ['ADD', {}, ['cors', 'router', 'new']],
    ['INSERT_FIRST', {}, ['new', 'cors', 'router']],
    ['INSERT_BEFORE', {}, ['new', 'cors', 'router']],
    ['INSERT_BEFORE', httpFilterMatch('router'), ['cors', 'new', 'router']],
    ['INSERT_BEFORE', httpFilterMatch('absent'), ['cors', 'router']],
    ['INSERT_AFTER', httpFilterMatch('cors'), ['cors', 'new', 'router']],
    ['INSERT_AFTER', {}, ['cors', 'router', 'new']],
    ['REPLACE', httpFilterMatch('cors'), ['new', 'router']],
    ['REPLACE', {}, ['cors', 'router']],
    ['REMOVE', httpFilterMatch('cors'), ['router']],
    ['REMOVE', {}, ['cors', 'router']],
  ] as const)('%s with match %j', (operation, match, expected) => {
    const patcher = patching({ applyTo: 'HTTP_FILTER', match, patch: { operation, value } });
    expect(namesOfHttpFilters(patchListener(patcher, listener('a')))).toEqual(expected);
  });

  test('values come in snake_case and go out in camelCase', () => {
    const patcher = patching({ applyTo: 'HTTP_FILTER', patch: { operation: 'INSERT_FIRST', value } });
    expect(JSON.stringify(patchListener(patcher, listener('a')).resources)).toContain('"maxRequestBytes":5');
  });

  test('merging keeps what the patch does not name and tells that it applied', () => {
    const patcher = patching({
      applyTo: 'HTTP_FILTER',
      match: httpFilterMatch('cors'),
      patch: { operation: 'MERGE', value: { typed_config: { '@type': BUFFER, max_request_bytes: 7 } } },
    });
    const { resources, applied } = patchListener(patcher, listener('a'));
    expect(JSON.stringify(resources)).toContain(
      JSON.stringify({ name: 'cors', typedConfig: { '@type': BUFFER, maxRequestBytes: 7 } }),
    );
    expect(applied.size).toBe(1);
  });

  test('merging another type than the filter has makes Istio break off, and the filters stay', () => {
    const patcher = patching({
      applyTo: 'HTTP_FILTER',
      patch: { operation: 'MERGE', value: { typed_config: { '@type': ROUTER } } },
    });
    const { resources, aborted } = patchListener(patcher, listener('a'));
    expect(resources[0]?.value).toEqual(listener('a'));
    expect(aborted).toHaveLength(1);
  });
});

describe('listeners', () => {
  test('a patch that does not match leaves the very object', () => {
    const patcher = patching({ applyTo: 'LISTENER', match: { listener: { name: 'b' } }, patch: { operation: 'REMOVE' } });
    const emitted = emit(listener('a'), { context: 'SIDECAR_OUTBOUND' });
    const { resources, applied } = patcher.listeners(patcher.sidecar, [emitted]);
    expect(resources[0]).toBe(emitted);
    expect(applied.size).toBe(0);
  });

  test('REMOVE takes the listener away', () => {
    const patcher = patching({ applyTo: 'LISTENER', match: { listener: { portNumber: 80 } }, patch: { operation: 'REMOVE' } });
    expect(patchListener(patcher, listener('a')).resources).toEqual([]);
  });

  test('ADD for any context adds among outbound listeners only', () => {
    const patcher = patching({ applyTo: 'LISTENER', patch: { operation: 'ADD', value: { name: 'new' } } });
    expect(patchListener(patcher, listener('a')).resources.map(({ value, site }) => [value.name, site?.context])).toEqual([
      ['a', 'SIDECAR_OUTBOUND'],
      ['new', 'SIDECAR_OUTBOUND'],
    ]);
  });

  test('on the virtual listeners portNumber is the port of the filter chain', () => {
    const remove = (portNumber: number) =>
      patching({ applyTo: 'FILTER_CHAIN', match: { listener: { portNumber } }, patch: { operation: 'REMOVE' } });
    const left = (portNumber: number) =>
      patchListener(remove(portNumber), listener('virtualInbound'), 'SIDECAR_INBOUND').resources[0]?.value.filterChains?.length;
    expect([left(8080), left(80)]).toEqual([undefined, 1]);
  });

  test('merging a listener filter makes Istio break off at one of another type, so later patches are lost', () => {
    const patcher = patching(
      {
        applyTo: 'LISTENER_FILTER',
        match: { listener: { listenerFilter: 'tls' } },
        patch: { operation: 'MERGE', value: { typed_config: { '@type': BUFFER } } },
      },
      { applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value } },
    );
    expect(namesOfHttpFilters(patchListener(patcher, listener('a')))).toEqual(['cors', 'router']);
  });

  test('a transport socket of the same name is merged by what it holds', () => {
    const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
    const base: Listener = {
      name: 'a',
      filterChains: [
        { filters: [{ name: 'x' }], transportSocket: { name: 'tls', typedConfig: { '@type': type, requireSni: true } } },
      ],
    };
    const patcher = patching({
      applyTo: 'FILTER_CHAIN',
      patch: {
        operation: 'MERGE',
        value: {
          name: 'lost',
          transport_socket: { name: 'tls', typed_config: { '@type': type, common_tls_context: { alpn_protocols: ['h2'] } } },
        },
      },
    });
    expect(patchListener(patcher, base).resources[0]?.value.filterChains?.[0]).toEqual({
      filters: [{ name: 'x' }],
      transportSocket: {
        name: 'tls',
        typedConfig: { '@type': type, requireSni: true, commonTlsContext: { alpnProtocols: ['h2'] } },
      },
    });
  });

  test('routes inside inbound listeners are patched', () => {
    const routeConfig = {
      name: 'inbound|8080||',
      virtualHosts: [{ name: 'v', domains: ['*'], routes: [{ match: { prefix: '/' } }] }],
    };
    const patcher = patching({
      applyTo: 'HTTP_ROUTE',
      match: { context: 'SIDECAR_INBOUND', routeConfiguration: { portNumber: 8080 } },
      patch: { operation: 'MERGE', value: { decorator: { operation: 'x' } } },
    });
    const patched = patchListener(patcher, listener('virtualInbound', { routeConfig }), 'SIDECAR_INBOUND');
    expect(JSON.stringify(patched.resources)).toContain('"decorator":{"operation":"x"}');
  });
});

describe('routes', () => {
  const routes: RouteConfiguration = {
    name: '80',
    virtualHosts: [
      { name: 'one', domains: ['one'], routes: [{ name: 'r1', match: { prefix: '/' }, route: { cluster: 'c' } }] },
      { name: 'allow_any', domains: ['*'], routes: [{ name: 'r2', match: { prefix: '/' }, redirect: {} }] },
    ],
  };
  const patch = (entry: Patch, name = '80') => {
    const patcher = patching(entry);
    const emitted = emit({ ...routes, name }, { context: 'SIDECAR_OUTBOUND' });
    return patcher.routes(patcher.sidecar, [emitted]).resources[0]?.value;
  };
  const routeNames = (patched: RouteConfiguration | undefined) =>
    patched?.virtualHosts?.map(({ routes: list = [] }) => list.map(({ name }) => name));
  const route = (vhost: object, operation: NonNullable<Patch['patch']>['operation'] & string) =>
    patch({
      applyTo: 'HTTP_ROUTE',
      match: { routeConfiguration: { vhost } },
      patch: { operation, value: { name: 'new', match: { prefix: '/new' } } },
    } as Patch);

  test('INSERT_FIRST goes to the top where the named route is found', () => {
    expect(routeNames(route({ route: { action: 'REDIRECT' } }, 'INSERT_FIRST'))).toEqual([['r1'], ['new', 'r2']]);
  });

  test('INSERT_BEFORE without a route goes to the top', () => {
    expect(routeNames(route({ name: 'one' }, 'INSERT_BEFORE'))).toEqual([['new', 'r1'], ['r2']]);
  });

  test('REMOVE takes the matching routes away', () => {
    expect(routeNames(route({ route: { name: 'r1' } }, 'REMOVE'))).toEqual([[], ['r2']]);
  });

  test('a removed virtual host takes those of its name with it', () => {
    const patched = patch({
      applyTo: 'VIRTUAL_HOST',
      match: { routeConfiguration: { vhost: { domainName: 'one' } } },
      patch: { operation: 'REMOVE' },
    });
    expect(patched?.virtualHosts?.map(({ name }) => name)).toEqual(['allow_any']);
  });

  test('an added virtual host comes last', () => {
    const patched = patch({ applyTo: 'VIRTUAL_HOST', patch: { operation: 'ADD', value: { name: 'new', domains: ['new'] } } });
    expect(patched?.virtualHosts?.map(({ name }) => name)).toEqual(['one', 'allow_any', 'new']);
  });

  test('a route configuration that istiod does not build is not patched', () => {
    const entry: Patch = { applyTo: 'ROUTE_CONFIGURATION', patch: { operation: 'MERGE', value: { vhds: {} } } };
    expect(patch(entry, 'my-own')).not.toHaveProperty('vhds');
    expect(patch(entry, 'host:80')).toHaveProperty('vhds');
  });

  test('for a gateway portNumber is the port of its service', () => {
    const patcher = patcherOf(
      filter(
        {
          configPatches: [
            {
              applyTo: 'ROUTE_CONFIGURATION',
              match: { context: 'GATEWAY', routeConfiguration: { portNumber: 80 } },
              patch: { operation: 'MERGE', value: { vhds: {} } },
            },
          ],
        },
        { namespace: 'istio-system' },
      ),
    );
    const emitted = emit<RouteConfiguration>({ name: 'http.8080' }, { context: 'GATEWAY' });
    const patched = (ports: Map<number, Set<number>>) =>
      patcher.routes({ ...patcher.gateway, gatewayPorts: ports }, [emitted]).resources[0]?.value;
    expect(patched(new Map([[8080, new Set([80])]]))).toHaveProperty('vhds');
    expect(patched(new Map())).not.toHaveProperty('vhds');
  });
});

describe('clusters', () => {
  const cluster: Cluster = { name: 'outbound|80|v1|cart.shop.svc.cluster.local' };
  const patch = (entry: Patch, value: Cluster = cluster, site: PatchSite = { context: 'SIDECAR_OUTBOUND' }) => {
    const patcher = patching(entry);
    return patcher.clusters(patcher.sidecar, [emit(value, site)]).resources.map((emitted) => emitted.value);
  };

  test.each([
    [{ service: 'cart.shop.svc.cluster.local', subset: 'v1', portNumber: 80 }, true],
    [{ service: 'other' }, false],
    [{ portNumber: 81 }, false],
    [{ name: String(cluster.name), portNumber: 81 }, true],
  ])('match %j', (match, matches) => {
    const entry: Patch = { applyTo: 'CLUSTER', match: { cluster: match }, patch: { operation: 'REMOVE' } };
    expect(patch(entry)).toEqual(matches ? [] : [cluster]);
  });

  test('an inbound cluster is known by the services behind it', () => {
    const entry: Patch = { applyTo: 'CLUSTER', match: { cluster: { service: 'cart' } }, patch: { operation: 'REMOVE' } };
    expect(patch(entry, { name: 'inbound|80||' }, { context: 'SIDECAR_INBOUND', hosts: ['cart'] })).toEqual([]);
  });

  test('a patch with a transport socket of another name replaces it and does nothing else', () => {
    const entry: Patch = {
      applyTo: 'CLUSTER',
      patch: { operation: 'MERGE', value: { alt_stat_name: 'lost', transport_socket: { name: 'raw' } } },
    };
    expect(patch(entry)).toEqual([{ ...cluster, transportSocket: { name: 'raw' } }]);
  });

  test('ADD keeps the first of clusters with one name', () => {
    const entry: Patch = {
      applyTo: 'CLUSTER',
      patch: { operation: 'ADD', value: { name: 'BlackHoleCluster', alt_stat_name: 'x' } },
    };
    expect(patch(entry, { name: 'BlackHoleCluster' })).toEqual([{ name: 'BlackHoleCluster' }]);
  });
});

describe('selection and order', () => {
  const marking = (name: string, spec: EnvoyFilter = {}, meta: Partial<Resource> = {}) =>
    filter(
      {
        ...spec,
        configPatches: [
          { applyTo: 'HTTP_FILTER', match: spec.configPatches?.[0]?.match ?? {}, patch: { operation: 'ADD', value: { name } } },
        ],
      },
      { name, ...meta },
    );
  const applied = (...filters: ResourceOf<'EnvoyFilter'>[]) =>
    namesOfHttpFilters(patchListener(patcherOf(...filters), listener('a')));

  test('priority comes first, then the root namespace, then age, then the name', () => {
    const order = applied(
      marking('late', { priority: 5 }),
      marking('b'),
      marking('a'),
      marking('old', {}, { createdAt: 1 }),
      marking('root', {}, { namespace: 'istio-system', createdAt: Date.UTC(2030, 1) }),
      marking('early', { priority: -5 }),
    );
    expect(order).toEqual(['cors', 'router', 'early', 'root', 'old', 'a', 'b', 'late']);
  });

  test('other namespaces and other workloads do not count', () => {
    const order = applied(
      marking('elsewhere', {}, { namespace: 'other' }),
      marking('other-labels', { workloadSelector: { labels: { app: 'web' } } }),
      marking('mine', { workloadSelector: { labels: { app: 'cart' } } }),
      marking('of-gateway', { targetRefs: [{ kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'x' }] }),
    );
    expect(order).toEqual(['cors', 'router', 'mine']);
  });

  test('a patch can be for versions and metadata of proxies', () => {
    const of = (name: string, proxy: object) => marking(name, { configPatches: [{ match: { proxy } }] });
    const order = applied(
      of('version', { proxyVersion: '^1\\.30.*' }),
      of('other-version', { proxyVersion: '^1\\.2' }),
      of('metadata', { metadata: { CLUSTER_ID: 'Kubernetes' } }),
      of('other-metadata', { metadata: { CLUSTER_ID: 'x' } }),
    );
    expect(order).toEqual(['cors', 'router', 'metadata', 'version']);
  });

  test('a patch that Istio cannot read is left out, its neighbours are not', () => {
    const patcher = patching(
      { applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value: { name: 'bad', typed_config: { '@type': 'x/no.Such' } } } },
      { applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value: { name: 'good', unknown_field: 1 } } },
    );
    expect(namesOfHttpFilters(patchListener(patcher, listener('a')))).toEqual(['cors', 'router', 'good']);
  });
});
