import { describe, expect, test } from 'vitest';
import type { AuthorizationPolicy, MeshConfig, MeshConfigExtensionProvider } from '../../../../src/api/istio.gen.ts';
import type { HttpExtAuthz, HttpRBAC, NetworkRBAC, RBAC } from '../../../../src/envoy/api.gen.ts';
import type { Service, ServiceRegistry } from '../../../../src/model/registry/service.ts';
import { buildPolicies } from '../../../../src/model/security/policies.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { ResourceOf } from '../../../../src/resource/resource.ts';
import { type AuthorizationFilters, createAuthorizationBuilder } from '../../../../src/translate/security/authorization.ts';
import type { PolicyNote } from '../../../../src/translate/security/notes.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { securityResource } from '../../../support/security-resource.ts';

const services = [
  { hostname: 'oauth.security.svc.cluster.local', namespace: 'security' },
  { hostname: 'twice.example', namespace: 'security' },
  { hostname: 'twice.example', namespace: 'bookinfo' },
] as Service[];

const registry = {
  servicesOf: (hostname: string) => services.filter((service) => service.hostname === hostname),
  service: (hostname: string, namespace: string) =>
    services.find((service) => service.hostname === hostname && service.namespace === namespace),
} as unknown as ServiceRegistry;

const httpProvider: MeshConfigExtensionProvider = {
  name: 'oauth',
  envoyExtAuthzHttp: { service: 'oauth.security.svc.cluster.local', port: 4180 },
};

const grpcProvider: MeshConfigExtensionProvider = {
  name: 'opa',
  envoyExtAuthzGrpc: { service: 'security/oauth.security.svc.cluster.local', port: 9191 },
};

function policy(
  id: string,
  spec: AuthorizationPolicy,
  annotations: Record<string, string> = {},
): ResourceOf<'AuthorizationPolicy'> {
  return securityResource('AuthorizationPolicy', id, spec, { annotations });
}

function build(
  policies: readonly ResourceOf<'AuthorizationPolicy'>[],
  config: Partial<MeshConfig> = {},
): AuthorizationFilters & { readonly notes: readonly PolicyNote[] } {
  const selected = buildPolicies([], policies, 'istio-system', defaultRelease.behaviours).authorizationPolicies({
    namespace: 'bookinfo',
    labels: {},
  });
  const builder = createAuthorizationBuilder({
    config: { trustDomain: 'cluster.local', ...config },
    registry,
    release: defaultRelease,
  });
  return { ...builder.filters(selected), notes: builder.notes(selected) };
}

/** What the filters of these tests can hold. */
type FilterConfig = HttpRBAC & NetworkRBAC & Pick<HttpExtAuthz, 'filterEnabledMetadata' | 'transportApiVersion'>;

const configs = (filters: readonly { readonly typedConfig?: unknown }[]): readonly FilterConfig[] =>
  filters.map(({ typedConfig }) => typedConfig as FilterConfig);
const names = (rules: RBAC | undefined): string[] => Object.keys(rules?.policies ?? {});

const dryRun = { 'istio.io/dry-run': 'true' };
const get = [{ to: [{ operation: { methods: ['GET'] } }] }];

