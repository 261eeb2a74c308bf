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
  const units = coverageOf([{ ...surroundings, outcomes: results.flatMap(({ outcomes }) => outcomes) }]);
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

  test('has a connection for each filter chain that one can reach, whatever it asks of it', async () => {
    const chains = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: passes, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*.secure.example"], tls: {mode: SIMPLE, credentialName: c}}
  - {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: passes, namespace: shop}
spec:
  hosts: ["*.shop.example"]
  gateways: [istio-system/passes]
  tls:
  - {match: [{port: 443, sniHosts: ["*.shop.example"]}], route: [{destination: {host: web, port: {number: 80}}}]}
  - {match: [{port: 443, sniHosts: ["*.eu.shop.example"]}], route: [{destination: {host: web, port: {number: 80}}}]}
  tcp: [{match: [{port: 9000}], route: [{destination: {host: web, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [10.50.0.0/16], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example]
  tcp: [{match: [{destinationSubnets: [10.50.7.0/24]}], route: [{destination: {host: web, port: {number: 80}}}]}, {match: [{destinationSubnets: [10.50.7.0/25]}], route: [{destination: {host: db.example}}]}]
---
`;
    const { lines, unmet, failing } = await scaffoldOf(base + chains);
    expect(unmet).toEqual([]);
    expect(failing).toBe(0);
    const opaque = lines.filter(({ scheme }) => scheme !== undefined && scheme !== 'http');
    expect(opaque.map(({ from, to, scheme, host }) => [from, to, scheme, host].join(' '))).toEqual([
      'outside 10.244.0.9:443 tls any.shop.example',
      'outside 10.244.0.9:443 tls any.eu.shop.example',
      'outside 10.244.0.9:8443 https any.secure.example',
      'outside 10.244.0.9:9000 tcp ',
      'shop/web-0 10.50.7.129:5432 tcp ',
      'shop/web-0 10.50.7.1:5432 tcp ',
      'shop/web-0 10.50.0.1:5432 tcp ',
    ]);
  });

  test('says with what connections filter chains differ by protocol and source, as far as tables have words for it', async () => {
    const chain = (name: string, match: string): string => `
  - applyTo: FILTER_CHAIN
    match: {context: GATEWAY, listener: {portNumber: 9000}}
    patch:
      operation: ADD
      value:
        name: ${name}
        filter_chain_match: {${match}}
        filters:
        - {name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: x, cluster: BlackHoleCluster}}`;
    const { lines, unmet } = await scaffoldOf(`${base}apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: passes, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 9000, name: tls, protocol: TLS}, hosts: ["a.example"], tls: {mode: PASSTHROUGH}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: passes, namespace: shop}
spec: {hosts: [a.example], gateways: [istio-system/passes], tls: [{match: [{port: 9000, sniHosts: [a.example]}], route: [{destination: {host: web, port: {number: 80}}}]}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: chains, namespace: istio-system}
spec:
  workloadSelector: {labels: {istio: ingressgateway}}
  configPatches:${chain('near', 'server_names: [b.example], source_prefix_ranges: [{address_prefix: 10.7.0.0, prefix_len: 16}]')}${chain('new', 'server_names: [c.example], application_protocols: [h2]')}${chain('odd', 'server_names: [d.example], application_protocols: [acme-tls/1]')}
---
`);
    const added = lines.filter(({ host = '' }) => /^[bcd]\./.test(host));
    expect(added.map(({ scheme, host, source, speaks }) => [scheme, host, source, speaks])).toEqual([
      ['tls', 'b.example', '10.7.0.1', undefined],
      ['https', 'c.example', undefined, 'HTTP/2'],
    ]);
    expect(unmet).toEqual(['filter chain odd']);
  });
});
