import { describe, expect, test } from 'vitest';
import type { Operation, Rule, Source, Condition as When } from '../../../../src/api/istio.gen.ts';
import type { Permission, Policy, Principal } from '../../../../src/envoy/api.gen.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildRbacPolicy, type OnProblem } from '../../../../src/translate/security/rbac.ts';
import { buildRuleModel } from '../../../../src/translate/security/rule-model.ts';

interface Options {
  readonly forTcp?: boolean;
  readonly onProblem?: OnProblem;
}

function translate(
  rule: Rule,
  { forTcp = false, onProblem = 'drop-rule' }: Options = {},
): {
  policy: Policy | undefined;
  problems: string[];
} {
  const problems: string[] = [];
  const built = buildRuleModel(rule, { names: ['cluster.local'] }, defaultRelease.behaviours, () => {});
  if ('unknownKey' in built) return { policy: undefined, problems: [built.unknownKey] };
  const policy = buildRbacPolicy(built.model, { forTcp, peer: 'connection', namespace: 'bookinfo' }, onProblem, ({ problem }) =>
    problems.push(problem),
  );
  return { policy, problems };
}

/** The conditions of the only source. */
function source(given: Source, options?: Options): readonly Principal[] | undefined {
  return translate({ from: [{ source: given }] }, options).policy?.principals?.[0]?.andIds?.ids;
}

/** The conditions of the only operation. */
function operation(given: Operation, options?: Options): readonly Permission[] | undefined {
  return translate({ to: [{ operation: given }] }, options).policy?.permissions?.[0]?.andRules?.rules;
}

function when(condition: When, options?: Options): { permissions: readonly Permission[]; principals: readonly Principal[] } {
  const { policy } = translate({ when: [condition] }, options);
  return {
    permissions: policy?.permissions?.[0]?.andRules?.rules ?? [],
    principals: policy?.principals?.[0]?.andIds?.ids ?? [],
  };
}

const authenticated = (principalName: object): object => ({ authenticated: { principalName } });
const anything = [{ any: true }];

describe('a rule', () => {
  test('that says nothing matches everything', () => {
    expect(translate({}).policy).toEqual({
      permissions: [{ andRules: { rules: anything } }],
      principals: [{ andIds: { ids: anything } }],
    });
  });

  test('has one alternative for each source and each operation', () => {
    const { policy } = translate({
      from: [{ source: { namespaces: ['a'] } }, { source: { namespaces: ['b'] } }],
      to: [{ operation: { methods: ['GET'] } }, { operation: { ports: ['80'] } }],
    });
    expect(policy?.principals).toHaveLength(2);
    expect(policy?.permissions).toHaveLength(2);
  });

  test('joins values by "or", also a single one, and forbids notValues', () => {
    expect(operation({ ports: ['80', '81'], notPorts: ['82'] })).toEqual([
      { orRules: { rules: [{ destinationPort: 80 }, { destinationPort: 81 }] } },
      { notRule: { orRules: { rules: [{ destinationPort: 82 }] } } },
    ]);
  });

  test('puts its when-conditions behind those of each source', () => {
    const { policy } = translate({
      from: [{ source: { namespaces: ['a'] } }, {}],
      when: [{ key: 'source.ip', values: ['10.0.0.1'] }],
    });
    expect(policy?.principals?.map(({ andIds }) => andIds?.ids?.length)).toEqual([2, 1]);
  });

  test('with when-conditions on principals multiplies them for each source after the first, as istiod does', () => {
    const principals = (sources: number): readonly string[] | undefined => {
      const built = buildRuleModel(
        {
          from: Array.from({ length: sources }, () => ({ source: { namespaces: ['a'] } })),
          when: [{ key: 'source.principal', values: ['td1/ns/a/sa/b'] }],
        },
        { names: ['td1', 'td2'] },
        defaultRelease.behaviours,
        () => {},
      );
      return 'model' in built ? built.model.sources.at(-1)?.at(-1)?.values : undefined;
    };
    const once = ['td1/ns/a/sa/b', 'td2/ns/a/sa/b'];
    expect(principals(0)).toEqual(once);
    expect(principals(1)).toEqual(once);
    expect(principals(2)).toEqual([...once, ...once]);
  });

  test('with an unknown condition is void', () => {
    expect(translate({ when: [{ key: 'request.body', values: ['x'] }] })).toEqual({
      policy: undefined,
      problems: ['request.body'],
    });
  });
});

