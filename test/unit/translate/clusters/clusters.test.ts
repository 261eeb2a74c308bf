import { describe, expect, it } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { Cluster } from '../../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Release } from '../../../../src/releases/release.ts';
import { deepFreeze } from '../../../../src/util/object.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { buildersOf } from '../../../support/builders.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const bookinfo = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: bookinfo}
spec: {clusterIP: 10.96.0.10, selector: {app: reviews}, ports: [{name: http, port: 9080}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-v1, namespace: bookinfo, labels: {app: reviews, version: v1}}
spec: {serviceAccountName: reviews, containers: [{name: app}]}
status: {podIP: 10.244.0.10}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-v2, namespace: bookinfo, labels: {app: reviews, version: v2}}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.11}
---
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: bookinfo, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy}]}
status: {podIP: 10.244.0.12}
`;

function compileClusters(
  yaml: string,
  config: MeshConfig = {},
  release: Release = defaultRelease,
): (pod: string) => Map<string, Cluster> {
  const builders = buildersOf(buildMesh(singleCluster(resourcesOfYaml(`${bookinfo}---\n${yaml}`), config, undefined, release)));
  return (pod) => {
    const isSidecar = builders.view(pod).role === 'sidecar';
    const { roles } = builders;
    const clusters = isSidecar ? roles.sidecar.clusters(builders.sidecar(pod)) : roles.gateway.clusters(builders.gateway(pod));
    return new Map(clusters.map(({ value }) => [value.name ?? '', value]));
  };
}

const reviews = 'outbound|9080||reviews.bookinfo.svc.cluster.local';

describe('clusters of a proxy', () => {
  it('share out the keys of Redis where its filter is on, whatever the rule asks for', () => {
    const yaml = `
apiVersion: v1
kind: Service
metadata: {name: cache, namespace: bookinfo}
spec: {clusterIP: 10.96.0.20, selector: {app: reviews}, ports: [{name: redis, port: 6379}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cache, namespace: bookinfo}
spec: {host: cache, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}
`;
    const filtered = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableRedisFilter: true } };
    const clusterOf = (release: Release) =>
      compileClusters(yaml, {}, release)('reviews-v1').get('outbound|6379||cache.bookinfo.svc.cluster.local');
    expect(clusterOf(defaultRelease)).toMatchObject({ type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED' });
    expect(clusterOf(filtered)).toMatchObject({ type: 'EDS', lbPolicy: 'MAGLEV' });
  });

  it('bind to a source address of each family that the proxy has', () => {
    const clusters = compileClusters(`
apiVersion: v1
kind: Pod
metadata: {name: dual, namespace: bookinfo}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.13, podIPs: [{ip: 10.244.0.13}, {ip: "fd00::13"}]}
`);
    const source = { sourceAddress: { address: '127.0.0.6', portValue: 0 } };
    expect(clusters('reviews-v1').get('InboundPassthroughCluster')?.upstreamBindConfig).toEqual(source);
    expect(clusters('dual').get('InboundPassthroughCluster')?.upstreamBindConfig).toEqual({
      ...source,
      extraSourceAddresses: [{ address: { address: '::6', portValue: 0 } }],
    });
  });

  it('are made for TCP ports of services, for what matches nothing, and for the ports of a sidecar', () => {
    const clusters = compileClusters('{}');
    expect([...clusters('reviews-v1').keys()]).toEqual([
      reviews,
      'BlackHoleCluster',
      'PassthroughCluster',
      'InboundPassthroughCluster',
      'inbound|9080||',
      // Nothing listens for it, but istiod makes it.
      'inbound|53||',
    ]);
    expect([...clusters('gateway').keys()]).toEqual([reviews, 'BlackHoleCluster']);
  });

  it('are shared between proxies, and never changed', () => {
    const clusters = compileClusters('{}');
    const first = clusters('reviews-v1').get(reviews);
    deepFreeze(first);
    expect(clusters('reviews-v2').get(reviews)).toBe(first);
    // Another kind of proxy has clusters of its own.
    expect(clusters('gateway').get(reviews)).not.toBe(first);
  });

  it('remember the port or the subset that made them', () => {
    const clusters = compileClusters(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
`)('reviews-v1');
    expect(originOf(clusters.get(reviews))).toMatchObject({ resource: { kind: 'Service' }, path: ['spec', 'ports', 0] });
    expect(originOf(clusters.get('outbound|9080|v1|reviews.bookinfo.svc.cluster.local'))).toMatchObject({
      resource: { kind: 'DestinationRule', name: 'reviews' },
      path: ['spec', 'subsets', 0],
    });
  });

  it('do not share what depends on the proxy configuration', () => {
    const clusters = compileClusters(`
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: {name: v2, namespace: bookinfo}
spec: {selector: {matchLabels: {version: v2}}, environmentVariables: {ISTIO_META_credential: "true"}}
`);
    expect(clusters('reviews-v1').has('sds-external')).toBe(false);
    expect(clusters('reviews-v2').has('sds-external')).toBe(true);
  });
});

