import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { namespace, waypoint, workload } from '../../support/ambient-mesh.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** What is told of pods and services in ambient mode, of which istioctl knows nothing. */

const policy = (name: string, spec: string) => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: farm}
spec: ${spec}`;

const mesh = [
  namespace('farm', 'ambient', 'istio.io/use-waypoint: gate'),
  namespace('town', 'none'),
  workload('milk', 'farm', { ip: 2 }),
  workload('bank', 'town', { ip: 5 }),
  waypoint('gate', 'farm', { ip: 20, serves: 'all' }),
  policy('only-get', '{targetRefs: [{kind: Service, group: "", name: milk}], rules: [{to: [{operation: {methods: [GET]}}]}]}'),
  policy('by-gate', '{selector: {matchLabels: {app: milk}}, rules: [{from: [{source: {namespaces: [farm]}}]}]}'),
  `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: milk, namespace: farm}
spec: {host: milk, trafficPolicy: {loadBalancer: {simple: RANDOM}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: milk, namespace: farm}
spec: {hosts: [milk], http: [{match: [{uri: {prefix: /cream}}], route: [{destination: {host: milk}}]}]}`,
].join('');

async function called(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const io = createFakeIo({ files: { '/work/all.yaml': mesh } });
  const code = await run([...argv, '-f', 'all.yaml', '--namespace', 'farm'], io);
  return { code, out: io.output(), error: io.errors() };
}

describe('a pod that ztunnel stands before', () => {
  test('has its policies there, and of its Service what the waypoint has', async () => {
    expect((await called('describe', 'pod', 'milk')).out).toBe(`Pod: milk
   Pod Revision: 
   Pod Ports: 8080 (c)
   Ambient mode: captured by ztunnel
   Waypoint for calls to its address: gate
   Policies at ztunnel: by-gate
--------------------
Service: milk
   Port: http 80/HTTP targets pod port 8080
   Waypoint: gate
DestinationRule: milk for "milk"
   Policies: load balancer
VirtualService: milk
   Match: /cream*
RBAC policies: ns[farm]-policy[only-get]-rule[0]
--------------------
Effective PeerAuthentication:
   Workload mTLS mode: PERMISSIVE
Skipping Gateway information (no ingress gateway pods)
`);
  });

  test('is in the mesh for its Service', async () => {
    const { out } = await called('describe', 'service', 'milk');
    expect(out).toContain('   Waypoint: gate\nDestinationRule: milk');
    expect(JSON.parse((await called('describe', 'service', 'milk', '-o', 'json')).out)).toMatchObject({
      pods: 1,
      podsInMesh: 1,
      services: [{ name: 'milk', waypoint: { name: 'gate', namespace: 'farm' } }],
    });
  });

  test('has no proxy to ask, which is told', async () => {
    const { code, error } = await called('proxy-config', 'clusters', 'milk');
    expect(code).toBe(64);
    expect(error).toContain('farm/milk is in ambient mode and has no proxy of its own: ztunnel stands before it');
    expect((await called('proxy-config', 'clusters', 'silk')).error).toContain('no pod with a proxy is named "silk"');
  });
});

test('a waypoint tells for whom it is, and nothing of its own Service', async () => {
  const { out } = await called('describe', 'pod', 'gate-0');
  expect(out).toContain('   Waypoint for Services: milk\n   Waypoint for workloads: milk\n');
  expect(out).not.toContain('15008:');
});

test('a pod outside of ambient mode and without sidecar is no part of the mesh', async () => {
  expect((await called('describe', 'pod', 'bank.town')).out).toContain('bank.town is not part of mesh; no Istio sidecar');
  expect((await called('describe', 'service', 'bank.town')).out).toContain('has no Istio pods');
});
