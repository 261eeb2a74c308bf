import { expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { behindGateway, MUTUAL, NAMED, OF_MESH, OPTIONAL, SIMPLE } from '../../../support/asking-gateway.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

interface Edge {
  readonly from: string;
  readonly to: readonly string[];
  readonly access: string;
  readonly passing?: readonly string[];
  readonly assumptions?: readonly string[];
}

/** What gets to `web` through the gateway. */
async function wayTo(tls: string) {
  const files = Object.entries(behindGateway(tls)).map(([name, text]) => [`/work/m/${name}`, text]);
  const io = createFakeIo({ files: Object.fromEntries(files) });
  expect(await run(['graph', '-f', 'm', '-o', 'json'], io)).toBe(0);
  const { edges } = JSON.parse(io.output()) as { readonly edges: readonly Edge[] };
  const edge = edges.find(({ from, to }) => from.startsWith('istio-system/ingress') && to.includes('shop/web'));
  return { access: edge?.access, passing: edge?.passing, assumptions: edge?.assumptions };
}

test.each([
  ['with any certificate that a gateway demands', MUTUAL, 'partly', ['GET / with a client certificate']],
  ['with one of those that it names', `${MUTUAL}, ${NAMED}`, 'partly', ['GET / with a client certificate']],
  ['without one where it is optional', OPTIONAL, 'allowed', []],
  ['without one where none is asked for', SIMPLE, 'allowed', []],
])('a graph knows what gets to a server %s', async (_, tls, access, passing) => {
  const way = await wayTo(tls);
  expect(way.access).toBe(access);
  expect(way.passing).toEqual(expect.arrayContaining(passing));
  expect(way.assumptions ?? []).toEqual([]);
});

test('a graph knows that nobody outside has a certificate of the mesh', async () => {
  expect((await wayTo(OF_MESH)).access).toBeUndefined();
});