describe('authorization filters', () => {
  test('are one for each action that has policies: AUDIT, DENY, ALLOW', () => {
    const { http, tcp } = build([
      policy('bookinfo/allow', { rules: [{}] }),
      policy('bookinfo/deny', { action: 'DENY', rules: [{}] }),
      policy('bookinfo/audit', { action: 'AUDIT', rules: [{}] }),
    ]);
    expect(configs(http).map(({ rules }) => rules?.action)).toEqual(['LOG', 'DENY', undefined]);
    expect(configs(tcp).map(({ statPrefix }) => statPrefix)).toEqual(['tcp.', 'tcp.', 'tcp.']);
    expect(build([])).toEqual({ http: [], httpCustom: [], tcp: [], tcpCustom: [], notes: [] });
  });

  test('name their rules for namespace, policy and position, and remember where they come from', () => {
    const resource = policy('bookinfo/viewers', { rules: [{}, {}] });
    const [config] = configs(build([resource]).http);
    const [first] = names(config?.rules);
    expect(names(config?.rules)).toEqual(['ns[bookinfo]-policy[viewers]-rule[0]', 'ns[bookinfo]-policy[viewers]-rule[1]']);
    expect(originOf(config?.rules?.policies?.[first ?? ''])).toEqual({ resource, path: ['spec', 'rules', 0] });
  });

  test('let nothing match a policy without rules', () => {
    const [config] = configs(build([policy('bookinfo/nothing', {})]).http);
    expect(config?.rules?.policies?.['ns[bookinfo]-policy[nothing]-rule[0]']).toMatchObject({
      permissions: [{ notRule: { any: true } }],
      principals: [{ notId: { any: true } }],
    });
  });

  test('deny every connection when an ALLOW policy speaks of requests only', () => {
    const [config] = configs(build([policy('bookinfo/get', { rules: get })]).tcp);
    expect(config?.rules).toEqual({});
  });

  test('have the metric prefix of a dry-run ALLOW where there is no dry run', () => {
    const [config] = configs(build([policy('bookinfo/deny', { action: 'DENY', rules: [{}] })]).http);
    expect(config).toMatchObject({ shadowRulesStatPrefix: 'istio_dry_run_allow_' });
    expect(config?.shadowRules).toBeUndefined();
  });
});

describe('a dry-run policy', () => {
  test('becomes shadow rules beside the enforced ones', () => {
    const [config] = configs(
      build([
        policy('bookinfo/deny', { action: 'DENY', rules: [{}] }),
        policy('bookinfo/try', { action: 'DENY', rules: [{}] }, dryRun),
      ]).http,
    );
    expect(names(config?.rules)).toEqual(['ns[bookinfo]-policy[deny]-rule[0]']);
    expect(names(config?.shadowRules)).toEqual(['ns[bookinfo]-policy[try]-rule[0]']);
    expect(config?.shadowRulesStatPrefix).toBe('istio_dry_run_deny_');
  });

  test('alone enforces nothing', () => {
    const [config] = configs(build([policy('bookinfo/try', { rules: [{}] }, dryRun)]).http);
    expect(config?.rules).toBeUndefined();
  });

  test('with an annotation that is no boolean is enforced, and told', () => {
    const { http, notes } = build([policy('bookinfo/try', { rules: [{}] }, { 'istio.io/dry-run': 'yes' })]);
    expect(configs(http)[0]?.rules).toBeDefined();
    expect(notes).toMatchObject([{ kind: 'bad-dry-run' }]);
  });
});

