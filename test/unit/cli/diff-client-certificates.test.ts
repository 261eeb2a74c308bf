import { describe, expect, test } from 'vitest';
import { behindGateway, MUTUAL, NAMED, OF_MESH, OPTIONAL, PINNED, policyAt, SIMPLE } from '../../support/asking-gateway.ts';
import { diffOf, edit, type Files } from '../../support/diff.ts';

interface Told {
  readonly requests: readonly { readonly clientCertificate?: readonly string[] }[];
  readonly which?: readonly string[];
}

const between = (before: Files, after: Files) => diffOf(before, after, ['--equal']);
const certificatesIn = ({ report }: Awaited<ReturnType<typeof between>>) =>
  (report.requests.changed as readonly Told[]).flatMap(({ requests }) => requests.map((one) => one.clientCertificate));
const whichIn = ({ report }: Awaited<ReturnType<typeof between>>) =>
  (report.requests.changed as readonly Told[]).flatMap(({ which = [] }) => which);
const doubtsIn = ({ report }: Awaited<ReturnType<typeof between>>) =>
  ((report.requests as { proof?: { doubts: readonly { what?: readonly string[] }[] } }).proof?.doubts ?? []).flatMap(
    ({ what = [] }) => what,
  );

describe('a change behind a gateway that asks clients for certificates', () => {
  test.each([
    ['demands one', MUTUAL, 'the client shows a certificate', [[]]],
    [
      'demands one of certain names',
      `${MUTUAL}, ${NAMED}`,
      `the client's certificate has the name till.partner.example`,
      [['spiffe://partner.example/ns/pay/sa/batch']],
    ],
    [
      'demands it though it is optional',
      `${OPTIONAL}, ${NAMED}`,
      `the client's certificate has the name spiffe://partner.example/ns/pay/sa/batch`,
      [['spiffe://partner.example/ns/pay/sa/batch']],
    ],
  ])('is found of clients that show what it wants, and of no others: it %s', async (_, tls, which, certificates) => {
    const found = await between(behindGateway(tls), behindGateway(tls, { prefix: '/ap' }));
    expect(found.exitCode).toBe(1);
    expect(found.requests).toEqual([
      'outside through istio-system/ingress-0: GET https://shop.example/ap: pods shop/web-0 -> shop/api-0',
    ]);
    expect(certificatesIn(found)).toEqual(certificates);
    expect(whichIn(found).join('; ')).toContain(which);
    expect(doubtsIn(found)).toEqual([]);
  });

  test.each([
    ['that takes all, certificates or not', OPTIONAL],
    ['that asks for none', SIMPLE],
  ])('is found of all of one %s', async (_, tls) => {
    const found = await between(behindGateway(tls), behindGateway(tls, { prefix: '/ap' }));
    expect(found.requests).toContain(
      'outside through istio-system/ingress-0: GET https://shop.example/ap: pods shop/web-0 -> shop/api-0',
    );
    expect(certificatesIn(found).every((one) => one === undefined)).toBe(true);
    expect(whichIn(found).join()).not.toContain('certificate');
    expect(doubtsIn(found)).toEqual([]);
  });

  test.each([
    ['one is demanded', MUTUAL],
    ['one is optional', OPTIONAL],
    ['one of certain names is demanded', `${MUTUAL}, ${NAMED}`],
    ['one of the mesh is demanded', OF_MESH],
    ['none is asked for', SIMPLE],
  ])('is proven to make no difference where it makes none: %s', async (_, tls) => {
    const before = { ...behindGateway(tls), ...policyAt('gateway', '{from: [{source: {notPrincipals: [x]}}]}') };
    const after = edit(
      before,
      'gateway.yaml',
      'name: door, namespace: istio-system}\nspec:\n  hosts',
      'name: gate, namespace: istio-system}\nspec:\n  hosts',
    );
    const { exitCode, requests, report } = await between(before, after);
    expect([exitCode, requests, doubtsIn({ report } as never)]).toEqual([0, [], []]);
  });

  test('is doubted where certificates are pinned, of which nothing is known', async () => {
    const before = behindGateway(`${MUTUAL}, ${PINNED}`);
    const found = await between(before, behindGateway(`${MUTUAL}, ${PINNED}`, { prefix: '/ap' }));
    expect(found.exitCode).toBe(1);
    expect(doubtsIn(found)).toContain('fingerprints of certificates');
  });

  test('is nothing to clients outside where one of the mesh is demanded, which none of them has', async () => {
    const { requests } = await between(behindGateway(OF_MESH), behindGateway(OF_MESH, { prefix: '/ap' }));
    expect(requests).toEqual([]);
  });
});

describe('who shows which certificate', () => {
  const guarded = (rule: string, tls = OPTIONAL): Files => ({ ...behindGateway(tls), ...policyAt('gateway', rule) });
  const ofPrincipal = (name: string): string => `{from: [{source: {principals: [${name}]}}]}`;

  test('makes a difference where a policy of the gateway asks for it', async () => {
    const found = await between(guarded(ofPrincipal('partner.example/a')), guarded(ofPrincipal('partner.example/b')));
    expect(certificatesIn(found)).toEqual(
      expect.arrayContaining([['spiffe://partner.example/a'], ['spiffe://partner.example/b']]),
    );
    expect(found.requests.join()).toMatch(/status 200 -> 403.*status 403 -> 200|status 403 -> 200.*status 200 -> 403/s);
    expect(doubtsIn(found)).toEqual([]);
  });

  test('makes none where the policy says the same otherwise', async () => {
    const { exitCode } = await between(
      guarded(ofPrincipal('partner.example/a, partner.example/b')),
      guarded(`${ofPrincipal('partner.example/b')}, ${ofPrincipal('partner.example/a')}`),
    );
    expect(exitCode).toBe(0);
  });

  test('makes a difference where the server names others', async () => {
    const found = await between(
      behindGateway(`${MUTUAL}, ${NAMED}`),
      behindGateway(`${MUTUAL}, subjectAltNames: [other.example]`),
    );
    expect(certificatesIn(found)).toEqual(
      expect.arrayContaining([['other.example'], ['spiffe://partner.example/ns/pay/sa/batch']]),
    );
  });

  test.each([
    ['MUTUAL', MUTUAL, 'SANITIZE', 1],
    ['OPTIONAL_MUTUAL', OPTIONAL, 'APPEND_FORWARD', 1],
    ['SIMPLE, where what clients say of it passes', SIMPLE, 'ALWAYS_FORWARD_ONLY', 1],
    ['SIMPLE, where nothing passes', SIMPLE, 'SANITIZE', 0],
    ['MUTUAL, which say the same', MUTUAL, 'SANITIZE_SET', 0],
  ])('is doubted where servers are told otherwise of it: %s', async (_, tls, forwarding, exitCode) => {
    const config = `{"gatewayTopology":{"forwardClientCertDetails":"${forwarding}"}}`;
    const found = await between(behindGateway(tls), behindGateway(tls, { config }));
    expect(found.exitCode).toBe(exitCode);
    expect(doubtsIn(found).join()).toMatch(exitCode === 0 ? /^$/ : /^what servers are told of certificates of clients/);
  });

  test('is doubted where a server looks into what it is told of it', async () => {
    const told = (text: string): Files => ({
      ...behindGateway(MUTUAL),
      ...policyAt('web', `{when: [{key: 'request.headers[x-forwarded-client-cert]', values: ['*${text}*']}]}`),
    });
    const { exitCode } = await between(told('partner-a'), told('partner-b'));
    expect(exitCode).toBe(1);
  });
});
