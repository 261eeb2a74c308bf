import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** A mesh with a client and a service of many pods; `labelOf` may tell them apart. */
function meshOf(pods: number, labelOf: (index: number) => Readonly<Record<string, string>> = () => ({})): string {
  const pod = (name: string, podIP: string, labels: object): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] },
    status: { podIP },
  });
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.10', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  const servers = Array.from({ length: pods }, (_, index) =>
    pod(`web-${index}`, `10.244.${Math.floor(index / 250)}.${(index % 250) + 1}`, { app: 'web', ...labelOf(index) }),
  );
  return [service, pod('client', '10.245.0.1', { app: 'client' }), ...servers].map((one) => JSON.stringify(one)).join('\n---\n');
}

async function mesh(text: string, ...args: readonly string[]): Promise<string> {
  const io = createFakeIo({ files: { '/work/m/a.yaml': text, '/work/t.yaml': TABLE } });
  await run([...args, '-f', 'm'], io);
  return io.output() + io.errors();
}

const TABLE = `requests:
- {name: any, from: shop/client, to: "10.96.0.10:80", host: web, expect: {status: 200}}
- {name: one, from: shop/client, to: "10.96.0.10:80", host: web, expect: {pod: shop/web-0}}
`;

describe('a service of many pods', () => {
  test('few are followed one by one', async () => {
    const text = await mesh(meshOf(3), 'trace', '--from', 'shop/client', 'http://web.shop/');
    expect(text).toContain('33.33% of the requests: 200 served by shop/web-0:8080 through');
    expect(text).toContain('Other ways (2):');
  });

  test('of many that are alike one stands for all', async () => {
    const text = await mesh(meshOf(400), 'trace', '--from', 'shop/client', 'http://web.shop/');
    expect(text).toContain('\n200 served by shop/web-0:8080 (or one of 399 like it) through');
    expect(text).not.toContain('Other ways');
  });

  test('what tells pods apart keeps them apart', async () => {
    const text = await mesh(
      meshOf(40, (index) => ({ version: index < 10 ? 'v1' : 'v2' })),
      'trace',
      '--from',
      'shop/client',
      'http://web.shop/',
    );
    expect(text).toContain('75% of the requests: 200 served by shop/web-10:8080 (or one of 29 like it)');
    expect(text).toContain('25%  200 served by shop/web-0:8080 (or one of 9 like it)');
  });

  test('so many kinds of them that not all are followed are told of', async () => {
    const text = await mesh(
      meshOf(700, (index) => ({ shard: String(index) })),
      'trace',
      '--from',
      'shop/client',
      'http://web.shop/',
    );
    expect(text).toContain('There are more ways than these.');
  }, 120_000);

  test('an expectation of one pod fails where others like it answer too', async () => {
    const text = await mesh(meshOf(40), 'test', 't.yaml');
    expect(text).toContain('one');
    expect(text).toMatch(/1 of 2|1 failed|1 passed/);
  });

  test('the graph names every workload', async () => {
    const text = await mesh(meshOf(40), 'graph', '-o', 'json', '--from', 'shop/client', '--to', 'web');
    const { edges } = JSON.parse(text) as { readonly edges: readonly { readonly to: readonly string[] }[] };
    expect(edges.map(({ to }) => to.length)).toEqual([40]);
  });
});
