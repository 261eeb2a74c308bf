import { addAll } from '../../util/collections.ts';
import { nearest } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import type { Release } from '../release.ts';
import type { Switches } from '../switches.ts';
import { existsIn } from './existence.ts';
import { type Flag, flags, goneVariables, otherVariables } from './flags.ts';
import { switchReaders } from './readers.ts';
import { describeKind, readValue } from './values.ts';

/** Environment variables by name; undefined is a value that nobody here knows. */
export type Environment = ReadonlyMap<string, string | undefined>;

/** What there is to say about a variable. */
export type EnvironmentRemark = { readonly name: string } & (
  | { readonly kind: 'unknown'; readonly nearest: string | undefined; readonly isGone: boolean }
  /** istiod cannot read the value, or passes it over, and goes on with its default. */
  | { readonly kind: 'unreadable'; readonly value: string; readonly expected: string; readonly standard: string }
  /** The release does not have it. */
  | { readonly kind: 'absent'; readonly release: string; readonly since?: string; readonly until?: string }
  /** It does something only with another one. */
  | { readonly kind: 'needs'; readonly other: string }
  /** It changes what proxies are sent, and mesh does not compute how. */
  | { readonly kind: 'uncomputed'; readonly about: string }
  /** It changes nothing in what proxies are sent. */
  | { readonly kind: 'elsewhere'; readonly effect: 'injection' | 'istiod' }
);

/** A release in an environment. */
export interface InEnvironment {
  readonly release: Release;
  readonly remarks: readonly EnvironmentRemark[];
  /** The variables that make a difference to what mesh computes, sorted. */
  readonly effective: readonly string[];
}

/** The release as it is when istiod runs with these variables: other behaviours, and nothing else. */
export function inEnvironment(release: Release, environment: Environment): InEnvironment {
  const remarks: EnvironmentRemark[] = [];
  const effective: string[] = [];
  let switches: Partial<Switches> = {};
  for (const [name, value] of [...environment].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const flag = flags.get(name);
    if (flag === undefined) {
      if (!otherVariables.has(name)) remarks.push(unknownVariable(name));
      continue;
    }
    const read = readFlag(flag, value, release, environment);
    addAll(remarks, read.remarks);
    if (differs(read.switches, release.behaviours)) effective.push(name);
    switches = { ...switches, ...read.switches };
  }
  return { release: { ...release, behaviours: { ...release.behaviours, ...switches } }, remarks, effective };
}

interface ReadFlag {
  readonly switches: Partial<Switches>;
  readonly remarks: readonly EnvironmentRemark[];
}

function readFlag(flag: Flag, text: string | undefined, release: Release, environment: Environment): ReadFlag {
  const { name, kind, standard, effect, about, since, until, needs } = flag;
  const only = (remark: EnvironmentRemark): ReadFlag => ({ switches: {}, remarks: [remark] });
  if (!existsIn(flag, release)) {
    return only({ name, kind: 'absent', release: release.name, ...(since && { since }), ...(until && { until }) });
  }
  if (effect === 'injection' || effect === 'istiod') return only({ name, kind: 'elsewhere', effect });
  if (text === undefined) return only({ name, kind: 'uncomputed', about: 'its value stands elsewhere' });
  const value = readValue(kind, text);
  const choices = flag.choices?.filter((choice) => existsIn(choice, release)).map((choice) => choice.value);
  const expected = choices === undefined ? describeKind(kind) : `one of ${choices.join(', ')}`;
  const unreadable: EnvironmentRemark = { name, kind: 'unreadable', value: text, expected, standard };
  if (value === undefined || (text !== standard && choices?.includes(text) === false)) return only(unreadable);
  if (needs !== undefined && value !== readValue(kind, standard) && readValue('boolean', environment.get(needs) ?? '') !== true) {
    return only({ name, kind: 'needs', other: needs });
  }
  const reader = own(switchReaders, name);
  if (reader !== undefined) {
    const switches = reader(value);
    return switches === undefined ? only(unreadable) : { switches, remarks: [] };
  }
  if (value === readValue(kind, standard)) return { switches: {}, remarks: [] };
  return only({ name, kind: 'uncomputed', about });
}

function unknownVariable(name: string): EnvironmentRemark {
  return { name, kind: 'unknown', nearest: nearest(name, flags.keys()), isGone: goneVariables.has(name) };
}

function differs(switches: Partial<Switches>, behaviours: Switches): boolean {
  return (Object.keys(switches) as (keyof Switches)[]).some(
    (name) => JSON.stringify(switches[name]) !== JSON.stringify(behaviours[name]),
  );
}
