import { describe, expect, test } from 'vitest';
import { authorizationOperations } from '../../../../src/findings/analyzers/authorization-operations.ts';
import { authorizationSources } from '../../../../src/findings/analyzers/authorization-sources.ts';
import { competingVirtualServices } from '../../../../src/findings/analyzers/competing-virtual-services.ts';
import { destinationRuleMerging } from '../../../../src/findings/analyzers/destination-rule-merging.ts';
import { expressions } from '../../../../src/findings/analyzers/expressions.ts';
import { hiddenBySidecar } from '../../../../src/findings/analyzers/hidden-by-sidecar.ts';
import { mergedVirtualServices } from '../../../../src/findings/analyzers/merged-virtual-services.ts';
import { mutualTlsConflicts } from '../../../../src/findings/analyzers/mutual-tls-conflicts.ts';
import { serviceConflicts } from '../../../../src/findings/analyzers/service-conflicts.ts';
import { shadowedRules } from '../../../../src/findings/analyzers/shadowed-rules.ts';
import { trafficSettings } from '../../../../src/findings/analyzers/traffic-settings.ts';
import { tokensNobodyRequires, unusedSelectors } from '../../../../src/findings/analyzers/unused-selectors.ts';
import { briefly, findingsOf } from './support.ts';

/** A VirtualService of namespace bookinfo, its spec in YAML's flow style. */
function virtualService(name: string, spec: string, created = '2026-01-01T00:00:00Z'): string {
  return `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: bookinfo, creationTimestamp: "${created}"}
spec: ${spec}
`;
}

/** A resource of namespace bookinfo. */
function resource(apiVersion: string, kind: string, name: string, spec: string, namespace = 'bookinfo'): string {
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
}

