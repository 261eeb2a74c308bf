import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../src/api/istio.gen.ts';
import { createSession } from '../../../src/compile/session.ts';
import type { Listener } from '../../../src/envoy/api.gen.ts';
import type { XdsSnapshot } from '../../../src/envoy/snapshot.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Switches } from '../../../src/releases/switches.ts';
import { resourcesOfYaml } from '../../support/resources.ts';
import { served, waypoint } from '../../support/waypoint-mesh.ts';

/** Ambient mode across networks (AMBIENT_ENABLE_MULTI_NETWORK). */

const MANAGED = 'gateway.istio.io/managed';
const HTTP = '{name: http, port: 80}';
const cart = served('cart', '10.96.0.1', HTTP);
const GLOBAL = 'istio.io/global: "true"';
const globalCart = cart.replace('labels: {', `labels: {${GLOBAL}, `);

const network = `
apiVersion: v1
kind: Namespace
metadata: {name: istio-system, labels: {topology.istio.io/network: near}}
`;

const eastWest = `
apiVersion: v1
kind: Pod
metadata: {name: eastwest, namespace: istio-system, labels: {${MANAGED}: istio.io-eastwest-controller}}
spec: {containers: [{name: istio-proxy, args: [proxy, waypoint]}]}
status: {podIP: 10.244.0.6}
`;

const farGateway = (port: number): string => `
apiVersion: v1
kind: Service
metadata: {name: far, namespace: istio-system, labels: {topology.istio.io/network: far}}
spec: {type: LoadBalancer, clusterIP: 10.96.0.20, ports: [{name: mesh, port: ${port}}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}
`;

