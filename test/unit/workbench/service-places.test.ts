import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const pod = (name: string, ip: string, extra = '', status = '') => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}, sidecar.istio.io/inject: "false"}}
spec: {${extra === '' ? '' : `${extra}, `}containers: [{name: c, image: i, ports: [{name: web, containerPort: 8080}]}]}
status: {podIP: ${ip}, hostIP: 172.16.0.1${status}}`;

const service = (name: string, spec: string) => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {${spec}}`;

const notReady = ', conditions: [{type: Ready, status: "False"}]';
const manifests = [
  pod('tramp', '10.244.0.1', 'nodeName: own'),
  pod('cook', '10.244.0.2'),
  pod('sick', '10.244.0.3', '', notReady),
  service('cook', 'clusterIP: 10.96.0.2, selector: {app: cook}, ports: [{name: http, port: 80, targetPort: web}]'),
  service('sick', 'clusterIP: 10.96.0.3, selector: {app: sick}, ports: [{name: http, port: 80, targetPort: web}]'),
  service(
    'near',
    'type: NodePort, internalTrafficPolicy: Local, clusterIP: 10.96.0.6, externalIPs: [192.0.2.6], selector: {app: far}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30060}]',
  ),
  pod('far', '10.244.0.6', 'nodeName: other'),
  service('nobody', 'clusterIP: 10.96.0.4, selector: {app: nobody}, ports: [{name: http, port: 80}]'),
  service('bare', 'clusterIP: None, selector: {app: cook}, ports: [{name: http, port: 80, targetPort: web}]'),
  service('bare-sick', 'clusterIP: None, selector: {app: sick}, ports: [{name: http, port: 80, targetPort: web}]'),
  service('alias', 'type: ExternalName, externalName: cook.shop.svc.cluster.local'),
  service('abroad', 'type: ExternalName, externalName: www.example.com'),
  `${service(
    'door',
    'type: LoadBalancer, clusterIP: 10.96.0.5, externalIPs: [192.0.2.9], selector: {app: cook}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]',
  )}
status: {loadBalancer: {ingress: [{ip: 192.0.2.5}]}}`,
].join('\n');

async function traced(url: string, ...flags: readonly string[]) {
  const io = createFakeIo({ files: { '/work/manifests/all.yaml': manifests } });
  const code = await run(['trace', '--from', 'shop/tramp', url, ...flags, '-o', 'json'], io);
  expect([code, io.errors()]).toEqual([0, '']);
  const { ways, note } = JSON.parse(io.output());
  const [way] = ways;
  const texts = way.hops.flatMap(({ steps }: { steps: { text: string }[] }) => steps.map(({ text }) => text));
  return { status: way.status, pod: way.deliveries[0]?.pod, port: way.deliveries[0]?.port, note, texts: texts.join('\n') };
}

describe('a client without sidecar reaches a Service as kube-proxy would', () => {
  const cook = { status: 200, pod: 'shop/cook', port: 8080 };

  test.each([
    ['its cluster IP leads to the target port of a pod, named or not', ['http://cook/'], cook],
    ['so does the address of its load balancer', ['http://x/', '--address', '192.0.2.5:80'], cook],
    ['and an external IP', ['http://x/', '--address', '192.0.2.9:80'], cook],
    ['and the port of a node', ['http://x/', '--address', '172.16.0.1:30080'], cook],
    ['an ExternalName is another name of its target', ['http://alias/'], cook],
    ['a headless one gives the address of a pod, and ports stay as they are', ['http://bare:8080/'], cook],
  ])('%s', async (_, argv, answer) => {
    const [url = '', ...flags] = argv;
    expect(await traced(url, ...flags)).toMatchObject(answer);
  });

  test.each([
    ['without endpoints the connection is refused', 'http://nobody/', 'no endpoint is ready'],
    ['pods that are not ready do not count', 'http://sick/', 'no endpoint is ready'],
    ['a port that it has not leads nowhere', 'http://cook:81/', 'the Service has no port 81'],
    ['a headless one without ready pods has no address', 'http://bare-sick/', 'does not resolve'],
  ])('%s', async (_, url, text) => {
    const { status, texts } = await traced(url);
    expect(status).toBe(0);
    expect(texts).toContain(text);
  });

  test('only at its own addresses does internalTrafficPolicy keep connections on the node', async () => {
    expect((await traced('http://near/')).status).toBe(0);
    const far = { status: 200, pod: 'shop/far' };
    expect(await traced('http://x/', '--address', '192.0.2.6:80')).toMatchObject(far);
    expect(await traced('http://x/', '--address', '172.16.0.1:30060')).toMatchObject(far);
  });

  test('the target port of a headless one is not translated', async () => {
    expect(await traced('http://bare/')).toMatchObject({ status: 0 });
  });
});

describe('names', () => {
  test.each([
    ['http://cok/', 'did you mean cook.shop'],
    ['http://cook.shp/', 'did you mean cook.shop'],
    ['http://cok.shop.svc.cluster.local/', 'did you mean cook.shop'],
    ['http://payments.shop/', 'no Service and no ServiceEntry has this name'],
  ])('%s does not resolve, and near names are told', async (url, text) => {
    const { status, texts } = await traced(url);
    expect(status).toBe(0);
    expect(texts).toContain(text);
  });

  test.each([
    ['http://www.example.com/', 'no address of www.example.com is known'],
    ['http://abroad/', 'Service shop/abroad is another name for www.example.com'],
  ])('%s may lie outside', async (url, text) => {
    const { status, note } = await traced(url);
    expect(status).toBe(200);
    expect(note).toContain(text);
  });

  test('in a table they do not resolve either, unless it gives them an address', async () => {
    const table = (dns: string): string =>
      `requests: [{from: shop/tramp, url: "http://cok:8080/", expect: {status: 200, pod: shop/cook}}]\n${dns}`;
    const test = async (text: string) => {
      const io = createFakeIo({ files: { '/work/manifests/all.yaml': manifests, '/work/calls.mesh-test.yaml': text } });
      return run(['test'], io);
    };
    expect(await test(table(''))).toBe(79);
    expect(await test(table('dns: {cok: 10.244.0.2}'))).toBe(0);
  });
});