describe('mutual TLS', () => {
  it('is offered to endpoints with a sidecar, for all identities of the service', () => {
    const cluster = compileClusters('{}')('reviews-v1').get(reviews);
    expect(cluster?.transportSocketMatches?.map(({ name }) => name)).toEqual(['tlsMode-istio', 'tlsMode-disabled']);
    expect(JSON.stringify(cluster?.transportSocketMatches)).toContain('spiffe://cluster.local/ns/bookinfo/sa/reviews');
  });

  it('is not offered where the mesh does not do it by itself', () => {
    const cluster = compileClusters('{}', { enableAutoMtls: false })('reviews-v1').get(reviews);
    expect(cluster).not.toHaveProperty('transportSocketMatches');
    expect(cluster).not.toHaveProperty('transportSocket');
  });
});

describe('a service with persistent sessions', () => {
  it('keeps endpoints that drain, but not in its subsets', () => {
    const clusters = compileClusters(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: cart, namespace: bookinfo, labels: {istio.io/persistent-session-header: x-session}}
spec:
  hosts: [cart.example.com]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 192.0.2.1}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: bookinfo}
spec: {host: cart.example.com, subsets: [{name: all}]}
`)('reviews-v1');
    expect(clusters.get('outbound|80||cart.example.com')?.commonLbConfig?.overrideHostStatus).toEqual({
      statuses: ['HEALTHY', 'DRAINING', 'UNKNOWN', 'DEGRADED'],
    });
    expect(clusters.get('outbound|80|all|cart.example.com')?.commonLbConfig).toEqual({});
  });
});

describe('inbound clusters', () => {
  const sidecar = (ingress: string): string => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: own, namespace: bookinfo}
spec:
  workloadSelector: {labels: {version: v1}}
  inboundConnectionPool: {tcp: {maxConnections: 7}}
  ingress: [${ingress}]
`;

  it('send to where an ingress listener says', () => {
    const clusters = compileClusters(
      sidecar(`
    {port: {number: 9080, protocol: HTTP, name: http}, defaultEndpoint: "127.0.0.1:8080"},
    {port: {number: 9081, protocol: TCP, name: tcp}, defaultEndpoint: "0.0.0.0:8081", connectionPool: {tcp: {maxConnections: 9}}},
    {port: {number: 9082, protocol: TCP, name: unix}, defaultEndpoint: "unix:///var/run/app.sock"},
    {port: {number: 9083, protocol: TCP, name: same}}`),
    )('reviews-v1');
    const endpointOf = (port: number): unknown =>
      clusters.get(`inbound|${port}||`)?.loadAssignment?.endpoints?.[0]?.lbEndpoints?.[0]?.endpoint?.address;
    expect(endpointOf(9080)).toEqual({ socketAddress: { address: '127.0.0.1', portValue: 8080 } });
    expect(endpointOf(9081)).toEqual({ socketAddress: { address: '10.244.0.10', portValue: 8081 } });
    expect(endpointOf(9082)).toEqual({ pipe: { path: '/var/run/app.sock' } });
    expect(clusters.get('inbound|9083||')).toMatchObject({ type: 'ORIGINAL_DST', cleanupInterval: '9223372035s' });
    expect(clusters.get('inbound|9080||')).not.toHaveProperty('upstreamBindConfig');
    expect(clusters.get('inbound|9081||')).toHaveProperty('upstreamBindConfig');
  });

  it('take the connection pool of the listener, else of the Sidecar', () => {
    const clusters = compileClusters(
      sidecar(`
    {port: {number: 9080, protocol: HTTP, name: http}},
    {port: {number: 9081, protocol: TCP, name: tcp}, connectionPool: {tcp: {maxConnections: 9}}}`),
    )('reviews-v1');
    const connections = (port: number): unknown =>
      clusters.get(`inbound|${port}||`)?.circuitBreakers?.thresholds?.[0]?.maxConnections;
    expect([connections(9080), connections(9081)]).toEqual([7, 9]);
  });

  it('go to localhost when the mesh says so', () => {
    const clusters = compileClusters('{}', { inboundTrafficPolicy: { mode: 'LOCALHOST' } })('reviews-v1');
    expect(clusters.get('inbound|9080||')).toMatchObject({ type: 'STATIC' });
    expect(clusters.get('inbound|9080||')).not.toHaveProperty('upstreamBindConfig');
  });
});
