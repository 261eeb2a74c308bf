import { expect, test } from 'vitest';
import { createSession } from '../../../src/compile/session.ts';
import type { XdsSnapshot } from '../../../src/envoy/snapshot.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const pod = (name: string, ip: string, version: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}, version: ${version}}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
status: {podIP: ${ip}}
`;
const istio = (kind: string, spec: string) => `
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: cart, namespace: shop}
spec: ${spec}
`;
const shop = [
  pod('web', '10.244.0.10', 'v1'),
  pod('blog', '10.244.0.11', 'v2'),
  pod('admin', '10.244.0.12', 'v2'),
  'apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {clusterIP: 10.96.0.10, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}',
  'apiVersion: v1\nkind: Service\nmetadata: {name: vault, namespace: shop}\nspec: {clusterIP: 10.96.0.11, selector: {app: blog}, ports: [{name: tcp, port: 9000}]}',
];

function compile(...more: string[]): (pod: string) => XdsSnapshot {
  const session = createSession(buildMesh(singleCluster(resourcesOfYaml([...shop, ...more].join('\n---\n')))));
  return (name) => {
    const proxy = session.mesh.proxies.find((candidate) => candidate.name === name);
    if (proxy === undefined) throw new Error(`no proxy ${name}`);
    return session.compile(proxy);
  };
}

const routes = ({ routes: all }: XdsSnapshot) => all.find(({ name }) => name === '80');
const listener = ({ listeners }: XdsSnapshot) => listeners.find(({ name }) => name === '10.96.0.11_9000');
const cluster = ({ clusters }: XdsSnapshot) => clusters.find(({ name }) => name === 'outbound|80||cart.shop.svc.cluster.local');
const endpoints = ({ endpoints: all }: XdsSnapshot) =>
  all.find(({ clusterName }) => clusterName === 'outbound|80||cart.shop.svc.cluster.local');
const parts = [routes, listener, cluster, endpoints];

test('workloads whose labels nobody asks for share what is for clients', () => {
  const of = compile();
  for (const part of parts) {
    expect(part(of('web'))).toBeDefined();
    expect(part(of('web'))).toBe(part(of('blog')));
  }
});

test('labels that a virtual service asks for keep routes apart, and nothing else', () => {
  const of = compile(
    istio(
      'VirtualService',
      '{hosts: [cart], http: [{match: [{sourceLabels: {version: v2}}], timeout: 3s, route: [{destination: {host: cart}}]}, {route: [{destination: {host: cart}}]}]}',
    ),
  );
  expect(routes(of('blog'))).toBe(routes(of('admin')));
  expect(JSON.stringify(routes(of('blog')))).toContain('"3s"');
  expect(JSON.stringify(routes(of('web')))).not.toContain('"3s"');
  expect(cluster(of('web'))).toBe(cluster(of('blog')));
});

test('a destination rule for some workloads keeps apart what it changes', () => {
  const of = compile(
    istio(
      'DestinationRule',
      '{host: cart, workloadSelector: {matchLabels: {version: v2}}, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}}',
    ),
  );
  expect([of('web'), of('blog'), of('admin')].map((snapshot) => cluster(snapshot)?.connectTimeout)).toEqual(['10s', '3s', '3s']);
  expect(cluster(of('blog'))).toBe(cluster(of('admin')));
  expect(listener(of('web'))).toBe(listener(of('blog')));
});

test('labels by which endpoints are ranked count for endpoints alone', () => {
  const of = compile(
    istio(
      'DestinationRule',
      '{host: cart, trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failoverPriority: [version]}}}}',
    ),
  );
  expect(endpoints(of('blog'))).toBe(endpoints(of('admin')));
  expect(endpoints(of('blog'))).not.toBe(endpoints(of('web')));
  expect(routes(of('blog'))).toBe(routes(of('web')));
});

test('clients of other namespaces share clusters and endpoints that are the same for them, but not by rules for workloads of one namespace', () => {
  const bank = pod('teller', '10.244.0.13', 'v1').replace('namespace: shop', 'namespace: bank');
  const of = compile(bank);
  for (const part of [cluster, endpoints]) expect(part(of('teller'))).toBe(part(of('web')));
  const ruled = compile(
    bank,
    istio(
      'DestinationRule',
      '{host: cart.shop.svc.cluster.local, workloadSelector: {matchLabels: {version: v1}}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}}',
    ),
  );
  const most = (name: string): unknown => cluster(ruled(name))?.circuitBreakers?.thresholds?.[0]?.maxConnections;
  expect(most('web')).toBe(7);
  expect(most('blog')).not.toBe(7);
  expect(most('teller')).not.toBe(7);
});
