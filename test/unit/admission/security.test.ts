import { describe, expect, test } from 'vitest';
import { readKeySet } from '../../../src/admission/key-set.ts';
import { check } from './check.ts';

describe('an AuthorizationPolicy', () => {
  test.each([
    ['can allow nothing', '{}', []],
    [
      'can allow by all that it knows',
      '{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8], serviceAccounts: [ns/sa]}}], to: [{operation: {paths: ["/a/{*}/{**}"], ports: ["80"]}}], when: [{key: "request.headers[a]", values: [b]}]}]}',
      [],
    ],
    [
      'that denies needs rules',
      '{action: DENY}',
      [
        'error spec.rules: DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
      ],
    ],
    [
      'that denies by requests denies all connections',
      '{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {methods: [GET], ports: ["80"]}}]}, {}]}',
      [
        'warning spec.rules[0]: configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port',
      ],
    ],
    [
      'that asks somebody names whom, and knows little of the client',
      '{action: CUSTOM, rules: [{from: [{source: {principals: [a]}}], when: [{key: "request.auth.claims[a]", values: [b]}]}]}',
      [
        'error spec.provider.name: `provider.name` must not be empty',
        'error spec.rules[0].from[0].source.principals: From.Principals is currently not supported with CUSTOM action',
        'error spec.rules[0].when[0].key: request.auth.claims[a] is currently not supported with CUSTOM action',
      ],
    ],
    [
      'that asks nobody has no provider',
      '{provider: {name: p}}',
      ['error spec.provider: `provider` must not be with non CUSTOM action, found ALLOW'],
    ],
    [
      'has rules that say something',
      '{rules: [{from: [{}, {source: {}}], to: [{}, {operation: {}}], when: [{}, {key: source.ip}]}]}',
      [
        'error spec.rules[0].from[0].source: `from.source` must not be nil, found at rule 0',
        'error spec.rules[0].from[1].source: `from.source` must not be empty, found at rule 0',
        'error spec.rules[0].to[0].operation: `to.operation` must not be nil, found at rule 0',
        'error spec.rules[0].to[1].operation: `to.operation` must not be empty, found at rule 0',
        'error spec.rules[0].when[0].key: `key` must not be empty',
        'error spec.rules[0].when[1]: at least one of `values` or `notValues` must be set for key source.ip',
      ],
    ],
    [
      'has sources that are well-formed',
      '{rules: [{from: [{source: {principals: [""], ipBlocks: [1.2.3, 1.2.3.4/33], trustDomains: ["a*b", "a/b"], serviceAccounts: [a/b/c]}}]}]}',
      [
        'error spec.rules[0].from[0].source.serviceAccounts: cannot set serviceAccounts with namespaces or principals, found at rule 0',
        'error spec.rules[0].from[0].source.ipBlocks[0]: bad IP address (1.2.3)',
        'error spec.rules[0].from[0].source.ipBlocks[1]: bad CIDR range (1.2.3.4/33): netip.ParsePrefix("1.2.3.4/33"): prefix length out of range',
        'error spec.rules[0].from[0].source.principals: empty value not allowed, found in Principals',
        "error spec.rules[0].from[0].source.serviceAccounts: expected format 'serviceAccount' or 'namespace/serviceAccount', found \"a/b/c\" in ServiceAccounts",
        'error spec.rules[0].from[0].source.trustDomains: wildcard is only allowed at the start or end, found in TrustDomains: "a*b"',
      ],
    ],
    [
      'has operations that are well-formed',
      '{rules: [{to: [{operation: {ports: [a, "70000"], hosts: [""], paths: ["/{**}/{*}"], notPaths: ["/a{*}"]}}]}]}',
      [
        'error spec.rules[0].to[0].operation.ports[0]: bad port (a): strconv.ParseUint: parsing "a": invalid syntax',
        'error spec.rules[0].to[0].operation.ports[1]: bad port (70000): <nil>',
        'error spec.rules[0].to[0].operation.hosts: empty value not allowed, found in Hosts',
        'error spec.rules[0].to[0].operation.paths: invalid or unsupported path {**}/{*}, found in Paths. {**} is not the last operator',
        "error spec.rules[0].to[0].operation.notPaths: invalid or unsupported path a{*}, found in NotPaths. Contains '{' or '}' beyond a supported path template",
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('AuthorizationPolicy', spec)).toEqual(expected);
  });

  test.each([
    ['source.ip', 'a', '1 error occurred:\n\t* bad IP address (a)\n\n'],
    ['destination.port', '80', undefined],
    ['source.principal', 'anything', undefined],
    ['request.headers', 'a', 'bad key (request.headers): should have format a[b]'],
    ['experimental.envoy.filters.x[y]', 'a', undefined],
    ['source.trustDomain', 'a**', 'at most one wildcard is allowed, found in source.trustDomain: "a**"'],
    ['destination.labels[a]', 'b', 'attribute destination.labels[a] is replaced by the workload selector'],
    ['destination.user', 'b', 'deprecated attribute destination.user: only supported in v1alpha1'],
    ['x', 'b', 'unknown attribute: x'],
  ])('condition %s with %s', (key, value, problem) => {
    const spec = `{rules: [{when: [{key: "${key}", values: ["${value}"], notValues: ["${value}"]}]}]}`;
    const expected = (field: string, word: string): string =>
      `error spec.rules[0].when[0].${field}: invalid \`${word}\` for \`key\` ${key}: ${problem}`;
    expect(check('AuthorizationPolicy', spec)).toEqual(
      problem === undefined ? [] : [expected('values', 'value'), expected('notValues', 'notValue')],
    );
  });
});

describe('a policy attaches', () => {
  test.each([
    [
      'by a selector or by references',
      'selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: a}]',
      ['error spec.targetRefs: only one of targetRefs or workloadSelector can be set'],
    ],
    ['to all, with a warning', 'selector: {}', ['warning spec.selector: workload selector specified without labels']],
    [
      'by labels without stars',
      'selector: {matchLabels: {"": b, "a*": c}}',
      [
        'error spec.selector.matchLabels[""]: empty key is not supported in selector: "=b"',
        'error spec.selector.matchLabels["a*"]: wildcard is not supported in selector: "a*=c"',
      ],
    ],
    [
      'to services and gateways of its namespace',
      'targetRefs: [{kind: Pod, namespace: x}]',
      [
        'error spec.targetRefs[0].name: targetRef name must be set',
        'error spec.targetRefs[0].namespace: targetRef namespace must not be set; cross namespace referencing is not supported',
        'error spec.targetRefs[0].kind: targetRef must be to one of [core/v1/Service networking.istio.io/v1/ServiceEntry gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass] but was /Pod',
      ],
    ],
  ])('%s', (_, attachment, expected) => {
    for (const kind of ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry'])
      expect(check(kind, `{${attachment}}`)).toEqual(expected);
  });
});

describe('a RequestAuthentication', () => {
  test.each([
    ['names issuer or keys', '{}', ['error spec.jwtRules[0]: issuer or jwksUri must be non-empty string']],
    [
      'has keys at a URL of the web',
      '{jwksUri: "ftp://a"}',
      ['error spec.jwtRules[0].jwksUri: URI scheme "ftp" is not supported'],
    ],
    [
      'has texts where it asks for some, and headers with names',
      '{issuer: a, audiences: [""], fromHeaders: [{}], fromParams: [""], fromCookies: [""], outputClaimToHeaders: [{claim: c}, {claim: c, header: "a b"}], timeout: 0s}',
      [
        'error spec.jwtRules[0].audiences[0]: audience must be non-empty string',
        'error spec.jwtRules[0].fromHeaders[0].name: location header name must be non-empty string',
        'error spec.jwtRules[0].fromParams[0]: location query must be non-empty string',
        'error spec.jwtRules[0].fromCookies[0]: cookie name must be non-empty string',
        'error spec.jwtRules[0].outputClaimToHeaders[0]: outputClaimToHeaders header and claim value must be non-empty string',
        'error spec.jwtRules[0].outputClaimToHeaders[1].header: header name a b is not a valid header name',
        'error spec.jwtRules[0].timeout: duration must be greater than 1ms',
      ],
    ],
    [
      'holds public keys only',
      `{issuer: a, jwks: '{"keys": [{"kty": "oct", "k": "AAAA"}]}'}`,
      [
        'warning spec.jwtRules[0].jwks: jwks key at index 0 contains private key material; only public keys are used for verification',
      ],
    ],
  ])('%s', (_, rule, expected) => {
    expect(check('RequestAuthentication', `{jwtRules: [${rule}]}`)).toEqual(expected);
  });
});

describe('a key set', () => {
  test.each([
    '{"keys": []}',
    '{"keys": [{"kty": "RSA", "e": "AQAB", "n": "xAE7"}]}',
    '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}',
    '{"kty": "OKP", "crv": "Ed25519", "x": "AA"}',
  ])('%s is one', (text) => {
    expect(readKeySet(text).problem).toBeUndefined();
  });

  test.each([
    '',
    'x',
    '[]',
    '{}',
    '{"keys": {}}',
    '{"keys": [{"kty": "X"}]}',
    '{"keys": [{"kty": "RSA", "e": "AQAB"}]}',
    '{"keys": [{"kty": "RSA", "e": "AQAB", "n": "?"}]}',
    '{"keys": [{"kty": "EC", "x": "AA", "y": "AA"}]}',
  ])('%s is none', (text) => {
    expect(readKeySet(text).problem).toBeDefined();
  });

  test('tells private keys', () => {
    const key = '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}';
    expect(readKeySet(`{"keys": [${key}]}`).keys).toEqual([{ isPrivate: true }]);
  });
});

describe('a PeerAuthentication', () => {
  test.each([
    [
      'has modes of ports for workloads that it selects',
      '{portLevelMtls: {80: {mode: STRICT}}}',
      ['error spec.portLevelMtls: mesh/namespace peer authentication cannot have port level mTLS'],
    ],
    [
      'has modes of some ports or says nothing of them',
      '{portLevelMtls: {}}',
      ['error spec.portLevelMtls: port level mTLS, if defined, must have at least one element'],
    ],
    [
      'has modes of ports that are ports',
      '{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}}}',
      ['error spec.portLevelMtls["0"]: port must be in range 1..65535'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('PeerAuthentication', spec)).toEqual(expected);
  });
});
