import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterLoadAssignment, Listener } from '../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Release } from '../../../src/releases/release.ts';
import { ztunnelMessages } from '../../../src/translate/ztunnel/ztunnel.ts';
import { buildersOf } from '../../support/builders.ts';
import { resourcesOfYaml } from '../../support/resources.ts';
import { waypoint as waypointManifests } from '../../support/waypoint-mesh.ts';

const ambientRelease: Release = {
  ...defaultRelease,
  behaviours: { ...defaultRelease.behaviours, enableAmbient: true },
};

const pod = (name: string, ip: string, app: string, metadata = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${app}}, ${metadata}}
spec: {containers: [{name: app}]}
status: {podIP: ${ip}}
`;

const service = (name: string, spec = 'clusterIP: 10.96.0.1', metadata = ''): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop, ${metadata}}
spec: {${spec}, selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

const CAPTURED = 'annotations: {ambient.istio.io/redirection: enabled, sidecar.istio.io/inject: "false"}';
const ISOLATED = 'annotations: {sidecar.istio.io/inject: "false"}';
const HBONE_OFF = `annotations: {proxy.istio.io/config: '{proxyMetadata: {ISTIO_META_DISABLE_HBONE_SEND: "true"}}'}`;
const HBONE_ON = `annotations: {proxy.istio.io/config: '{proxyMetadata: {ISTIO_META_ENABLE_HBONE: "true"}}'}`;

const client = (metadata = ''): string => pod('client', '10.244.9.9', 'client', metadata);
const gateway = pod('gateway', '10.244.9.8', 'gateway', 'annotations: {inject.istio.io/templates: gateway}');
const waypoint = `\n---${waypointManifests()}`;

interface Compiled {
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  endpoints(cluster: string): ClusterLoadAssignment;
}

function compiled(yaml: string, name = 'client', release = ambientRelease): Compiled {
  const builders = buildersOf(buildMesh(singleCluster(resourcesOfYaml(yaml), {}, undefined, release)));
  const isSidecar = builders.view(name).role === 'sidecar';
  const view = isSidecar ? builders.sidecar(name) : builders.gateway(name);
  const { roles } = builders;
  const [listeners, clusters] =
    view.role === 'sidecar'
      ? [roles.sidecar.listeners(view), roles.sidecar.clusters(view)]
      : [roles.gateway.listeners(view), roles.gateway.clusters(view)];
  return {
    listeners: new Map(listeners.map(({ value }) => [value.name ?? '', value])),
    clusters: new Map(clusters.map(({ value }) => [value.name ?? '', value])),
    endpoints: (cluster) =>
      view.role === 'sidecar' ? roles.sidecar.endpoints(view, cluster) : roles.gateway.endpoints(view, cluster),
  };
}

const CART = 'outbound|80||cart.shop.svc.cluster.local';
const cart = service('cart');

const endpointsOf = ({ endpoints = [] }: ClusterLoadAssignment): unknown[] =>
  endpoints.flatMap(({ lbEndpoints = [] }) =>
    lbEndpoints.map(({ endpoint, metadata }) => ({
      address: endpoint?.address?.envoyInternalAddress?.endpointId ?? endpoint?.address?.socketAddress?.address,
      match: metadata?.filterMetadata?.['envoy.transport_socket_match'],
      original: metadata?.filterMetadata?.['envoy.filters.listener.original_dst'],
    })),
  );
const matchNames = (cluster: Cluster | undefined): unknown => cluster?.transportSocketMatches?.map(({ name }) => name);
const istioMetadata = (cluster: Cluster | undefined): unknown => cluster?.metadata?.filterMetadata?.istio;

describe('tunnels in a mesh without ambient mode', () => {
  const off = compiled(client(HBONE_ON) + cart + pod('cart', '10.244.0.1', 'cart', CAPTURED), 'client', defaultRelease);

  it('are neither opened nor taken', () => {
    for (const name of ['connect_originate', 'connect_terminate', 'main_internal']) {
      expect(off.listeners.has(name)).toBe(false);
      expect(off.clusters.has(name)).toBe(false);
    }
  });

  it('are no choice of clusters and endpoints', () => {
    expect(matchNames(off.clusters.get(CART))).not.toContain('hbone');
    expect(istioMetadata(off.clusters.get(CART))).not.toHaveProperty('disable_mx');
    expect(endpointsOf(off.endpoints(CART))).not.toContainEqual(expect.objectContaining({ match: { tunnel: 'http' } }));
  });
});

describe('tunnels towards ambient workloads', () => {
  const captured = pod('cart', '10.244.0.1', 'cart', CAPTURED);

  it('are opened by sidecars and gateways alike', () => {
    for (const name of ['client', 'gateway']) {
      const { listeners, clusters } = compiled(client() + gateway, name);
      expect([...listeners.keys()].at(-1)).toBe('connect_originate');
      expect(clusters.get('connect_originate')?.originalDstLbConfig?.upstreamPortOverride).toBe(15008);
      expect(clusters.has('main_internal')).toBe(false);
    }
  });

  it('lead to the address of a captured pod', () => {
    expect(endpointsOf(compiled(client() + cart + captured).endpoints(CART))).toEqual([
      { address: '10.244.0.1:8080', match: { tunnel: 'http' }, original: { local: '10.244.0.1:8080' } },
    ]);
  });

  it('are not needed for pods with a sidecar, nor for those without either', () => {
    const yaml = client() + cart + pod('cart-1', '10.244.0.2', 'cart') + pod('cart-2', '10.244.0.3', 'cart', ISOLATED);
    expect(endpointsOf(compiled(yaml).endpoints(CART))).toEqual([
      { address: '10.244.0.2', match: { tlsMode: 'istio' }, original: undefined },
      { address: '10.244.0.3', match: undefined, original: undefined },
    ]);
  });

  it('are told by the cluster where all endpoints take them, and only then', () => {
    const one = compiled(client() + cart + captured).clusters.get(CART);
    expect(istioMetadata(one)).toMatchObject({ disable_mx: true });
    const mixed = compiled(client() + cart + captured + pod('cart-2', '10.244.0.3', 'cart', ISOLATED)).clusters.get(CART);
    expect(istioMetadata(mixed)).not.toHaveProperty('disable_mx');
    expect(istioMetadata(compiled(client() + cart).clusters.get(CART))).not.toHaveProperty('disable_mx');
  });

  it('come first among the sockets of a cluster', () => {
    expect(matchNames(compiled(client() + cart + captured).clusters.get(CART))).toEqual([
      'hbone',
      'tlsMode-istio',
      'tlsMode-disabled',
    ]);
  });

  it('are not opened by a proxy that is told not to', () => {
    const { clusters, endpoints, listeners } = compiled(client(HBONE_OFF) + cart + captured);
    expect(clusters.has('connect_originate')).toBe(false);
    expect(listeners.has('connect_originate')).toBe(true);
    expect(endpointsOf(endpoints(CART))).toEqual([{ address: '10.244.0.1', match: undefined, original: undefined }]);
  });
});

describe('what opens tunnels', () => {
  it('is out of the reach of EnvoyFilters', () => {
    const builders = buildersOf(buildMesh(singleCluster(resourcesOfYaml(client()), {}, undefined, ambientRelease)));
    const view = builders.sidecar('client');
    const emitted = [...builders.roles.sidecar.listeners(view), ...builders.roles.sidecar.clusters(view)];
    const sites = emitted.filter(({ value }) => value.name === 'connect_originate').map(({ site }) => site);
    expect(sites).toEqual([undefined, undefined]);
  });
});

describe('the waypoint of a service', () => {
  const bound = 'labels: {istio.io/use-waypoint: waypoint, istio.io/ingress-use-waypoint: "true"}';
  const yaml = client() + gateway + waypoint + pod('cart', '10.244.0.1', 'cart', CAPTURED);

  it('is where gateways send to, with the address of the service', () => {
    const [endpoint] = endpointsOf(compiled(yaml + service('cart', undefined, bound), 'gateway').endpoints(CART));
    expect(endpoint).toMatchObject({
      address: '10.244.0.7:15008',
      match: { tunnel: 'http' },
      original: { local: '10.96.0.1:80', waypoint: '10.244.0.7:15008' },
    });
  });

  it('is passed over by sidecars, and by gateways that are not told', () => {
    const direct = { address: '10.244.0.1:8080', match: { tunnel: 'http' }, original: { local: '10.244.0.1:8080' } };
    expect(endpointsOf(compiled(yaml + service('cart', undefined, bound)).endpoints(CART))).toEqual([direct]);
    const untold = service('cart', undefined, 'labels: {istio.io/use-waypoint: waypoint}');
    expect(endpointsOf(compiled(yaml + untold, 'gateway').endpoints(CART))).toEqual([direct]);
  });
});

describe('a sidecar that takes tunnels', () => {
  const policy = `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: client, namespace: shop}
