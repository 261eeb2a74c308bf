import type { GroupMessage, PolicyMessage } from '../../envoy/ztunnel.ts';
import { originOf } from '../../util/origin.ts';

/** As Envoy's keys of policies (envoy/policy-name.ts), with the rule of the resource where that is known. */
export function policyKey(policy: PolicyMessage, group: GroupMessage): string {
  const at = originOf(group)?.path.at(-1);
  const rule = typeof at === 'number' ? at : Math.max(0, policy.groups?.indexOf(group) ?? 0);
  return `ns[${policy.namespace}]-policy[${policy.name}]-rule[${rule}]`;
}

/** Whether a policy is one that istiod makes of PeerAuthentications, by its name. */
export function asksForMutualTls({ name = '' }: PolicyMessage): boolean {
  return name === 'istio_converted_static_strict' || name.startsWith('converted_peer_authentication_');
}
