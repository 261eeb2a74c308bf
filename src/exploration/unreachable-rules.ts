import type { Listener } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { type PartKind, partKey } from '../trace/coverage.ts';
import { type Origin, originOf } from '../util/origin.ts';
import { chainVerdicts } from './chain-verdicts.ts';
import { ruleListsOf } from './rule-lists.ts';
import { createJudge, type Lack, type RuleVerdict, type WhyUnreachable } from './rule-verdicts.ts';

/** A rule or filter chain of a proxy, by its name and the field that made it. */
export interface RuleAtPlace {
  readonly name: string;
  readonly origin: Origin | undefined;
}

/** A rule of manifests that no request takes, or what it makes a filter chain that no connection takes. */
export interface UnreachableRule {
  readonly name: string;
  readonly kind: PartKind;
  readonly origin: Origin;
  readonly because: WhyUnreachable;
  /** Who takes or refuses the requests that it asks for. */
  readonly by: readonly RuleAtPlace[];
  /** What connections lack, where none is as a filter chain asks. */
  readonly lacks: readonly Lack[];
}

/** Which rules are asked about. */
export interface RuleQuestion {
  isAsked(kind: PartKind, origin: Origin): boolean;
  /** Whether a policy is unreachable where others that say the same are asked before it. */
  readonly areSamePoliciesTold: boolean;
  /** Whether proxies have this address, of those that their listeners have; it may be made up, since manifests have none. */
  isKnownAddress(ip: string): boolean;
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
  /** The origins of those that some proxy's requests reach, among those that are asked about. */
  reached(): readonly Origin[];
}

/** What is judged together: rules of a list, or the filter chains of a listener. */
interface Judged {
  readonly kind: PartKind;
  readonly rules: readonly Named[];
  /** For each of them why it is not taken; undefined where it is, or that is too much to tell. */
  verdicts(isAsked: (place: number) => boolean): readonly (RuleVerdict | undefined)[];
  /** Whom the places of a verdict stand for. */
  others(verdict: RuleVerdict): readonly Named[];
}

/** What remembers its origin. */
interface Named {
  readonly name: string;
  readonly value: object;
}

/** Of several chains that one field makes, what holds of all: connections that come nowhere near the others do not count. */
function joined(before: UnreachableRule, other: Pick<UnreachableRule, 'because' | 'by' | 'lacks'>): UnreachableRule {
  const because = SAYING_MORE.find((why) => why === before.because || why === other.because) ?? before.because;
  const keyOf = ({ name, origin }: RuleAtPlace): string => (origin === undefined ? name : partKey('filter chain', origin));
  const by = [...new Map([...before.by, ...other.by].map((rule) => [keyOf(rule), rule])).values()];
  return { ...before, because, by, lacks: [...new Set([...before.lacks, ...other.lacks])] };
}

const SAYING_MORE: readonly WhyUnreachable[] = ['led away', 'taken', 'comes from nowhere', 'excludes itself'];

/** Begins to watch. */
export function watchRules({ isAsked, areSamePoliciesTold, isKnownAddress }: RuleQuestion): RuleWatch {
  const judge = createJudge(areSamePoliciesTold);
  const reached = new Map<string, Origin>();
  const found = new Map<string, UnreachableRule>();
  const known = new WeakSet<object>();
  const note = ({ kind, rules, verdicts: judgeAll, others }: Judged): void => {
    const placed = rules.flatMap(({ name, value }, place) => {
      const origin = originOf(value);
      if (origin === undefined || !isAsked(kind, origin)) return [];
      const key = partKey(kind, origin);
      return reached.has(key) ? [] : [{ key, name, origin, place }];
    });
    if (placed.length === 0) return;
    const places = new Set(placed.map(({ place }) => place));
    const verdicts = judgeAll((place) => places.has(place));
    for (const { key, name, origin, place } of placed) {
      const verdict = verdicts[place];
      if (verdict === undefined) reached.set(key, origin);
      else {
        const among = others(verdict);
        const by = verdict.places
          .flatMap((at) => among[at] ?? [])
          .map((rule) => ({ name: rule.name, origin: originOf(rule.value) }));
        const { because, lacks = [] } = verdict;
        const before = found.get(key);
        if (before === undefined) found.set(key, { kind, name, origin, because, by, lacks });
        else if (kind === 'filter chain') found.set(key, joined(before, { because, by, lacks }));
      }
    }
  };
  const chainsIn = (listener: Listener, arePortsKnown: boolean): Judged => {
    const chains = chainsOf(listener);
    const rules = chains.map((chain) => ({ name: chain.name ?? listener.name ?? '', value: chain }));
    return {
      kind: 'filter chain',
      rules,
      verdicts(isWanted) {
        const asked = new Set(chains.filter((_, place) => isWanted(place)));
        return chainVerdicts(listener, { arePortsKnown, isKnownAddress }, (chain) => asked.has(chain)).map((verdict) =>
          verdict === undefined || 'witness' in verdict ? undefined : verdict,
        );
      },
      others: () => rules,
    };
  };
  return {
    add(snapshot, trust = 'known ports') {
      const arePortsKnown = trust === 'known ports';
      for (const list of ruleListsOf(snapshot, known, arePortsKnown)) {
        const { kind, rules, refusing } = list;
        note({
          kind,
          rules,
          verdicts: () => judge(list),
          others: ({ because }) => (because === 'refused' ? refusing : rules),
        });
      }
      for (const listener of snapshot.listeners) {
        // The same listener may be at another port for somebody else.
        if (arePortsKnown && known.has(listener)) continue;
        if (arePortsKnown) known.add(listener);
        note(chainsIn(listener, arePortsKnown));
      }
    },
    unreachable: () => new Map([...found].filter(([key]) => !reached.has(key))),
    reached: () => [...reached.values()],
  };
}
