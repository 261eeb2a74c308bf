import { describe, expect, test } from 'vitest';
import type { StatementReport } from '../../../src/operations/prove/report.ts';
import { followAmong } from '../../../src/operations/trace/follow.ts';
import { readQuestion } from '../../../src/operations/trace/question.ts';
import { setWords } from '../../../src/output/request-set-words.ts';
import { groundOf, proveText, shopManifests } from '../../support/proving.ts';

/** The answers to statements, with where the witness arrives if there is one; each witness is followed as `mesh trace` follows it. */
function answersOf(statements: string, manifests: Readonly<Record<string, string>> = shopManifests()): readonly string[] {
  const ground = groundOf(manifests);
  return proveText(`statements:\n${statements}`, ground).statements.map(({ verdict }: StatementReport) => {
    if (verdict.kind !== 'refuted') return verdict.kind;
    const { question, server, port, security, path, method, status } = verdict.witness;
    const { outcomes } = followAmong(ground.benches, readQuestion(question), 0);
    const places = outcomes.flatMap(({ hops }) => hops.map(({ place }) => place));
    expect(places).toContain(server);
    expect(outcomes.map((outcome) => outcome.status)).toContain(status);
    return `refuted: ${method ?? 'connection'} ${path ?? ''} at ${server}:${port}, ${security}`;
  });
}

test('what is refuted is told of all requests that break it, without those that clients rarely send', () => {
  const answers = proveText(
    `statements:
  - never: { from: outside, to: { services: [shop/orders] } }
  - never: { from: { workloads: [shop/web] }, to: { services: [shop/orders], paths: [/orders/secret*] } }
`,
    groundOf(shopManifests()),
  ).statements;
  expect(
    answers.map(({ verdict }) => (verdict.kind === 'refuted' && verdict.which ? setWords(verdict.which, '') : verdict.kind)),
  ).toEqual([
    [
      'requests where host is shop.example, and server name (SNI) is shop.example, and path begins with /api/orders, and claim sub of a valid token of https://login.example has a value that is not empty',
    ],
    ['requests where path begins with /orders/secret'],
  ]);
});

describe('statements are proven or refuted', () => {
  test('what nobody outside reaches without a token', () => {
    expect(
      answersOf(`
  - never: { from: outside, to: { services: [shop/orders] }, unless: { token: { issuer: 'https://login.example' } } }
  - never: { from: outside, to: { services: [shop/orders] }, unless: { token: true } }
  - never: { from: outside, to: { services: [shop/orders] } }
  - never: { from: outside, to: { services: [shop/orders] }, unless: { token: { claims: { groups: [admin] } } } }
  - never: { from: outside, to: { services: [shop/orders] }, unless: { token: { issuer: 'https://other.example' } } }
  - always: { token: true, from: outside, to: { services: [shop/orders] } }
  - always: { token: true, from: outside, to: { services: [shop/web] } }
`),
    ).toEqual([
      'proven',
      'proven',
      'refuted: GET /orders at shop/orders-0:8080, mutual TLS',
      'refuted: GET /orders at shop/orders-0:8080, mutual TLS',
      'refuted: GET /orders at shop/orders-0:8080, mutual TLS',
      'proven',
      'refuted: GET / at shop/web-0:8080, mutual TLS',
    ]);
  });

  test('who alone may call', () => {
    expect(
      answersOf(`
  - only: { from: { workloads: [shop/web, istio-system/ingress] }, to: { services: [shop/orders] } }
  - only: { from: [outside, { workloads: [shop/web] }], to: { services: [shop/orders] } }
  - only: { from: { workloads: [shop/web] }, to: { services: [shop/orders] } }
  - only: { from: { namespaces: [shop] }, to: { services: [pay/ledger] } }
  - only: { from: { principals: [cluster.local/ns/shop/*] }, to: { services: [pay/ledger] } }
  - only: { from: { principals: ['*/sa/orders'] }, to: { services: [pay/ledger] } }
  - never: { to: { services: [pay/ledger], ports: [5432] } }
  - never: { from: { notNamespaces: [shop] }, to: { namespaces: [pay] } }
`),
    ).toEqual([
      'proven',
      'proven',
      'refuted: GET /orders at shop/orders-0:8080, mutual TLS',
      'proven',
      'proven',
      'refuted: GET / at pay/ledger-0:8080, mutual TLS',
      'proven',
      'proven',
    ]);
  });

  test('where everything is mutual TLS, or TLS from outside', () => {
    expect(
      answersOf(`
  - always: { mutualTLS: true, to: { namespaces: [pay] } }
  - always: { mutualTLS: true, to: { workloads: [shop/web] } }
  - always: { mutualTLS: true, from: { workloads: [shop/orders] }, to: { services: [shop/web] } }
  - never: { from: { plainText: true }, to: { workloads: [shop/orders] } }
  - never: { from: { namespaces: [shop] }, to: { services: [shop/orders] }, unless: { principals: [cluster.local/ns/shop/sa/web] } }
  - always: { tls: true }
`),
    ).toEqual([
      'proven',
      'refuted: GET / at shop/web-0:8080, plain text',
      'refuted: GET / at shop/web-0:8080, plain text',
      'proven',
      'proven',
      'proven',
    ]);
    const open = shopManifests()['gateway.yaml']?.replace('tls: { httpsRedirect: true }', '') ?? '';
    expect(
      answersOf(`  - always: { tls: true, gateways: [istio-system/ingress] }\n`, shopManifests({ 'gateway.yaml': open })),
    ).toEqual(['refuted: GET / at shop/web-0:8080, mutual TLS']);
  });

  test('for paths and methods as the server gets them', () => {
    expect(
      answersOf(`
  - never: { from: outside, to: { services: [shop/orders], paths: [/api*] } }
  - never: { from: outside, to: { services: [shop/orders], notPaths: [/orders*] } }
  - never: { from: outside, to: { services: [shop/orders], paths: ['/orders/{*}/items'] } }
  - never: { from: outside, to: { services: [shop/web], paths: [/api/orders*] } }
  - never: { from: outside, to: { services: [shop/web], methods: [DELETE] } }
`),
    ).toEqual([
      'proven',
      'proven',
      expect.stringMatching(/^refuted: GET \/orders\/[^/]+\/items at shop\/orders-0:8080, mutual TLS$/),
      'proven',
      'refuted: DELETE / at shop/web-0:8080, mutual TLS',
    ]);
  });

  test('for each client whom a server tells from others that are like it, by one path alone', () => {
    const client = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: app, image: app }] }
`;
    const manifests = shopManifests({
      'clients.yaml': ['a', 'b', 'c'].map(client).join(''),
      'more.yaml': `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: audit, namespace: shop }
