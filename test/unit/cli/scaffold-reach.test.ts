import { describe, expect, test } from 'vitest';
import { inputOfTexts, openWorkbench } from '../../../src/index.ts';
import { coverageOf } from '../../../src/operations/request-tables/report.ts';
import { scaffoldTable } from '../../../src/operations/request-tables/scaffold.ts';
import { type WrittenLine, withToken } from '../../../src/operations/request-tables/unmet-parts.ts';
import { echoServers } from '../../../src/trace/servers/echo.ts';
import { runTable } from '../../../src/trace/table.ts';
import { surroundingsOf } from '../../../src/workbench/surroundings.ts';
import { WEB_MANIFESTS } from '../../support/web-manifests.ts';

const base = `${WEB_MANIFESTS}apiVersion: v1
kind: Pod
metadata: {name: ingress-0, namespace: istio-system, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec: {serviceAccountName: ingress, containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.example.com"]}]
---
`;

const virtualService = (http: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec: {hosts: [shop.example.com], gateways: [istio-system/edge], http: [${http}]}
---
`;
const to = 'route: [{destination: {host: web}}]';
const security = (
  kind: string,
  name: string,
  spec: string,
  namespace = 'istio-system',
): string => `apiVersion: security.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
---
`;
const tokens = security(
  'RequestAuthentication',
  'tokens',
  '{selector: {matchLabels: {istio: ingressgateway}}, jwtRules: [{issuer: "https://id.example.com", jwks: "{\\"keys\\":[{\\"kty\\":\\"RSA\\",\\"kid\\":\\"a\\",\\"n\\":\\"xjlCRBqkQRr6sGsvSMuUo8dSDJy-2_WcWhCZkdwPU8XYOWY0V0EWbxtC8FVTr_uoP8bXB8HvfqfxLiWOLkwVqQ\\",\\"e\\":\\"AQAB\\"}]}"}]}',
);

/** The table of a mesh, and what of its configuration the table does not meet. */
async function scaffoldOf(yaml: string): Promise<{ lines: readonly WrittenLine[]; unmet: readonly string[]; failing: number }> {
  const bench = openWorkbench(await inputOfTexts([{ file: 'a.yaml', text: yaml }]));
  const surroundings = surroundingsOf([bench], { servers: echoServers, now: 0 });
  const { dataPlane } = surroundings;
  const lines = scaffoldTable(surroundings);
  const results = runTable(
    dataPlane,
    lines.map((line) => ({ ...withToken(line), isWithoutNodes: true })),
  );
  const units = coverageOf([{ dataPlane, meshes: surroundings.meshes, outcomes: results.flatMap(({ outcomes }) => outcomes) }]);
  const unmet = units.filter(({ isMet }) => !isMet).map(({ kind, name }) => `${kind} ${name}`);
  return { lines, unmet, failing: results.filter(({ failures }) => failures.length > 0).length };
}

describe('a scaffold', () => {
  test('has a request for each route that one can reach, whatever its match', async () => {
    const matches = [
      '{uri: {regex: "/item/[0-9]+"}}',
      '{uri: {prefix: /a}, withoutHeaders: {x-old: {}}}',
      '{uri: {prefix: /a}, headers: {x-old: {regex: "v[12]"}}}',
      '{uri: {exact: /b}, method: {regex: "PUT|POST"}, queryParams: {q: {regex: "a+"}}}',
      '{uri: {exact: /B}, ignoreUriCase: true}',
      '{uri: {prefix: /}, headers: {x-old: {prefix: v}}}',
    ];
    const { lines, unmet, failing } = await scaffoldOf(
      base +
        virtualService(
          [...matches.map((match, at) => `{name: r${at}, match: [${match}], ${to}}`), `{name: last, ${to}}`].join(', '),
        ),
    );
    expect(unmet).toEqual([]);
    expect(failing).toBe(0);
    const outside = lines.filter(({ from }) => from === 'outside');
    expect(outside.map(({ path, method, headers, expect: { route } }) => [route, method, path, headers])).toEqual([
      ['r0', undefined, '/item/0', undefined],
      ['r1', undefined, '/a', undefined],
      ['r2', undefined, '/a', { 'x-old': 'v1' }],
      ['r3', 'POST', '/b?q=a', undefined],
      ['r4', undefined, '/b', undefined],
      ['r5', undefined, undefined, { 'x-old': 'v' }],
      ['last', undefined, undefined, undefined],
    ]);
  });

  test('says nothing of a route that no request reaches', async () => {
    const rules = [`{name: all, match: [{uri: {regex: "/.*"}}], ${to}}`, `{name: dead, match: [{uri: {prefix: /a}}], ${to}}`];
    const { lines, unmet } = await scaffoldOf(base + virtualService(rules.join(', ')));
    expect(unmet).toEqual(['route dead']);
    expect(lines.filter(({ from }) => from === 'outside')).toHaveLength(1);
  });

  test('meets policies behind a gateway, with the tokens and headers that they ask for', async () => {
    const yaml =
      base +
      virtualService(
        `{name: admins, match: [{headers: {"@request.auth.claims.role": {exact: admin}}}], ${to}}, {name: all, ${to}}`,
      ) +
      tokens +
      security(
        'AuthorizationPolicy',
        'edge',
        '{selector: {matchLabels: {istio: ingressgateway}}, rules: [{from: [{source: {requestPrincipals: ["https://id.example.com/*"]}}], to: [{operation: {paths: ["/secret*"]}}]}, {to: [{operation: {notPaths: ["/secret*"]}}]}]}',
      ) +
      security(
        'AuthorizationPolicy',
        'web',
        '{action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}], when: [{key: "request.headers[x-a]", values: ["b*"]}]}]}',
        'shop',
      );
    const { lines, unmet, failing } = await scaffoldOf(yaml);
    expect(unmet).toEqual([]);
    expect(failing).toBe(0);
    expect(lines.some(({ claims }) => claims?.iss === 'https://id.example.com')).toBe(true);
    expect(lines.some(({ method, headers }) => method === 'DELETE' && headers?.['x-a'] === 'b')).toBe(true);
  });
});
