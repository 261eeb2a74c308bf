import { policyName } from '../envoy/policy-name.ts';
import type { Outcome } from './outcome.ts';
import type { Fact } from './step.ts';

/** What refused a request, as the proxy that refused it tells. */
export type Decision =
  /** A rule (from 1) of a policy, `namespace/name`. */
  | { readonly kind: 'denied'; readonly policy: string; readonly rule: number }
  /** A policy of a name that is not Istio's. */
  | { readonly kind: 'denied by filter'; readonly policy: string }
  /** There are policies that allow others, and none allows this request. */
  | { readonly kind: 'nobody allows' }
  /** A PeerAuthentication asks for mutual TLS, and the connection comes without. */
  | { readonly kind: 'no mutual TLS' }
  /** Envoy's word for what is wrong with the token. */
  | { readonly kind: 'token refused'; readonly problem: string }
  | { readonly kind: 'authorizer denies' };

/** The first refusal on the way of a request, and the proxy that made it. */
export function decisionOf({ logs, hops }: Outcome): { readonly proxy: string; readonly decision: Decision } | undefined {
  for (const { details, proxy } of logs) {
    const decision = details === null ? undefined : decisionIn(details);
    if (decision !== undefined) return { proxy, decision };
  }
  // ztunnel writes no such log; what it decides is a step.
  for (const { place, side, steps } of hops) {
    const refusal = side === 'ztunnel inbound' ? steps.find(isRefusal) : undefined;
    if (refusal?.kind === 'policy') return { proxy: place, decision: decisionAtZtunnel(refusal) };
  }
  return undefined;
}

function isRefusal(step: Fact): boolean {
  return step.kind === 'policy' && step.event === 'decides' && !step.isAllowed;
}

function decisionAtZtunnel({ name, demands }: Extract<Fact, { readonly kind: 'policy' }>): Decision {
  if (demands !== undefined) return { kind: 'no mutual TLS' };
  const policy = policyName(name);
  return policy === undefined ? { kind: 'nobody allows' } : { kind: 'denied', policy: policy.name, rule: policy.rule };
}

/**
 * What refused a request, of the details in an access log: `rbac_access_denied_matched_policy[ns[foo]-policy[bar]-rule[0]]`, or `none`
 * in the brackets where policies allow requests and none allows this one; `jwt_authn_access_denied{Jwt_is_missing}`.
 */
function decisionIn(details: string): Decision | undefined {
  const [, matched] = /^rbac_access_denied_matched_policy\[(.*)\]$/.exec(details) ?? [];
  if (matched === 'none') return { kind: 'nobody allows' };
  const policy = policyName(matched ?? '');
  if (policy !== undefined) return { kind: 'denied', policy: policy.name, rule: policy.rule };
  if (matched !== undefined) return { kind: 'denied by filter', policy: matched };
  const [, problem] = /^jwt_authn_access_denied\{(.*)\}$/.exec(details) ?? [];
  if (problem !== undefined) return { kind: 'token refused', problem: problem.replaceAll('_', ' ') };
  return details.includes('ext_authz') ? { kind: 'authorizer denies' } : undefined;
}
