import { expect, test } from 'vitest';
import { createSession } from '../../../../src/compile/session.ts';
import type { Cluster } from '../../../../src/envoy/api.gen.ts';
import type { XdsSnapshot } from '../../../../src/envoy/snapshot.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';
import { object, served, servedEntry, waypoint } from '../../../support/waypoint-mesh.ts';

const ambient = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableAmbient: true } };

function compiled(...documents: string[]): XdsSnapshot {
  const mesh = buildMesh(singleCluster(resourcesOfYaml(documents.join('\n---\n')), {}, undefined, ambient));
  const proxy = mesh.proxies.find(({ role }) => role === 'waypoint');
  if (proxy === undefined) throw new Error('the mesh has no waypoint');
  return createSession(mesh).compile(proxy);
}

const HTTP = '{name: http, port: 80}';
const cart = served('cart', '10.96.0.1', HTTP);
const CART = 'inbound-vip|80|http|cart.shop.svc.cluster.local';
const FIXED = ['connect_originate', 'encap', 'inner_connect_originate', 'main_internal', 'outer_connect_originate'];

const names = ({ clusters }: XdsSnapshot): readonly string[] => clusters.map(({ name = '' }) => name).sort();
const cluster = ({ clusters }: XdsSnapshot, name: string): Cluster | undefined =>
  clusters.find((candidate) => candidate.name === name);