spec:
  selector: { matchLabels: { app: orders } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/b] } }]
      to: [{ operation: { paths: [/audit] } }]
`,
    });
    expect(
      answersOf(
        `
  - only: { from: { workloads: [shop/web, istio-system/ingress] }, to: { services: [shop/orders] } }
  - only: { from: { workloads: [shop/web, shop/b, istio-system/ingress] }, to: { services: [shop/orders] } }
`,
        manifests,
      ),
    ).toEqual(['refuted: GET /audit at shop/orders-0:8080, mutual TLS', 'proven']);
  });

  test('past the gateways, where a Service or a port of nodes lets the world in', () => {
    const exposed =
      shopManifests()['workloads.yaml']?.replace('clusterIP: 10.96.10.1', 'clusterIP: 10.96.10.1\n  type: NodePort') ?? '';
    const statement = `  - only: { from: { workloads: [istio-system/ingress, shop/orders] }, to: { services: [shop/web] } }\n`;
    const outside = `  - never: { from: outside, to: { services: [shop/web] }, unless: { mutualTLS: true } }\n`;
    expect(answersOf(outside)).toEqual(['proven']);
    expect(answersOf(outside, shopManifests({ 'workloads.yaml': exposed }))).toEqual([
      'refuted: GET / at shop/web-0:8080, plain text',
    ]);
    const manifests =
      shopManifests()['workloads.yaml']?.replaceAll('containerPort: 8080', 'containerPort: 8080, hostPort: 80') ?? '';
    expect(answersOf(outside, shopManifests({ 'workloads.yaml': manifests }))).toEqual([
      'refuted: GET / at shop/web-0:8080, plain text',
    ]);
    expect(answersOf(statement)).toEqual(['refuted: GET / at shop/web-0:8080, plain text']);
  });

  test('and what a rewrite by an expression leaves open is not taken for a proof', () => {
    const rewritten = shopManifests()['gateway.yaml']?.replace(
      'rewrite: { uri: /orders }',
      "rewrite: { uriRegexRewrite: { match: '/api/(.*)', rewrite: '/\\1' } }",
    );
    expect(
      answersOf(
        `  - never: { from: outside, to: { services: [shop/orders], paths: [/admin*] } }\n`,
        shopManifests({ 'gateway.yaml': rewritten ?? '' }),
      ),
    ).toEqual(['undecided']);
  });
});