describe('a CUSTOM policy', () => {
  const custom = (name: string, id = 'bookinfo/ask', annotations = {}): ResourceOf<'AuthorizationPolicy'> =>
    policy(id, { action: 'CUSTOM', provider: { name }, rules: get }, annotations);

  test('marks requests by shadow rules; ext_authz asks for marked ones alone', () => {
    const { httpCustom } = build([custom('oauth')], { extensionProviders: [httpProvider] });
    const [rbac, extAuthz] = configs(httpCustom);
    expect(httpCustom.map(({ name }) => name)).toEqual(['envoy.filters.http.rbac', 'envoy.filters.http.ext_authz']);
    expect(rbac?.shadowRules?.action).toBe('DENY');
    expect(names(rbac?.shadowRules)).toEqual(['istio-ext-authz-oauth-ns[bookinfo]-policy[ask]-rule[0]']);
    expect(rbac?.shadowRulesStatPrefix).toBe('istio_ext_authz_');
    expect(extAuthz?.filterEnabledMetadata).toEqual({
      filter: 'envoy.filters.http.rbac',
      path: [{ key: 'istio_ext_authz_shadow_effective_policy_id' }],
      value: { stringMatch: { prefix: 'istio-ext-authz-oauth' } },
    });
  });

  test('with an HTTP provider does not concern connections, with a gRPC provider it does', () => {
    expect(build([custom('oauth')], { extensionProviders: [httpProvider] }).tcpCustom).toEqual([]);
    const { tcpCustom } = build([custom('opa')], { extensionProviders: [grpcProvider] });
    expect(tcpCustom.map(({ name }) => name)).toEqual(['envoy.filters.network.rbac', 'envoy.filters.network.ext_authz']);
    expect(configs(tcpCustom)[1]).toMatchObject({ statPrefix: 'tcp.', transportApiVersion: 'V3' });
  });

  test('in a dry run becomes enforced rules of the marking filter', () => {
    const [rbac] = configs(build([custom('oauth', 'bookinfo/ask', dryRun)], { extensionProviders: [httpProvider] }).httpCustom);
    expect(rbac?.shadowRules).toEqual({ action: 'DENY' });
    expect(names(rbac?.rules)).toEqual(['istio-ext-authz-oauth-ns[bookinfo]-policy[ask]-rule[0]']);
  });

  test('of an unknown provider denies what it matches, and is told', () => {
    const { httpCustom, tcpCustom, notes } = build([custom('nobody')]);
    for (const [config] of [configs(httpCustom), configs(tcpCustom)]) {
      expect(names(config?.rules)).toEqual([
        'istio-ext-authz-nobody-ns[bookinfo]-policy[ask]-rule[0]-deny-due-to-bad-CUSTOM-action',
      ]);
      expect(config?.shadowRulesStatPrefix).toBeUndefined();
    }
    expect(notes).toMatchObject([{ kind: 'bad-provider' }]);
  });

  test('beside one of another provider denies, for a workload can have one provider only', () => {
    const extensionProviders = [httpProvider, grpcProvider];
    const { httpCustom, notes } = build([custom('oauth'), custom('opa', 'bookinfo/second')], { extensionProviders });
    expect(httpCustom.map(({ name }) => name)).toEqual(['envoy.filters.http.rbac', 'envoy.filters.http.rbac']);
    expect(notes.map(({ kind }) => kind)).toEqual(['several-providers', 'several-providers']);
  });

  test.each<[string, MeshConfigExtensionProvider]>([
    ['port', { name: 'x', envoyExtAuthzHttp: { service: 'oauth.security.svc.cluster.local', port: 0 } }],
    ['service', { name: 'x', envoyExtAuthzHttp: { service: 'nowhere.example', port: 80 } }],
    ['service', { name: 'x', envoyExtAuthzGrpc: { service: 'twice.example', port: 80 } }],
    ['statusOnError', { name: 'x', envoyExtAuthzGrpc: { service: 'security/twice.example', port: 80, statusOnError: '418' } }],
    ['pathPrefix', { name: 'x', envoyExtAuthzHttp: { service: 'security/twice.example', port: 80, pathPrefix: 'check' } }],
    [
      'headersToUpstreamOnAllow',
      { name: 'x', envoyExtAuthzHttp: { service: 'security/twice.example', port: 80, headersToUpstreamOnAllow: ['*'] } },
    ],
    ['name', { name: 'X', envoyExtAuthzHttp: { service: 'security/twice.example', port: 80 } }],
  ])('of a provider with a bad %s denies', (field, provider) => {
    const { httpCustom, notes } = build([custom(provider.name ?? '')], { extensionProviders: [provider] });
    expect(configs(httpCustom)[0]?.rules?.action).toBe('DENY');
    expect(notes[0]?.reason).toContain(field);
  });
});

describe('what is told about policies', () => {
  test('are unknown conditions, unusable values and foreign trust domains', () => {
    const { notes } = build([
      policy('bookinfo/mistakes', {
        rules: [
          { when: [{ key: 'request.body', values: ['x'] }] },
          { from: [{ source: { ipBlocks: ['nowhere'] } }] },
          { from: [{ source: { principals: ['corp.example/ns/a/sa/b'] } }] },
        ],
      }),
    ]);
    expect(notes.map(({ kind, path }) => [kind, path])).toEqual([
      ['unknown-condition', ['spec', 'rules', 0, 'when', 0, 'key']],
      ['unusable-value', ['spec', 'rules', 1]],
      ['foreign-trust-domain', ['spec', 'rules', 2]],
    ]);
  });

  test('is nothing for conditions on requests, which do not concern connections', () => {
    expect(build([policy('bookinfo/get', { rules: get })]).notes).toEqual([]);
  });
});
