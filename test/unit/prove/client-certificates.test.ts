import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RequestEntrance } from '../../../src/operations/prove/entrances.ts';
import { entrancesOf, proveStatement } from '../../../src/operations/prove/prove.ts';
import { readStatements } from '../../../src/operations/prove/read-statements.ts';
import { resolveStatements } from '../../../src/operations/prove/resolve-statements.ts';
import { violationOf } from '../../../src/operations/prove/violations.ts';
import { replayCommand } from '../../../src/output/prove/command.ts';
import { parseText } from '../../../src/source/parse.ts';
import type { TraceRequest } from '../../../src/trace/outcome.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { behindGateway, MUTUAL, NAMED, OF_MESH, OPTIONAL, PINNED, policyAt, SIMPLE } from '../../support/asking-gateway.ts';
import type { Files } from '../../support/diff.ts';
import { groundOf, proveText } from '../../support/proving.ts';

const TO_WEB = '{ never: { from: outside, to: { services: [shop/web] } } }';
const TO_PATH = "{ never: { from: outside, to: { services: [shop/web], paths: ['/api*'] } } }";

/** What becomes of a statement: the command that follows the request which refutes it, or why it is not decided. */
function answerTo(statement: string, manifests: Files): string {
  const proven = proveText(`statements: [${statement}]`, groundOf(manifests));
  const verdict = proven.statements[0]?.verdict;
  if (verdict?.kind === 'undecided') return verdict.because.map((one) => ('what' in one ? one.what : one.kind)).join();
  return verdict?.kind === 'refuted' ? replayCommand(verdict.witness, { inputFlags: [] }) : (verdict?.kind ?? '');
}

describe('that nobody outside gets to a server behind a gateway', () => {
  test.each([
    ['is refuted by whom shows a certificate, where one is demanded', MUTUAL, ' --client-cert'],
    [
      'is refuted by whom shows one of the names that are demanded',
      `${MUTUAL}, ${NAMED}`,
      ' --client-cert-san spiffe://partner.example/ns/pay/sa/batch',
    ],
    [
      'is refuted so where these are optional, which Envoy then demands',
      `${OPTIONAL}, ${NAMED}`,
      ' --client-cert-san spiffe://partner.example/ns/pay/sa/batch',
    ],
    ['is refuted by anybody, where one is optional', OPTIONAL, ''],
    ['is refuted by anybody, where none is asked for', SIMPLE, ''],
  ])('%s', (_, tls, flags) => {
    expect(answerTo(TO_WEB, behindGateway(tls))).toBe(`mesh trace --from outside https://shop.example/${flags}`);
  });

  test('is proven where one of the mesh is demanded, which nobody outside has', () => {
    expect(answerTo(TO_WEB, behindGateway(OF_MESH))).toBe('proven');
  });

  test('is not decided where certificates are pinned', () => {
    expect(answerTo(TO_WEB, behindGateway(`${MUTUAL}, ${PINNED}`))).toContain('verifyCertificateHash');
  });

  test.each([MUTUAL, OPTIONAL, `${MUTUAL}, ${NAMED}`, SIMPLE])(
    'by a path is proven where the gateway leads elsewhere: %s',
    (tls) => {
      expect(answerTo(TO_PATH, behindGateway(tls))).toBe('proven');
    },
  );

  test.each([
    ['nobody whose name is told, as all have one', MUTUAL, '{from: [{source: {notPrincipals: ["*"]}}]}', 'proven'],
    [
      'whoever has none',
      OPTIONAL,
      '{from: [{source: {notPrincipals: ["*"]}}]}',
      'mesh trace --from outside https://shop.example/',
    ],
    [
      'one who is named',
      OPTIONAL,
      '{from: [{source: {principals: [partner.example/a]}}]}',
      'mesh trace --from outside https://shop.example/ --client-cert-san spiffe://partner.example/a',
    ],
    [
      'one who is named, and whom the server lets in by another name of the same certificate',
      `${OPTIONAL}, ${NAMED}`,
      '{from: [{source: {principals: [partner.example/a]}}]}',
      'mesh trace --from outside https://shop.example/ --client-cert-san spiffe://partner.example/ns/pay/sa/batch --client-cert-san spiffe://partner.example/a',
    ],
    [
      'nobody whom the server lets in',
      `${OPTIONAL}, subjectAltNames: ["spiffe://partner.example/ns/pay/sa/batch"]`,
      '{from: [{source: {notNamespaces: [pay]}}]}',
      'proven',
    ],
  ])('is decided by its policy that lets in %s', (_, tls, rule, answer) => {
    expect(answerTo(TO_WEB, { ...behindGateway(tls), ...policyAt('gateway', rule) })).toBe(answer);
  });
});