const pod = (name: string, ip: string, labels: string, annotations = 'ambient.istio.io/redirection: enabled'): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {${labels}}, annotations: {${annotations}}}
spec: {containers: [{name: app}]}
status: {podIP: ${ip}}
`;

const near = pod('cart-near', '10.244.1.1', 'app: cart');
const far = pod('cart-far', '10.244.2.1', 'app: cart, topology.istio.io/network: far');

const scopes: MeshConfig = {
  serviceScopeConfigs: [{ servicesSelector: { matchLabels: { 'istio.io/global': 'true' } }, scope: 'GLOBAL' }],
};

function snapshotOf(name: string, documents: readonly string[], switches: Partial<Switches> = {}, config = scopes): XdsSnapshot {
  const behaviours = { ...defaultRelease.behaviours, enableAmbient: true, ambientEnableMultiNetwork: true, ...switches };
  const release = { ...defaultRelease, behaviours };
  const mesh = buildMesh(singleCluster(resourcesOfYaml(documents.join('---')), config, undefined, release));
  const proxy = mesh.proxies.find((candidate) => candidate.name === name);
  if (proxy === undefined) throw new Error(`there is no proxy ${name}`);
  return createSession(mesh).compile(proxy);
}

const listenerOf = (snapshot: XdsSnapshot, name: string): Listener | undefined =>
  snapshot.listeners.find((listener) => listener.name === name);
const mainOf = (snapshot: XdsSnapshot): Listener | undefined => listenerOf(snapshot, 'main_internal');
const authoritiesOf = (snapshot: XdsSnapshot): readonly string[] =>
  Object.keys(mainOf(snapshot)?.filterChainMatcher?.matcherTree?.exactMatchMap?.map ?? {});
const chainsOf = (snapshot: XdsSnapshot): readonly string[] =>
  (mainOf(snapshot)?.filterChains ?? []).map(({ name = '' }) => name.replace('.svc.cluster.local', ''));
const endpointsOf = (snapshot: XdsSnapshot, cluster: string): readonly unknown[] =>
  (snapshot.endpoints.find(({ clusterName }) => clusterName === cluster)?.endpoints ?? []).flatMap(
    ({ lbEndpoints = [] }) => lbEndpoints,
  );
const HTTP_VIP = 'inbound-vip|80|http|cart.shop.svc.cluster.local';
const TCP_VIP = 'inbound-vip|80|tcp|cart.shop.svc.cluster.local';

describe('a waypoint of several networks', () => {
  test('asks for the name before the address, and keeps what the tunnel was for', () => {
    const snapshot = snapshotOf('waypoint', [network, waypoint(), cart, near]);
    expect(authoritiesOf(snapshot)).toEqual(['cart.shop.svc.cluster.local:80']);
    expect(mainOf(snapshot)?.filterChainMatcher?.onNoMatch?.matcher?.matcherTree?.customMatch?.name).toBe('ip');
    const filters = (mainOf(snapshot)?.filterChains ?? []).map(({ filters: [first] = [] }) => first?.name);
    expect(filters).toEqual(['set_dst_address', 'connect_authority', 'connect_authority']);
    expect(JSON.stringify(mainOf(snapshot))).toContain("r'10.96.0.1:80'");
  });

  test('of one network does neither', () => {
    const snapshot = snapshotOf('waypoint', [network, waypoint(), cart, near], { ambientEnableMultiNetwork: false });
    expect(authoritiesOf(snapshot)).toEqual([]);
    expect(JSON.stringify(mainOf(snapshot))).not.toContain('set_dst_address');
  });

  test('tells other networks which one it is in', () => {
    const header = (switches: Partial<Switches>) =>
      /"x-forwarded-network"[^}]*/.exec(
        JSON.stringify(listenerOf(snapshotOf('waypoint', [network, waypoint(), cart], switches), 'inner_connect_originate')),
      )?.[0];
    expect(header({})).toBe('"x-forwarded-network","value":"near"');
    expect(header({ ambientEnableMultiNetwork: false })).toBe('"x-forwarded-network"');
  });

  test('reaches endpoints of another network through its gateway, in a tunnel within a tunnel to the service', () => {
    const snapshot = snapshotOf('waypoint', [network, waypoint(), cart, near, far, farGateway(15008)]);
    expect(endpointsOf(snapshot, HTTP_VIP)).toMatchObject([
      {
        endpoint: { address: { envoyInternalAddress: { serverListenerName: 'connect_originate', endpointId: '10.244.1.1:80' } } },
      },
      {
        endpoint: {
          address: { envoyInternalAddress: { serverListenerName: 'inner_connect_originate', endpointId: '203.0.113.9:15008' } },
        },
        metadata: {
          filterMetadata: {
            istio: { workload: ';;;;Kubernetes', double_hbone: { hbone_target_address: 'cart.shop.svc.cluster.local:80' } },
            'envoy.filters.listener.original_dst': { local: '203.0.113.9:15008' },
          },
        },
      },
    ]);
  });

  test.each([
    ['the gateway there takes no tunnels', 15443, {}],
    ['istiod is told that waypoints do not send there', 15008, { ambientEnableMultiNetworkWaypoint: false }],
  ])('does not reach them where %s', (_, port, switches) => {
    const snapshot = snapshotOf('waypoint', [network, waypoint(), cart, near, far, farGateway(port)], switches);
    expect(endpointsOf(snapshot, HTTP_VIP)).toHaveLength(1);
  });

  test('has no listeners for tunnels within tunnels where it is not to send to other networks', () => {
    const names = snapshotOf('waypoint', [waypoint(), cart], { ambientEnableMultiNetworkWaypoint: false }).listeners.map(
      ({ name }) => name,
    );
    expect(names).toEqual(['connect_terminate', 'main_internal', 'connect_originate']);
  });
});

describe('a gateway between networks', () => {
  const all = [network, eastWest, waypoint(), globalCart, served('web', '10.96.0.2', HTTP), near];

  test('serves what MeshConfig makes global, and the waypoints of that, by connections alone', () => {
    const snapshot = snapshotOf('eastwest', all);
    expect(chainsOf(snapshot)).toEqual(['inbound-vip|80|tcp|cart.shop', 'inbound-vip|15008|tcp|waypoint.shop']);
    expect(snapshot.clusters.map(({ name }) => name)).toEqual([
      'main_internal',
      'encap',
      'forward_inner_connect',
      'BlackHoleCluster',
      TCP_VIP,
      'inbound-vip|15008|tcp|waypoint.shop.svc.cluster.local',
    ]);
    expect(endpointsOf(snapshot, TCP_VIP)).toMatchObject([
      { endpoint: { address: { envoyInternalAddress: { serverListenerName: 'forward_inner_connect' } } } },
    ]);
  });

  test.each([
    ['not', '', TCP_VIP],
    ['too', 'istio.io/ingress-use-waypoint: "true", ', 'inbound-vip|15008|tcp|waypoint.shop.svc.cluster.local'],
  ])('leads to the waypoint unless the sender is one; gateways are %s', (_, label, toGateways) => {
    const labelled = globalCart.replace('labels: {', `labels: {${label}`);
    const snapshot = snapshotOf('eastwest', [network, eastWest, waypoint(), labelled]);
    const tree = mainOf(snapshot)?.filterChainMatcher?.matcherTree?.exactMatchMap?.map?.['cart.shop.svc.cluster.local:80'];
    expect(tree?.matcher).toMatchObject({
      matcherTree: {
        exactMatchMap: { map: { waypoint: { action: { name: TCP_VIP } }, gateway: { action: { name: toGateways } } } },
      },
      onNoMatch: { action: { name: 'inbound-vip|15008|tcp|waypoint.shop.svc.cluster.local' } },
    });
  });

  test('leads to the service itself where that has no waypoint', () => {
    const alone = globalCart.replace(/istio.io\/use-waypoint[^,}]*,? ?/g, '');
    const snapshot = snapshotOf('eastwest', [network, eastWest, alone]);
    const tree = mainOf(snapshot)?.filterChainMatcher?.matcherTree?.exactMatchMap?.map?.['cart.shop.svc.cluster.local:80'];
    expect(tree).toMatchObject({ action: { name: TCP_VIP } });
  });

  test('sees its own network alone', () => {
    const snapshot = snapshotOf('eastwest', [...all, far, farGateway(15008)]);
    expect(endpointsOf(snapshot, TCP_VIP)).toHaveLength(1);
  });

  test('drops everything where nothing is global', () => {
    expect(chainsOf(snapshotOf('eastwest', all, {}, {}))).toEqual(['virtualInbound-blackhole']);
  });

  test('logs what it could not hand on, where Telemetry asks for logs, and all where MeshConfig does', () => {
    const logs = snapshotOf('eastwest', all, {}, { ...scopes, accessLogFile: '/dev/stdout' });
    const forward = JSON.stringify(listenerOf(logs, 'forward_inner_connect')?.filterChains);
    expect(forward).toContain('"path":"/dev/stdout"');
    expect(forward).not.toContain('"UF"');
  });
});

describe('a gateway between networks that passes TLS through', () => {
  const CLASS = 'gatewayClassName: istio-east-west';
  const listeners = (...more: readonly string[]) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: eastwest, namespace: istio-system}
spec: {${CLASS}, listeners: [{name: mesh, port: 15008, protocol: HBONE, tls: {mode: Terminate}}${more.map((one) => `, ${one}`).join('')}]}
`;
  const PASSED = '{name: api, port: 6443, protocol: TLS, hostname: api.example, tls: {mode: Passthrough}}';
  const gatewayService = `
apiVersion: v1
kind: Service
metadata: {name: eastwest, namespace: istio-system, labels: {${MANAGED}: istio.io-eastwest-controller}}
spec: {clusterIP: 10.96.0.30, selector: {${MANAGED}: istio.io-eastwest-controller}, ports: [{name: mesh, port: 15008}, {name: api, port: 6443}]}
`;
  const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: api, namespace: istio-system}
