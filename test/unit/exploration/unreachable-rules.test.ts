import { describe, expect, test } from 'vitest';
import { watchRules } from '../../../src/exploration/unreachable-rules.ts';
import { inputOfTexts } from '../../../src/input/load.ts';
import { unreachableWords } from '../../../src/output/unreachable-words.ts';
import { openWorkbench } from '../../../src/workbench/workbench.ts';
import { WEB_MANIFESTS } from '../../support/web-manifests.ts';

const shop = `${WEB_MANIFESTS}apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: shop, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {app: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
`;

/** The rules that no request takes, and why. */
function unreachable(yaml: string): readonly string[] {
  const bench = openWorkbench(inputOfTexts([{ file: 'm.yaml', text: shop + yaml }]));
  const snapshots = bench.proxies.flatMap((proxy) => bench.snapshotOf(proxy) ?? []);
  const watch = watchRules({ isAsked: () => true, areSamePoliciesTold: true, isKnownAddress: () => true });
  for (const snapshot of snapshots) watch.add(snapshot);
  const found = watch.unreachable();
  return [...found.values()].map((rule) => `${rule.origin.path.join('.')}: ${unreachableWords(rule)}`);
}

const routes = (...matches: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.example]
  gateways: [edge]
  http: [${matches.map((match) => `{match: [${match}], route: [{destination: {host: web}}]}`).join(', ')}]
`;
const policy = (name: string, action: string, rule: string): string => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: ${action}, rules: [${rule}]}
`;
const takes = 'spec.http[0].match[0] of VirtualService shop/web takes every request that it asks for';

describe('routes that no request takes', () => {
  test.each([
    ['{uri: {regex: "/.*"}}', '{uri: {prefix: /a}}'],
    ['{uri: {regex: "^/.+$"}}', '{uri: {prefix: /a}}'],
    ['{uri: {regex: "/a(/.*)?"}}', '{uri: {regex: "/a/[0-9]+"}}'],
    ['{headers: {x: {}}}', '{uri: {prefix: /a}, headers: {x: {exact: "1"}}}'],
  ])('%s before %s', (earlier, later) => {
    expect(unreachable(routes(earlier, later))).toEqual([`spec.http.1.match.0: ${takes}`]);
  });

  test.each([
    ['{uri: {regex: "^/.+$"}}', '{uri: {exact: /}}'],
    ['{uri: {prefix: /a}, headers: {x: {}}}', '{uri: {prefix: /a}}'],
    ['{uri: {regex: "/a/[0-9]"}}', '{uri: {regex: "/a/[0-9]+"}}'],
    ['{uri: {prefix: /a}}', '{uri: {prefix: /A}}'],
    ['{uri: {prefix: /a}, method: {exact: GET}}', '{uri: {exact: /a/b}}'],
  ])('none where %s stands before %s', (earlier, later) => {
    expect(unreachable(routes(earlier, later))).toEqual([]);
  });

  test('several take together what one asks for', () => {
    const found = unreachable(
      routes('{uri: {prefix: /a}, headers: {x: {}}}', '{uri: {prefix: /a}, withoutHeaders: {x: {}}}', '{uri: {exact: /a}}'),
    );
    expect(found).toEqual([
      'spec.http.2.match.0: spec.http[0].match[0] of VirtualService shop/web and spec.http[1].match[0] of VirtualService shop/web together take every request that it asks for',
    ]);
  });

  test('a host that the virtual host does not have', () => {
    expect(unreachable(routes('{authority: {exact: shop.example}}', '{authority: {prefix: web}}'))).toEqual([
      'spec.http.0.match.0: no request for the hosts of its virtual host is as it asks',
    ]);
  });

  test('what excludes itself', () => {
    expect(unreachable(routes('{headers: {x: {exact: a}}, withoutHeaders: {x: {prefix: a}}}'))).toEqual([
      'spec.http.0.match.0: what it asks for excludes itself, so that no request fits',
    ]);
  });
});

describe('policies that no request takes', () => {
  const reads = '{to: [{operation: {methods: [GET], paths: ["/api/*"]}}]}';
  test('what DENY refuses whole', () => {
    expect(
      unreachable(policy('closed', 'DENY', '{to: [{operation: {paths: ["/api*"]}}]}') + policy('readers', 'ALLOW', reads)),
    ).toEqual(['spec.rules.0: spec.rules[0] of AuthorizationPolicy shop/closed refuses every request that it asks for']);
  });

  test('none where DENY leaves some', () => {
    expect(
      unreachable(policy('closed', 'DENY', '{to: [{operation: {paths: ["/api/x"]}}]}') + policy('readers', 'ALLOW', reads)),
    ).toEqual([]);
  });

  test('tokens that nobody accepts', () => {
    const asks = policy('readers', 'ALLOW', '{from: [{source: {requestPrincipals: ["https://id.example/*"]}}]}');
    const accepts = (issuer: string): string => `
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec: {jwtRules: [{issuer: "${issuer}", jwks: "{\\"keys\\":[]}"}]}
`;
    const refused = ['spec.rules.0: it asks for a token, and no RequestAuthentication accepts such a one here'];
    expect(unreachable(asks)).toEqual(refused);
    expect(unreachable(asks + accepts('https://other.example'))).toEqual(refused);
    expect(unreachable(asks + accepts('https://id.example'))).toEqual([]);
  });

  test('identities where nobody shows one', () => {
    const asks = policy('readers', 'ALLOW', '{from: [{source: {principals: ["cluster.local/ns/shop/*"]}}]}');
    const mutualTls = (mode: string): string => `
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: ${mode}}}
`;
    expect(unreachable(asks + mutualTls('DISABLE'))).toEqual(['spec.rules.0: no client of these connections is as it asks']);
    expect(unreachable(asks + mutualTls('PERMISSIVE'))).toEqual([]);
  });

  test('what another policy says already is told only of those who ask first', () => {
    const all = policy('a', 'ALLOW', '{}');
    expect(unreachable(all + policy('b', 'ALLOW', reads))).toEqual([
      'spec.rules.0: spec.rules[0] of AuthorizationPolicy shop/a takes every request that it asks for',
    ]);
    expect(unreachable(policy('a', 'ALLOW', reads) + policy('b', 'ALLOW', '{}'))).toEqual([]);
  });
});

