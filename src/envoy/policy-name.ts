/** The policy and the rule of it (from 1) that a key of RBAC stands for: `ns[namespace]-policy[name]-rule[0]`. */
export function policyName(key: string): { readonly name: string; readonly rule: number } | undefined {
  const [, namespace, name, rule] = /^ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]$/.exec(key) ?? [];
  return namespace === undefined ? undefined : { name: `${namespace}/${name}`, rule: Number(rule) + 1 };
}
