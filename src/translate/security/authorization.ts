import { any } from '../../envoy/any.ts';
import type { HttpFilter, HttpRBAC, NetworkFilter, NetworkRBAC, Policy, RBAC } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { type AuthorizationPolicies, DRY_RUN_ANNOTATION, isDryRun } from '../../model/security/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { assertNever } from '../../util/assert.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { memo } from '../../util/memo.ts';
import { compact, setOwn } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import type { RuleContext } from './attributes.ts';
import { buildExtAuthzProviders, EXT_AUTHZ_PREFIX, EXT_AUTHZ_STAT_PREFIX, matchedByShadowRules } from './ext-authz.ts';
import type { PolicyNote } from './notes.ts';
import { buildRbacPolicy, neverMatching } from './rbac.ts';
import { buildRuleModel } from './rule-model.ts';
import { trustDomainsOf } from './trust-domains.ts';

/** Filters made from authorization policies. */
export interface AuthorizationFilters {
  readonly httpCustom: readonly HttpFilter[];
  readonly http: readonly HttpFilter[];
  readonly tcpCustom: readonly NetworkFilter[];
  readonly tcp: readonly NetworkFilter[];
}

/** Translates the authorization policies of workloads. */
export interface AuthorizationBuilder {
  filters(policies: AuthorizationPolicies): AuthorizationFilters;
  /** Those behind a tunnel (HBONE), which tells who the peer is. */
  tunnelFilters(policies: AuthorizationPolicies): AuthorizationFilters;
  /** What of them connections alone decide, as filters for the request that opens a tunnel; CUSTOM counts not. As istio BuildTCPRulesAsHTTPFilter. */
  tunnelEndFilters(policies: AuthorizationPolicies): readonly HttpFilter[];
  /** What istiod ignores in the policies, or turns into denial. */
  notes(policies: AuthorizationPolicies): readonly PolicyNote[];
}

type Action = 'ALLOW' | 'DENY' | 'LOG';
type AuthorizationResource = ResourceOf<'AuthorizationPolicy'>;

/** RBAC policies by name. */
type Policies = Readonly<Record<string, Policy>>;

interface Translated {
  readonly policies: Policies;
  readonly notes: readonly PolicyNote[];
}

const HTTP_RBAC = 'envoy.filters.http.rbac';
const TCP_RBAC = 'envoy.filters.network.rbac';
const TCP_STAT_PREFIX = 'tcp.';

/** Where rules are enforced. */
type Place = Pick<RuleContext, 'forTcp' | 'peer'>;

/** Protocol-specific ends of filters; the rules between are the same. */
interface Side<F> extends Place {
  readonly rbacName: string;
  rbac(config: HttpRBAC & NetworkRBAC): F;
}

const httpSide: Side<HttpFilter> = {
  forTcp: false,
  peer: 'connection',
  rbacName: HTTP_RBAC,
  rbac: (config) => ({
    name: HTTP_RBAC,
    typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC', config),
  }),
};

const tcpSide: Side<NetworkFilter> = {
  forTcp: true,
  peer: 'connection',
  rbacName: TCP_RBAC,
  rbac: (config) => ({
    name: TCP_RBAC,
    typedConfig: any('type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC', {
      ...config,
      statPrefix: TCP_STAT_PREFIX,
    }),
  }),
};

const tunnelEndSide: Side<HttpFilter> = { ...httpSide, forTcp: true };
const httpTunnelSide: Side<HttpFilter> = { ...httpSide, peer: 'tunnel' };
const tcpTunnelSide: Side<NetworkFilter> = { ...tcpSide, peer: 'tunnel' };

/**
 * Translates the authorization policies of a workload to filters: one RBAC filter an action (AUDIT, DENY, ALLOW, in this order),
 * and for CUSTOM an RBAC filter that only marks requests with the ext_authz filter that acts on the mark.
 * As istio pilot/pkg/security/authz/builder/builder.go.
 */