describe('that nobody outside gets there without a certificate that the gateway has taken', () => {
  const statement = '{ never: { from: outside, to: { services: [shop/web] }, unless: { clientCertificate: true } } }';

  test.each([
    ['one is demanded', MUTUAL],
    ['one of certain names is demanded', `${OPTIONAL}, ${NAMED}`],
  ])('is proven where %s', (_, tls) => {
    expect(answerTo(statement, behindGateway(tls))).toBe('proven');
  });

  test.each([
    ['one is optional', OPTIONAL],
    ['none is asked for, whatever clients show', SIMPLE],
  ])('is refuted where %s', (_, tls) => {
    expect(answerTo(statement, behindGateway(tls))).toBe('mesh trace --from outside https://shop.example/');
  });

  test('is proven where a policy wants one that is optional', () => {
    const named = policyAt('gateway', '{from: [{source: {principals: ["*"]}}]}');
    expect(answerTo(statement, { ...behindGateway(OPTIONAL), ...named })).toBe('proven');
  });
});

describe('what is proven of a gateway that asks for certificates', () => {
  const names = fc.constantFrom(
    ...['till.partner.example', 'TILL.partner.example', 'spiffe://partner.example/ns/pay/sa/batch', 'spiffe://partner.example/a'],
    ...['spiffe://cluster.local/ns/shop/sa/default', 'other.example', 'x'],
  );
  const certificates = fc.option(fc.record({ subjectAltNames: fc.array(names, { maxLength: 3 }), isTrusted: fc.boolean() }), {
    nil: undefined,
  });
  const requestAt = ({ base }: RequestEntrance): fc.Arbitrary<TraceRequest> =>
    fc
      .record({ target: fc.constantFrom('/', '/api', '/apix', '/API', '//api'), clientCertificate: certificates })
      .map(({ target, clientCertificate }) => ({
        ...base,
        method: 'GET',
        target,
        authority: 'shop.example',
        serverName: 'shop.example',
        headers: [],
        ...(clientCertificate !== undefined && { clientCertificate }),
        isBrief: true,
      }));

  test.each([
    ['by those that it wants', `${MUTUAL}, ${NAMED}`, TO_PATH, ''],
    [
      'by those that it wants though they are optional',
      `${OPTIONAL}, ${NAMED}`,
      TO_PATH,
      '{from: [{source: {principals: [partner.example/a]}}]}',
    ],
    ['by any that is optional', OPTIONAL, TO_PATH, '{from: [{source: {principals: [partner.example/*]}}]}'],
    ['by any that it demands', MUTUAL, TO_WEB, '{from: [{source: {notPrincipals: ["*"]}}]}'],
  ])('is broken by no random certificate: %s', (_, tls, statement, rule) => {
    const ground = groundOf({ ...behindGateway(tls), ...(rule !== '' && policyAt('gateway', rule)) });
    const { dataPlane } = ground.surroundings;
    const [document] = parseText('x.mesh-policy.yaml', `statements: [${statement}]`, () => {});
    const file = document === undefined ? [] : readStatements(document);
    const [asked] = 'statements' in file ? resolveStatements(file, ground.benches, dataPlane).statements : [];
    if (asked === undefined) throw new TypeError('no statement');
    expect(proveStatement(asked, ground).verdict).toEqual({ kind: 'proven', assumptions: [] });
    const entrances = [...entrancesOf(asked, ground)].filter(({ base: { scheme } }) => scheme === 'https');
    const requests = fc
      .constantFrom(...entrances)
      .chain((entrance) => requestAt(entrance).map((request) => ({ entrance, request })));
    fc.assert(
      fc.property(requests, ({ entrance, request }) => {
        expect(violationOf(asked, entrance.kind, request, traceRequest(dataPlane, request), dataPlane)).toBeUndefined();
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
