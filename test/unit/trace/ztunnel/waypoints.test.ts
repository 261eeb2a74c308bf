import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { namespace, waypoint, workload } from '../../../support/ambient-mesh.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

const mesh = (...more: readonly string[]) =>
  [
    namespace('farm', 'ambient', 'istio.io/use-waypoint: gate'),
    namespace('town', 'none', 'istio-injection: enabled'),
    namespace('edge', 'none'),
    workload('hen', 'farm', { ip: 1 }),
    workload('milk', 'farm', { ip: 2 }),
    workload('cream', 'farm', { ip: 3, labels: 'version: v2' }),
    workload('bank', 'town', { ip: 5 }),
    ...more,
  ].join('');

const gate = waypoint('gate', 'farm', { ip: 20 });

const policy = (name: string, spec: string) => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: farm}
spec: ${spec}`;

const onlyGet = policy(
  'only-get',
  `{targetRefs: [{kind: Service, group: "", name: milk}], rules: [{from: [{source: {principals: [cluster.local/ns/farm/sa/hen]}}], to: [{operation: {methods: [GET]}}]}]}`,
);

interface Step {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  readonly cause?: { readonly kind: string; readonly name: string; readonly location?: object };
}

async function traced(text: string, ...argv: readonly string[]) {
  const io = createFakeIo({ files: { '/work/manifests/all.yaml': text } });
  expect(await run(['trace', ...argv, '-o', 'json'], io)).toBe(0);
  const [way] = JSON.parse(io.output()).ways;
  const hops: readonly { readonly place: string; readonly side: string; readonly steps: readonly Step[] }[] = way.hops;
  const steps = hops.flatMap((hop) => hop.steps);
  return {
    status: way.status,
    hops: [...new Set(hops.map(({ place, side }) => `${place} ${side}`))],
    texts: steps.map((step) => step.text).join('\n'),
    steps,
    why: JSON.parse(io.output()).why,
  };
}

describe('a service with a waypoint', () => {
  test('is reached through it, and its pod sees the identity of the waypoint', async () => {
    const { status, hops, texts } = await traced(mesh(gate), '--from', 'farm/hen', 'http://milk/');
    expect(status).toBe(200);
    expect(hops).toEqual(['farm/hen ztunnel outbound', 'farm/gate-0 waypoint', 'farm/milk ztunnel inbound', 'farm/milk server']);
    expect(texts).toContain('takes the tunnel for 10.244.0.2:8080 of spiffe://cluster.local/ns/farm/sa/gate');
  });

  test('is not where the waypoint is called by address, nor where the call is to the pod', async () => {
    expect((await traced(mesh(gate), '--from', 'farm/hen', 'http://10.244.0.2:8080/')).hops).toEqual([
      'farm/hen ztunnel outbound',
      'farm/milk ztunnel inbound',
      'farm/milk server',
    ]);
  });

  test('has its policies there: by method, with the identity of the client', async () => {
    const call = async (...argv: readonly string[]) => (await traced(mesh(gate, onlyGet), ...argv)).status;
    expect(await call('--from', 'farm/hen', 'http://milk/')).toBe(200);
    expect(await call('--from', 'farm/hen', 'POST', 'http://milk/')).toBe(403);
    expect(await call('--from', 'farm/cream', 'http://milk/')).toBe(403);
    expect(await call('--from', 'farm/hen', 'POST', 'http://cream/')).toBe(200);
  });

  test('has its routes there, and what no rule takes is 404', async () => {
    const routes = `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: milk, namespace: farm}
spec: {hosts: [milk], http: [{match: [{uri: {prefix: /cream}}], route: [{destination: {host: cream}}]}]}`;
    const cream = await traced(mesh(gate, routes), '--from', 'farm/hen', 'http://milk/cream');
    expect({ status: cream.status, server: cream.hops.at(-1) }).toEqual({ status: 200, server: 'farm/cream server' });
    const matched = cream.steps.find(({ cause }) => cause?.kind === 'VirtualService');
    expect(matched?.cause).toMatchObject({ name: 'milk', location: { file: 'manifests/all.yaml' } });
    expect(await traced(mesh(gate, routes), '--from', 'farm/hen', 'http://milk/')).toMatchObject({ status: 404 });
  });

  test('is answered 503 where a policy at the pod does not let the waypoint in', async () => {
    const direct = policy(
      'direct',
      '{selector: {matchLabels: {app: milk}}, rules: [{from: [{source: {principals: [cluster.local/ns/farm/sa/hen]}}]}]}',
    );
    const { status, texts, why } = await traced(mesh(gate, direct), '--from', 'farm/hen', 'http://milk/');
    expect(status).toBe(503);
    expect(why).toEqual([
      expect.objectContaining({ kind: 'waypoint not admitted', waypoint: 'farm/gate-0', policies: ['farm/direct'] }),
    ]);
    expect(texts).toContain('no policy of ALLOW matches: the connection is closed');
  });

  test('closes connections where no pod of the waypoint is ready', async () => {
    const { status, texts } = await traced(
      mesh(waypoint('gate', 'farm', { ip: 20, isReady: false })),
      ...['--from', 'farm/hen', 'http://milk/'],
    );
    expect(status).toBe(0);
    expect(texts).toContain('none of its pods is healthy');
  });

  test('is reached past it by sidecars, and by pods without any proxy', async () => {
    const sidecar = await traced(mesh(gate, onlyGet), '--from', 'town/bank', 'POST', 'http://milk.farm/');
    expect({ status: sidecar.status, hops: sidecar.hops }).toEqual({
      status: 200,
      hops: ['town/bank outbound', 'farm/milk ztunnel inbound', 'farm/milk server'],
    });
  });

  test('is reached through any of the pods of the waypoint', async () => {
    const io = createFakeIo({ files: { '/work/manifests/all.yaml': mesh(waypoint('gate', 'farm', { ip: 20, replicas: 2 })) } });
    expect(await run(['trace', '--from', 'farm/hen', 'http://milk/', '-o', 'json'], io)).toBe(0);
    expect(JSON.parse(io.output()).ways.map(({ share, status }: { share: number; status: number }) => [share, status])).toEqual([
      [0.5, 200],
      [0.5, 200],
    ]);
  });
});

describe('a workload with a waypoint', () => {
  const forAll = waypoint('gate', 'farm', { ip: 20, serves: 'workload' });

  test('is reached through it by address, and its service is not', async () => {
    const direct = await traced(mesh(forAll), '--from', 'farm/hen', 'http://10.244.0.2:8080/');
    expect({ status: direct.status, waypoint: direct.hops[1] }).toEqual({ status: 200, waypoint: 'farm/gate-0 waypoint' });
    expect(direct.texts).toContain('the waypoint of the workload takes the connection');
    expect((await traced(mesh(forAll), '--from', 'farm/hen', 'http://milk/')).hops).not.toContain('farm/gate-0 waypoint');
  });

  test('takes other protocols too', async () => {
    const { texts, hops } = await traced(mesh(forAll), '--from', 'farm/hen', 'tcp://10.244.0.2:8080');
    expect(hops.at(-1)).toBe('farm/milk server');
    expect(texts).toContain('gets the connection');
  });
});

describe('a gateway', () => {
  const entry = `