export function createAuthorizationBuilder(mesh: Pick<Mesh, 'config' | 'registry' | 'release'>): AuthorizationBuilder {
  const { enableMultipleCustomAuthzProviders } = mesh.release.behaviours;
  const areTooMany = (providerNames: readonly string[]): boolean =>
    providerNames.length > 1 && !enableMultipleCustomAuthzProviders;
  const { customPoliciesByProvider: byProvider } = mesh.release.behaviours;
  const trustDomains = trustDomainsOf(mesh.config);
  const providers = buildExtAuthzProviders(mesh);

  /** The rules of one policy, as RBAC policies named for it. */
  const translate = memo((resource: AuthorizationResource, action: Action, place: Place, custom: boolean): Translated => {
    const policies: Record<string, Policy> = {};
    const notes: PolicyNote[] = [];
    const rules = resource.spec.rules ?? [];
    const nameOf = (rule: number): string =>
      policyName(resource, rule, custom ? customPrefix(providerOf(resource), byProvider) : '');
    for (const [index, rule] of rules.entries()) {
      const path = ['spec', 'rules', index];
      const note = (kind: PolicyNote['kind'], reason: string, at: readonly (string | number)[] = []): void => {
        notes.push({ kind, resource, path: [...path, ...at], reason });
      };
      const built = buildRuleModel(rule ?? {}, trustDomains, mesh.release.behaviours, (principal, trustDomain) =>
        note('foreign-trust-domain', `principal ${principal} is of trust domain ${trustDomain}, which is not of this mesh`),
      );
      if ('unknownKey' in built) {
        note('unknown-condition', `condition ${built.unknownKey} is unknown, so the rule is ignored`, [
          'when',
          built.whenIndex,
          'key',
        ]);
        continue;
      }
      const onProblem = action === 'ALLOW' ? 'drop-rule' : 'drop-condition';
      const follows = action === 'ALLOW' ? 'the rule is ignored' : 'the rule matches without it';
      const policy = buildRbacPolicy(
        built.model,
        { ...place, namespace: resource.namespace },
        onProblem,
        ({ problem, httpOnly }, { key }) => {
          if (!httpOnly) note('unusable-value', `${key}: ${problem}, so ${follows}`);
        },
      );
      if (policy !== undefined) setOwn(policies, nameOf(index), withOrigin(policy, resource, path));
    }
    if (rules.length === 0) setOwn(policies, nameOf(0), withOrigin(neverMatching, resource, ['spec']));
    return { policies, notes };
  });

  const merge = (resources: readonly AuthorizationResource[], action: Action, place: Place, custom: boolean): RBAC => {
    const policies = resources.flatMap((resource) => Object.entries(translate(resource, action, place, custom).policies));
    return compact({
      action: action === 'ALLOW' ? undefined : action,
      policies: policies.length > 0 ? Object.fromEntries(policies.sort(([a], [b]) => (a < b ? -1 : 1))) : undefined,
    });
  };

  const actionFilter = <F>(side: Side<F>, resources: readonly AuthorizationResource[], action: Action): readonly F[] => {
    if (resources.length === 0) return [];
    const enforced = resources.filter((resource) => !isDryRun(resource));
    const dryRun = resources.filter(isDryRun);
    return [
      side.rbac(
        compact({
          rules: enforced.length > 0 ? merge(enforced, action, side, false) : undefined,
          shadowRules: dryRun.length > 0 ? merge(dryRun, action, side, false) : undefined,
          shadowRulesStatPrefix: shadowStatPrefix(dryRun.length > 0 ? action : undefined),
        }),
      ),
    ];
  };

  const actionFilters = <F>(side: Side<F>, { audit, deny, allow }: AuthorizationPolicies): readonly F[] => [
    ...actionFilter(side, audit, 'LOG'),
    ...actionFilter(side, deny, 'DENY'),
    ...actionFilter(side, allow, 'ALLOW'),
  ];

  const customFilters = <F>(
    side: Side<F>,
    resources: readonly AuthorizationResource[],
    extAuthz: (provider: string) => F | undefined,
  ): readonly F[] => {
    const names = [...new Set(resources.map(providerOf))].sort();
    const groups = byProvider ? names : names.slice(0, 1);
    return groups.flatMap((name) => {
      const ofProvider = byProvider ? resources.filter((resource) => providerOf(resource) === name) : resources;
      const enforcing = ofProvider.filter((resource) => !isDryRun(resource));
      const enforced = merge(enforcing, 'DENY', side, true);
      // Nobody can be asked: what would have been asked about is denied.
      if (areTooMany(names) || customProblem(name) !== undefined) return [side.rbac({ rules: denyAll(enforced) })];
      const filter = extAuthz(name);
      if (filter === undefined) return [];
      const dryRunRules = merge(ofProvider.filter(isDryRun), 'DENY', side, true);
      return [
        side.rbac(
          compact({
            rules: byProvider && dryRunRules.policies !== undefined ? dryRunRules : undefined,
            shadowRules: byProvider || enforcing.length > 0 ? enforced : undefined,
            shadowRulesStatPrefix: EXT_AUTHZ_STAT_PREFIX,
          }),
        ),
        filter,
      ];
    });
  };

  /** Why a provider cannot be asked; undefined when it can. */
  const customProblem = (name: string): string | undefined => {
    const provider = providers.get(name);
    if (provider === undefined) {
      const known = [...providers.keys()].map((known) => `"${known}"`).join(', ');
      return `no extension provider "${name}" for external authorization exists (${known === '' ? 'there are none' : `there are ${known}`})`;
    }
    return 'problems' in provider ? `extension provider "${name}" is unusable: ${provider.problems.join('; ')}` : undefined;
  };

  const httpExtAuthz = memo((name: string): HttpFilter | undefined => {
    const provider = providers.get(name);
    if (provider === undefined || 'problems' in provider) return undefined;
    return {
      name: 'envoy.filters.http.ext_authz',
      typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
        ...provider.http,
        filterEnabledMetadata: matchedByShadowRules(HTTP_RBAC, byProvider ? name : undefined),
      }),
    };
  });

  const tcpExtAuthz = memo((name: string): NetworkFilter | undefined => {
    const provider = providers.get(name);
    if (provider === undefined || 'problems' in provider || provider.tcp === undefined) return undefined;
    return {
      name: 'envoy.filters.network.ext_authz',
      typedConfig: any('type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz', {
        ...provider.tcp,
        filterEnabledMetadata: matchedByShadowRules(TCP_RBAC, byProvider ? name : undefined),
      }),
    };
  });

  const notesOf = ({ custom, audit, deny, allow }: AuthorizationPolicies): readonly PolicyNote[] => {
    const providerNames = [...new Set(custom.map(providerOf))].sort();
    return [
      ...custom.flatMap((resource) => [
        ...translate(resource, 'DENY', httpSide, true).notes,
        ...providerNotes(resource, areTooMany(providerNames) ? providerNames : [], customProblem(providerOf(resource))),
      ]),
      ...audit.flatMap((resource) => translate(resource, 'LOG', httpSide, false).notes),
      ...deny.flatMap((resource) => translate(resource, 'DENY', httpSide, false).notes),
      ...allow.flatMap((resource) => translate(resource, 'ALLOW', httpSide, false).notes),
      ...[...custom, ...audit, ...deny, ...allow].flatMap(dryRunNotes),
    ];
  };

  const filtersOf =
    (http: Side<HttpFilter>, tcp: Side<NetworkFilter>) =>
    (policies: AuthorizationPolicies): AuthorizationFilters => ({
      httpCustom: customFilters(http, policies.custom, httpExtAuthz),
      http: actionFilters(http, policies),
      tcpCustom: customFilters(tcp, policies.custom, tcpExtAuthz),
      tcp: actionFilters(tcp, policies),
    });

  return {
    filters: filtersOf(httpSide, tcpSide),
    tunnelFilters: filtersOf(httpTunnelSide, tcpTunnelSide),
    tunnelEndFilters: (policies) => actionFilters(tunnelEndSide, policies),
    notes: notesOf,
  };
}

