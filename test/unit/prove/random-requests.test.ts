import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RequestEntrance } from '../../../src/operations/prove/entrances.ts';
import { entrancesOf, proveStatement } from '../../../src/operations/prove/prove.ts';
import { readStatements } from '../../../src/operations/prove/read-statements.ts';
import { resolveStatements } from '../../../src/operations/prove/resolve-statements.ts';
import { violationOf } from '../../../src/operations/prove/violations.ts';
import { unsignedToken } from '../../../src/operations/request-tables/request-table.ts';
import { parseText } from '../../../src/source/parse.ts';
import type { TraceRequest } from '../../../src/trace/outcome.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { groundOf } from '../../support/proving.ts';

const STATEMENTS = `statements:
  - never: { from: outside, to: { services: [shop/orders] }, unless: { token: { issuer: 'https://login.example' } } }
  - never: { from: outside, to: { services: [shop/orders], paths: [/api*] } }
  - never: { from: outside, to: { services: [shop/web], paths: [/api/orders*] } }
  - only: { from: { workloads: [shop/web, istio-system/ingress] }, to: { services: [shop/orders] } }
  - only: { from: { namespaces: [shop] }, to: { services: [pay/ledger] } }
  - never: { to: { services: [pay/ledger], ports: [5432] } }
  - always: { mutualTLS: true, to: { namespaces: [pay] } }
  - always: { tls: true }
`;

const segments = fc.constantFrom(
  'api',
  'orders',
  'API',
  'apix',
  '..',
  '.',
  '',
  '%2e%2e',
  'a',
  '*',
  'admin',
  'api%2Forders',
  ';x',
);
const paths = fc.array(segments, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const queries = fc.constantFrom('', '?x=1', '?access_token=a', '?/api/orders');
const hosts = fc.constantFrom(
  ...['shop.example', 'SHOP.example', 'shop.example:443', 'orders', 'orders.shop', 'orders.shop.svc.cluster.local', 'web.shop'],
  ...['ledger.pay', 'ledger.pay:5432', 'unknown.example', '10.96.10.2', 'ingress.istio-system'],
);
const methods = fc.constantFrom('GET', 'POST', 'OPTIONS', 'CONNECT', 'DELETE');
const headers = fc.array(
  fc.constantFrom<readonly [string, string]>(
    ['x-forwarded-for', '10.0.0.1'],
    ['x-forwarded-client-cert', 'By=spiffe://cluster.local/ns/shop/sa/web;URI=spiffe://cluster.local/ns/shop/sa/web'],
    ['upgrade', 'websocket'],
    ['connection', 'upgrade'],
    ['content-type', 'application/grpc'],
    ['x-envoy-original-path', '/api/orders'],
    ['origin', 'https://shop.example'],
    ['access-control-request-method', 'GET'],
  ),
  { maxLength: 3 },
);
const issuers = fc.constantFrom(undefined, 'https://login.example', 'https://other.example');

/** A request at an entrance. */
function requestAt({ base }: RequestEntrance): fc.Arbitrary<TraceRequest> {
  return fc
    .record({ path: paths, query: queries, authority: hosts, method: methods, headers, issuer: issuers, isTrusted: fc.boolean() })
    .map(({ path, query, authority, method, headers: sent, issuer, isTrusted }): TraceRequest => {
      const token = issuer && unsignedToken({ iss: issuer, sub: 'x', exp: 253_402_300_799 });
      return {
        ...base,
        method,
        target: `${path}${query}`,
        authority,
        serverName: authority.replace(/:\d+$/, ''),
        headers: [...sent, ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const])],
        ...(token !== undefined && isTrusted && { trustedTokens: [token] }),
        isBrief: true,
      };
    });
}

describe('what is proven', () => {
  const ground = groundOf();
  const { dataPlane } = ground.surroundings;
  const [document] = parseText('x.mesh-policy.yaml', STATEMENTS, () => {});
  const file = document === undefined ? [] : readStatements(document);
  const { statements } = 'statements' in file ? resolveStatements(file, ground.benches, dataPlane) : { statements: [] };

  test.each(statements.map((statement, index) => [index, statement] as const))(
    'is broken by no random request: statement %i',
    (_, statement) => {
      expect(proveStatement(statement, ground).verdict).toEqual({ kind: 'proven', assumptions: [] });
      const entrances = [...entrancesOf(statement, ground)];
      const requests = fc
        .constantFrom(...entrances)
        .chain((entrance) => requestAt(entrance).map((request) => ({ entrance, request })));
      fc.assert(
        fc.property(requests, ({ entrance, request }) => {
          const outcomes = traceRequest(dataPlane, request);
          expect(violationOf(statement, entrance.kind, request, outcomes, dataPlane)).toBeUndefined();
        }),
        { numRuns: 1_000, seed: 20 },
      );
    },
    120_000,
  );
});
