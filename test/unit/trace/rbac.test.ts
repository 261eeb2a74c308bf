import { describe, expect, test } from 'vitest';
import type { Permission, Principal, RBAC } from '../../../src/envoy/api.gen.ts';
import { createHeaders } from '../../../src/trace/headers.ts';
import {
  deniedDetails,
  evaluateRbac,
  matchesPermission,
  matchesPrincipal,
  type RecordedSubject,
} from '../../../src/trace/rbac.ts';
import { compileExpression } from '../../../src/util/re2.ts';

const subject: RecordedSubject = {
  headers: createHeaders([
    [':path', '/admin/users?x=1'],
    [':method', 'GET'],
    ['x-role', 'admin'],
  ]),
  destination: { ip: '10.0.0.1', port: 8080 },
  directIp: '10.0.0.9',
  remoteIp: '203.0.113.5',
  isTls: true,
  peerNames: ['spiffe://cluster.local/ns/shop/sa/cart'],
  serverName: 'shop.example',
  metadata: new Map([['envoy.filters.http.jwt_authn', { payload: { iss: 'me', groups: ['a', 'b'] } }]]),
  compile: compileExpression,
};

const present = { filter: 'a', path: [{ key: 'b' }], value: { presentMatch: false } };

describe('permissions', () => {
  const cases: readonly [string, Permission, boolean][] = [
    ['any', { any: true }, true],
    ['a path, without query', { urlPath: { path: { exact: '/admin/users' } } }, true],
    [
      'a path template',
      {
        uriTemplate: {
          name: 't',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
            pathTemplate: '/admin/*',
          },
        },
      },
      true,
    ],
    ['a header', { header: { name: ':method', stringMatch: { exact: 'POST' } } }, false],
    ['a port', { destinationPort: 8080 }, true],
    ['a port range, its end excluded', { destinationPortRange: { start: 80, end: 8080 } }, false],
    ['an address', { destinationIp: { addressPrefix: '10.0.0.0', prefixLen: 24 } }, true],
    ['a server name', { requestedServerName: { suffix: '.example' } }, true],
    ['metadata of the request', { sourcedMetadata: { metadataMatcher: present } }, true],
    [
      'metadata of a route, which nobody knows',
      { sourcedMetadata: { metadataMatcher: present, metadataSource: 'ROUTE' } },
      false,
    ],
    ['not', { notRule: { any: true } }, false],
    ['all of several', { andRules: { rules: [{ any: true }, { destinationPort: 1 }] } }, false],
    ['any of several', { orRules: { rules: [{ destinationPort: 1 }, { any: true }] } }, true],
  ];
  test.each(cases)('%s', (_, permission, expected) => {
    expect(matchesPermission(permission, subject)).toBe(expected);
  });
});

describe('principals', () => {
  const claim = (path: string, value: object): Principal => ({
    metadata: { filter: 'envoy.filters.http.jwt_authn', path: [{ key: 'payload' }, { key: path }], value },
  });
  const cases: readonly [string, Principal, boolean][] = [
    ['an identity', { authenticated: { principalName: { exact: 'spiffe://cluster.local/ns/shop/sa/cart' } } }, true],
    ['another identity', { authenticated: { principalName: { prefix: 'spiffe://other/' } } }, false],
    [
      'the identity as state of the connection',
      { filterState: { key: 'io.istio.peer_principal', stringMatch: { prefix: 'spiffe://' } } },
      true,
    ],
    ['the address of the connection', { directRemoteIp: { addressPrefix: '10.0.0.9', prefixLen: 32 } }, true],
    ['the address of the client', { remoteIp: { addressPrefix: '203.0.113.0', prefixLen: 24 } }, true],
    ['a header', { header: { name: 'x-role', stringMatch: { exact: 'admin' } } }, true],
    ['a claim', claim('iss', { stringMatch: { exact: 'me' } }), true],
    ['a word of a claim', claim('groups', { listMatch: { oneOf: { stringMatch: { exact: 'b' } } } }), true],
    ['not', { notId: { any: true } }, false],
  ];
  test.each(cases)('%s', (_, principal, expected) => {
    expect(matchesPrincipal(principal, subject)).toBe(expected);
  });

  test('a connection without TLS has no identity', () => {
    expect(matchesPrincipal({ authenticated: {} }, { ...subject, isTls: false, peerNames: [] })).toBe(false);
  });
});

describe('policies', () => {
  const rules = (action: 'ALLOW' | 'DENY', match: boolean): RBAC => ({
    action,
    policies: { 'ns[a]-policy[p]-rule[0]': { permissions: [{ any: match }], principals: [{ any: true }] } },
  });

  test('ALLOW lets pass what a policy matches', () => {
    expect(evaluateRbac(rules('ALLOW', true), subject)).toMatchObject({ isAllowed: true, name: 'ns[a]-policy[p]-rule[0]' });
    expect(evaluateRbac(rules('ALLOW', false), subject)).toMatchObject({ isAllowed: false, name: undefined });
  });

  test('DENY refuses what a policy matches', () => {
    expect(evaluateRbac(rules('DENY', true), subject)).toMatchObject({ isAllowed: false });
    expect(evaluateRbac(rules('DENY', false), subject)).toMatchObject({ isAllowed: true });
  });

  test('the first policy by name decides', () => {
    const policy = { permissions: [{ any: true }], principals: [{ any: true }] };
    expect(evaluateRbac({ policies: { b: policy, a: policy } }, subject).name).toBe('a');
  });

  test('details name the policy, or none', () => {
    expect(deniedDetails('ns[a]-policy[p]-rule[0]')).toBe('rbac_access_denied_matched_policy[ns[a]-policy[p]-rule[0]]');
    expect(deniedDetails(undefined)).toBe('rbac_access_denied_matched_policy[none]');
  });
});
