/** Offsets into a text, the end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a value stands, and what it holds. An alias stands where it is written and holds what its anchor holds. */
export interface YamlPlace extends Range {
  readonly members?: ReadonlyMap<string, Member>;
  readonly items?: readonly YamlPlace[];
}

export interface Member {
  readonly key: Range;
  readonly value: YamlPlace;
}

/**
 * Where the value (or the key) at `path` stands. For a path that does not exist: its nearest existing ancestor, which is named
 * by its key where it has one.
 */
export function rangeOf(root: YamlPlace, path: readonly (string | number)[], on: 'key' | 'value'): Range {
  let key: Range | undefined;
  let place = root;
  for (const segment of path) {
    const member = memberOf(place, segment);
    if (member === undefined) return key ?? place;
    key = member.key;
    place = member.value;
  }
  return key !== undefined && (on === 'key' || place.end <= place.start) ? key : place;
}

function memberOf({ members, items }: YamlPlace, segment: string | number): { key?: Range; value: YamlPlace } | undefined {
  const value = items?.[Number(segment)];
  if (value !== undefined) return { value };
  if (members === undefined) return undefined;
  const name = String(segment);
  return members.get(name) ?? [...members].findLast(([key]) => key.includes('_') && toCamelCase(key) === name)?.[1];
}

/** Fields of protobuf messages can be written in either spelling; paths have the camelCase one. */
function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
