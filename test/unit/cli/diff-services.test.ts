import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['web', 'client']);
const api = (ports = '{name: http, port: 80, targetPort: 8080}', clusterIP = '10.96.7.7'): Files => ({
  'api.yaml': `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: ${clusterIP}, selector: {app: web}, ports: [${ports}]}
`,
});

/** How requests for `api` end. */
async function toApi(before: Files, after: Files) {
  const { requests } = await diffOf({ ...shop, ...before }, { ...shop, ...after });
  return requests.filter((line) => line.includes('http://api.'));
}

describe('a Service', () => {
  test('that goes leaves nobody at its address, whatever else lies outside of the mesh', async () => {
    expect(await toApi(api(), {})).toEqual([
      'shop/client, shop/web: GET http://api.shop/: status 200 -> 503',
      'a pod without sidecar: GET http://api.shop/: status 200 -> no answer',
    ]);
  });

  test('that comes is one that nobody answered for before', async () => {
    expect(await toApi({}, api())).toEqual([
      'shop/client, shop/web: GET http://api.shop/: status 503 -> 200',
      'a pod without sidecar: GET http://api.shop/: status no answer -> 200',
    ]);
  });

  test('that loses a port ends as one without it', async () => {
    const more = '{name: http, port: 80, targetPort: 8080}, {name: http-other, port: 81, targetPort: 8080}';
    expect(await toApi(api(more), api())).toEqual([
      'shop/client, shop/web: GET http://api.shop:81/: status 200 -> no answer',
      'a pod without sidecar: GET http://api.shop:81/: status 200 -> no answer',
    ]);
  });

  test('behind which another pod takes the address of one is another server', async () => {
    const pod = (name: string): Files => ({
      'pods.yaml': `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: plain, sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app, image: plain, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.7.7}
---
apiVersion: v1
kind: Service
metadata: {name: plain, namespace: shop}
spec: {selector: {app: plain}, ports: [{name: http, port: 80, targetPort: 8080}]}
`,
    });
    const { requests } = await diffOf({ ...shop, ...pod('plain-a') }, { ...shop, ...pod('plain-b') });
    expect(requests).toEqual([
      'shop/client, shop/web, a pod without sidecar: GET http://plain.shop/: pods shop/plain-a -> shop/plain-b',
    ]);
    expect((await diffOf({ ...shop, ...pod('plain-a') }, { ...shop, ...pod('plain-a') }, ['--equal'])).exitCode).toBe(0);
  });

  test('whose address another has keeps it', async () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.shop.svc.cluster.local]
  addresses: [10.96.7.7]
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
  resolution: STATIC
  workloadSelector: {labels: {app: web}}
`;
    const requests = await toApi(api(), { 'entry.yaml': entry });
    expect(requests.filter((line) => line.startsWith('shop/') && line.includes('status'))).toEqual([]);
  });
});
