import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const manifests = (domain: string) => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart, version: v1}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: till, namespace: shop, labels: {app: till}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.2}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http: [{name: full, route: [{destination: {host: cart.shop.svc.${domain}}}]}]
`;

async function mesh(argv: readonly string[], files: Readonly<Record<string, string>>) {
  const io = createFakeIo({ files });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const through = 'through outbound|80||cart.shop.svc.corp.internal';

describe('the DNS domain of the cluster', () => {
  const trace = ['trace', '--from', 'shop/till', 'http://cart.shop.svc.corp.internal/'];

  test('is that of the flag', async () => {
    const files = { '/work/manifests/all.yaml': manifests('corp.internal') };
    expect((await mesh([...trace, '--cluster-domain', 'corp.internal'], files)).out).toContain(through);
  });

  test('or that of mesh.config.yaml', async () => {
    const files = {
      '/work/manifests/all.yaml': manifests('corp.internal'),
      '/work/mesh.config.yaml': 'clusterDomain: corp.internal\n',
    };
    expect((await mesh(trace, files)).out).toContain(through);
  });

  test('is cluster.local unless it is said', async () => {
    const { out } = await mesh(trace, { '/work/manifests/all.yaml': manifests('cluster.local') });
    expect(out).toContain('does not resolve');
  });

  test('is the one under which findings look for hosts', async () => {
    const files = { '/work/manifests/all.yaml': manifests('corp.internal') };
    expect((await mesh(['analyze', '--cluster-domain', 'corp.internal'], files)).out).not.toContain('IST0101');
    expect((await mesh(['analyze'], files)).out).toContain('Referenced host not found: "cart.shop.svc.corp.internal"');
  });

  test('must be one', async () => {
    const files = { '/work/manifests/all.yaml': manifests('cluster.local') };
    expect(await mesh([...trace, '--cluster-domain', 'Corp_'], files)).toMatchObject({
      code: 64,
      err: expect.stringContaining('--cluster-domain "Corp_": '),
    });
    const { code, err } = await mesh(trace, { ...files, '/work/mesh.config.yaml': 'clusterDomain: Corp_\n' });
    expect([code, err]).toEqual([65, expect.stringContaining('clusterDomain')]);
  });
});