describe('sources', () => {
  test('stand in the order principals, request principals, service accounts, trust domains, namespaces, remote IPs, IPs', () => {
    const ids = source({
      ipBlocks: ['10.0.0.1'],
      remoteIpBlocks: ['10.0.0.2'],
      namespaces: ['n'],
      trustDomains: ['t'],
      serviceAccounts: ['s'],
      requestPrincipals: ['r/x'],
      principals: ['p'],
    });
    expect(ids?.map((id) => Object.keys(id.orIds?.ids?.[0] ?? id)[0])).toEqual([
      'authenticated',
      'andIds',
      'authenticated',
      'authenticated',
      'authenticated',
      'remoteIp',
      'directRemoteIp',
    ]);
  });

  test.each([
    ['*', { safeRegex: { regex: '.+' } }],
    ['cluster.local/ns/a/sa/b', { exact: 'spiffe://cluster.local/ns/a/sa/b' }],
    ['cluster.local/ns/a/*', { prefix: 'spiffe://cluster.local/ns/a/' }],
    ['*/sa/b.c', { safeRegex: { regex: 'spiffe://.*/sa/b\\.c' } }],
  ])('principal %j', (principal, expected) => {
    expect(source({ principals: [principal] })).toEqual([{ orIds: { ids: [authenticated(expected)] } }]);
  });

  test.each([
    ['prod', '.*/ns/prod/.*'],
    ['prod-*', '.*/ns/prod-.*/.*'],
    ['*', '.*/ns/.*/.*'],
    ['a.b', '.*/ns/a\\.b/.*'],
  ])('namespace %j', (namespace, regex) => {
    expect(source({ namespaces: [namespace] })).toEqual([{ orIds: { ids: [authenticated({ safeRegex: { regex } })] } }]);
  });

  test.each([
    ['reviews', 'spiffe://.+/ns/bookinfo/(.+/|)sa/reviews(/.+)?'],
    ['shop/cart.v1', 'spiffe://.+/ns/shop/(.+/|)sa/cart\\.v1(/.+)?'],
  ])('service account %j', (account, regex) => {
    expect(source({ serviceAccounts: [account] })).toEqual([{ orIds: { ids: [authenticated({ safeRegex: { regex } })] } }]);
  });

  test.each([
    ['*', { prefix: 'spiffe://' }],
    ['td', { prefix: 'spiffe://td/' }],
    ['*.example', { safeRegex: { regex: 'spiffe://[^/]*\\.example/.*' } }],
    ['td-*', { safeRegex: { regex: 'spiffe://td-[^/]*/.*' } }],
  ])('trust domain %j', (trustDomain, expected) => {
    expect(source({ trustDomains: [trustDomain] })).toEqual([{ orIds: { ids: [authenticated(expected)] } }]);
  });

  test.each([
    ['*', { safeRegex: { regex: '.+' } }, { safeRegex: { regex: '.+' } }],
    ['https://issuer/sub', { exact: 'https://issuer' }, { exact: 'sub' }],
    ['issuer', { exact: 'issuer' }, { exact: '' }],
    ['*/sub', { safeRegex: { regex: '.+' } }, { exact: 'sub' }],
    ['*.example/sub', { suffix: '.example' }, { exact: 'sub' }],
    ['*sub', { safeRegex: { regex: '.+' } }, { suffix: 'sub' }],
    ['issuer/*', { exact: 'issuer' }, { safeRegex: { regex: '.+' } }],
    ['issuer/su*', { exact: 'issuer' }, { prefix: 'su' }],
    ['iss*', { prefix: 'iss' }, { safeRegex: { regex: '.+' } }],
  ])('request principal %j', (principal, issuer, subject) => {
    const claim = (name: string, stringMatch: object): object => ({
      metadata: { filter: 'envoy.filters.http.jwt_authn', path: [{ key: 'payload' }, { key: name }], value: { stringMatch } },
    });
    expect(source({ requestPrincipals: [principal] })).toEqual([
      { andIds: { ids: [claim('iss', issuer), claim('sub', subject)] } },
    ]);
  });

  test('with several request principals join them by "or", and forbid them together', () => {
    const [wanted, forbidden] = source({ requestPrincipals: ['a/b', 'c/d'], notRequestPrincipals: ['e/f', 'g/h'] }) ?? [];
    expect(wanted?.orIds?.ids).toHaveLength(2);
    expect(forbidden?.notId?.orIds?.ids).toHaveLength(2);
  });

  test('of IP blocks speak of the connection, of remote IP blocks of the original client', () => {
    expect(source({ ipBlocks: ['10.0.0.0/8'], remoteIpBlocks: ['2001:db8::1'] })).toEqual([
      { orIds: { ids: [{ remoteIp: { addressPrefix: '2001:db8::1', prefixLen: 128 } }] } },
      { orIds: { ids: [{ directRemoteIp: { addressPrefix: '10.0.0.0', prefixLen: 8 } }] } },
    ]);
  });
});

