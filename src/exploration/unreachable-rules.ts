import type { FilterChain, Listener, RouteConfiguration } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { type PartKind, partKey } from '../trace/coverage.ts';
import { type Origin, originOf } from '../util/origin.ts';
import { type ChainVerdict, chainVerdicts } from './chain-verdicts.ts';
import type { ConnectionExample, UsualEndsOf } from './chain-walk.ts';
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
  /** Who takes or refuses the requests that it asks for, or the filter chains that no connection takes. */
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
  /** The ends that connections to a listener have as a rule. */
  usualEnds?(listener: Listener, snapshot: XdsSnapshot): UsualEndsOf | undefined;
}

/** Whether a proxy listens at the ports of its listeners, or nobody knows at which. */
export type PortTrust = 'known ports' | 'unknown ports';

/** A connection that a filter chain takes, at the first listener where that is known. */
export interface ChainConnection {
  readonly listener: Listener;
  readonly snapshot: XdsSnapshot;
  readonly example: ConnectionExample;
}

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
  /** Connections that the filter chains among these take, by the keys of their parts. */
  connections(): ReadonlyMap<string, ChainConnection>;
}

/** What is judged together: rules of a list, or the filter chains of a listener. */
interface Judged {
  readonly kind: PartKind;
  readonly rules: readonly Named[];
  /** For each of them why it is not taken; undefined where it is, or that is too much to tell. */
  verdicts(isAsked: (place: number) => boolean): readonly (RuleVerdict | undefined)[];
  /** Whom the places of a verdict stand for. */
  others(verdict: RuleVerdict): readonly Named[];
  /** Where no connection comes to any of them, the filter chains that take none. */
  readonly untaken: readonly Named[];
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
export function watchRules({ isAsked, areSamePoliciesTold, isKnownAddress, usualEnds }: RuleQuestion): RuleWatch {
  const judge = createJudge(areSamePoliciesTold);
  const reached = new Map<string, Origin>();
  const found = new Map<string, UnreachableRule>();
  const connections = new Map<string, ChainConnection>();
  const known = new WeakSet<object>();
  const knownUntaken = new WeakSet<object>();
  const untakenAt = new WeakMap<Listener, readonly Named[]>();
  /** Gives those that are not taken. */
  const note = ({ kind, rules, verdicts: judgeAll, others, untaken }: Judged): readonly Named[] => {
    const placed = rules.flatMap((rule, place) => {
      const origin = originOf(rule.value);
      if (origin === undefined || !isAsked(kind, origin)) return [];
      const key = partKey(kind, origin);
      return reached.has(key) ? [] : [{ key, rule, origin, place }];
    });
    if (placed.length === 0) return [];
    const places = new Set(placed.map(({ place }) => place));
    const verdicts = judgeAll((place) => places.has(place));
    return placed.flatMap(({ key, rule, origin, place }) => {
      const verdict = verdicts[place];
      if (verdict === undefined && untaken.length === 0) {
        reached.set(key, origin);
        return [];
      }
      const by = verdict === undefined ? untaken : verdict.places.flatMap((at) => others(verdict)[at] ?? []);
      const { because, lacks = [] } = verdict ?? { because: 'no connection' };
      const fresh = { kind, name: rule.name, origin, because, by: by.map(atPlace), lacks };
      const before = found.get(key);
      // What a rule asks for says more than where it stands.
      if (before === undefined || (before.because === 'no connection' && because !== 'no connection')) found.set(key, fresh);
      else if (kind === 'filter chain') found.set(key, joined(before, fresh));
      return [rule];
    });
  };
  const chainsIn = (listener: Listener, snapshot: XdsSnapshot, arePortsKnown: boolean): Judged => {
    const chains = chainsOf(listener);
    const rules = chains.map((chain) => ({ name: chain.name ?? listener.name ?? '', value: chain }));
    const witnessOf = (chain: FilterChain | undefined, verdict: ChainVerdict): RuleVerdict | undefined => {
      if (verdict === undefined || !('witness' in verdict)) return verdict;
      const origin = chain && originOf(chain);
      const key = origin && partKey('filter chain', origin);
      if (key !== undefined && !connections.has(key)) connections.set(key, { listener, snapshot, example: verdict.witness });
      return undefined;
    };
    return {
      kind: 'filter chain',
      rules,
      verdicts(isWanted) {
        const asked = new Set(chains.filter((_, place) => isWanted(place)));
        const trust = { arePortsKnown, isKnownAddress };
        const verdicts = chainVerdicts(listener, trust, (chain) => asked.has(chain), usualEnds?.(listener, snapshot));
        return verdicts.map((verdict, place) => witnessOf(chains[place], verdict));
      },
      others: () => rules,
      untaken: [],
    };
  };
  return {
    add(snapshot, trust = 'known ports') {
      const arePortsKnown = trust === 'known ports';
      const untaken = new Map<object, Named>();
      for (const listener of snapshot.listeners) {
        // The same listener may be at another port for somebody else.
        const before = arePortsKnown ? untakenAt.get(listener) : undefined;
        const chains = before ?? note(chainsIn(listener, snapshot, arePortsKnown));
        if (arePortsKnown) untakenAt.set(listener, chains);
        for (const chain of chains) untaken.set(chain.value, chain);
      }
      const untakenAmong = (chains: readonly FilterChain[]): readonly Named[] => {
        const some = chains.flatMap((chain) => untaken.get(chain) ?? []);
        return some.length === chains.length ? some : [];
      };
      const isNew = (configuration: RouteConfiguration, chains: readonly FilterChain[]): boolean => {
        const isKnown = known.has(configuration) || (untakenAmong(chains).length > 0 && knownUntaken.has(configuration));
        (untakenAmong(chains).length > 0 ? knownUntaken : known).add(configuration);
        return !isKnown;
      };
      for (const list of ruleListsOf(snapshot, isNew, arePortsKnown)) {
        const { kind, rules, refusing, chains } = list;
        note({
          kind,
          rules,
          verdicts: () => judge(list),
          others: ({ because }) => (because === 'refused' ? refusing : rules),
          untaken: untakenAmong(chains),
        });
      }
    },
    unreachable() {
      const isUntaken = ({ origin }: RuleAtPlace): boolean =>
        origin !== undefined && !reached.has(partKey('filter chain', origin));
      return new Map(
        [...found].filter(
          // One field can make several chains: where some connection takes one, another is not what is wrong with a rule.
          ([key, { because, by }]) => !reached.has(key) && (because !== 'no connection' || by.every(isUntaken)),
        ),
      );
    },
    reached: () => [...reached.values()],
    connections: () => connections,
  };
}

function atPlace({ name, value }: Named): RuleAtPlace {
  return { name, origin: originOf(value) };
}
