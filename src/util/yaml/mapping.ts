import { isObject, setOwn } from '../object.ts';
import type { Member, Range, YamlPlace } from './places.ts';
import { YamlProblem } from './problem.ts';

/** A key with its place. */
export interface Key extends Range {
  readonly text: string;
  /** Whether it is `<<`, which brings in what another mapping holds. */
  readonly isMerge: boolean;
}

/** A mapping that is being read. */
export interface Draft {
  readonly result: Record<string, unknown>;
  /** Where its members stand, if that is asked for. */
  readonly members: Map<string, Member> | undefined;
  /** The keys that only merges have brought in: they may be written too. */
  merged: Set<string> | undefined;
}

export function draftMapping(withPlaces: boolean): Draft {
  return { result: {}, members: withPlaces ? new Map() : undefined, merged: undefined };
}

/** Throws where a key is written for the second time. */
export function requireNewKey({ result, merged }: Draft, { text, isMerge, start }: Key): void {
  if (!isMerge && Object.hasOwn(result, text) && !merged?.has(text)) throw new YamlProblem('key-twice', start);
}

export function addMember(draft: Draft, key: Key, value: unknown, place: YamlPlace | undefined): void {
  setMember(draft, key.text, value, place && { key, value: place });
  draft.merged?.delete(key.text);
}

/**
 * Adds what a `<<` brings in: a mapping, or a list of them of which the first counts most. It replaces what is written before it
 * and is replaced by what is written after it, as in goyaml.v2 decode.go merge.
 */
export function mergeInto(draft: Draft, value: unknown, place: YamlPlace | undefined, isAlias: boolean, offset: number): void {
  if (Array.isArray(value)) {
    if (isAlias || !value.every(isObject)) throw new YamlProblem('merge-value', offset);
    for (const [index, source] of [...value.entries()].reverse()) mergeMapping(draft, source, place?.items?.[index]);
  } else if (isObject(value)) mergeMapping(draft, value, place);
  else throw new YamlProblem('merge-value', offset);
}

function mergeMapping(draft: Draft, source: Record<string, unknown>, place: YamlPlace | undefined): void {
  draft.merged ??= new Set();
  for (const [key, value] of Object.entries(source)) {
    if (!Object.hasOwn(draft.result, key)) draft.merged.add(key);
    setMember(draft, key, value, place?.members?.get(key));
  }
}

function setMember({ result, members }: Draft, key: string, value: unknown, member: Member | undefined): void {
  setOwn(result, key, value);
  if (member !== undefined) members?.set(key, member);
}
