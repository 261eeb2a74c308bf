import { accessRules } from '../envoy/access-rules.ts';
import type { Listener } from '../envoy/api.gen.ts';
import { formatColumns } from './columns.ts';
import type { Printable } from './escape/printable.ts';

/** What istioctl calls a filter whose rules name no policy: a policy without rules, or one that only logs what it would do. */
const ANONYMOUS = '_anonymous_match_nothing_';
const CUSTOM_PREFIX = 'istio-ext-authz-';
/** The order of the table. */
const actions = ['DENY', 'ALLOW', 'LOG', 'CUSTOM'];

/**
 * Which AuthorizationPolicies stand in the filters of listeners, with the number of their rules, as the table of
 * `istioctl experimental authz check`; istioctl/pkg/authz/listener.go Print.
 */
export function formatAuthorizationCheck(listeners: readonly Listener[]): Printable {
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
  // istioctl counts the rules of a policy over all actions.
  const ruleCount = (name: string): number =>
    new Set([...byAction.values()].flatMap((policies) => [...(policies.get(name) ?? [])])).size;
  const rows = actions.flatMap((action) =>
    [...(byAction.get(action)?.keys() ?? [])].sort().map((name) => [action, name, String(ruleCount(name))]),
  );
  return formatColumns([['ACTION', 'AuthorizationPolicy', 'RULES'], ...rows], 3);
}

/** `name.namespace` and the rule of a policy in a filter; empty where the name is not of Istio's making. */
function policyAndRule(name: string): readonly [name: string, rule: string] {
  const [, namespace, policy, rule] = /^(?:[^[]*-)?ns\[([^\]]+)\]-policy\[([^\]]+)\]-rule\[([^\]]+)\]/.exec(name) ?? [];
  return rule === undefined ? ['', ''] : [`${policy}.${namespace}`, rule];
}