describe('operations', () => {
  test.each([
    ['*', { presentMatch: true }],
    ['*.example', { stringMatch: { suffix: '.example', ignoreCase: true } }],
    ['shop.*', { stringMatch: { prefix: 'shop.', ignoreCase: true } }],
    ['shop.example', { stringMatch: { exact: 'shop.example', ignoreCase: true } }],
  ])('host %j ignores case', (host, match) => {
    expect(operation({ hosts: [host] })).toEqual([{ orRules: { rules: [{ header: { name: ':authority', ...match } }] } }]);
  });

  test('method * asks for presence, path * for any text', () => {
    expect(operation({ methods: ['*'], paths: ['*'] })).toEqual([
      { orRules: { rules: [{ header: { name: ':method', presentMatch: true } }] } },
      { orRules: { rules: [{ urlPath: { path: { safeRegex: { regex: '.+' } } } }] } },
    ]);
  });

  test('a path with {*} or {**} is a template', () => {
    const template = (pathTemplate: string): object => ({
      uriTemplate: {
        name: 'uri-template',
        typedConfig: {
          '@type': 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
          pathTemplate,
        },
      },
    });
    expect(operation({ paths: ['/a/{*}/b', '/c/{**}'] })).toEqual([
      { orRules: { rules: [template('/a/*/b'), template('/c/**')] } },
    ]);
  });

  test('stand in the order hosts, methods, paths, ports', () => {
    const rules = operation({ ports: ['80'], paths: ['/'], methods: ['GET'], hosts: ['h'] });
    expect(rules?.map(({ orRules }) => Object.keys(orRules?.rules?.[0] ?? {})[0])).toEqual([
      'header',
      'header',
      'urlPath',
      'destinationPort',
    ]);
  });
});

