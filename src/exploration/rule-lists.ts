import { isAny } from '../envoy/any.ts';
import type { FilterChain, HttpFilter, Listener, RBAC, Route, RouteConfiguration, VirtualHost } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { ALWAYS, allOf, anyOf, type Formula, NEVER, not, textTest } from '../request-space/formula.ts';
import { testsIn } from '../request-space/variables.ts';
import { domainsOf } from '../trace/http/virtual-hosts.ts';
import { passesText } from '../trace/recording/passes-text.ts';
import { policyFormula } from '../trace/recording/policy-formulas.ts';
import { matchFormula } from '../trace/recording/route-formulas.ts';
import { METADATA } from '../trace/recording/text-formulas.ts';
import { assertNever } from '../util/assert.ts';
import { append, groupBy } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { compileExpression } from '../util/re2.ts';

/** A rule of a proxy: a route of a virtual host, or a policy of a filter. */
export interface ListedRule {
  readonly name: string;
  /** What remembers the rule's origin. */
  readonly value: object;
  readonly formula: Formula;
  /** What it would ask if claims of tokens could be any. */
  readonly unless: Formula;
  /** Whether it takes all that fits it; chance decides about others. */
  readonly isCertain: boolean;
}

/** Rules that a proxy asks one after the other, the first that fits taking a request. */
export interface OrderedRules {
  readonly kind: 'route' | 'policy';
  readonly rules: readonly ListedRule[];
  /** What holds of all requests that come to them. */
  readonly within: Formula;
  /** What refuses requests before; `rules` allow what is left. */
  readonly refusing: readonly ListedRule[];
  /** The filter chains that ask these. */
  readonly chains: readonly FilterChain[];
}

/**
 * The lists of rules of a proxy, of its route configurations those that are new, for the chains that ask them. Its ports may be taken to be
 * others than those of its listeners.
 */