---
apiVersion: v1
kind: Pod
metadata: {name: door, namespace: edge, labels: {app: door, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
spec: {serviceAccountName: door, containers: [{name: istio-proxy, image: auto}]}
status: {phase: Running, podIP: 10.244.0.40, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: edge}
spec: {selector: {app: door}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door, namespace: edge}
spec: {hosts: ["*"], gateways: [door], http: [{route: [{destination: {host: churn.farm.svc.cluster.local}}]}]}`;
  const churn = (labels: string) => workload('churn', 'farm', { ip: 7, serviceLabels: labels });

  test('goes to the pods, past the waypoint', async () => {
    const { status, hops } = await traced(mesh(gate, entry, churn('')), '--from', 'outside', 'http://churn.example/');
    expect({ status, hops }).toEqual({
      status: 200,
      hops: ['edge/door gateway', 'farm/churn ztunnel inbound', 'farm/churn server'],
    });
  });

  test('goes through the waypoint where the Service says so', async () => {
    const text = mesh(gate, entry, churn('istio.io/ingress-use-waypoint: "true"'));
    const { status, hops } = await traced(text, '--from', 'outside', 'http://churn.example/');
    expect({ status, hops }).toEqual({
      status: 200,
      hops: ['edge/door gateway', 'farm/gate-0 waypoint', 'farm/churn ztunnel inbound', 'farm/churn server'],
    });
  });
});

describe('a waypoint for what lies outside', () => {
  test('is gone through, with its policies', async () => {
    const outside = `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: weather, namespace: farm}
spec:
  hosts: [weather.example]
  addresses: [192.0.2.1]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 192.0.2.10}]`;
    const noDelete = policy(
      'no-delete',
      '{action: DENY, targetRefs: [{kind: ServiceEntry, group: networking.istio.io, name: weather}], rules: [{to: [{operation: {methods: [DELETE]}}]}]}',
    );
    const call = (...argv: readonly string[]) => traced(mesh(gate, outside, noDelete), '--from', 'farm/hen', ...argv);
    expect(await call('http://weather.example/')).toMatchObject({ status: 200 });
    expect(await call('DELETE', 'http://weather.example/')).toMatchObject({ status: 403 });
  });
});

describe('a waypoint of a service that is on another network', () => {
  const far = `
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system, labels: {topology.istio.io/network: near}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: far, namespace: istio-system, labels: {topology.istio.io/network: far}}
spec:
  gatewayClassName: istio-remote
  addresses: [{type: IPAddress, value: 203.0.113.9}]
  listeners: [{name: mesh, port: 15008, protocol: HBONE, tls: {mode: Passthrough}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: barn, namespace: farm}
spec:
  hosts: [barn.example]
  addresses: [192.0.2.1]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 10.99.0.5, network: far, labels: {security.istio.io/tlsMode: istio}}]`;

  test('sends to the gateway there, in a tunnel within a tunnel that asks for the service by its name', async () => {
    const argv = ['--istiod-env', 'AMBIENT_ENABLE_MULTI_NETWORK=true', '--from', 'farm/hen', 'http://barn.example/'];
    const { status, texts } = await traced(mesh(gate, far), ...argv);
    expect(status).toBe(200);
    expect(texts).toContain('takes the connection to envoy://inner_connect_originate/');
    const tunnels = [...texts.matchAll(/tunnel \(HBONE\) for barn\.example:80/g)];
    expect(tunnels).toHaveLength(2);
    expect(texts).toContain('takes the connection to 203.0.113.9:15008');
    expect(texts).toContain('lies outside of what is known');
  });
});
