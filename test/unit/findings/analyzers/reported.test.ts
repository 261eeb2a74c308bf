import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { authorizationSources } from '../../../../src/findings/analyzers/authorization-sources.ts';
import { faultsAndRetries } from '../../../../src/findings/analyzers/faults-and-retries.ts';
import { labelledClients } from '../../../../src/findings/analyzers/labelled-clients.ts';
import { portLevelSettings } from '../../../../src/findings/analyzers/port-level-settings.ts';
import { rewrites } from '../../../../src/findings/analyzers/rewrites.ts';
import { rulesApart } from '../../../../src/findings/analyzers/rules-apart.ts';
import { stickySubsets } from '../../../../src/findings/analyzers/sticky-subsets.ts';
import { targetReferences } from '../../../../src/findings/analyzers/target-references.ts';
import { telemetryDisabled } from '../../../../src/findings/analyzers/telemetry-disabled.ts';
import { toTraceRequest } from '../../../../src/trace/table.ts';
import { briefly, findingsOf } from './support.ts';

const resource = (apiVersion: string, kind: string, name: string, spec: string): string =>
  `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: bookinfo}\nspec: ${spec}\n`;
const routes = (...rules: readonly string[]): string =>
  resource('networking.istio.io/v1', 'VirtualService', 'reviews', `{hosts: [reviews], http: [${rules.join(', ')}]}`);
const rule = (spec: string): string =>
  resource('networking.istio.io/v1', 'DestinationRule', 'reviews', `{host: reviews, ${spec}}`);
const policy = (spec: string): string => resource('security.istio.io/v1', 'AuthorizationPolicy', 'reviews', spec);
const to = 'route: [{destination: {host: reviews}}]';

describe('rewrites', () => {
  test('of a prefix without a final slash to a slash leave two', () => {
    expect(briefly(rewrites, routes(`{match: [{uri: {prefix: /shop}}], rewrite: {uri: /}, ${to}}`))).toEqual([
      'MESH2201 VirtualService/reviews spec.http.0.match.0.uri',
    ]);
  });

  test.each([
    ['MESH2201', '/shop', '/store/'],
    ['MESH2283', '/shop/', '/store'],
  ])('of a prefix keep the slash or leave it out on both sides (%s)', (code, prefix, uri) => {
    const rewritten = (to_: string): readonly string[] =>
      briefly(rewrites, routes(`{match: [{uri: {prefix: ${prefix}}}], rewrite: {uri: "${to_}"}, ${to}}`));
    expect(rewritten(uri)).toEqual([`${code} VirtualService/reviews spec.http.0.match.0.uri`]);
    expect(rewritten(prefix === '/shop' ? '/store' : '/store/')).toEqual([]);
    expect(rewritten(prefix === '/shop' ? '/store?of=' : '/store?of=')).toEqual([]);
  });

  test.each([
    ['a prefix with its slash', `{match: [{uri: {prefix: /shop/}}], rewrite: {uri: /}, ${to}}`],
    [
      'the prefix with its slash comes before',
      `{match: [{uri: {prefix: /shop/}}, {uri: {prefix: /shop}}], rewrite: {uri: /}, ${to}}`,
    ],
    ['another prefix is put in its place', `{match: [{uri: {prefix: /shop}}], rewrite: {uri: /store}, ${to}}`],
    ['no rewrite', `{match: [{uri: {prefix: /shop}}], ${to}}`],
    [
      'an expression with a regular rewrite',
      `{match: [{uri: {regex: "/a/.*"}}], rewrite: {uriRegexRewrite: {match: /a, rewrite: /b}}, ${to}}`,
    ],
    ['an expression for one path', `{match: [{uri: {regex: "^/old$"}}], rewrite: {uri: /new}, ${to}}`],
  ])('are fine where: %s', (_, http) => {
    expect(briefly(rewrites, routes(http))).toEqual([]);
  });

  test('of a regular match replace the whole path', () => {
    expect(briefly(rewrites, routes(`{match: [{uri: {regex: "/a/.*"}}], rewrite: {uri: /b}, ${to}}`))).toEqual([
      'MESH2202 VirtualService/reviews spec.http.0.match.0.uri',
    ]);
  });
});