const pod = (name: string, ip: string, labels: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: cart, ${labels}}}
spec: {containers: [{name: a}]}
status: {podIP: ${ip}}
`;

test('a waypoint has the clusters of its tunnels, and none for what matches nothing', () => {
  expect(names(compiled(waypoint()))).toEqual(FIXED);
});

test('what opens tunnels accepts the trust domain and the namespace of the waypoint', () => {
  const found = JSON.stringify(cluster(compiled(waypoint()), 'connect_originate')?.transportSocket);
  expect(found).toContain('"prefix":"spiffe://cluster.local/"');
  expect(found).toContain('"prefix":"spiffe://cluster.local/ns/shop/sa/"');
  const outer = JSON.stringify(cluster(compiled(waypoint()), 'outer_connect_originate')?.transportSocket);
  expect(outer).not.toContain('/ns/shop/');
});

test('each port has a cluster for what it carries, two where nobody says, none for UDP', () => {
  const ports = '{name: http, port: 80}, {name: tcp, port: 81}, {name: any, port: 82}, {name: dns, port: 53, protocol: UDP}';
  expect(names(compiled(waypoint(), served('cart', '10.96.0.1', ports))).filter((name) => name.startsWith('inbound'))).toEqual([
    'inbound-vip|80|http|cart.shop.svc.cluster.local',
    'inbound-vip|81|tcp|cart.shop.svc.cluster.local',
    'inbound-vip|82|http|cart.shop.svc.cluster.local',
    'inbound-vip|82|tcp|cart.shop.svc.cluster.local',
  ]);
});

test('hosts that are resolved request by request have clusters for HTTP alone', () => {
  const ports = 'ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}]';
  const wild = servedEntry('wild', `hosts: ["*.example"], ${ports}, resolution: DYNAMIC_DNS, location: MESH_EXTERNAL`);
  expect(names(compiled(waypoint(), wild)).filter((name) => name.startsWith('inbound'))).toEqual([
    'inbound-vip|80|http|*.example',
  ]);
});

test('a DestinationRule counts with its subsets, unless it selects clients', () => {
  const rule = object('DestinationRule', 'cart', 'host: cart, subsets: [{name: v1, labels: {version: v1}}]');
  expect(names(compiled(waypoint(), cart, rule))).toContain('inbound-vip|80|http/v1|cart.shop.svc.cluster.local');
  const selecting = object(
    'DestinationRule',
    'cart',
    'host: cart, workloadSelector: {matchLabels: {app: client}}, subsets: [{name: v1}]',
  );
  expect(names(compiled(waypoint(), cart, selecting))).toEqual([CART, ...FIXED].sort());
});

test('TLS and the PROXY protocol of the user go through the tunnel, what is between sidecars does not', () => {
  const socketWith = (policy: string): string => {
    const rule = object('DestinationRule', 'cart', `host: cart, trafficPolicy: {${policy}}`);
    const { name, typedConfig } = cluster(compiled(waypoint(), cart, rule), CART)?.transportSocket ?? {};
    expect(name).toBe('internal_upstream');
    return JSON.stringify((typedConfig as { transportSocket?: unknown }).transportSocket);
  };
  expect(socketWith('tls: {mode: SIMPLE, sni: a.example}')).toMatch(/^{"name":"envoy.transport_sockets.tls"/);
  expect(socketWith('proxyProtocol: {version: V2}')).toMatch(/^{"name":"envoy.transport_sockets.upstream_proxy_protocol"/);
  expect(socketWith('tls: {mode: ISTIO_MUTUAL}')).toMatch(/^{"name":"raw_buffer"/);
});

test('patches reach the clusters of services elsewhere, not those of what it serves; those for inbound are added', () => {
  const gateway = 'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]';
  const merge = '{applyTo: CLUSTER, patch: {operation: MERGE, value: {connect_timeout: 77s}}}';
  const add = (context: string) =>
    `{applyTo: CLUSTER, match: {context: ${context}}, patch: {operation: ADD, value: {name: ${context}, type: STATIC}}}`;
  const patches = [merge, add('ANY'), add('SIDECAR_OUTBOUND'), add('SIDECAR_INBOUND')].join(', ');
  const plain =
    'apiVersion: v1\nkind: Service\nmetadata: {name: old, namespace: shop}\nspec: {ports: [{port: 80, name: http}]}\n';
  const snapshot = compiled(
    waypoint(),
    cart,
    plain,
    object('VirtualService', 'cart', 'hosts: [cart], http: [{route: [{destination: {host: old}}]}]'),
    object('EnvoyFilter', 'patches', `${gateway}, configPatches: [${patches}]`),
  );
  expect(cluster(snapshot, 'outbound|80||old.shop.svc.cluster.local')?.connectTimeout).toBe('77s');
  expect(cluster(snapshot, CART)?.connectTimeout).toBe('10s');
  expect(names(snapshot).filter((name) => /^[A-Z_]+$/.test(name))).toEqual(['SIDECAR_INBOUND']);
});

test('endpoints that take tunnels are reached by them, also where there is a sidecar; others as they are', () => {
  const snapshot = compiled(
    waypoint(),
    cart,
    pod('captured', '10.244.0.1', 'istio.io/dataplane-mode: ambient, sidecar.istio.io/inject: "false"'),
    pod('sidecar', '10.244.0.2', 'sidecar.istio.io/inject: "true", networking.istio.io/tunnel: http'),
    pod('old', '10.244.0.3', 'sidecar.istio.io/inject: "true"'),
    pod('plain', '10.244.0.4', 'sidecar.istio.io/inject: "false"'),
  );
  const endpoints = snapshot.endpoints.find(({ clusterName }) => clusterName === CART)?.endpoints ?? [];
  const found = endpoints.flatMap(({ lbEndpoints = [] }) => lbEndpoints);
  expect(found.map(({ endpoint }) => endpoint?.address?.envoyInternalAddress?.endpointId)).toEqual([
    '10.244.0.1:80',
    '10.244.0.2:80',
    undefined,
    undefined,
  ]);
  expect(found.map(({ metadata }) => metadata?.filterMetadata?.['envoy.transport_socket_match'])).toEqual([
    undefined,
    { tlsMode: 'istio' },
    { tlsMode: 'istio' },
    undefined,
  ]);
});

test('a subset has the endpoints with its labels', () => {
  const rule = object('DestinationRule', 'cart', 'host: cart, subsets: [{name: v1, labels: {version: v1}}]');
  const snapshot = compiled(waypoint(), cart, rule, pod('a', '10.244.0.1', 'version: v1'), pod('b', '10.244.0.2', 'version: v2'));
  const count = (name: string): number =>
    (snapshot.endpoints.find(({ clusterName }) => clusterName === name)?.endpoints ?? []).flatMap(
      ({ lbEndpoints = [] }) => lbEndpoints,
    ).length;
  expect(count(CART)).toBe(2);
  expect(count('inbound-vip|80|http/v1|cart.shop.svc.cluster.local')).toBe(1);
});
