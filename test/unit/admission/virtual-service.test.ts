import { describe, expect, test } from 'vitest';
import { check } from './check.ts';

const to = 'route: [{destination: {host: a}}]';
const http = (route: string): string => `{hosts: [a.com], http: [{${route}}]}`;

test('a virtual service with routes is good', () => {
  const match = 'match: [{uri: {prefix: ""}, headers: {":path": {exact: x}, a: {regex: "b+"}}}]';
  expect(check('VirtualService', `{hosts: [a.com, "*.b.com", 10.0.0.1], http: [{${match}, ${to}, timeout: 5s}]}`)).toEqual([]);
  expect(
    check(
      'VirtualService',
      '{hosts: [a.com], tls: [{match: [{sniHosts: [a.com], port: 443}], route: [{destination: {host: a}}]}]}',
    ),
  ).toEqual([]);
  expect(check('VirtualService', `{http: [{${to}}]}`)).toEqual([]);
});

describe('a VirtualService', () => {
  test.each([
    ['has routes', '{hosts: [a.com]}', ['error spec: http, tcp or tls must be provided in virtual service']],
    [
      'without hosts is for others to delegate to',
      `{gateways: [g], tcp: [{${to}}], http: [{delegate: {name: x}, ${to}}]}`,
      [
        'error spec.gateways: delegate virtual service must have no gateways specified',
        'error spec.tcp: delegate virtual service must have no tcp route specified',
        'error spec.http[0].delegate: delegate HTTP route cannot contain delegate',
      ],
    ],
    [
      'for the mesh does not take every host',
      `{hosts: ["*"], http: [{${to}}]}`,
      ['error spec.hosts[0]: wildcard host * is not allowed for virtual services bound to the mesh gateway'],
    ],
    ['for gateways can take every host', `{hosts: ["*"], gateways: [ns/g], http: [{${to}}]}`, []],
    [
      'has hosts that do not overlap',
      `{hosts: ["*.b.com", c.com, x.b.com], http: [{${to}}]}`,
      ['error spec.hosts[2]: duplicate hosts in virtual service: *.b.com & x.b.com'],
    ],
    [
      'names gateways as namespace/name',
      `{hosts: [a.com], gateways: [n_s/g, ns/g_g, /, g.ns.svc], http: [{${to}}]}`,
      [
        'error spec.gateways[0]: invalid value for namespace: "n_s"',
        'error spec.gateways[1]: invalid value for gateway name: "g_g"',
        'error spec.gateways[2]: config namespace and gateway name cannot be empty',
        'error spec.gateways[2]: invalid value for namespace: ""',
        'error spec.gateways[2]: invalid value for gateway name: ""',
        'warning spec.gateways[3]: using legacy gatewayName format "g.ns.svc"; prefer the <namespace>/<name> format: "ns/g"',
      ],
    ],
    [
      'routes by claims at gateways only',
      http(`match: [{headers: {"@request.auth.claims.sub": {exact: x}}}], ${to}`),
      [
        'error spec.http[0].match[0].headers["@request.auth.claims.sub"]: JWT claim based routing (key: @request.auth.claims.sub) is only supported for gateway, found no gateways: []',
      ],
    ],
    [
      'routes TLS by names among its hosts',
      '{hosts: [a.com], tls: [{match: [{sniHosts: [b.com, 10.0.0.1]}, {}], route: []}]}',
      [
        'error spec.tls[0].match[0].sniHosts[0]: SNI host "b.com" is not a compatible subset of any of the virtual service hosts: [a.com]',
        'error spec.tls[0].match[1].sniHosts: TLS match must have at least one SNI host',
        'error spec.tls[0].route: TLS route is required',
        'warning spec.tls[0].match[0].sniHosts[1]: using an IP address ("10.0.0.1") goes against SNI spec and most clients do not support this',
      ],
    ],
    [
      'takes the names of AUTO_PASSTHROUGH at gateways',
      '{hosts: [outbound_.80_._.a.com, outbound_.x_._.a.com], gateways: [ns/g], tls: [{match: [{sniHosts: [outbound_.80_._.a.com]}], route: [{destination: {host: a}}]}]}',
      [
        'error spec.hosts[1]: domain name "outbound_.x_._.a.com" invalid (label "x" invalid). should follow outbound_.<PORT>_._.<HOSTNAME> format',
      ],
    ],
    [
      'routes TCP by ranges, ports and labels',
      `{hosts: [a.com], tcp: [{match: [{destinationSubnets: [10.0.0.0/33], port: 70000, sourceLabels: {a: "-"}}], ${to}}]}`,
      [
        'error spec.tcp[0].match[0].destinationSubnets[0]: 10.0.0.0/33 is not a valid CIDR block',
        'error spec.tcp[0].match[0].port: port number 70000 must be in the range 1..65535',
        'error spec.tcp[0].match[0].sourceLabels.a: invalid tag value: "-"',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('VirtualService', spec)).toEqual(expected);
  });
});

describe('an HTTP route', () => {
  test.each([
    ['does something', '{}', ['error spec.http[0]: HTTP route, redirect or direct_response is required']],
    [
      'does one thing',
      `{redirect: {uri: /a}, ${to}, fault: {delay: {fixedDelay: 1s}}, rewrite: {uri: /b}, directResponse: {status: 200}}`,
      [
        'error spec.http[0].route: HTTP route cannot contain both route and redirect',
        'error spec.http[0].fault: HTTP route cannot contain both fault and redirect',
        'error spec.http[0].rewrite: HTTP route rule cannot contain both rewrite and redirect',
        'error spec.http[0].directResponse: HTTP route rule cannot contain both direct_response and redirect',
      ],
    ],
    [
      'that delegates does nothing else',
      `{name: r, delegate: {name: d}, ${to}}`,
      ['error spec.http[0].route: root HTTP route r must not specify route'],
    ],
    [
      'has destinations with names and some weight',
      '{route: [{destination: {host: "*"}}, {destination: {host: a, subset: s_s, port: {}}}, {weight: -1}, {destination: {host: b}, weight: 1}]}',
      [
        'error spec.http[0].route[0].destination.host: invalid destination host *',
        'error spec.http[0].route[1].destination.subset: subset name is invalid: s_s',
        'error spec.http[0].route[1].destination.port.number: port number 0 must be in the range 1..65535',
        'error spec.http[0].route[2].destination: destination is required',
        'error spec.http[0].route[2].weight: weight -1 < 0',
        'error spec.http[0].route: total destination weight = 0',
      ],
    ],
    ['has weights of any sum', '{route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 2}]}', []],
    [
      'matches headers by names and expressions',
      `{match: [{headers: {"a b": {exact: x}, c: {prefix: ""}, d: {regex: "("}}, withoutHeaders: {e: {regex: "*"}}}], ${to}}`,
      [
        'error spec.http[0].match[0].headers["a b"]: header name a b is not a valid header name',
        'error spec.http[0].match[0].headers.c.prefix: "headers": prefix string match should not be empty',
        'error spec.http[0].match[0].headers.d.regex: "headers": error parsing regexp: missing closing ): `(`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
      ],
    ],
    [
      'matches with expressions that are not too long',
      `{match: [{uri: {regex: ${'a'.repeat(1025)}}, sourceNamespace: n_s}], ${to}}`,
      [
        'error spec.http[0].match[0].uri.regex: "uri": regex is too large, max length allowed is 1024',
        'error spec.http[0].match[0].sourceNamespace: sourceNamespace match n_s is invalid',
      ],
    ],
    ['loses the warnings of its matches', `{match: [{gateways: [g.ns.svc]}], ${to}}`, []],
    [
      'changes headers that may be changed',
      `{headers: {request: {set: {":authority": x, ":path": b}, remove: [host]}, response: {add: {":status": z}}}, ${to}}`,
      [
        'error spec.http[0].headers.request.set[":path"]: invalid header ":path": header cannot have ":" prefix',
        'error spec.http[0].headers.response.add[":status"]: invalid header ":status": header cannot have ":" prefix',
        'error spec.http[0].headers.request.remove[0]: invalid header "host": cannot set Host header',
      ],
    ],
    [
      'rewrites the authority once',
      `{rewrite: {authority: x}, headers: {request: {set: {Host: b}}}, ${to}}`,
      [
        'error spec.http[0].headers.request.set.Host: authority header cannot be set multiple times: have "x", attempting to set "b"',
      ],
    ],
    [
      'has a CORS policy of known methods, headers and origins',
      `{corsPolicy: {allowOrigins: [{exact: ""}], allowMethods: [get], allowHeaders: ["a b", "*"], maxAge: 1500ms}, ${to}}`,
      [
        "error spec.http[0].corsPolicy.allowOrigins[0]: '' is not a valid match type for CORS allow origins",
        'error spec.http[0].corsPolicy.allowMethods[0]: "get" is not a supported HTTP method',
        'error spec.http[0].corsPolicy.allowHeaders[0]: header name a b is not a valid header name',
        'error spec.http[0].corsPolicy.maxAge: max_age duration is accurate only to seconds precision',
      ],
    ],
    [
      'injects faults of known kinds and shares',
      `{fault: {abort: {grpcStatus: NONE, percentage: {value: 101}}, delay: {exponentialDelay: 1s}}, ${to}}`,
      [
        'error spec.http[0].fault.abort.percentage.value: percentage 101 is neither 0.0, nor in range [0.0001, 100.0]',
        `error spec.http[0].fault.abort.grpcStatus: gRPC status "NONE" is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`,
        'error spec.http[0].fault.delay.exponentialDelay: exponentialDelay not supported yet',
      ],
    ],
    ['loses the warning of an abort without a status', `{fault: {abort: {}}, ${to}}`, []],
    [
      'answers with bytes in base64',
      '{directResponse: {status: 200, body: {bytes: "???"}}}',
      ['error spec.http[0].directResponse.body.bytes: is not base64'],
    ],
    ['answers with status 600, as in Istio', '{directResponse: {status: 600}}', []],
    [
      'answers with a status',
      '{directResponse: {status: 601}}',
      ['error spec.http[0].directResponse.status: HTTP status 601 is not in range 200-599'],
    ],
    [
      'mirrors to destinations, in shares',
      `{mirrorPercent: 101, mirrors: [{}, {destination: {host: b}, percentage: {value: -1}}], ${to}}`,
      [
        'error spec.http[0].mirrorPercent: mirror_percent must have a max value of 100 (it has 101)',
        'error spec.http[0].mirrors[0].destination: destination is required for mirrors',
        'error spec.http[0].mirrors[1].percentage.value: mirror percentage must have a min value of 0 (it has -1.000000)',
        'warning spec.http[0].mirrorPercent: using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
      ],
    ],
    [
      'redirects somewhere',
      '{redirect: {redirectCode: 301}}',
      ['error spec.http[0].redirect: redirect must specify URI, authority, scheme, or port'],
    ],
    [
      'redirects with a status of 3xx',
      '{redirect: {uri: /, redirectCode: 200}}',
      ['error spec.http[0].redirect.redirectCode: 200 is not a valid redirect code, must be 3xx'],
    ],
    [
      'retries on known conditions, some times',
      `{retries: {retryOn: "503,5xx, reset", perTryTimeout: 0s}, ${to}}`,
      [
        'error spec.http[0].retries.attempts: http retry policy configured when attempts are set to 0 (disabled)',
        'error spec.http[0].retries.perTryTimeout: duration must be greater than 1ms',
        'error spec.http[0].retries.retryOn: " reset" is not a valid retryOn policy',
      ],
    ],
    [
      'rewrites paths in one way',
      `{rewrite: {uri: /a, uriRegexRewrite: {match: a, rewrite: b}}, ${to}}`,
      ['error spec.http[0].rewrite: rewrite may only contain one of URI or UriRegexRewrite'],
    ],
    ['has a time to answer in', `{timeout: 0s, ${to}}`, ['error spec.http[0].timeout: duration must be greater than 1ms']],
  ])('%s', (_, route, expected) => {
    expect(check('VirtualService', `{hosts: [a.com], http: [${route}]}`)).toEqual(expected);
  });
});

describe('header values', () => {
  const value = (text: string): string[] =>
    check('VirtualService', http(`headers: {request: {set: {a: ${JSON.stringify(text)}}}}, ${to}`));

  test.each(['', 'plain', '%HOSTNAME%', '100%%', '%A(["b", "c"])%', '%START_TIME(%s)%', 'a %B% c'])('%j is good', (text) => {
    expect(value(text)).toEqual([]);
  });

  test.each([
    ['a%', 'Un-escaped %'],
    ['%A', "Un-terminated variable expression '%A'"],
    ['%A([b])%', `Expecting '"'`],
    ['%A(["b" c])%', "Expecting ',', ']', or whitespace"],
    ['%A(b) c%', "Expecting '%' or whitespace after"],
  ])('%j is not', (text, problem) => {
    expect(value(text)).toEqual([
      `error spec.http[0].headers.request.set.a: header value configuration: invalid header configuration. ${problem}`,
    ]);
  });

  test('control characters are not', () => {
    expect(value('a\u0001')).toHaveLength(1);
  });
});

describe('rules that are never reached', () => {
  const rules = (text: string): string[] => check('VirtualService', `{hosts: [a.com], http: [${text}]}`);

  test('are those after one without matches', () => {
    expect(rules(`{${to}}, {${to}}, {name: late, match: [{uri: {prefix: /a}}], ${to}}`)).toEqual([
      'warning spec.http[1]: virtualService rule #1 not used (only the last rule can have no matches)',
      'warning spec.http[2].match[0]: virtualService rule "late" not used (route without matches defined before)',
    ]);
  });

  test('are those whose matches stand before, whatever they are called', () => {
    expect(rules(`{match: [{name: m, uri: {exact: /a}}], ${to}}, {match: [{uri: {exact: /a}}], ${to}}`)).toEqual([
      'warning spec.http[1].match[0]: virtualService rule #1 match #0 is not used (duplicate/overlapping match in rule #0)',
      'warning spec.http[1]: virtualService rule #1 not used (all matches used by prior rules)',
    ]);
  });

  test('are those of a longer prefix than one before, for the same requests', () => {
    const both = (second: string): string =>
      `{match: [{uri: {prefix: /a}}], ${to}}, {match: [{uri: {prefix: /ab}${second}}], ${to}}`;
    expect(rules(both(''))).toEqual([
      'warning spec.http[1].match[0]: virtualService rule #1 match #0 of prefix /ab is not used (duplicate/overlapping match in rule #0 of prefix /a on #0)',
    ]);
    expect(rules(both(', port: 80'))).toEqual([]);
    expect(rules(both(', method: {exact: POST}'))).toEqual([]);
    expect(rules(both(', headers: {x: {exact: b}}'))).toEqual([]);
  });
});
