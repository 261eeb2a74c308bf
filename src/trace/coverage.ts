import { isAny } from '../envoy/any.ts';
import type { FilterChain, HttpRBAC, Listener, NetworkRBAC, Route, RouteConfiguration, VirtualHost } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { PolicyMessage } from '../envoy/ztunnel.ts';
import type { PartsOf, WithFields } from '../util/fields.ts';
import { type Origin, originOf } from '../util/origin.ts';
import type { Outcome } from './outcome.ts';
import { asksForMutualTls, policyKey } from './ztunnel/policy-names.ts';

/** What parts of the configuration are. */
export type PartKind = 'route' | 'filter chain' | 'policy';

/** A part of the configuration that a request can meet. */
export interface CoverageUnit {
  readonly kind: PartKind;
  readonly name: string;
  readonly origin: Origin;
  readonly isMet: boolean;
}

/**
 * The routes, filter chains and policy rules that users have written, and whether any of the outcomes meets them. What many
 * proxies get from one field of a manifest counts once.
 */
export function measureCoverage(
  snapshots: Iterable<XdsSnapshot>,
  outcomes: Iterable<Outcome>,
  atZtunnel: Iterable<PolicyMessage> = [],
): readonly CoverageUnit[] {
  const met = partsMet(outcomes);
  return [...coverageUnits(snapshots, atZtunnel)].map(([key, unit]) => ({ ...unit, isMet: met.has(key) }));
}

/** The parts of the configuration that outcomes meet, by their keys. */
export function partsMet(outcomes: Iterable<Outcome>): ReadonlySet<string> {
  const met = new Set<string>();
  for (const { hops } of outcomes) {
    for (const { steps } of hops) {
      for (const { kind, isDetail, origin } of steps) {
        if (origin !== undefined && !isDetail) met.add(partKey(kind, origin));
      }
    }
  }
  return met;
}

/** The parts that users have written, by their keys; without what is only made into routes that no request takes, where such are known. */
export function coverageUnits(
  snapshots: Iterable<XdsSnapshot>,
  atZtunnel: Iterable<PolicyMessage> = [],
  isHidden: (route: Route) => boolean = () => false,
): ReadonlyMap<string, Omit<CoverageUnit, 'isMet'>> {
  const units = new Map<string, Omit<CoverageUnit, 'isMet'>>();
  const add = ({ kind, name, value }: Unit): void => {
    const origin = originOf(value);
    if (origin !== undefined) units.set(partKey(kind, origin), { kind, name, origin });
  };
  for (const snapshot of snapshots) {
    for (const unit of unitsOf(snapshot)) if (unit.kind !== 'route' || !isHidden(unit.value)) add(unit);
  }
  // What is made of PeerAuthentications has no rules of its own.
  for (const policy of atZtunnel) {
    for (const group of asksForMutualTls(policy) ? [] : (policy.groups ?? [])) {
      add({ kind: 'policy', name: policyKey(policy, group), value: group });
    }
  }
  return units;
}

/** The same text for what many proxies get from one field of a manifest. */
export function partKey(kind: string, { resource, path }: Origin): string {
  return JSON.stringify([kind, resource.kind, resource.namespace, resource.name, path]);
}

type Unit = { readonly name: string } & (
  | { readonly kind: 'route'; readonly value: Route }
  | { readonly kind: Exclude<PartKind, 'route'>; readonly value: unknown }
);

function* unitsOf({ listeners, routes }: XdsSnapshot): Iterable<Unit> {
  for (const configuration of routes) yield* routeUnits(configuration);
  for (const listener of listeners) {
    const parts: PartsOf<Listener, FilterChain, 'filterChains' | 'defaultFilterChain'> = listener;
    for (const chain of chainsOf(parts)) yield* chainUnits(chain, listener.name);
  }
}

/** Where policies stand, or could: Istio writes none as a matcher. */
type PolicyFields = 'rules' | 'shadowRules' | 'matcher' | 'shadowMatcher' | 'shadowRulesStatPrefix';

function* chainUnits(chain: FilterChain, listener: string): Iterable<Unit> {
  yield { kind: 'filter chain', name: chain.name ?? listener, value: chain };
  for (const { typedConfig } of chain.filters ?? []) {
    if (isAny(typedConfig, 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC')) {
      const policies: WithFields<NetworkRBAC, 'statPrefix' | 'enforcementType' | 'delayDeny' | PolicyFields> = typedConfig;
      yield* policyUnits(policies);
    }
    if (
      !isAny(typedConfig, 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager')
    )
      continue;
    if (typedConfig.routeConfig !== undefined) yield* routeUnits(typedConfig.routeConfig);
    for (const filter of typedConfig.httpFilters ?? []) {
      if (!isAny(filter.typedConfig, 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC')) continue;
      const policies: WithFields<HttpRBAC, 'rulesStatPrefix' | 'trackPerRuleStats' | PolicyFields> = filter.typedConfig;
      yield* policyUnits(policies);
    }
  }
}

/** The policies of a filter, those that are only tried out included. */
function* policyUnits({ rules, shadowRules }: Pick<HttpRBAC, 'rules' | 'shadowRules'>): Iterable<Unit> {
  const policies = { ...rules?.policies, ...shadowRules?.policies };
  for (const [name, value] of Object.entries(policies)) yield { kind: 'policy', name, value };
}

function* routeUnits(configuration: RouteConfiguration): Iterable<Unit> {
  const { virtualHosts = [] }: PartsOf<RouteConfiguration, VirtualHost, 'virtualHosts'> = configuration;
  for (const virtualHost of virtualHosts) {
    const { routes = [] }: PartsOf<VirtualHost, Route, 'routes'> = virtualHost;
    for (const route of routes) yield { kind: 'route', name: route.name ?? virtualHost.name ?? '', value: route };
  }
}