const pod = (name: string, labels: string, account = 'default', namespace = 'bookinfo'): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}
spec: {serviceAccountName: ${account}, containers: [{name: app, ports: [{containerPort: 9080}]}]}
`;
const service = (name: string, namespace = 'bookinfo'): string =>
  resource('v1', 'Service', name, `{selector: {app: ${name}}, ports: [{name: http, port: 9080}]}`, namespace);
const toReviews = 'route: [{destination: {host: reviews}}]';
const security = 'security.istio.io/v1';
const networking = 'networking.istio.io/v1';

describe('http rules that earlier rules hide', () => {
  const rules = (...list: readonly string[]): string =>
    virtualService('reviews', `{hosts: [reviews], http: [${list.map((match) => `{${match}, ${toReviews}}`).join(', ')}]}`);

  test('a prefix hides an exact path behind it', () => {
    const yaml = rules('match: [{uri: {prefix: /api}}]', 'match: [{uri: {exact: /api/v1}}]');
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2003 VirtualService/reviews spec.http.1']);
  });

  test('a match on everything hides one on headers', () => {
    const yaml = rules('match: [{uri: {prefix: /}}]', 'match: [{headers: {end-user: {exact: jason}}}]');
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2003 VirtualService/reviews spec.http.1']);
  });

  test('one of several matches can be hidden', () => {
    const yaml = rules('match: [{uri: {prefix: /api}}]', 'match: [{uri: {exact: /api/v1}}, {uri: {exact: /login}}]');
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2004 VirtualService/reviews spec.http.1.match.0']);
  });

  test('a regular expression hides an exact path that it matches whole', () => {
    const yaml = rules('match: [{uri: {regex: "/api/v[0-9]+"}}]', 'match: [{uri: {exact: /api/v1}}]');
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2003 VirtualService/reviews spec.http.1']);
  });

  test.each([
    ['a narrower rule comes first', 'match: [{uri: {exact: /api/v1}}]', 'match: [{uri: {prefix: /api}}]'],
    ['the earlier one asks for more', 'match: [{uri: {prefix: /api}, method: {exact: GET}}]', 'match: [{uri: {exact: /api/v1}}]'],
    [
      'the earlier one is for other clients',
      'match: [{uri: {prefix: /}, sourceLabels: {app: web}}]',
      'match: [{uri: {exact: /a}}]',
    ],
    ['the earlier one excludes a header', 'match: [{withoutHeaders: {beta: {}}}]', 'match: [{headers: {beta: {exact: "1"}}}]'],
    ['Istio tells it itself (prefixes)', 'match: [{uri: {prefix: /a}}]', 'match: [{uri: {prefix: /a/b}}]'],
    ['Istio tells it itself (equal)', 'match: [{uri: {exact: /a}}]', 'match: [{uri: {exact: /a}}]'],
  ])('nothing is said when %s', (_, first, second) => {
    expect(briefly(shadowedRules, rules(first, second))).toEqual([]);
  });

  test('at a gateway, an older VirtualService for the host hides rules of a younger one', () => {
    const spec = (match: string): string => `{hosts: [shop.example.com], gateways: [web], http: [{${match}, ${toReviews}}]}`;
    const older = virtualService('older', spec('match: [{uri: {prefix: /api}}]'));
    const younger = virtualService('younger', spec('match: [{uri: {exact: /api/v1}}]'), '2026-02-01T00:00:00Z');
    const [finding, ...rest] = findingsOf(mergedVirtualServices, older + younger);
    expect(rest).toEqual([]);
    expect(finding?.code).toBe('MESH2005');
    expect(finding?.resource?.name).toBe('younger');
    expect(finding?.message).toContain('spec.http[0] of VirtualService bookinfo/older');
  });

  test('at a gateway, a catch-all of an older VirtualService hides nothing but another catch-all', () => {
    const spec = (match: string): string => `{hosts: [shop.example.com], gateways: [web], http: [{${match}, ${toReviews}}]}`;
    const older = virtualService('older', spec('match: [{uri: {prefix: /}}]'));
    const younger = virtualService('younger', spec('match: [{uri: {exact: /api}}]'), '2026-02-01T00:00:00Z');
    // It is tried last, so that nothing can be said of what the younger one's rules come after.
    expect(briefly(mergedVirtualServices, older + younger)).toEqual([]);
    const both = older + virtualService('younger', spec('match: [{uri: {prefix: /}}]'), '2026-02-01T00:00:00Z');
    expect(briefly(mergedVirtualServices, both)).toEqual(['MESH2005 VirtualService/younger spec.http.0']);
  });
});

describe('VirtualServices for one host', () => {
  const spec = (rest = ''): string => `{hosts: [reviews], ${rest} http: [{${toReviews}}]}`;

  test('for sidecars the oldest wins whole', () => {
    const [finding, ...rest] = findingsOf(
      competingVirtualServices,
      virtualService('a', spec(), '2026-02-01T00:00:00Z') + virtualService('b', spec()),
    );
    expect(rest).toEqual([]);
    expect(finding?.code).toBe('MESH2001');
    expect(finding?.resource?.name).toBe('a');
    expect(finding?.message).toContain('VirtualService bookinfo/b');
  });

  test('an empty list of gateways means sidecars, as none does', () => {
    const yaml = virtualService('a', spec('gateways: [],'), '2026-02-01T00:00:00Z') + virtualService('b', spec());
    expect(briefly(competingVirtualServices, yaml)).toEqual(['MESH2001 VirtualService/a spec.hosts']);
    const atGateway = virtualService('a', spec('gateways: [outer],'), '2026-02-01T00:00:00Z') + virtualService('b', spec());
    expect(briefly(competingVirtualServices, atGateway)).toEqual([]);
  });

  test('one for a single namespace beside a public one is meant', () => {
    const yaml = virtualService('a', spec('exportTo: ["."],')) + virtualService('b', spec());
    expect(briefly(competingVirtualServices, yaml)).toEqual([]);
  });

  test('one that only a Sidecar imports is used', () => {
    const other = resource(
      networking,
      'VirtualService',
      'b',
      `{hosts: [reviews.bookinfo.svc.cluster.local], http: [{${toReviews}}]}`,
      'other',
    );
    const sidecar = resource(networking, 'Sidecar', 'default', '{egress: [{hosts: ["./*"]}]}', 'other');
    expect(briefly(competingVirtualServices, virtualService('a', spec()) + other)).toEqual([
      'MESH2001 VirtualService/b spec.hosts',
    ]);
    expect(briefly(competingVirtualServices, virtualService('a', spec()) + other + sidecar)).toEqual([]);
  });
});

describe('DestinationRules for one host', () => {
  const rule = (name: string, spec: string): string => resource(networking, 'DestinationRule', name, `{host: reviews, ${spec}}`);

  test('a subset of a name that is taken, and a second policy, are ignored', () => {
    const yaml =
      rule('a', 'trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: v1, labels: {version: v1}}]') +
      rule('b', 'trafficPolicy: {tls: {mode: DISABLE}}, subsets: [{name: v1, labels: {version: one}}]');
    expect(briefly(destinationRuleMerging, yaml)).toEqual([
      'MESH2021 DestinationRule/b spec.trafficPolicy',
      'MESH2020 DestinationRule/b spec.subsets.0',
    ]);
  });

  test('exportTo keeps rules apart', () => {
    const yaml = rule('a', 'subsets: [{name: v1}]') + rule('b', 'exportTo: ["."], subsets: [{name: v2}]');
    expect(briefly(destinationRuleMerging, yaml)).toEqual(['MESH2022 DestinationRule/b spec.exportTo']);
  });

  test('rules with subsets of their own merge well', () => {
    const yaml = rule('a', 'subsets: [{name: v1}]') + rule('b', 'subsets: [{name: v2}]');
    expect(briefly(destinationRuleMerging, yaml)).toEqual([]);
  });
});

describe('services of one host', () => {
  const entry = (name: string, host: string, protocol: string): string =>
    resource(
      networking,
      'ServiceEntry',
      name,
      `{hosts: [${host}], ports: [{number: 443, name: p, protocol: ${protocol}}], resolution: DNS}`,
    );

  test('one port cannot have two protocols', () => {
    const yaml = entry('a', 'api.example.com', 'TLS') + entry('b', 'api.example.com', 'HTTP');
    expect(briefly(serviceConflicts, yaml)).toEqual(['MESH2030 ServiceEntry/b spec.ports']);
    expect(briefly(serviceConflicts, entry('a', 'a.example.com', 'TLS') + entry('b', 'b.example.com', 'HTTP'))).toEqual([]);
  });

  test('a ServiceEntry must not have the name of a Kubernetes Service', () => {
    const yaml = service('reviews') + entry('a', 'reviews.bookinfo.svc.cluster.local', 'HTTP');
    expect(briefly(serviceConflicts, yaml)).toEqual(['MESH2031 ServiceEntry/a spec.hosts']);
  });
});

describe('AuthorizationPolicies', () => {
  const policy = (spec: string): string => resource(security, 'AuthorizationPolicy', 'p', spec);
  const from = (principal: string): string => policy(`{rules: [{from: [{source: {principals: ["${principal}"]}}]}]}`);
  const workloads = pod('web-1', '{app: web}', 'web');

  test.each([
    ['MESH2040', 'other.example/ns/bookinfo/sa/web'],
    ['MESH2041', 'cluster.local/ns/bookinfo/sa/wep'],
    ['MESH2041', 'cluster.local/ns/bokinfo/sa/web'],
    ['MESH2042', 'spiffe://cluster.local/ns/bookinfo/sa/web'],
    ['MESH2042', 'cluster.local/bookinfo/sa/web'],
  ])('%s: nobody is %s', (code, principal) => {
    expect(findingsOf(authorizationSources, workloads + from(principal)).map((finding) => finding.code)).toEqual([code]);
  });

  test.each([
    'cluster.local/ns/bookinfo/sa/web',
    'cluster.local/ns/bookinfo/sa/default',
    '*/ns/bookinfo/sa/anybody',
    'cluster.local/ns/elsewhere-entirely/sa/anybody',
    'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account',
  ])('%s may exist', (principal) => {
    expect(briefly(authorizationSources, workloads + from(principal))).toEqual([]);
  });

  test('an alias of the trust domain is known', () => {
    const yaml = workloads + from('old.example/ns/bookinfo/sa/web');
    expect(briefly(authorizationSources, yaml, { trustDomainAliases: ['old.example'] })).toEqual([]);
  });

  const operation = (text: string, action = 'ALLOW'): string =>
    policy(`{action: ${action}, rules: [{to: [{operation: {${text}}}]}]}`);

  test.each([
    ['MESH2043', 'methods: [get]'],
    ['MESH2044', 'paths: [api]'],
    ['MESH2044', 'paths: ["/api?x=1"]'],
    ['MESH2044', 'paths: ["/api/*/users"]'],
    ['MESH2044', 'paths: ["*/users/*"]'],
    ['MESH2044', 'paths: ["https://shop.example.com/api"]'],
    ['MESH2048', 'methods: [GET], notMethods: [GET, POST]'],
  ])('%s: no request has %s', (code, text) => {
    expect(findingsOf(authorizationOperations, operation(text)).map((finding) => finding.code)).toEqual([code]);
  });

  test.each(['methods: [GET, "*"]', 'paths: ["/api", "/api/*", "*/users", "*", "/a/{*}/b/{**}"]', 'hosts: [shop.example.com]'])(
    'nothing is wrong with %s',
    (text) => {
      expect(briefly(authorizationOperations, operation(text))).toEqual([]);
    },
  );

  test('a DENY of a host lets through the host with a port', () => {
    expect(findingsOf(authorizationOperations, operation('hosts: [a.example]', 'DENY')).map(({ code }) => code)).toEqual([
      'MESH2045',
    ]);
    expect(briefly(authorizationOperations, operation('hosts: [a.example, "a.example:*"]', 'DENY'))).toEqual([]);
  });

  test('an ALLOW policy without rules allows nothing', () => {
    expect(findingsOf(authorizationOperations, policy('{}')).map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'MESH2046 info',
    ]);
  });
});

describe('selectors', () => {
  test('a policy that selects no workload of its namespace has no effect', () => {
    const policy = resource(security, 'PeerAuthentication', 'p', '{selector: {matchLabels: {app: wep}}, mtls: {mode: STRICT}}');
    expect(briefly(unusedSelectors, pod('web-1', '{app: web}') + policy)).toEqual([
      'MESH2047 PeerAuthentication/p spec.selector',
    ]);
    expect(briefly(unusedSelectors, pod('web-1', '{app: wep}') + policy)).toEqual([]);
    expect(briefly(unusedSelectors, policy)).toEqual([]);
  });

  test('tokens that no policy asks for are told', () => {
    const authentication = resource(security, 'RequestAuthentication', 'jwt', '{jwtRules: [{issuer: a.example, jwks: "{}"}]}');
    const asking = resource(security, 'AuthorizationPolicy', 'p', '{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}');
    expect(briefly(tokensNobodyRequires, pod('web-1', '{app: web}') + authentication)).toEqual([
      'MESH2103 RequestAuthentication/jwt spec.jwtRules',
    ]);
    expect(briefly(tokensNobodyRequires, pod('web-1', '{app: web}') + authentication + asking)).toEqual([]);
  });

  test('tokens of a rule that names no issuer are those of any issuer', () => {
    const rules =
      '{jwtRules: [{jwksUri: "https://x/"}, {issuer: i, jwksUri: "https://y/"}, {issuer: "", jwksUri: "https://z/"}]}';
    const [finding] = findingsOf(
      tokensNobodyRequires,
      pod('web-1', '{app: web}') + resource(security, 'RequestAuthentication', 'jwt', rules),
    );
    expect(finding?.message).toContain('requests without a token of any issuer or "i" are let in');
  });
});

describe('mutual TLS', () => {
  const rule = (mode: string): string =>
    resource(networking, 'DestinationRule', 'reviews', `{host: reviews, trafficPolicy: {tls: {mode: ${mode}}}}`);
  const peers = (mode: string): string => resource(security, 'PeerAuthentication', 'default', `{mtls: {mode: ${mode}}}`);
  const reviews = service('reviews') + pod('reviews-1', '{app: reviews}');

  test('a rule for a wildcard tells once, and only where clients use it', () => {
    const wildcard = (mode: string): string =>
      resource(
        networking,
        'DestinationRule',
        'all',
        `{host: "*.bookinfo.svc.cluster.local", trafficPolicy: {tls: {mode: ${mode}}}}`,
      );
    const ratings = service('ratings') + pod('ratings-1', '{app: ratings}');
    const found = ['MESH2050 DestinationRule/all spec.trafficPolicy.tls.mode'];
    expect(briefly(mutualTlsConflicts, reviews + ratings + wildcard('DISABLE') + peers('STRICT'))).toEqual(found);
    expect(briefly(mutualTlsConflicts, reviews + ratings + wildcard('DISABLE'))).toEqual([]);
    expect(briefly(mutualTlsConflicts, reviews + ratings + wildcard('ISTIO_MUTUAL') + peers('STRICT'))).toEqual([]);
    // A rule for the very host goes before it.
    expect(briefly(mutualTlsConflicts, reviews + wildcard('DISABLE') + rule('ISTIO_MUTUAL') + peers('STRICT'))).toEqual([]);
  });

  test('plain text does not reach workloads that are STRICT', () => {
    expect(briefly(mutualTlsConflicts, reviews + rule('DISABLE') + peers('STRICT'))).toEqual([
      'MESH2050 DestinationRule/reviews spec.trafficPolicy.tls.mode',
    ]);
    expect(briefly(mutualTlsConflicts, reviews + rule('DISABLE') + peers('PERMISSIVE'))).toEqual([]);
    // TLS without a certificate of the mesh is refused as well.
    expect(briefly(mutualTlsConflicts, reviews + rule('SIMPLE') + peers('STRICT'))).toEqual([
      'MESH2050 DestinationRule/reviews spec.trafficPolicy.tls.mode',
    ]);
    expect(briefly(mutualTlsConflicts, reviews + rule('SIMPLE') + peers('PERMISSIVE'))).toEqual([]);
    expect(briefly(mutualTlsConflicts, reviews + rule('ISTIO_MUTUAL') + peers('STRICT'))).toEqual([]);
  });

  test('mutual TLS does not reach workloads that take plain text', () => {
    expect(briefly(mutualTlsConflicts, reviews + rule('ISTIO_MUTUAL') + peers('DISABLE'))).toEqual([
      'MESH2051 DestinationRule/reviews spec.trafficPolicy.tls.mode',
    ]);
    const bare = pod('reviews-1', '{app: reviews, sidecar.istio.io/inject: "false"}');
    expect(briefly(mutualTlsConflicts, service('reviews') + bare + rule('ISTIO_MUTUAL'))).toEqual([
      'MESH2051 DestinationRule/reviews spec.trafficPolicy.tls.mode',
    ]);
  });
});

describe('Sidecars', () => {
  const sidecar = (hosts: string): string => resource(networking, 'Sidecar', 'default', `{egress: [{hosts: [${hosts}]}]}`);
  const host = 'ratings.backend.svc.cluster.local';
  const rules =
    virtualService('ratings', `{hosts: [${host}], http: [{route: [{destination: {host: ${host}}}]}]}`) +
    resource(networking, 'DestinationRule', 'ratings', `{host: ${host}}`);
  const services = service('reviews') + service('ratings', 'backend');

  test('rules for hosts of other namespaces that the Sidecar does not import have no effect', () => {
    expect(briefly(hiddenBySidecar, services + rules + sidecar('"istio-system/*"'))).toEqual([
      'MESH2070 VirtualService/ratings spec.hosts',
      'MESH2071 DestinationRule/ratings spec.host',
    ]);
  });

  test('what is imported, or of the namespace itself, is fine', () => {
    expect(briefly(hiddenBySidecar, services + rules + sidecar('"./*", "backend/*"'))).toEqual([]);
    expect(
      briefly(
        hiddenBySidecar,
        services + virtualService('reviews', `{hosts: [reviews], http: [{${toReviews}}]}`) + sidecar('"istio-system/*"'),
      ),
    ).toEqual([]);
  });

  test('a destination of an imported VirtualService is reachable', () => {
    expect(briefly(hiddenBySidecar, services + rules + sidecar('"./*"'))).toEqual([]);
  });
});

describe('regular expressions', () => {
  test('what RE2 does not read is told where Istio does not look', () => {
    const route = resource(
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      'r',
      '{rules: [{matches: [{path: {type: RegularExpression, value: "/(?=a)"}}]}]}',
    );
    expect(briefly(expressions, route)).toEqual(['MESH2080 HTTPRoute/r spec.rules.0.matches.0.path.value']);
    expect(briefly(expressions, route.replace('(?=a)', '[a-z]+'))).toEqual([]);
  });

  test('an expression of an EnvoyFilter is read too', () => {
    const filter = resource(
      'networking.istio.io/v1alpha3',
      'EnvoyFilter',
      'f',
      '{configPatches: [{applyTo: HTTP_ROUTE, patch: {operation: MERGE, value: {match: {safe_regex: {regex: "(?<=a)b"}}}}}]}',
    );
    expect(findingsOf(expressions, filter).map(({ code }) => code)).toEqual(['MESH2080']);
  });

  test('repetitions can make a program too large', () => {
    const rule = (regex: string): string =>
      virtualService('reviews', `{hosts: [reviews], http: [{match: [{uri: {regex: "${regex}"}}], ${toReviews}}]}`);
    expect(briefly(expressions, rule('/([a-z0-9]+(abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz)?){999}'))).toEqual([
      'MESH2081 VirtualService/reviews spec.http.0.match.0.uri.regex',
    ]);
    expect(briefly(expressions, rule('/[a-z]{1,63}/x'))).toEqual([]);
  });
});

describe('settings of rules', () => {
  const rule = (text: string): string => virtualService('reviews', `{hosts: [reviews], http: [{${text}}]}`);

  test('a mirror of the destination itself doubles requests', () => {
    const mirror = (host: string): string => rule(`${toReviews}, mirror: {host: ${host}}`);
    expect(briefly(trafficSettings, mirror('reviews.bookinfo.svc.cluster.local'))).toEqual([
      'MESH2101 VirtualService/reviews spec.http.0.mirror',
    ]);
    expect(briefly(trafficSettings, mirror('reviews-copy'))).toEqual([]);
  });

  test('a timeout can end before the retries', () => {
    const retries = (timeout: string): string =>
      rule(`${toReviews}, timeout: ${timeout}, retries: {attempts: 3, perTryTimeout: 2s}`);
    expect(briefly(trafficSettings, retries('3s'))).toEqual(['MESH2102 VirtualService/reviews spec.http.0.timeout']);
    expect(briefly(trafficSettings, retries('10s'))).toEqual([]);
  });
});