describe('filter chains that no connection takes', () => {
  const entry = (address: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [${address}], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
`;
  const rules = (...subnets: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example]
  tcp: [${subnets.map((subnet) => `{match: [{destinationSubnets: [${subnet}]}], route: [{destination: {host: db.example}}]}`).join(', ')}]
`;

  test('halves of a range, whose chains are those of other rules', () => {
    expect(unreachable(entry('10.50.0.0/16') + rules('10.50.0.0/24', '10.50.0.0/25', '10.50.0.128/25'))).toEqual([
      'spec.tcp.0: spec.tcp[1] of VirtualService shop/db and spec.tcp[2] of VirtualService shop/db together take every connection that it asks for',
    ]);
    expect(unreachable(entry('10.50.0.0/16') + rules('10.50.0.0/24', '10.50.0.0/25', '10.50.0.128/26'))).toEqual([]);
  });

  test('the chain of the service itself, where a rule takes all of its address', () => {
    expect(unreachable(entry('203.0.113.9') + rules('203.0.113.0/24'))).toEqual([
      'spec.ports: spec.tcp[0] of VirtualService shop/db takes every connection that it asks for',
    ]);
    expect(unreachable(entry('203.0.113.9, 203.0.114.9') + rules('203.0.113.0/24'))).toEqual([]);
  });

  test('an address that the listener does not have', () => {
    expect(unreachable(entry('203.0.113.9') + rules('10.0.0.0/8'))).toEqual(['spec.tcp.0: its listener has another address']);
    expect(unreachable(entry('203.0.113.9, 10.9.9.9') + rules('10.0.0.0/8'))).not.toContainEqual(
      expect.stringContaining('spec.tcp.0'),
    );
  });
});

describe('what stands in filter chains that no connection takes', () => {
  const server = (host: string, port = 8443): string =>
    `{port: {number: ${port}, name: s-${host}-${port}, protocol: HTTPS}, hosts: [${host}], tls: {mode: SIMPLE, credentialName: c}}`;
  const secure = (...servers: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: secure, namespace: shop}
spec: {selector: {app: edge}, servers: [${servers.join(', ')}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [a.example]
  gateways: [secure]
  http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]
---
`;
  /** Leads the chains of a server name to a port that their listener does not have. */
  const elsewhere = (sni: string): string => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: moved, namespace: shop}
spec:
  workloadSelector: {labels: {app: edge}}
  configPatches:
  - applyTo: FILTER_CHAIN
    match: {context: GATEWAY, listener: {filterChain: {sni: ${sni}}}}
    patch: {operation: MERGE, value: {filter_chain_match: {destination_port: 999}}}
---
`;
  const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: shop}
spec: {selector: {matchLabels: {app: edge}}, action: DENY, rules: [{to: [{operation: {paths: ["/b*"]}}]}]}
---
`;
  const where = 'no connection takes the filter chain of spec.servers[0] of Gateway shop/secure, where it stands';

  test('routes', () => {
    expect(unreachable(secure(server('a.example')) + elsewhere('a.example'))).toEqual([
      'spec.servers.0: its listener has another port',
      `spec.http.0.match.0: ${where}`,
      `spec.http.1: ${where}`,
    ]);
  });

  test('not where another chain leads to them, or all others are concerned', () => {
    const servers = secure(server('a.example'), server('a.example', 9443));
    expect(unreachable(servers)).toEqual([]);
    const others = secure(server('a.example'), server('b.example'));
    expect(unreachable(others + elsewhere('b.example'))).toEqual(['spec.servers.1: its listener has another port']);
  });

  test('policies of a proxy, where all of its chains are so', () => {
    const only = secure(server('a.example')).replaceAll('app: edge', 'app: lone') + elsewhere('a.example') + policy;
    const lone = `
apiVersion: v1
kind: Pod
metadata: {name: lone-0, namespace: shop, labels: {app: lone}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
`;
    const found = unreachable(lone + only.replaceAll('app: edge', 'app: lone'));
    expect(found).toContain(`spec.rules.0: ${where}`);
    // At the other gateway, requests come to it.
    expect(unreachable(secure(server('a.example')) + elsewhere('a.example') + policy)).not.toContain(`spec.rules.0: ${where}`);
  });

  test('what is wrong with a rule by itself is what is said of it', () => {
    const odd = secure(server('a.example')).replace('{uri: {prefix: /a}}', '{uri: {prefix: /a}, authority: {exact: b.example}}');
    expect(unreachable(odd + elsewhere('a.example'))).toEqual([
      'spec.servers.0: its listener has another port',
      'spec.http.0.match.0: no request for the hosts of its virtual host is as it asks',
      `spec.http.1: ${where}`,
    ]);
  });
});
