import { expect, test } from 'vitest';
import type { Listener } from '../../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { deepFreeze } from '../../../../src/util/object.ts';
import { buildersOf } from '../../../support/builders.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';
import { client, documents, istio, pod, service } from './support.ts';

/** The listeners of each proxy of the manifests; they are frozen, so that a later build that changed them would fail. */
function build(manifests: string): ReadonlyMap<string, ReadonlyMap<string, Listener>> {
  const mesh = buildMesh(singleCluster(resourcesOfYaml(manifests), {}));
  const { roles, sidecar } = buildersOf(mesh);
  const listenersOf = (name: string) => roles.sidecar.listeners(sidecar(name));
  return new Map(
    mesh.proxies.map(({ name }) => [name, new Map(listenersOf(name).map(({ value }) => [value.name, deepFreeze(value)]))]),
  );
}

const services = documents(
  service('cart', '10.96.0.1', '{name: http, port: 80}'),
  service('vault', '10.96.0.2', '{name: tcp, port: 9000}'),
);

test('replicas share all outbound listeners, other workloads those without HTTP', () => {
  const replica = pod('client-2', '10.244.0.2').replace('app: client-2', 'app: client');
  const listeners = build(documents(client, replica, pod('other', '10.244.0.3'), services));
  const [first, second, other] = ['client', 'client-2', 'other'].map((name) => listeners.get(name));
  expect(first?.get('0.0.0.0_80')).toBe(second?.get('0.0.0.0_80'));
  expect(first?.get('10.96.0.2_9000')).toBe(second?.get('10.96.0.2_9000'));
  expect(first?.get('10.96.0.2_9000')).toBe(other?.get('10.96.0.2_9000'));
  expect(first?.get('0.0.0.0_80')).not.toBe(other?.get('0.0.0.0_80'));
});

test('clients of other namespaces share listeners that are the same for them', () => {
  const stranger = pod('stranger', '10.244.0.4').replace('namespace: shop', 'namespace: bank');
  const listeners = build(documents(client, stranger, services));
  expect(listeners.get('stranger')?.get('10.96.0.2_9000')).toBe(listeners.get('client')?.get('10.96.0.2_9000'));
});

test('a rule for clients with some label makes a difference for them alone', () => {
  const rule = istio(
    'DestinationRule',
    'vault',
    '{host: vault, workloadSelector: {matchLabels: {app: other}}, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 5s}}}}',
  );
  const listeners = build(documents(client, pod('other', '10.244.0.3'), services, rule));
  const idleTimeout = (name: string): unknown =>
    listeners.get(name)?.get('10.96.0.2_9000')?.filterChains?.[0]?.filters?.[0]?.typedConfig?.idleTimeout;
  expect(idleTimeout('client')).toBeUndefined();
  expect(idleTimeout('other')).toBe('5s');
});

test('what a route asks of the namespace of clients makes a difference for those of other namespaces', () => {
  const stranger = pod('stranger', '10.244.0.4').replace('namespace: shop', 'namespace: bank');
  const route = istio(
    'VirtualService',
    'vault',
    '{hosts: [vault], tcp: [{match: [{sourceNamespace: bank}], route: [{destination: {host: cart, port: {number: 80}}}]}, {route: [{destination: {host: vault}}]}]}',
  );
  const listeners = build(documents(client, stranger, services, route));
  const clusterOf = (name: string): unknown =>
    listeners.get(name)?.get('10.96.0.2_9000')?.filterChains?.[0]?.filters?.at(-1)?.typedConfig?.cluster;
  expect(clusterOf('client')).toBe('outbound|9000||vault.shop.svc.cluster.local');
  expect(clusterOf('stranger')).toBe('outbound|80||cart.shop.svc.cluster.local');
});
