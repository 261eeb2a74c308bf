import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { behindGateway, MUTUAL, NAMED, OF_MESH, OPTIONAL, PINNED, policyAt, SIMPLE } from '../../support/asking-gateway.ts';
import type { Files } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';

interface Way {
  readonly status: number;
  readonly deliveries: readonly { readonly headers: readonly (readonly [string, string])[] }[];
}

/** The status of a request from outside, 0 for none, and the header in which the server gets the certificate. */
async function send(files: Files, flags: readonly string[] = [], from = 'outside') {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/m/${name}`, text])) });
  const code = await run(['trace', '-o', 'json', '-f', 'm', '--from', from, ...flags, 'https://shop.example/'], io);
  if (code !== 0) throw new Error(io.errors());
  const [way] = (JSON.parse(io.output()) as { readonly ways: readonly Way[] }).ways;
  const header = way?.deliveries[0]?.headers.find(([name]) => name === 'x-forwarded-client-cert')?.[1] ?? '';
  return { status: way?.status, header: header.replace(/,?By=spiffe:\/\/cluster\.local\/ns\/shop\/.*$/, '') };
}

const NONE: readonly string[] = [];
const TRUSTED = ['--client-cert'];
const UNTRUSTED = ['--client-cert-untrusted'];
const of = (...names: readonly string[]): readonly string[] => names.flatMap((name) => ['--client-cert-san', name]);
const BATCH = 'spiffe://partner.example/ns/pay/sa/batch';

describe('a request from outside that shows a certificate', () => {
  test.each([
    ['is taken where one is demanded', MUTUAL, TRUSTED, 200],
    ['is refused there with one that nobody trusts', MUTUAL, UNTRUSTED, 0],
    ['is refused there without', MUTUAL, NONE, 0],
    ['is taken where one is optional', OPTIONAL, TRUSTED, 200],
    ['is taken there without', OPTIONAL, NONE, 200],
    ['is refused there with one that nobody trusts, too', OPTIONAL, UNTRUSTED, 0],
    ['is taken where one of the mesh is demanded', OF_MESH, TRUSTED, 200],
    ['is refused there without, too', OF_MESH, NONE, 0],
    ['is taken where nobody asks for one, whatever it is', SIMPLE, UNTRUSTED, 200],
    ['is taken with a URI that the server names', `${MUTUAL}, ${NAMED}`, of(BATCH), 200],
    [
      'is taken with a host that the server names, in any case',
      `${MUTUAL}, ${NAMED}`,
      of('other.example', 'TILL.partner.example'),
      200,
    ],
    ['is taken with a wildcard above such a host', `${MUTUAL}, ${NAMED}`, of('*.partner.example'), 200],
    ['is refused with other names', `${MUTUAL}, ${NAMED}`, of('shop.partner.example', `${BATCH}/x`), 0],
    ['is refused without names', `${MUTUAL}, ${NAMED}`, TRUSTED, 0],
    ['is refused where certain names are optional and it has none of them', `${OPTIONAL}, ${NAMED}`, TRUSTED, 0],
    ['is refused without one there, which Envoy then demands', `${OPTIONAL}, ${NAMED}`, NONE, 0],
    ['is refused where certificates are pinned, of which it is not known to be one', `${MUTUAL}, ${PINNED}`, TRUSTED, 0],
    ['is refused without one where pinned ones are optional', `${OPTIONAL}, ${PINNED}`, NONE, 0],
  ])('%s', async (_, tls, flags, status) => {
    expect((await send(behindGateway(tls), flags)).status).toBe(status);
  });

  test.each([
    ['its URI', '{from: [{source: {principals: [partner.example/ns/pay/sa/batch]}}]}', of(BATCH), 200],
    ['another URI', '{from: [{source: {principals: [partner.example/ns/pay/sa/batch]}}]}', of(`${BATCH}es`), 403],
    ['a host alone, of its URI', '{from: [{source: {namespaces: [pay]}}]}', of('till.partner.example'), 403],
    ['its namespace', '{from: [{source: {namespaces: [pay]}}]}', of(BATCH), 200],
    ['any name, which is its subject where it has no other', '{from: [{source: {principals: ["*"]}}]}', TRUSTED, 200],
    ['any name, of a client without a certificate', '{from: [{source: {principals: ["*"]}}]}', NONE, 403],
    ['no name, of a client without a certificate', '{from: [{source: {notPrincipals: ["*"]}}]}', NONE, 200],
    ['no name', '{from: [{source: {notPrincipals: ["*"]}}]}', TRUSTED, 403],
  ])('is judged by policies of the gateway that name %s', async (_, rule, flags, status) => {
    expect((await send({ ...behindGateway(OPTIONAL), ...policyAt('gateway', rule) }, flags)).status).toBe(status);
  });

  test.each([
    [
      'in place of what the client says, as a gateway does',
      '',
      `Hash=${'0'.repeat(64)};Cert="-----BEGIN%20CERTIFICATE-----";Subject="CN=client";URI=${BATCH};DNS=till.example`,
    ],
    ['not at all', 'SANITIZE', ''],
    [
      'beside what the client says',
      'APPEND_FORWARD',
      `Hash=me,Hash=${'0'.repeat(64)};Cert="-----BEGIN%20CERTIFICATE-----";Subject="CN=client";URI=${BATCH};DNS=till.example`,
    ],
    ['only as the client says', 'FORWARD_ONLY', 'Hash=me'],
    ['as the client says, whatever it shows', 'ALWAYS_FORWARD_ONLY', 'Hash=me'],
  ])('is told to servers %s', async (_, forwarding, header) => {
    const config = forwarding === '' ? '' : `{"gatewayTopology":{"forwardClientCertDetails":"${forwarding}"}}`;
    const said = ['-H', 'x-forwarded-client-cert: Hash=me', ...of(BATCH, 'till.example')];
    expect((await send(behindGateway(OPTIONAL, { config }), said)).header).toBe(header);
  });

  test('is told with its subject where it has no name', async () => {
    expect((await send(behindGateway(MUTUAL), TRUSTED)).header).toMatch(/;Subject="CN=client";URI=$/);
  });

  test('is told by whom it was taken where that is a gateway that shows its identity', async () => {
    expect((await send(behindGateway(OF_MESH), of(BATCH))).header).toMatch(
      /^By=spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/default;Hash=/,
    );
  });

  test('of which nothing is told where it shows none, not even what the client says', async () => {
    expect((await send(behindGateway(OPTIONAL), ['-H', 'x-forwarded-client-cert: Hash=me'])).header).toBe('');
    expect((await send(behindGateway(SIMPLE), [...TRUSTED, '-H', 'x-forwarded-client-cert: Hash=me'])).header).toBe('');
  });
});

describe('a table', () => {
  const check = async (certificate: string, tls: string, status: number) => {
    const files = Object.entries(behindGateway(tls)).map(([name, text]) => [`/work/m/${name}`, text]);
    const line = `{from: outside, url: 'https://shop.example/', ${certificate}expect: {status: ${status}}}`;
    const io = createFakeIo({ files: { ...Object.fromEntries(files), '/work/t.mesh-test.yaml': `requests:\n- ${line}\n` } });
    const code = await run(['test', '-f', 'm', 't.mesh-test.yaml'], io);
    return [code, io.errors()];
  };

  test.each([
    ['', 0],
    ['clientCert: false, ', 0],
    ['clientCert: true, ', 200],
    ['clientCert: {}, ', 200],
    ['clientCert: {trusted: false}, ', 0],
    ['clientCert: {subjectAltNames: [till.example], trusted: true}, ', 200],
  ])('says which it is: %s', async (certificate, status) => {
    expect((await check(certificate, MUTUAL, status))[0]).toBe(0);
  });

  test('says what its names are', async () => {
    expect((await check(`clientCert: {subjectAltNames: ["${BATCH}"]}, `, `${MUTUAL}, ${NAMED}`, 200))[0]).toBe(0);
    expect((await check('clientCert: {subjectAltNames: [other.example]}, ', `${MUTUAL}, ${NAMED}`, 0))[0]).toBe(0);
  });

  test('is refused with a word that it does not know', async () => {
    const [code, errors] = await check('clientCert: {subjectAltName: [x]}, ', MUTUAL, 200);
    expect(code).toBe(65);
    expect(errors).toContain('subjectAltNames');
  });
});
