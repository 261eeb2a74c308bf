import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { sortFindings } from '../../../../src/findings/policy/order.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

async function analyze(files: Readonly<Record<string, string>>, order: readonly string[]): Promise<string> {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])) });
  await run(['analyze', '-o', 'json', ...order.flatMap((name) => ['-f', name])], io);
  return io.output();
}

const virtualService = (name: string, ...hosts: readonly string[]): string =>
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${hosts.join(', ')}]
  http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]
`;

/** All orders of some names. */
function orders(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length < 2) return [names];
  return names.flatMap((first) => orders(names.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

describe('the findings are the same in whatever order files are named', () => {
  test.each([
    [
      'a VirtualService that shares each of its hosts with another one',
      {
        'v1.yaml': virtualService('v1', 'orders.shop.svc.cluster.local'),
        'v2.yaml': virtualService('v2', 'cart.shop.svc.cluster.local', 'orders.shop.svc.cluster.local'),
        'v3.yaml': virtualService('v3', 'cart.shop.svc.cluster.local'),
      },
    ],
    [
      'two objects of one name',
      {
        'a.yaml': virtualService('v1', 'cart.shop.svc.cluster.local'),
        'b.yaml': virtualService('v1', 'orders.shop.svc.cluster.local'),
        'c.yaml': virtualService('v2', 'orders.shop.svc.cluster.local'),
      },
    ],
  ])('%s', async (_, files) => {
    const outputs = await Promise.all(orders(Object.keys(files)).map((order) => analyze(files, order)));
    expect(new Set(outputs).size).toBe(1);
  });

  test('a shared host is told of each VirtualService once, by the name of the host', async () => {
    const files = {
      'v1.yaml': virtualService('v1', 'orders.shop.svc.cluster.local'),
      'v2.yaml': virtualService('v2', 'cart.shop.svc.cluster.local', 'orders.shop.svc.cluster.local'),
      'v3.yaml': virtualService('v3', 'cart.shop.svc.cluster.local'),
    };
    const found = JSON.parse(await analyze(files, ['v2.yaml', 'v1.yaml', 'v3.yaml'])) as { code: string; message: string }[];
    const hosts = found
      .filter(({ code }) => code === 'IST0109')
      .map(({ message }) => /host \*\/(\w+)/.exec(message)?.[1] ?? message);
    expect(hosts).toEqual(['orders', 'cart', 'cart']);
  });
});

describe('sortFindings', () => {
  const finding = (column: number, path: string): Diagnostic => ({
    code: 'MESH0012',
    severity: 'error',
    message: 'unknown',
    location: { file: 'm.yaml', line: 1, column },
    reference: 'm.yaml:1',
    path: [path],
  });

  test('of findings that read the same, the first in the file stays, whichever came first', () => {
    const [left, right] = [finding(3, 'b'), finding(9, 'a')];
    expect(sortFindings([left, right])).toEqual([left]);
    expect(sortFindings([right, left])).toEqual([left]);
  });
});