spec: {selector: {matchLabels: {app: client}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/a]}}]}]}
`;
  const { listeners, clusters } = compiled(client(HBONE_ON) + service('client') + policy);
  const chains = listeners.get('main_internal')?.filterChains ?? [];

  it('ends them with mutual TLS and leads what they carry to a listener of its own', () => {
    const [chain] = listeners.get('connect_terminate')?.filterChains ?? [];
    expect(chain?.transportSocket?.typedConfig).toMatchObject({ requireClientCertificate: true });
    expect(JSON.stringify(chain?.filters)).toContain('"cluster":"main_internal"');
    expect(clusters.get('main_internal')?.type).toBe('STATIC');
  });

  it('has the chains of the workload there, for its own address and without TLS', () => {
    expect(chains.map(({ name }) => name)).toEqual(['0.0.0.0_8080', 'virtualInbound-catchall-http', 'virtualInbound']);
    for (const { filterChainMatch, transportSocket } of chains) {
      expect(filterChainMatch?.prefixRanges).toEqual([{ addressPrefix: '10.244.9.9', prefixLen: 32 }]);
      expect(filterChainMatch).not.toHaveProperty('transportProtocol');
      expect(transportSocket).toBeUndefined();
    }
  });

  it('asks the end of the tunnel who the peer is, and connections of its own as ever', () => {
    expect(JSON.stringify(chains)).toContain('"filterState":{"key":"io.istio.peer_principal"');
    expect(JSON.stringify(chains)).not.toContain('"authenticated"');
    const virtual = JSON.stringify(listeners.get('virtualInbound'));
    expect(virtual).toContain('"authenticated"');
    expect(virtual).not.toContain('"filterState"');
  });

  it('is one that its ProxyConfig tells to', () => {
    expect(compiled(client()).listeners.has('connect_terminate')).toBe(false);
  });
});

describe("tunnels as istiod's environment has them", () => {
  const within = (behaviours: Partial<Release['behaviours']>): Release => ({
    ...ambientRelease,
    behaviours: { ...ambientRelease.behaviours, ...behaviours },
  });
  const captured = pod('cart', '10.244.0.1', 'cart', CAPTURED);
  const prefer = (tls: string): string =>
    pod('cart', '10.244.0.1', 'cart', `annotations: {ambient.istio.io/redirection: enabled, sidecar.istio.io/inject: "${tls}"}`);

  it('have no cluster, listener and socket where proxies do not open them, though endpoints ask for them', () => {
    const { clusters, listeners, endpoints } = compiled(
      client() + cart + captured,
      'client',
      within({ enableSendingHbone: false }),
    );
    expect([clusters.has('connect_originate'), listeners.has('connect_originate')]).toEqual([false, false]);
    expect(matchNames(clusters.get(CART))).not.toContain('hbone');
    expect(endpointsOf(endpoints(CART))).toMatchObject([{ match: { tunnel: 'http' } }]);
  });

  it('are not taken by sidecars that ask for it in vain', () => {
    const { clusters, listeners } = compiled(client(HBONE_ON), 'client', within({ enableSidecarListeningHbone: false }));
    expect([clusters.has('main_internal'), listeners.has('connect_terminate')]).toEqual([false, false]);
  });

  it('go before mutual TLS where they are preferred', () => {
    const both = client() + cart + prefer('true');
    const match = (release: Release) => endpointsOf(compiled(both, 'client', release).endpoints(CART));
    expect(match(ambientRelease)).toMatchObject([{ match: { tlsMode: 'istio' } }]);
    expect(match(within({ preferSendingHbone: true }))).toMatchObject([{ match: { tunnel: 'http' } }]);
  });

  it('have the windows that are asked for, and else none', () => {
    const options = (release: Release) =>
      JSON.stringify(compiled(client(), 'client', release).clusters.get('connect_originate')?.typedExtensionProtocolOptions);
    expect(options(within({ hboneInitialStreamWindowSize: 65536, hboneInitialConnectionWindowSize: 131072 }))).toContain(
      '{"allowConnect":true,"initialStreamWindowSize":65536,"initialConnectionWindowSize":131072}',
    );
    expect(options(ambientRelease)).toContain('"http2ProtocolOptions":{"allowConnect":true}');
  });

  it('of gateways do not lead to waypoints where routing through these is off', () => {
    const bound = 'labels: {istio.io/use-waypoint: waypoint, istio.io/ingress-use-waypoint: "true"}';
    const yaml = client() + gateway + waypoint + captured + service('cart', undefined, bound);
    const off = within({ enableIngressWaypointRouting: false });
    expect(endpointsOf(compiled(yaml, 'gateway', off).endpoints(CART))).toMatchObject([{ address: '10.244.0.1:8080' }]);
  });
});

describe('what ztunnel is told of policies that are only tried out', () => {
  const policy = `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: trial, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {rules: [{from: [{source: {namespaces: [shop]}}]}]}