describe('retries', () => {
  test('and timeouts do not act on the fault of their rule', () => {
    const fault = 'fault: {abort: {httpStatus: 502, percentage: {value: 50}}}';
    expect(briefly(faultsAndRetries, routes(`{${fault}, retries: {attempts: 3}, ${to}}`))).toEqual([
      'MESH2203 VirtualService/reviews spec.http.0.fault',
    ]);
    expect(briefly(faultsAndRetries, routes(`{${fault}, ${to}}`, `{retries: {attempts: 3}, timeout: 9s, ${to}}`))).toEqual([]);
    expect(briefly(faultsAndRetries, routes(`{${fault}, retries: {attempts: 0}, ${to}}`))).toEqual([]);
  });

  test('of limited tries without a timeout cut off slow answers', () => {
    expect(briefly(faultsAndRetries, routes(`{retries: {attempts: 3, perTryTimeout: 2s}, ${to}}`))).toEqual([
      'MESH2204 VirtualService/reviews spec.http.0.retries.perTryTimeout',
    ]);
    expect(briefly(faultsAndRetries, routes(`{timeout: 8s, retries: {attempts: 3, perTryTimeout: 2s}, ${to}}`))).toEqual([]);
    expect(briefly(faultsAndRetries, routes(`{retries: {attempts: 3}, ${to}}`))).toEqual([]);
  });
});

test('rules for labelled clients only leave the default route to the others', () => {
  const labelled = `{match: [{sourceLabels: {version: v2}}], ${to}}`;
  expect(briefly(labelledClients, routes(labelled))).toEqual(['MESH2205 VirtualService/reviews spec.http']);
  expect(briefly(labelledClients, routes(labelled, `{${to}}`))).toEqual([]);
  expect(briefly(labelledClients, routes(`{match: [{uri: {prefix: /a}}], ${to}}`))).toEqual([]);
});

test('weights between subsets keep no session, and a match does', () => {
  const subset = (name: string, weight = ''): string => `{destination: {host: reviews, subset: ${name}}${weight}}`;
  const split = routes(`{route: [${subset('v1', ', weight: 50')}, ${subset('v2', ', weight: 50')}]}`);
  const hash = rule('trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}');
  expect(briefly(stickySubsets, hash + split)).toEqual(['MESH2206 VirtualService/reviews spec.http.0.route']);
  expect(briefly(stickySubsets, rule('subsets: [{name: v1}, {name: v2}]') + split)).toEqual([]);
  expect(briefly(stickySubsets, hash + routes(`{route: [${subset('v1')}]}`))).toEqual([]);
  const host = (name: string, weight: number): string => `{destination: {host: ${name}}, weight: ${weight}}`;
  expect(briefly(stickySubsets, hash + routes(`{route: [${host('reviews', 90)}, ${host('ratings', 10)}]}`))).toEqual([
    'MESH2206 VirtualService/reviews spec.http.0.route',
  ]);
  expect(briefly(stickySubsets, hash + routes(`{route: [${host('reviews', 100)}, ${host('ratings', 0)}]}`))).toEqual([]);
});

test('settings for a port drop what they do not repeat', () => {
  const port = (settings: string): string => `portLevelSettings: [{port: {number: 9080}, ${settings}}]`;
  const pool = 'connectionPool: {tcp: {maxConnections: 1}}';
  const balancer = 'loadBalancer: {simple: RANDOM}';
  expect(briefly(portLevelSettings, rule(`trafficPolicy: {${pool}, ${port(balancer)}}`))).toEqual([
    'MESH2211 DestinationRule/reviews spec.trafficPolicy.portLevelSettings.0',
  ]);
  expect(
    briefly(portLevelSettings, rule(`trafficPolicy: {${pool}}, subsets: [{name: v1, trafficPolicy: {${port(balancer)}}}]`)),
  ).toEqual(['MESH2211 DestinationRule/reviews spec.subsets.0.trafficPolicy.portLevelSettings.0']);
  expect(briefly(portLevelSettings, rule(`trafficPolicy: {${pool}, ${port(`${pool}, ${balancer}`)}}`))).toEqual([]);
  expect(briefly(portLevelSettings, rule(`trafficPolicy: {${port(balancer)}}`))).toEqual([]);
});