export function* ruleListsOf(
  snapshot: XdsSnapshot,
  isNew: (configuration: RouteConfiguration, chains: readonly FilterChain[]) => boolean,
  arePortsKnown: boolean,
): Iterable<OrderedRules> {
  const asking = chainsByRoutes(snapshot);
  for (const configuration of snapshot.routes) {
    const chains = asking.get(configuration.name) ?? [];
    if (isNew(configuration, chains)) yield* routeLists(configuration, chains);
  }
  const isAnySharedRouteOther = memo(() => isAnyOther(snapshot.routes));
  const isTunnelled = snapshot.listeners.some(({ internalListener }) => internalListener !== undefined);
  for (const listener of snapshot.listeners) {
    for (const chain of chainsOf(listener)) {
      const port = arePortsKnown ? portFormula(listener, chain) : ALWAYS;
      for (const { typedConfig } of chain.filters ?? []) {
        if (isAny(typedConfig, 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC')) {
          // What passes as it is may be TLS all the same, with a server name.
          const within = isTunnelled ? ALWAYS : allOf([identityFormula(chain), port]);
          for (const one of [typedConfig.rules, typedConfig.shadowRules])
            if (one !== undefined)
              yield { kind: 'policy', rules: policyRules(one, undefined), within, refusing: [], chains: [chain] };
        }
        if (!isAny(typedConfig, HCM)) continue;
        if (typedConfig.routeConfig !== undefined) yield* routeLists(typedConfig.routeConfig, [chain]);
        const isAnyRouteOther =
          typedConfig.routeConfig === undefined ? isAnySharedRouteOther() : isAnyOther([typedConfig.routeConfig]);
        const within = connectionFormula(chain, port, isTunnelled);
        for (const list of policyLists(typedConfig.httpFilters ?? [], within, isAnyRouteOther))
          yield { ...list, chains: [chain] };
      }
    }
  }
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const FILTER = 'type.googleapis.com/envoy.extensions.filters.http.';

/** The filter chains that ask for route configurations, by the names of these. */
function chainsByRoutes({ listeners }: XdsSnapshot): ReadonlyMap<string | undefined, readonly FilterChain[]> {
  const found = new Map<string | undefined, FilterChain[]>();
  for (const chain of listeners.flatMap(chainsOf)) {
    for (const { typedConfig } of chain.filters ?? [])
      if (isAny(typedConfig, HCM) && typedConfig.rds !== undefined) append(found, typedConfig.rds.routeConfigName, chain);
  }
  return found;
}

function* routeLists(configuration: RouteConfiguration, chains: readonly FilterChain[]): Iterable<OrderedRules> {
  const domains = memo(() => groupBy(domainsOf(configuration), ({ virtualHost }) => virtualHost));
  for (const virtualHost of configuration.virtualHosts ?? []) {
    const rules = (virtualHost.routes ?? []).map(routeRule(virtualHost));
    const isHostAsked = testsIn(rules.map(({ formula }) => formula)).some(({ dimension }) => dimension.kind === 'authority');
    const own = isHostAsked ? (domains().get(virtualHost) ?? []).map(({ formula }) => formula) : [];
    if (rules.length > 0) yield { kind: 'route', rules, within: isHostAsked ? anyOf(own) : ALWAYS, refusing: [], chains };
  }
}

function routeRule(virtualHost: VirtualHost): (route: Route) => ListedRule {
  return (route) => {
    const { match = {}, name = virtualHost.name ?? '' } = route;
    const formula = matchFormula(match);
    return { name, value: route, formula, unless: formula, isCertain: match.runtimeFraction === undefined };
  };
}

function isAnyOther(routes: readonly RouteConfiguration[]): boolean {
  return routes.some(({ virtualHosts = [] }) => virtualHosts.some(hasOwnPolicies));
}

function hasOwnPolicies({ typedPerFilterConfig, routes = [] }: VirtualHost): boolean {
  return [typedPerFilterConfig, ...routes.map((route) => route.typedPerFilterConfig)].some((configs) =>
    Object.values(configs ?? {}).some(
      (config) => !isAny(config, `${FILTER}fault.v3.HTTPFault`) && !isAny(config, `${FILTER}cors.v3.CorsPolicy`),
    ),
  );
}

/** What holds of connections that a chain takes. Behind a tunnel, the peer is that of the tunnel. */
function connectionFormula(chain: FilterChain, port: Formula, isTunnelled: boolean): Formula {
  if (isTunnelled) return ALWAYS;
  const transport = textTest(
    { kind: 'transport' },
    { kind: 'exact', text: chain.transportSocket === undefined ? 'raw_buffer' : 'tls' },
  );
  return allOf([transport, identityFormula(chain), port]);
}

/** An identity that nobody asks for is not there. */
function identityFormula({ transportSocket }: FilterChain): Formula {
  const isAsked = transportSocket !== undefined && asksForCertificate(transportSocket);
  return isAsked ? ALWAYS : not(textTest({ kind: 'identity' }, { kind: 'present' }));
}

function portFormula(listener: Listener, { filterChainMatch }: FilterChain): Formula {
  const port = filterChainMatch?.destinationPort ?? portOf(listener);
  return port === undefined ? ALWAYS : { kind: 'port', dimension: { kind: 'destinationPort' }, start: port, end: port + 1 };
}

/** The port of all connections of a listener; undefined where something tells of another. */
function portOf({ address, bindToPort, useOriginalDst, listenerFilters = [] }: Listener): number | undefined {
  const isOther = listenerFilters.some(({ name = '' }) => !/tls_inspector|http_inspector/.test(name));
  return bindToPort === false || useOriginalDst === true || isOther ? undefined : address?.socketAddress?.portValue;
}

/** Whether clients may show certificates; of sockets that are not known, they may. */
function asksForCertificate({ typedConfig }: NonNullable<FilterChain['transportSocket']>): boolean {
  if (!isAny(typedConfig, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext')) return true;
  const { commonTlsContext = {}, requireClientCertificate = false } = typedConfig;
  const { validationContext, combinedValidationContext, validationContextSdsSecretConfig } = commonTlsContext;
  return (
    requireClientCertificate ||
    [validationContext, combinedValidationContext, validationContextSdsSecretConfig].some((part) => part !== undefined)
  );
}

/** Filters that change nothing that policies look at. */
const PLAIN_FILTERS = [
  'rbac.v3.RBAC',
  'jwt_authn.v3.JwtAuthentication',
  'ext_authz.v3.ExtAuthz',
  'cors.v3.Cors',
  'fault.v3.HTTPFault',
];

function* policyLists(
  filters: readonly HttpFilter[],
  within: Formula,
  isAnyRouteOther: boolean,
): Iterable<Omit<OrderedRules, 'chains'>> {
  let refusing: readonly ListedRule[] = [];
  let providers: readonly TokenProvider[] | undefined = [];
  for (const { typedConfig, name = '' } of filters) {
    if (isAny(typedConfig, `${FILTER}rbac.v3.RBAC`)) {
      const { rules, shadowRules } = typedConfig;
      for (const one of [rules, shadowRules]) {
        if (one === undefined) continue;
        const listed = policyRules(one, providers);
        const allows = one === rules && (one.action ?? 'ALLOW') === 'ALLOW';
        if (listed.length > 0) yield { kind: 'policy', rules: listed, within, refusing: allows ? refusing : [] };
        if (one === rules && one.action === 'DENY' && !isAnyRouteOther) refusing = [...refusing, ...listed];
      }
      continue;
    }
    // Another filter may change what the next ones look at.
    refusing = [];
    if (isAny(typedConfig, `${FILTER}jwt_authn.v3.JwtAuthentication`)) {
      const own = Object.values(typedConfig.providers ?? {});
      providers &&= [...providers, ...own.map(({ issuer, payloadInMetadata }) => ({ issuer, key: payloadInMetadata }))];
    } else if (!isPlain(name, typedConfig)) providers = undefined;
  }
}

function isPlain(name: string, config: HttpFilter['typedConfig']): boolean {
  return name.startsWith('istio.') || PLAIN_FILTERS.some((type) => String(config?.['@type']) === `${FILTER}${type}`);
}

/** Whose tokens are accepted, and under which name their claims are left. */
interface TokenProvider {
  readonly issuer: string | undefined;
  readonly key: string | undefined;
}

/** The policies in the order in which they are asked; as `evaluateRbac` (trace/rbac.ts). */
function policyRules({ policies = {} }: RBAC, providers: readonly TokenProvider[] | undefined): readonly ListedRule[] {
  return Object.entries(policies)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, policy]) => {
      const unless = policyFormula(policy);
      return {
        name,
        value: policy,
        formula: providers === undefined ? unless : ofTokens(unless, providers),
        unless,
        isCertain: policy.condition === undefined && policy.checkedCondition === undefined,
      };
    });
}

/** What a formula says where only tokens of some providers leave claims. */
function ofTokens(formula: Formula, providers: readonly TokenProvider[]): Formula {
  switch (formula.kind) {
    case 'all':
      return allOf(formula.of.map((part) => ofTokens(part, providers)));
    case 'any':
      return anyOf(formula.of.map((part) => ofTokens(part, providers)));
    case 'not':
      return not(ofTokens(formula.of, providers));
    case 'text': {
      const { dimension, test } = formula;
      if (dimension.kind !== 'claim' || dimension.issuer !== METADATA) return formula;
      const [filter, key, claim, ...inner] = dimension.path;
      if (filter !== 'envoy.filters.http.jwt_authn') return formula;
      const known = providers.filter((provider) => provider.key === key);
      const isOfIssuer = claim === 'iss' && inner.length === 0;
      const isPossible = known.some(
        ({ issuer }) => !isOfIssuer || issuer === undefined || passesText(test, issuer, compileExpression),
      );
      return isPossible ? formula : NEVER;
    }
    case 'token':
    case 'port':
    case 'range':
    case 'assumed':
      return formula;
    default:
      return assertNever(formula);
  }
}
