import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { namespace, workload } from '../../../support/ambient-mesh.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

const manifests = [
  namespace('farm'),
  namespace('town', 'none'),
  namespace('city', 'none', 'istio-injection: enabled'),
  workload('hen', 'farm', { ip: 1 }),
  workload('milk', 'farm', { ip: 2 }),
  workload('sick', 'farm', { ip: 3, isReady: false }),
  workload('shop', 'town', { ip: 4 }),
  workload('bank', 'city', { ip: 5 }),
  `
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
  endpoints: [{address: 192.0.2.10}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: open, namespace: farm}
spec:
  hosts: [open.example]
  addresses: [192.0.2.2]
  location: MESH_EXTERNAL
  resolution: NONE
  ports: [{number: 80, name: http, protocol: HTTP}]`,
].join('');

const strict = (where: string) => `
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: ${where}}
spec: {mtls: {mode: STRICT}}`;

const policy = (spec: string) => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: gate, namespace: farm}
spec: ${spec}`;

interface Hop {
  readonly place: string;
  readonly side: string;
  readonly steps: readonly { readonly event?: string; readonly text: string; readonly cause?: { readonly location?: object } }[];
}

async function traced(text: string, ...argv: readonly string[]) {
  const io = createFakeIo({ files: { '/work/manifests/all.yaml': `${manifests}${text}` } });
  expect(await run(['trace', ...argv, '-o', 'json'], io)).toBe(0);
  const [way] = JSON.parse(io.output()).ways;
  const hops: readonly Hop[] = way.hops;
  return {
    status: way.status,
    hops: hops.map(({ place, side }) => `${place} ${side}`),
    texts: hops.flatMap(({ steps }) => steps.map((step) => step.text)).join('\n'),
    steps: hops.flatMap(({ steps }) => steps),
    why: JSON.parse(io.output()).why,
  };
}

describe('a pod that ztunnel takes care of', () => {
  test('reaches another through a tunnel, as itself, and each step names its resource and place', async () => {
    const { status, hops, texts, steps } = await traced('', '--from', 'farm/hen', 'http://milk/');
    expect(status).toBe(200);
    expect(hops).toEqual(['farm/hen ztunnel outbound', 'farm/milk ztunnel inbound', 'farm/milk server']);
    expect(texts).toContain('takes the tunnel for 10.244.0.2:8080 of spiffe://cluster.local/ns/farm/sa/hen');
    expect(steps.slice(0, -1).every(({ cause }) => cause?.location !== undefined)).toBe(true);
  });

  test('reaches one that takes no tunnels in plain text', async () => {
    const { hops, texts } = await traced('', '--from', 'farm/hen', 'http://shop.town/');
    expect(hops).toEqual(['farm/hen ztunnel outbound', 'town/shop server']);
    expect(texts).toContain('the workload takes no tunnels');
  });

  test('reaches a sidecar that takes no tunnels in plain text, which STRICT refuses', async () => {
    expect(await traced('', '--from', 'farm/hen', 'http://bank.city/')).toMatchObject({ status: 200 });
    const { status, hops } = await traced(strict('city'), '--from', 'farm/hen', 'http://bank.city/');
    expect({ status, hops }).toEqual({ status: 0, hops: ['farm/hen ztunnel outbound', 'city/bank inbound'] });
  });

  test('reaches endpoints of other hosts, what nobody knows, and what the client has chosen itself', async () => {
    const sent = async (url: string, ...more: readonly string[]) => (await traced('', '--from', 'farm/hen', ...more, url)).texts;
    expect(await sent('http://weather.example/')).toContain('the workload takes no tunnels: sent as it is');
    expect(await sent('http://open.example/')).toContain('the service leaves the choice to the client');
    expect(await sent('http://elsewhere.example/')).toContain('neither service nor workload has the address');
  });

  test('is closed the connection where no endpoint is healthy, and where the service has no such port', async () => {
    const sick = await traced('', '--from', 'farm/hen', 'http://sick/');
    expect({ status: sick.status, hops: sick.hops }).toEqual({ status: 0, hops: ['farm/hen ztunnel outbound'] });
    expect(sick.texts).toContain('no endpoint of port 80 is healthy');
    expect((await traced('', '--from', 'farm/hen', 'http://milk:81/')).texts).toContain('the service has no port 81');
  });

  test('is told of a port on which nobody listens by a tunnel that does not come about', async () => {
    const { status, texts } = await traced('', '--from', 'farm/hen', 'http://10.244.0.2:81/');
    expect(status).toBe(0);
    expect(texts).toContain('the other end answers 503 to the CONNECT');
  });

  test('reaches itself by its Service through a tunnel that ends at its own ztunnel', async () => {
    const { status, hops } = await traced('', '--from', 'farm/hen', 'http://hen/');
    expect({ status, hops }).toEqual({
      status: 200,
      hops: ['farm/hen ztunnel outbound', 'farm/hen ztunnel inbound', 'farm/hen server'],
    });
  });

  test('reaches itself without ztunnel', async () => {
    expect((await traced('', '--from', 'farm/hen', 'http://10.244.0.1:8080/')).hops).toEqual(['farm/hen server']);
  });
});

describe('policies at ztunnel', () => {
  const allow = policy(
    '{selector: {matchLabels: {app: milk}}, rules: [{from: [{source: {principals: [cluster.local/ns/farm/sa/hen]}}]}]}',
  );

  test('let in whom they allow', async () => {
    const { status, texts } = await traced(allow, '--from', 'farm/hen', 'http://milk/');
    expect(status).toBe(200);
    expect(texts).toContain('ALLOW matches: the connection passes');
  });

  test('close the connections of all others: with another identity, and without any', async () => {
    const other = await traced(allow, '--from', 'farm/sick', 'http://milk/');
    expect(other.status).toBe(0);
    expect(other.texts).toContain('the other end answers 401 to the CONNECT');
    const plain = await traced(allow, '--from', 'town/shop', 'http://milk.farm/');
    expect({ status: plain.status, hops: plain.hops.slice(-1) }).toEqual({ status: 0, hops: ['farm/milk ztunnel inbound'] });
  });

  test('by path are lost: DENY denies nobody, ALLOW lets nobody in', async () => {
    const byPath = (action: string) => policy(`{action: ${action}, rules: [{to: [{operation: {paths: [/admin]}}]}]}`);
    expect(await traced(byPath('DENY'), '--from', 'farm/hen', 'http://milk/admin')).toMatchObject({ status: 200 });
    const closed = await traced(byPath('ALLOW'), '--from', 'farm/hen', 'http://milk/admin');
    expect(closed.status).toBe(0);
    expect(closed.why).toEqual([
      expect.objectContaining({ kind: 'HTTP rules at ztunnel', policy: 'farm/gate', attributes: ['paths'] }),
    ]);
  });
});

describe('STRICT at ztunnel', () => {
  test('refuses plain text, naming the PeerAuthentication, and takes tunnels', async () => {
    const plain = await traced(strict('farm'), '--from', 'town/shop', 'http://milk.farm/');
    expect(plain.status).toBe(0);
    const decided = plain.steps.find(({ text }) => text.startsWith('PeerAuthentication asks for mutual TLS'));
    expect(decided?.cause).toMatchObject({ kind: 'PeerAuthentication', name: 'default', namespace: 'farm' });
    expect(await traced(strict('farm'), '--from', 'farm/hen', 'http://milk/')).toMatchObject({ status: 200 });
    expect(await traced(strict('farm'), '--from', 'city/bank', 'http://milk.farm/')).toMatchObject({ status: 200 });
  });

  test('of another namespace says nothing', async () => {
    expect(await traced(strict('town'), '--from', 'town/shop', 'http://milk.farm/')).toMatchObject({ status: 200 });
  });
});

describe('a sidecar', () => {
  test('reaches a pod of ztunnel through a tunnel of its own', async () => {
    const { status, hops, texts } = await traced('', '--from', 'city/bank', 'http://milk.farm/');
    expect(status).toBe(200);
    expect(hops).toEqual(['city/bank outbound', 'city/bank outbound', 'farm/milk ztunnel inbound', 'farm/milk server']);
    expect(texts).toContain('takes the tunnel for 10.244.0.2:8080 of spiffe://cluster.local/ns/city/sa/bank');
  });

  test('is answered 503 where a policy at ztunnel denies it', async () => {
    const deny = policy('{action: DENY, rules: [{from: [{source: {namespaces: [city]}}]}]}');
    const { status, texts } = await traced(deny, '--from', 'city/bank', 'http://milk.farm/');
    expect(status).toBe(503);
    expect(texts).toContain('DENY matches: the connection is closed');
  });

  test('takes tunnels where it listens for them, whatever PeerAuthentication says', async () => {
    const hbone = strict('city').concat(`
