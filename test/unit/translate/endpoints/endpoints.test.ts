import { describe, expect, test } from 'vitest';
import type { ClusterLoadAssignment } from '../../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { MOST_ENDPOINTS_KEPT } from '../../../../src/model/registry/service.ts';
import { createViewBuilder } from '../../../../src/scope/proxy-view.ts';
import { createEndpointBuilder } from '../../../../src/translate/endpoints/endpoints.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const pod = (name: string, ip: string, labels = 'app: cart', spec = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {${labels}}}
spec: {containers: [{name: app}], ${spec}}
status: {podIP: ${ip}}
`;

const cart = (spec = '', metadata = ''): string => `
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, ${metadata}}
spec: {clusterIP: 10.96.0.1, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}], ${spec}}
`;

const client = (spec = ''): string => pod('client', '10.244.9.9', 'app: client', spec);

const cluster = (subset = ''): string => `outbound|80|${subset}|cart.shop.svc.cluster.local`;

function assignment(yaml: string, clusterName = cluster()): ClusterLoadAssignment {
  const mesh = buildMesh(singleCluster(resourcesOfYaml(yaml)));
  const proxy = mesh.proxies.find(({ name }) => name === 'client');
  if (proxy === undefined) throw new Error('no client');
  return createEndpointBuilder(mesh)(createViewBuilder(mesh)(proxy), clusterName);
}

function addresses({ endpoints = [] }: ClusterLoadAssignment): unknown[] {
  return endpoints.flatMap(({ lbEndpoints = [] }) =>
    lbEndpoints.map(({ endpoint }) => endpoint?.address?.socketAddress?.address ?? endpoint?.address?.pipe?.path),
  );
}

const tlsModes = ({ endpoints = [] }: ClusterLoadAssignment): unknown[] =>
  endpoints.flatMap(({ lbEndpoints = [] }) =>
    lbEndpoints.map(({ metadata }) => metadata?.filterMetadata?.['envoy.transport_socket_match']?.tlsMode),
  );

const rule = (policy: string, subsets = ''): string => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart, ${policy && `trafficPolicy: ${policy},`} subsets: [${subsets}]}
`;

test('of more endpoints than are kept, each port has those of the others', { timeout: 120_000 }, () => {
  const [podCount, portCount] = [1200, 450];
  const ports = Array.from({ length: portCount }, (_, index) => `{name: http-${index}, port: ${1000 + index}}`);
  const pods = Array.from({ length: podCount }, (_, index) =>
    pod(`cart-${index}`, `10.244.${Math.floor(index / 250)}.${(index % 250) + 1}`),
  );
  const mesh = buildMesh(
    singleCluster(
      resourcesOfYaml([client(), cart().replace(/ports: \[[^\]]*\]/, `ports: [${ports.join(', ')}]`), ...pods].join('')),
    ),
  );
  expect(podCount * portCount).toBeGreaterThan(MOST_ENDPOINTS_KEPT);
  const proxy = mesh.proxies.find(({ name }) => name === 'client');
  if (proxy === undefined) throw new Error('no client');
  const build = createEndpointBuilder(mesh);
  const view = createViewBuilder(mesh)(proxy);
  const all = ports.map((_, index) => build(view, `outbound|${1000 + index}||cart.shop.svc.cluster.local`));
  const [first, last] = [all.at(0), all.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no assignments');
  expect(addresses(first)).toHaveLength(podCount);
  expect(addresses(last)).toEqual(addresses(first));
  expect(tlsModes(last)).toEqual(tlsModes(first));
  expect(JSON.parse(JSON.stringify(last))).toEqual(
    JSON.parse(
      JSON.stringify(first)
        .replaceAll('"portValue":1000', `"portValue":${999 + portCount}`)
        .replace('|1000|', `|${999 + portCount}|`),
    ),
  );
});

