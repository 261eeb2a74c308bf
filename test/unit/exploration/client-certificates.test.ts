import { describe, expect, test } from 'vitest';
import { exploreRequests } from '../../../src/exploration/explore.ts';
import type { OpenRequest } from '../../../src/exploration/open-request.ts';
import { ALWAYS } from '../../../src/request-space/formula.ts';
import { testsIn } from '../../../src/request-space/variables.ts';
import { behindGateway, MUTUAL, NAMED, OF_MESH, OPTIONAL, policyAt, SIMPLE } from '../../support/asking-gateway.ts';
import type { Files } from '../../support/diff.ts';
import { ends, tryRandom } from '../../support/exploring.ts';
import { groundOf } from '../../support/proving.ts';

const AT_GATEWAY: OpenRequest = {
  from: 'outside',
  address: { ip: '10.1.0.9', port: 443 },
  scheme: 'https',
  within: ALWAYS,
  authority: 'shop.example',
  serverName: 'shop.example',
  isForOneAuthority: true,
  isFromAnyAddress: true,
  isForAnyServerName: false,
};

function explore(files: Files, open = AT_GATEWAY) {
  const { dataPlane } = groundOf(files).surroundings;
  const explored = exploreRequests(open, (request, begin) => ends(dataPlane, request, begin()));
  const formulas = explored.classes.flatMap(({ readings }) =>
    readings.flatMap((reading) => (reading.kind === 'holds' ? [reading.formula] : reading.formulas)),
  );
  const isNameAsked = testsIn(formulas).some(({ dimension }) => dimension.kind === 'certificate');
  return { dataPlane, explored, isNameAsked };
}

const guarded = (tls: string, rule: string): Files => ({ ...behindGateway(tls), ...policyAt('gateway', rule) });
const BATCH = '{from: [{source: {principals: [partner.example/ns/pay/sa/batch]}}]}';

describe('of all certificates that clients can show', () => {
  test.each([
    ['one is demanded', behindGateway(MUTUAL)],
    ['one is optional', behindGateway(OPTIONAL)],
    ['certain names are demanded', behindGateway(`${MUTUAL}, ${NAMED}`)],
    ['certain names are optional', behindGateway(`${OPTIONAL}, ${NAMED}`)],
    ['a policy names one', guarded(OPTIONAL, BATCH)],
    ['a policy names all but one', guarded(OPTIONAL, '{from: [{source: {notPrincipals: [partner.example/*]}}]}')],
    [
      'a policy names a namespace, of those that the server names',
      guarded(`${MUTUAL}, ${NAMED}`, '{from: [{source: {namespaces: [pay]}}]}'),
    ],
    ['a policy names any', guarded(OPTIONAL, '{from: [{source: {principals: ["*"]}}]}, {to: [{operation: {paths: [/open]}}]}')],
  ])('those of a class end as its witness does: %s', (_, files) => {
    const { dataPlane, explored, isNameAsked } = explore(files);
    expect([explored.gaveUp, isNameAsked]).toEqual([undefined, true]);
    tryRandom(AT_GATEWAY, explored, dataPlane, 120);
  });

  test.each([
    ['none is asked for', behindGateway(SIMPLE)],
    ['one of the mesh is asked for, which nobody else has', behindGateway(OF_MESH)],
  ])('nothing is told where %s', (_, files) => {
    expect(explore(files).isNameAsked).toBe(false);
  });

  test('none is shown but what a request says that it shows', () => {
    const { isNameAsked, explored } = explore(behindGateway(MUTUAL), { ...AT_GATEWAY, clientCertificate: false });
    expect([isNameAsked, new Set(explored.classes.map(({ seen }) => JSON.stringify(seen.noticed.status))).size]).toEqual([
      false,
      1,
    ]);
  });
});