spec: {parentRefs: [{name: eastwest}], hostnames: [api.example], rules: [{backendRefs: [{name: api, port: 443}]}]}
`;
  const api = `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: istio-system}
spec: {clusterIP: 10.96.0.50, selector: {app: api}, ports: [{name: https, port: 443, targetPort: 6443}]}
`;
  const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: who, namespace: istio-system}
spec: {targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: eastwest}], rules: [{from: [{source: {ipBlocks: [192.0.2.0/24]}}]}]}
`;
  const all = (...more: readonly string[]) => [network, eastWest, gatewayService, listeners(PASSED), route, api, ...more];
  const OUTBOUND = 'outbound|443||api.istio-system.svc.cluster.local';

  test('leads each server name to the service of its route', () => {
    const snapshot = snapshotOf('eastwest', all());
    expect(snapshot.listeners.map(({ name }) => name)).toContain('0.0.0.0_6443');
    expect(listenerOf(snapshot, '0.0.0.0_6443')).toMatchObject({
      trafficDirection: 'INBOUND',
      listenerFilters: [{ name: 'envoy.filters.listener.tls_inspector' }],
      filterChains: [
        {
          filterChainMatch: { serverNames: ['api.example'] },
          filters: [{ name: 'envoy.filters.network.tcp_proxy', typedConfig: { cluster: OUTBOUND, statPrefix: OUTBOUND } }],
        },
      ],
    });
    expect(snapshot.clusters.map(({ name }) => name)).toContain(OUTBOUND);
  });

  test('lets policies for the gateway decide, by what a tunnel would tell of the client', () => {
    const labelled = eastWest.replace('labels: {', 'labels: {gateway.networking.k8s.io/gateway-name: eastwest, ');
    const snapshot = snapshotOf('eastwest', [...all(policy).filter((one) => one !== eastWest), labelled]);
    const [filter] = listenerOf(snapshot, '0.0.0.0_6443')?.filterChains?.[0]?.filters ?? [];
    expect(filter?.name).toBe('envoy.filters.network.rbac');
  });

  test.each([
    ['no listener asks for it', [network, eastWest, gatewayService, listeners(), route, api]],
    ['no route leads anywhere', [network, eastWest, gatewayService, listeners(PASSED), api]],
  ])('has no such port where %s', (_, documents) => {
    const snapshot = snapshotOf('eastwest', documents);
    expect(snapshot.listeners.map(({ name }) => name)).toEqual(['connect_terminate', 'main_internal', 'forward_inner_connect']);
    expect(snapshot.clusters.map(({ name }) => name)).not.toContain(OUTBOUND);
  });

  test('is a waypoint no more than others are: one for a mesh passes nothing through', () => {
    const ofMesh = listeners(PASSED)
      .replace(CLASS, 'gatewayClassName: istio-waypoint')
      .replace('name: eastwest', 'name: waypoint');
    const snapshot = snapshotOf('waypoint', [network, waypoint(), cart, ofMesh, route, api]);
    expect(snapshot.listeners.map(({ name }) => name)).not.toContain('0.0.0.0_6443');
  });
});

