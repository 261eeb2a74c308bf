import { accessRules } from '../../envoy/access-rules.ts';
import type { Listener } from '../../envoy/api.gen.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';

/** What istioctl calls a filter whose rules name no policy: a policy without rules, or one that only logs what it would do. */
const ANONYMOUS = '_anonymous_match_nothing_';
const CUSTOM_PREFIX = 'istio-ext-authz-';
/** The order of the table. */
const actions = ['DENY', 'ALLOW', 'LOG', 'CUSTOM'];

/** An AuthorizationPolicy in the filters of listeners. */
export interface FilteredPolicy {
  readonly action: string;
  /** `name.namespace`; empty where the name is not of Istio's making. */
  readonly authorizationPolicy: string;
  /** How many of its rules stand there, over all actions, as istioctl counts. */
  readonly rules: number;
}

/** Which AuthorizationPolicies stand in the filters of listeners; istioctl/pkg/authz/listener.go Print. */
export function authorizationsOf(listeners: readonly Listener[]): readonly FilteredPolicy[] {
  const byAction = new Map<string, Map<string, Set<string>>>();
  const add = (action: string, [name, rule]: readonly [name: string, rule: string]): void => {
    const policies = byAction.get(action) ?? new Map<string, Set<string>>();
    byAction.set(action, policies.set(name, (policies.get(name) ?? new Set()).add(rule)));
  };
  for (const { rules, shadowRules } of listeners.flatMap(({ filterChains = [] }) => accessRules(filterChains))) {
    const action = rules?.action ?? 'ALLOW';
    const names = Object.keys(rules?.policies ?? {});
    for (const name of names) add(action, policyAndRule(name));
    for (const name of Object.keys(shadowRules?.policies ?? {})) {
      if (name.startsWith(CUSTOM_PREFIX)) add('CUSTOM', policyAndRule(name));
    }
    if (names.length === 0) add(action, [ANONYMOUS, '0']);
  }
  const ruleCount = (name: string): number =>
    new Set([...byAction.values()].flatMap((policies) => [...(policies.get(name) ?? [])])).size;
  return actions.flatMap((action) =>
    [...(byAction.get(action)?.keys() ?? [])]
      .sort()
      .map((name) => ({ action, authorizationPolicy: name, rules: ruleCount(name) })),
  );
}

/** The policies as the table of `istioctl experimental authz check`. */
export function formatAuthorizationTable(listeners: readonly Listener[]): Printable {
  const rows = authorizationsOf(listeners).map(({ action, authorizationPolicy, rules }) => [
    action,
    authorizationPolicy,
    String(rules),
  ]);
  return formatColumns([['ACTION', 'AuthorizationPolicy', 'RULES'], ...rows], 3);
}

/** `name.namespace` and the rule of a policy in a filter; empty where the name is not of Istio's making. */
function policyAndRule(name: string): readonly [name: string, rule: string] {
  const [, namespace, policy, rule] = /^(?:[^[]*-)?ns\[([^\]]+)\]-policy\[([^\]]+)\]-rule\[([^\]]+)\]/.exec(name) ?? [];
  return rule === undefined ? ['', ''] : [`${policy}.${namespace}`, rule];
}
