import type { Permission, Policy, Principal } from '../../envoy/api.gen.ts';
import {
  type AttributeMatcher,
  isProblem,
  operationMatchers,
  type RuleContext,
  sourceMatchers,
  type Unmatched,
} from './attributes.ts';
import type { AttributeCondition, RuleModel } from './rule-model.ts';

/** What happens to a rule with a condition that cannot be expressed: an ALLOW rule is dropped, others match without it. */
export type OnProblem = 'drop-rule' | 'drop-condition';

/** How conditions of one side of a rule are joined. */
interface Joiner<T> {
  readonly any: T;
  and(parts: readonly T[]): T;
  or(parts: readonly T[]): T;
  not(part: T): T;
}

const permissions: Joiner<Permission> = {
  any: { any: true },
  and: (rules) => ({ andRules: { rules } }),
  or: (rules) => ({ orRules: { rules } }),
  not: (notRule) => ({ notRule }),
};

const principals: Joiner<Principal> = {
  any: { any: true },
  and: (ids) => ({ andIds: { ids } }),
  or: (ids) => ({ orIds: { ids } }),
  not: (notId) => ({ notId }),
};

/** A policy that no request matches. */
export const neverMatching: Policy = {
  permissions: [permissions.not(permissions.any)],
  principals: [principals.not(principals.any)],
};

/**
 * The RBAC policy of a rule; undefined when a problem drops the whole rule. `report` hears of conditions that cannot be expressed.
 * A narrower ALLOW and a wider DENY are the safe sides, hence `onProblem`.
 * As istio pilot/pkg/security/authz/model/model.go Generate.
 */
export function buildRbacPolicy(
  model: RuleModel,
  context: RuleContext,
  onProblem: OnProblem,
  report: (problem: Unmatched, condition: AttributeCondition<string>) => void,
): Policy | undefined {
  const join = <A extends string, T>(
    conditions: readonly AttributeCondition<A>[],
    matchers: Readonly<Record<A, AttributeMatcher<T>>>,
    joiner: Joiner<T>,
  ): T | undefined => {
    const parts: T[] = [];
    for (const condition of conditions) {
      const matcher = matchers[condition.attribute];
      for (const [values, wrap] of [
        [condition.values, (part: T): T => part],
        [condition.notValues, joiner.not],
      ] as const) {
        const outcomes =
          'all' in matcher
            ? values.length === 0
              ? []
              : [matcher.all(values, condition.key, context)]
            : values.map((value) => matcher.each(value, condition.key, context));
        const usable: T[] = [];
        for (const outcome of outcomes) {
          if (!isProblem(outcome)) usable.push(outcome);
          else {
            report(outcome, condition);
            if (onProblem === 'drop-rule') return undefined;
          }
        }
        const [only] = usable;
        // Values matched one by one are always wrapped in "or", even a single one.
        if (only !== undefined) parts.push(wrap('all' in matcher ? only : joiner.or(usable)));
      }
    }
    return joiner.and(parts.length > 0 ? parts : [joiner.any]);
  };

  const operations = joinAll(model.operations, (conditions) => join(conditions, operationMatchers, permissions));
  const sources = operations && joinAll(model.sources, (conditions) => join(conditions, sourceMatchers, principals));
  return operations && sources && { permissions: operations, principals: sources };
}

function joinAll<C, T>(lists: readonly C[], join: (list: C) => T | undefined): T[] | undefined {
  const out: T[] = [];
  for (const list of lists) {
    const joined = join(list);
    if (joined === undefined) return undefined;
    out.push(joined);
  }
  return out;
}