describe('endpoint discovery', () => {
  test('gives address, health, weight and metadata of each endpoint', () => {
    expect(assignment(client() + cart() + pod('cart-1', '10.244.0.1', 'app: cart, version: v3'))).toEqual({
      clusterName: cluster(),
      endpoints: [
        expect.objectContaining({
          locality: {},
          loadBalancingWeight: 1,
          lbEndpoints: [
            expect.objectContaining({
              endpoint: { address: { socketAddress: { address: '10.244.0.1', portValue: 8080 } } },
              healthStatus: 'HEALTHY',
              loadBalancingWeight: 1,
              metadata: {
                filterMetadata: {
                  'envoy.transport_socket_match': { tlsMode: 'istio' },
                  istio: { workload: 'cart-1;shop;cart;v3;Kubernetes' },
                },
              },
            }),
          ],
        }),
      ],
    });
  });

  test('remembers the pod of an endpoint', () => {
    const { endpoints = [] } = assignment(client() + cart() + pod('cart-1', '10.244.0.1'));
    expect(originOf(endpoints[0]?.lbEndpoints?.[0])?.resource).toMatchObject({ kind: 'Pod', name: 'cart-1' });
  });

  test('has no endpoints for a service, port or subset without any', () => {
    expect(assignment(client(), cluster())).toEqual({ clusterName: cluster() });
    const unknownPort = 'outbound|81||cart.shop.svc.cluster.local';
    expect(assignment(client() + cart() + pod('cart-1', '10.244.0.1'), unknownPort)).toEqual({ clusterName: unknownPort });
    expect(assignment(client() + cart() + rule('', '{name: v1, labels: {version: v1}}'), cluster('v1'))).toEqual({
      clusterName: cluster('v1'),
    });
  });

  test('selects the endpoints of a subset by label; a subset without labels has all', () => {
    const yaml =
      client() +
      cart() +
      pod('cart-1', '10.244.0.1', 'app: cart, version: v1') +
      pod('cart-2', '10.244.0.2', 'app: cart, version: v2') +
      rule('', '{name: v2, labels: {version: v2}}, {name: all}');
    expect(addresses(assignment(yaml, cluster('v2')))).toEqual(['10.244.0.2']);
    expect(addresses(assignment(yaml, cluster('all')))).toEqual(['10.244.0.1', '10.244.0.2']);
  });

  test('leaves out unready pods, unless traffic distribution wants to know them', () => {
    const unready = pod('cart-1', '10.244.0.1').replace('podIP', 'conditions: [{type: Ready, status: "False"}], podIP');
    expect(addresses(assignment(client() + cart() + unready))).toEqual([]);
    const { endpoints = [] } = assignment(client() + cart('trafficDistribution: PreferClose') + unready);
    expect(endpoints[0]?.lbEndpoints?.[0]?.healthStatus).toBe('UNHEALTHY');
  });

  test('keeps to the node of the client for an internal traffic policy of Local', () => {
    const yaml =
      client('nodeName: node-1') +
      cart('internalTrafficPolicy: Local') +
      pod('cart-1', '10.244.0.1', 'app: cart', 'nodeName: node-1') +
      pod('cart-2', '10.244.0.2', 'app: cart', 'nodeName: node-2');
    expect(addresses(assignment(yaml))).toEqual(['10.244.0.1']);
  });

  test('drains labelled endpoints for services that keep sessions, others lose them', () => {
    const draining = pod('cart-1', '10.244.0.1', 'app: cart, istio.io/draining: "yes"');
    expect(addresses(assignment(client() + cart() + draining))).toEqual([]);
    const { endpoints = [] } = assignment(client() + cart('', 'labels: {istio.io/persistent-session: c}') + draining);
    expect(endpoints[0]?.lbEndpoints?.[0]?.healthStatus).toBe('DRAINING');
  });

  test('loses draining endpoints of services that keep sessions by header only', () => {
    const draining = pod('cart-1', '10.244.0.1', 'app: cart, istio.io/draining: "yes"');
    const byHeader = cart('', 'labels: {istio.io/persistent-session-header: x-session}');
    expect(addresses(assignment(client() + byHeader + draining))).toEqual([]);
  });

  test('passes over names, which need DNS, and gives unix sockets', () => {
    const yaml = `${client()}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: mixed, namespace: shop}
spec:
  hosts: [mixed.example]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: name.example}, {address: "unix:///run/a.sock"}, {address: 192.0.2.1}]
`;
    expect(addresses(assignment(yaml, 'outbound|80||mixed.example'))).toEqual(['/run/a.sock', '192.0.2.1']);
  });
});

describe('mutual TLS of endpoints', () => {
  const yaml =
    client() + cart() + pod('cart-1', '10.244.0.1') + pod('cart-2', '10.244.0.2', 'app: cart, sidecar.istio.io/inject: "false"');

  test('is for those with a sidecar', () => {
    expect(tlsModes(assignment(yaml))).toEqual(['istio', undefined]);
  });

  test('is switched off by other TLS modes of the destination rule, in a subset by that of the subset', () => {
    expect(tlsModes(assignment(yaml + rule('{tls: {mode: SIMPLE}}')))).toEqual([undefined, undefined]);
    const subset = rule('{tls: {mode: DISABLE}}', '{name: v1, labels: {app: cart}}');
    expect(tlsModes(assignment(yaml + subset, cluster('v1')))).toEqual(['istio', undefined]);
  });

  test('is switched off by a PeerAuthentication for the workload', () => {
    const policy = `
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: plain, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: DISABLE}}
`;
    expect(tlsModes(assignment(yaml + policy))).toEqual([undefined, undefined]);
  });

  test('is required behind gateways that choose by SNI', () => {
    const bySni = 'outbound_.80_._.cart.shop.svc.cluster.local';
    expect(addresses(assignment(yaml, bySni))).toEqual(['10.244.0.1']);
  });
});

describe('other networks', () => {
  const gateway = (name: string, ips: readonly string[]): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: istio-system, labels: {topology.istio.io/network: east}}
spec: {type: LoadBalancer, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [${ips.map((ip) => `{ip: ${ip}}`).join(', ')}]}}
`;
  const west = client().replace('app: client', 'app: client, topology.istio.io/network: west');
  const cartIn = (network: string, name: string, ip: string, more = ''): string =>
    pod(name, ip, `app: cart, topology.istio.io/network: ${network}${more}`);

  test('are reached through their gateways, which share the weight', () => {
    const yaml =
      west +
      cart() +
      cartIn('west', 'near', '10.244.0.1') +
      cartIn('east', 'far', '10.244.0.2') +
      gateway('gw', ['203.0.113.1', '203.0.113.2']);
    const result = assignment(yaml);
    expect(addresses(result)).toEqual(['10.244.0.1', '203.0.113.1', '203.0.113.2']);
    expect(result.endpoints?.[0]?.lbEndpoints?.map(({ loadBalancingWeight }) => loadBalancingWeight)).toEqual([2, 1, 1]);
    expect(result.endpoints?.[0]?.loadBalancingWeight).toBe(4);
  });

  test('cannot be reached in plain text', () => {
    const plain = cartIn('east', 'far', '10.244.0.2', ', sidecar.istio.io/inject: "false"');
    const { endpoints } = assignment(west + cart() + plain + gateway('gw', ['203.0.113.1']));
    expect(endpoints).toMatchObject([{ locality: {} }]);
    expect(endpoints?.[0]?.lbEndpoints).toBeUndefined();
  });

  test('without gateways are reached directly', () => {
    expect(addresses(assignment(west + cart() + cartIn('east', 'far', '10.244.0.2')))).toEqual(['10.244.0.2']);
  });
});
