import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { type PartKind, partKey } from '../trace/coverage.ts';
import { type Origin, originOf } from '../util/origin.ts';
import { ruleListsOf } from './rule-lists.ts';
import { createJudge, type WhyUnreachable } from './rule-verdicts.ts';

/** A rule of a proxy, by its name and the field that made it. */
export interface RuleAtPlace {
  readonly name: string;
  readonly origin: Origin | undefined;
}

/** A rule of manifests that no request takes. */
export interface UnreachableRule {
  readonly name: string;
  readonly kind: PartKind;
  readonly origin: Origin;
  readonly because: WhyUnreachable;
  /** Who takes or refuses the requests that it asks for. */
  readonly by: readonly RuleAtPlace[];
}

/** Which rules are asked about. */
export interface RuleQuestion {
  isAsked(kind: PartKind, origin: Origin): boolean;
  /** Whether a policy is unreachable where others that say the same are asked before it. */
  readonly areSamePoliciesTold: boolean;
}

/** Whether a proxy listens at the ports of its listeners, or nobody knows at which. */
export type PortTrust = 'known ports' | 'unknown ports';

/** Learns of one proxy after the other which rules are taken. */
export interface RuleWatch {
  add(snapshot: XdsSnapshot, trust?: PortTrust): void;
  /**
   * The rules of manifests that no request can take, whatever it is like, in any of the proxies: by the keys of their parts (`partKey`).
   * Where that is too much to tell, requests are taken to reach a rule.
   */
  unreachable(): ReadonlyMap<string, UnreachableRule>;
}

/** Begins to watch. */
export function watchRules({ isAsked, areSamePoliciesTold }: RuleQuestion): RuleWatch {
  const judge = createJudge(areSamePoliciesTold);
  const reached = new Set<string>();
  const found = new Map<string, UnreachableRule>();
  const known = new WeakSet<object>();
  return {
    add(snapshot, trust = 'known ports') {
      for (const list of ruleListsOf(snapshot, known, trust === 'known ports')) {
        const placed = list.rules.flatMap(({ name, value }, place) => {
          const origin = originOf(value);
          if (origin === undefined || !isAsked(list.kind, origin)) return [];
          const key = partKey(list.kind, origin);
          return reached.has(key) ? [] : [{ key, name, origin, place }];
        });
        if (placed.length === 0) continue;
        const verdicts = judge(list);
        for (const { key, name, origin, place } of placed) {
          const verdict = verdicts[place];
          if (verdict === undefined) reached.add(key);
          else if (!found.has(key)) {
            const others = verdict.because === 'refused' ? list.refusing : list.rules;
            const by = verdict.places
              .flatMap((at) => others[at] ?? [])
              .map((rule) => ({ name: rule.name, origin: originOf(rule.value) }));
            found.set(key, { kind: list.kind, name, origin, because: verdict.because, by });
          }
        }
      }
    },
    unreachable: () => new Map([...found].filter(([key]) => !reached.has(key))),
  };
}