---
apiVersion: v1
kind: Pod
metadata:
  name: vault
  namespace: city
  labels: {app: vault, networking.istio.io/tunnel: http}
  annotations: {proxy.istio.io/config: '{"proxyMetadata": {"ISTIO_META_ENABLE_HBONE": "true"}}'}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {phase: Running, podIP: 10.244.0.9, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: vault, namespace: city}
spec: {clusterIP: 10.96.0.9, selector: {app: vault}, ports: [{name: http, port: 80, targetPort: 8080}]}`);
    const { status, hops, texts } = await traced(hbone, '--from', 'farm/hen', 'http://vault.city/');
    expect(status).toBe(200);
    expect(hops).toEqual(['farm/hen ztunnel outbound', 'city/vault inbound', 'city/vault inbound', 'city/vault server']);
    expect(texts).toContain('mutual TLS with spiffe://cluster.local/ns/farm/sa/hen');
  });

  test('opens no connection of a family of which its pod has no address', async () => {
    const { hops, texts } = await traced('', '--from', 'farm/hen', 'http://[fd00::9]/');
    expect(hops).toEqual(['farm/hen client']);
    expect(texts).toContain('farm/hen has IPv4 addresses alone');
    const duck = workload('duck', 'farm', { ip: 7 }).replace(
      'podIP: 10.244.0.7',
      "$&, podIPs: [{ip: 10.244.0.7}, {ip: 'fd00::7'}]",
    );
    expect((await traced(duck, '--from', 'farm/duck', 'http://[fd00::9]/')).status).toBe(200);
  });
});
