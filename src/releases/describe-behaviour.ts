import { own } from '../util/object.ts';
import { compareVersions } from '../util/version.ts';
import { behaviourNotes, changesOfSwitches } from './behaviour-notes.ts';
import { existsIn } from './environment/existence.ts';
import { type Flag, flags } from './environment/flags.ts';
import { switchReaders } from './environment/readers.ts';
import { readValue } from './environment/values.ts';
import type { Behaviours, Release } from './release.ts';

/** A behaviour in words. */
export interface DescribedBehaviour {
  readonly about: string;
  /** The change of Istio that brought it, by the number of its pull request. */
  readonly change?: number;
  /** The environment variable that decides it, with the value by which the later istiod does as the earlier one; where there is one. */
  readonly former?: { readonly variable: string; readonly value: string };
}

/** Describes a behaviour for those whose istiod goes from one release to another one. */
export function describeBehaviour(name: keyof Behaviours, before: Release, after: Release): DescribedBehaviour {
  const note = own(behaviourNotes, name);
  if (note !== undefined) {
    const { about, change: noted } = note;
    const later = compareVersions(before.name, after.name) > 0 ? before : after;
    const change = typeof noted === 'object' ? own(noted, later.name) : noted;
    return { about, ...(change !== undefined && { change }) };
  }
  const change = own(changesOfSwitches, name);
  const flag = flagOf(name);
  const value = flag === undefined ? undefined : valueFor(flag, name, before.behaviours[name]);
  return {
    about: flag?.about ?? name,
    ...(change !== undefined && { change }),
    ...(flag !== undefined && value !== undefined && existsIn(flag, after) && { former: { variable: flag.name, value } }),
  };
}

/** The variable that decides a behaviour. */
function flagOf(name: keyof Behaviours): Flag | undefined {
  const variable = Object.keys(switchReaders).find((candidate) => {
    const flag = flags.get(candidate);
    return flag !== undefined && name in switchesFor(flag, flag.standard);
  });
  return variable === undefined ? undefined : flags.get(variable);
}

/** How the value would be written; undefined where no text gives it. */
function valueFor(flag: Flag, name: keyof Behaviours, value: unknown): string | undefined {
  const written = [flag.standard, Array.isArray(value) ? value.join(',') : String(value)];
  return written.find((text) => JSON.stringify(own(switchesFor(flag, text), name)) === JSON.stringify(value));
}

function switchesFor(flag: Flag, text: string): Readonly<Record<string, unknown>> {
  const value = readValue(flag.kind, text);
  return (value !== undefined && own(switchReaders, flag.name)?.(value)) || {};
}