describe('when-conditions', () => {
  test('on the destination and the server name are permissions', () => {
    expect(when({ key: 'destination.ip', values: ['10.0.0.1'] }).permissions).toEqual([
      { orRules: { rules: [{ destinationIp: { addressPrefix: '10.0.0.1', prefixLen: 32 } }] } },
    ]);
    expect(when({ key: 'destination.port', notValues: ['80'] }).permissions).toEqual([
      { notRule: { orRules: { rules: [{ destinationPort: 80 }] } } },
    ]);
    expect(when({ key: 'connection.sni', values: ['*.example'] }).permissions).toEqual([
      { orRules: { rules: [{ requestedServerName: { suffix: '.example' } }] } },
    ]);
  });

  test('on metadata of a filter match a text, or an element of a list when in brackets', () => {
    const value = (values: readonly string[]): unknown =>
      when({ key: 'experimental.envoy.filters.network.x[key]', values }).permissions[0]?.metadata?.value;
    expect(when({ key: 'experimental.envoy.filters.network.x[key]', values: ['a'] }).permissions[0]?.metadata).toMatchObject({
      filter: 'envoy.filters.network.x',
      path: [{ key: 'key' }],
    });
    expect(value(['a'])).toEqual({ stringMatch: { exact: 'a' } });
    expect(value(['[a]'])).toEqual({ listMatch: { oneOf: { stringMatch: { exact: 'a' } } } });
    expect(value(['a', '[b]'])).toMatchObject({ orMatch: { valueMatchers: [{}, {}] } });
  });

  test('on headers take the name in brackets', () => {
    expect(when({ key: 'request.headers[X-Token]', values: ['a*'] }).principals).toEqual([
      { orIds: { ids: [{ header: { name: 'X-Token', stringMatch: { prefix: 'a' } } }] } },
    ]);
  });

  test.each([
    ['request.auth.claims[group]', ['payload', 'group']],
    ['request.auth.claims[a][b]', ['payload', 'a', 'b']],
    ['request.auth.claims[a[b]', ['payload', 'a[b']],
    ['request.auth.audiences', ['payload', 'aud']],
    ['request.auth.presenter', ['payload', 'azp']],
  ])('%j matches a claim, or a list that holds it', (key, path) => {
    const stringMatch = { exact: 'x' };
    expect(when({ key, values: ['x'] }).principals).toEqual([
      {
        metadata: {
          filter: 'envoy.filters.http.jwt_authn',
          path: path.map((name) => ({ key: name })),
          value: { orMatch: { valueMatchers: [{ listMatch: { oneOf: { stringMatch } } }, { stringMatch }] } },
        },
      },
    ]);
  });

  test('take all values of a claim as one alternative', () => {
    const [principal] = when({ key: 'request.auth.claims[group]', values: ['a', 'b'] }).principals;
    expect(principal?.metadata?.value?.orMatch?.valueMatchers?.[1]).toEqual({
      orMatch: { valueMatchers: [{ stringMatch: { exact: 'a' } }, { stringMatch: { exact: 'b' } }] },
    });
  });
});

describe('what cannot be expressed', () => {
  test.each([
    [{ from: [{ source: { ipBlocks: ['nowhere'] } }] }],
    [{ to: [{ operation: { ports: ['http'] } }] }],
    [{ to: [{ operation: { ports: ['65536'] } }] }],
    [{ when: [{ key: 'request.headers', values: ['x'] }] }],
    [{ when: [{ key: 'experimental.envoy.filters.x', values: ['x'] }] }],
  ] satisfies [Rule][])('drops an ALLOW rule: %j', (rule) => {
    const { policy, problems } = translate(rule);
    expect(policy).toBeUndefined();
    expect(problems).toHaveLength(1);
  });

  test('leaves a DENY rule without the condition, and keeps good values beside', () => {
    const given: Rule = { from: [{ source: { ipBlocks: ['nowhere', '10.0.0.1'] } }] };
    expect(translate(given, { onProblem: 'drop-condition' }).policy?.principals).toEqual([
      { andIds: { ids: [{ orIds: { ids: [{ directRemoteIp: { addressPrefix: '10.0.0.1', prefixLen: 32 } }] } }] } },
    ]);
  });

  test('of requests on connections: an ALLOW rule is dropped, a DENY rule keeps the rest', () => {
    const rule: Rule = { to: [{ operation: { methods: ['GET'], ports: ['80'] } }] };
    expect(translate(rule, { forTcp: true }).policy).toBeUndefined();
    expect(translate(rule, { forTcp: true, onProblem: 'drop-condition' }).policy?.permissions).toEqual([
      { andRules: { rules: [{ orRules: { rules: [{ destinationPort: 80 }] } }] } },
    ]);
    for (const condition of [
      'request.headers[a]',
      'request.auth.claims[a]',
      'request.auth.principal',
      'request.auth.audiences',
    ]) {
      expect(translate({ when: [{ key: condition, values: ['x'] }] }, { forTcp: true }).policy).toBeUndefined();
    }
  });
});