`;
  const told = (ambientEnableDryRunAuthorizationPolicy: boolean): unknown => {
    const behaviours = { ...ambientRelease.behaviours, ambientEnableDryRunAuthorizationPolicy };
    const mesh = buildMesh(singleCluster(resourcesOfYaml(policy), {}, undefined, { ...ambientRelease, behaviours }));
    return mesh.ambient === undefined ? undefined : ztunnelMessages(mesh.ambient).policies;
  };

  it('is nothing, unless its environment asks for it', () => {
    expect(told(false)).toEqual([]);
    expect(told(true)).toMatchObject([{ name: 'trial', dryRun: true, scope: 'NAMESPACE' }]);
  });
});

describe('the label of a sidecar that takes tunnels', () => {
  const labelOf = (yaml: string) =>
    buildMesh(singleCluster(resourcesOfYaml(yaml), {}, undefined, ambientRelease)).proxies[0]?.labels[
      'networking.istio.io/tunnel'
    ];

  it('is there as the injector writes it, unless the pod has one', () => {
    expect(labelOf(client(HBONE_ON))).toBe('http');
    expect(labelOf(client())).toBeUndefined();
    expect(labelOf(client(HBONE_ON).replace('app: client', 'app: client, networking.istio.io/tunnel: none'))).toBe('none');
  });
});