describe('rules of policies', () => {
  const from = 'from: [{source: {namespaces: [bookinfo]}}]';
  const operation = 'to: [{operation: {methods: [GET]}}]';

  test('one with only from and one with only to are alternatives', () => {
    expect(briefly(rulesApart, policy(`{rules: [{${from}}, {${operation}}]}`))).toEqual([
      'MESH2221 AuthorizationPolicy/reviews spec.rules.0',
    ]);
    expect(briefly(rulesApart, policy(`{rules: [{${from}, ${operation}}]}`))).toEqual([]);
    expect(briefly(rulesApart, policy(`{rules: [{${from}}, {${from}}]}`))).toEqual([]);
  });

  test('a claim within a claim has brackets of its own', () => {
    const when = (key: string): string => policy(`{rules: [{when: [{key: "request.auth.claims${key}", values: [a]}]}]}`);
    expect(briefly(rulesApart, when('[realm_access.roles]'))).toEqual([
      'MESH2222 AuthorizationPolicy/reviews spec.rules.0.when.0.key',
    ]);
    for (const key of ['[realm_access][roles]', '[https://example.com/roles]', '[kubernetes.io]', '[groups]']) {
      expect(briefly(rulesApart, when(key))).toEqual([]);
    }
  });

  test('a claim within a claim has brackets of its own in headers of VirtualServices, too', () => {
    const routed = (claim: string): readonly string[] =>
      briefly(rulesApart, routes(`{match: [{headers: {"@request.auth.claims${claim}": {exact: a}}}], ${to}}`));
    expect(routed('[realm_access.roles]')).toEqual([
      'MESH2222 VirtualService/reviews spec.http.0.match.0.headers.@request.auth.claims[realm_access.roles]',
    ]);
    for (const claim of ['[realm_access][roles]', '.realm_access.roles', '[groups]']) expect(routed(claim)).toEqual([]);
  });

  test('a namespace and an account are no principal', () => {
    const principals = (name: string): string => policy(`{rules: [{from: [{source: {principals: [${name}]}}]}]}`);
    expect(briefly(authorizationSources, principals('bookinfo/reviews')).map((text) => text.slice(0, 8))).toEqual(['MESH2042']);
    expect(briefly(authorizationSources, principals('"*/sa/reviews"'))).toEqual([]);
    const excluded = (name: string): readonly string[] =>
      briefly(authorizationSources, policy(`{action: DENY, rules: [{from: [{source: {notPrincipals: [${name}]}}]}]}`));
    expect(excluded('bookinfo/reviews')).toEqual([
      'MESH2042 AuthorizationPolicy/reviews spec.rules.0.from.0.source.notPrincipals.0',
    ]);
    // Whoever is excluded may well not exist.
    expect(excluded('cluster.local/ns/bookinfo/sa/nobody')).toEqual([]);
  });
});

test('a policy for a Gateway that is not there is for nothing', () => {
  const gateway = resource(
    'gateway.networking.k8s.io/v1',
    'Gateway',
    'front',
    '{gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}',
  );
  const target = (name: string): string =>
    policy(`{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: ${name}}], rules: [{}]}`);
  expect(briefly(targetReferences, gateway + target('frnt'))).toEqual(['MESH2223 AuthorizationPolicy/reviews spec.targetRefs.0']);
  expect(briefly(targetReferences, gateway + target('front'))).toEqual([]);
  const among = policy(
    '{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: front}, {kind: Gateway, group: gateway.networking.k8s.io, name: frnt}], rules: [{}]}',
  );
  const messages = (yaml: string): readonly string[] =>
    findingsOf(targetReferences, gateway + yaml).map(({ message }) => message);
  expect(messages(among)).toEqual([expect.stringContaining('so that this is for its other targets alone')]);
  expect(messages(target('frnt'))).toEqual([expect.stringContaining('so that this has no effect at all')]);
  const filter = (kind: string): string =>
    resource('networking.istio.io/v1alpha3', 'EnvoyFilter', 'patch', `{targetRefs: [{${kind}, name: frnt}], configPatches: []}`);
  expect(briefly(targetReferences, gateway + filter('group: gateway.networking.k8s.io, kind: Gateway'))).toEqual([
    'MESH2223 EnvoyFilter/patch spec.targetRefs.0',
  ]);
  expect(briefly(targetReferences, gateway + filter('kind: Service'))).toEqual([]);
  const extension = '{targetRefs: [{kind: Service, name: frnt}], lua: {inlineCode: "function envoy_on_request(h) end"}}';
  expect(briefly(targetReferences, resource('extensions.istio.io/v1alpha1', 'TrafficExtension', 'lua', extension))).toEqual([
    'MESH2223 TrafficExtension/lua spec.targetRefs.0',
  ]);
});

test('access logs of MeshConfig.accessLogFile are disabled by the name of their provider only', () => {
  const telemetry = (spec: string): string =>
    resource('telemetry.istio.io/v1', 'Telemetry', 'quiet', `{accessLogging: [${spec}]}`);
  const withFile = { accessLogFile: '/dev/stdout' };
  const codes = (yaml: string, meshConfig: MeshConfig): readonly string[] =>
    findingsOf(telemetryDisabled, yaml, meshConfig).map(({ code }) => code);
  expect(codes(telemetry('{disabled: true}'), withFile)).toEqual(['MESH2231']);
  expect(codes(telemetry('{disabled: true, providers: [{name: envoy}]}'), withFile)).toEqual([]);
  expect(codes(telemetry('{disabled: true}'), {})).toEqual([]);
});

test('headers of a request table replace those that curl sends by itself', () => {
  const { headers } = toTraceRequest({ from: 'a/b', to: '10.0.0.1:80', headers: { 'User-Agent': 'probe' }, expect: {} });
  expect(headers).toEqual([
    ['accept', '*/*'],
    ['User-Agent', 'probe'],
  ]);
});