describe('an ingress gateway', () => {
  const gateway = `
apiVersion: v1
kind: Pod
metadata: {name: ingress, namespace: shop, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy}]}
status: {podIP: 10.244.0.5}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
`;
  const all = [network, gateway, cart, near, far, farGateway(15008)];
  const OUTBOUND = 'outbound|80||cart.shop.svc.cluster.local';

  test('sends to its own network alone, unless istiod is told otherwise', () => {
    const snapshot = snapshotOf('ingress', all);
    expect(endpointsOf(snapshot, OUTBOUND)).toHaveLength(1);
    expect(snapshot.listeners.map(({ name }) => name)).toEqual(['0.0.0.0_8080', 'connect_originate']);
  });

  test('has tunnels within tunnels where it is told to send to others', () => {
    const snapshot = snapshotOf('ingress', all, { ambientEnableMultiNetworkIngress: true });
    expect(endpointsOf(snapshot, OUTBOUND)).toHaveLength(2);
    expect(JSON.stringify(endpointsOf(snapshot, OUTBOUND)[1])).toContain('"envoy.transport_socket_match":{"tunnel":"http"}');
    expect(JSON.stringify(listenerOf(snapshot, 'outer_connect_originate'))).toContain('"value":"gateway"');
    expect(snapshot.clusters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['inner_connect_originate', 'outer_connect_originate']),
    );
  });
});
