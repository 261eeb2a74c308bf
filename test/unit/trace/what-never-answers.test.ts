import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const secret = (namespace: string, name: string) => `
---
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: ${namespace}}
type: kubernetes.io/tls
stringData: {tls.crt: certificate, tls.key: key}`;

const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: harbor, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: boat, namespace: harbor, labels: {app: boat}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: gates, labels: {app: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.2}
---
apiVersion: v1
kind: Service
metadata: {name: boat, namespace: harbor}
spec: {clusterIP: 10.96.0.1, selector: {app: boat}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: harbor}
spec:
  selector: {app: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [boat.example], tls: {mode: SIMPLE, credentialName: boat-cert}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: boat, namespace: harbor}
spec: {hosts: [boat.example], gateways: [front], http: [{route: [{destination: {host: boat}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: tide, namespace: harbor}
spec:
  hosts: [tide.example]
  addresses: [192.0.2.50]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 443, name: https, protocol: HTTPS}]
  endpoints: [{address: 192.0.2.50}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: proxy, namespace: harbor}
spec:
  hosts: [proxy.example]
  addresses: [192.0.2.44]
  location: MESH_EXTERNAL
  resolution: NONE
  ports: [{number: 3128, name: http, protocol: HTTP}]
`;

const originates = (tls: string) => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: tide, namespace: harbor}
spec: {host: tide.example, trafficPolicy: {tls: ${tls}}}`;

async function traced(text: string, ...argv: readonly string[]) {
  const io = createFakeIo({ files: { '/work/manifests/all.yaml': `${manifests}${text}` } });
  expect([await run(['trace', ...argv, '-o', 'json'], io), io.errors()]).toEqual([0, '']);
  const [{ status, hops }] = JSON.parse(io.output()).ways;
  const steps: readonly { readonly text: string }[] = hops.flatMap((hop: { steps: [] }) => hop.steps);
  const { log } = hops[0];
  return { status, flags: log?.flags, details: log?.details, texts: steps.map(({ text }) => text).join('\n') };
}

describe('TLS at a gateway', () => {
  const call = ['--from', 'outside', 'https://boat.example/'];

  test('is established with a Secret of its namespace', async () => {
    expect(await traced(secret('gates', 'boat-cert'), ...call)).toMatchObject({ status: 200 });
  });

  test.each([
    ['is not without its Secret', secret('gates', 'other-cert')],
    ['nor with one of another namespace', secret('harbor', 'boat-cert')],
  ])('%s', async (_, text) => {
    const { status, texts } = await traced(text, ...call);
    expect(status).toBe(0);
    expect(texts).toContain('the proxy has no kubernetes://boat-cert');
  });

  test('is taken to be where the manifests hold no Secrets, which are kept elsewhere', async () => {
    expect(await traced('', ...call)).toMatchObject({ status: 200 });
    expect((await traced('', ...call, '-v')).texts).toContain('the manifests hold no Secrets');
  });
});

describe('TLS of a sidecar', () => {
  const call = ['--from', 'harbor/boat'];

  test('around that of the client is no answer, whoever the server is', async () => {
    const { status, texts } = await traced(originates('{mode: SIMPLE}'), ...call, 'https://tide.example/');
    expect(status).toBe(0);
    expect(texts).toContain("ends one layer of TLS, the proxy's, and finds another");
  });

  test.each([
    ['alone is fine', originates('{mode: SIMPLE}'), 'http://tide.example:443/'],
    ['and none of it lets that of the client through', '', 'https://tide.example/'],
  ])('%s', async (_, text, url) => {
    expect(await traced(text, ...call, url)).toMatchObject({ status: 200 });
  });
});

describe('CONNECT', () => {
  test('is taken by no route that asks for a path', async () => {
    const call = ['--from', 'harbor/boat', 'CONNECT', 'http://api.example:443', '--address', '192.0.2.44:3128'];
    expect(await traced('', ...call)).toMatchObject({ status: 404, flags: 'NR', details: 'route_not_found' });
  });

  test('other methods pass through the same port', async () => {
    const call = ['--from', 'harbor/boat', 'http://api.example/', '--address', '192.0.2.44:3128'];
    expect(await traced('', ...call)).toMatchObject({ status: 200 });
  });
});