function providerOf({ spec }: AuthorizationResource): string {
  return spec.provider?.name ?? '';
}

/** The name by which logs, metrics and the ext_authz filter know a rule. */
function policyName(resource: AuthorizationResource, rule: number, prefix: string): string {
  return `${prefix}ns[${resource.namespace}]-policy[${resource.name}]-rule[${rule}]`;
}

function customPrefix(provider: string, byProvider: boolean): string {
  return provider === '' || !byProvider ? `${EXT_AUTHZ_PREFIX}-` : `${EXT_AUTHZ_PREFIX}-${provider}-`;
}

function denyAll({ policies = {} }: RBAC): RBAC {
  const renamed = Object.entries(policies).map(([name, policy]) => [`${name}-deny-due-to-bad-CUSTOM-action`, policy]);
  return compact({ action: 'DENY' as const, policies: renamed.length > 0 ? Object.fromEntries(renamed) : undefined });
}

/** Metrics of dry runs; without one, istiod writes the prefix of ALLOW all the same. */
function shadowStatPrefix(action: Action | undefined): string | undefined {
  switch (action) {
    case 'DENY':
      return 'istio_dry_run_deny_';
    case 'LOG':
      return undefined;
    case 'ALLOW':
    case undefined:
      return 'istio_dry_run_allow_';
    default:
      return assertNever(action);
  }
}

function dryRunNotes(resource: AuthorizationResource): readonly PolicyNote[] {
  const value = resource.annotations[DRY_RUN_ANNOTATION];
  if (value === undefined || parseGoBoolean(value) !== undefined) return [];
  return [
    {
      kind: 'bad-dry-run',
      resource,
      path: ['metadata', 'annotations', DRY_RUN_ANNOTATION],
      reason: `"${value}" is no boolean, so the policy is enforced`,
    },
  ];
}

function providerNotes(
  resource: AuthorizationResource,
  tooMany: readonly string[],
  problem: string | undefined,
): readonly PolicyNote[] {
  const path = ['spec', 'provider', 'name'];
  const denied = 'everything that its rules match is denied';
  if (tooMany.length > 0) {
    const reason = `the workload has CUSTOM policies of several providers (${tooMany.join(', ')}), so ${denied}`;
    return [{ kind: 'several-providers', resource, path, reason }];
  }
  return problem === undefined ? [] : [{ kind: 'bad-provider', resource, path, reason: `${problem}, so ${denied}` }];
}
