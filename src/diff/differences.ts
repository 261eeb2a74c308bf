import { isObject, own } from '../util/object.ts';
import { type Origin, originOf } from '../util/origin.ts';
import { Sealed } from '../util/sealed.ts';
import { canonicalText, type ListRule, listRule } from './list-rules.ts';

/** Steps into a JSON value: names of fields and indexes of items. */
export type JsonPath = readonly (string | number)[];

/** One difference between two JSON values. */
export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** Where it is: in the later value, of something removed in the earlier one. */
  readonly path: JsonPath;
  /** The same for people: items are called by their name (or address, match...) where they have one. */
  readonly where: string;
  /** What was there: the value; the index of an item that moved. */
  readonly before?: unknown;
  /** What is there now. */
  readonly after?: unknown;
  /** Who made the innermost part with a known origin around the difference. */
  readonly beforeOrigin?: Origin;
  readonly afterOrigin?: Origin;
}

interface Place {
  readonly path: JsonPath;
  readonly where: string;
  readonly beforeOrigin?: Origin;
  readonly afterOrigin?: Origin;
}

/**
 * How two messages of Envoy's API in canonical JSON differ in meaning: an order that Envoy ignores is no difference. Items of lists
 * are paired by what they are (list-rules.ts), so that one added in the middle is one difference.
 */
export function differencesOf(before: unknown, after: unknown, field = '', parent = ''): readonly Difference[] {
  return compareValues(before, after, { path: [], where: '' }, field, parent);
}

function compareValues(before: unknown, after: unknown, around: Place, field: string, parent: string): Difference[] {
  if (isSame(before, after)) return [];
  const place = withOrigins(around, before, after);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, place, field, parent);
  if (!isObject(before) || !isObject(after)) return [{ kind: 'changed', ...place, before, after }];
  // Messages of different types have no fields in common.
  if (before['@type'] !== after['@type']) return [{ kind: 'changed', ...place, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const inner = { ...place, path: [...place.path, key], where: fieldLabel(place.where, key) };
    const [was, is] = [own(before, key), own(after, key)];
    if (!Object.hasOwn(before, key)) return [{ kind: 'added' as const, ...withOrigins(inner, undefined, is), after: is }];
    if (!Object.hasOwn(after, key)) return [{ kind: 'removed' as const, ...withOrigins(inner, was, undefined), before: was }];
    return compareValues(was, is, inner, key, field);
  });
}

/** Whether two values are written alike, to the order of all fields: most are, and it takes no time to find out. */
function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (before instanceof Sealed) return after instanceof Sealed && before.equals(after);
  if (Array.isArray(before)) {
    return Array.isArray(after) && before.length === after.length && before.every((item, index) => isSame(item, after[index]));
  }
  if (!isObject(before) || !isObject(after)) return false;
  const [keys, others] = [Object.keys(before), Object.keys(after)];
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && isSame(own(before, key), own(after, key)))
  );
}

function withOrigins(place: Place, before: unknown, after: unknown): Place {
  const beforeOrigin = originOf(before);
  const afterOrigin = originOf(after);
  if (beforeOrigin === undefined && afterOrigin === undefined) return place;
  return { ...place, ...(beforeOrigin && { beforeOrigin }), ...(afterOrigin && { afterOrigin }) };
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  place: Place,
  field: string,
  parent: string,
): Difference[] {
  const rule = listRule(field, parent);
  const scalars = [...before, ...after].every((item) => !isObject(item));
  if (scalars && rule.ordered) {
    return canonicalText(before) === canonicalText(after) ? [] : [{ kind: 'changed', ...place, before, after }];
  }
  const { pairs, removed, added } = pairItems(before, after, field, parent);
  const labels = itemLabels(after, place.where);
  const at = (index: number): Place => ({ ...place, path: [...place.path, index], where: labels[index] ?? place.where });
  const beforeLabels = removed.length > 0 ? itemLabels(before, place.where) : [];
  const moved = rule.ordered ? movedItems(pairs) : [];
  return [
    ...removed.map((index) => ({
      kind: 'removed' as const,
      ...withOrigins(
        { ...place, path: [...place.path, index], where: beforeLabels[index] ?? place.where },
        before[index],
        undefined,
      ),
      before: before[index],
    })),
    ...added.map((index) => ({
      kind: 'added' as const,
      ...withOrigins(at(index), undefined, after[index]),
      after: after[index],
    })),
    ...moved.map(([from, to]) => ({
      kind: 'moved' as const,
      ...withOrigins(at(to), before[from], after[to]),
      before: from,
      after: to,
    })),
    ...pairs.flatMap(([from, to, same]) => (same ? [] : compareValues(before[from], after[to], at(to), field, parent))),
  ];
}

type Pair = readonly [before: number, after: number, same: boolean];

/** Which items of two lists are the same one, by index, in the order of the later list. */
function pairItems(
  before: readonly unknown[],
  after: readonly unknown[],
  field: string,
  parent: string,
): { readonly pairs: readonly Pair[]; readonly removed: readonly number[]; readonly added: readonly number[] } {
  const { identities, pairsRest } = listRule(field, parent);
  const pairs: Pair[] = [];
  let left = before.map((_, index) => index);
  let right = after.map((_, index) => index);
  const pairBy = (identity: (item: unknown) => string | undefined, same: boolean): void => {
    if (left.length === 0 || right.length === 0) return;
    const waiting = new Map<string, number[]>();
    for (const index of left) {
      const key = identity(before[index]);
      if (key !== undefined) waiting.set(key, [...(waiting.get(key) ?? []), index]);
    }
    const taken = new Set<number>();
    right = right.filter((index) => {
      const key = identity(after[index]);
      const partner = key === undefined ? undefined : waiting.get(key)?.shift();
      if (partner === undefined) return true;
      taken.add(partner);
      pairs.push([partner, index, same]);
      return false;
    });
    left = left.filter((index) => !taken.has(index));
  };
  // Items that their identities tell apart are equal only where these are: the text of the whole, which takes long to write, adds nothing.
  const [strongest] = identities;
  const isTold = strongest !== undefined && isTellingApart(before, strongest) && isTellingApart(after, strongest);
  if (!isTold) pairBy((item) => canonicalText(item, field, parent), true);
  for (const identity of identities) pairBy((item) => (isObject(item) ? identity(item) : undefined), false);
  if (pairsRest && left.length > 0 && right.length > 0) {
    const objects = (items: readonly unknown[], indexes: readonly number[]): number[] =>
      indexes.filter((index) => isObject(items[index]));
    const [fromRest, toRest] = [objects(before, left), objects(after, right)];
    const count = Math.min(fromRest.length, toRest.length);
    for (let index = 0; index < count; index++) pairs.push([fromRest[index] ?? 0, toRest[index] ?? 0, false]);
    const [usedLeft, usedRight] = [new Set(fromRest.slice(0, count)), new Set(toRest.slice(0, count))];
    left = left.filter((index) => !usedLeft.has(index));
    right = right.filter((index) => !usedRight.has(index));
  }
  return { pairs: pairs.sort((a, b) => a[1] - b[1]), removed: left, added: right };
}

/** Whether each item has an identity, and none that of another. */
function isTellingApart(items: readonly unknown[], identity: ListRule['identities'][number]): boolean {
  const seen = new Set<string>();
  return items.every((item) => {
    const key = isObject(item) ? identity(item) : undefined;
    return key !== undefined && !seen.has(key) && seen.add(key);
  });
}

/** The fewest pairs that would have to move for the others to stand in the same order on both sides. */
function movedItems(pairs: readonly Pair[]): readonly Pair[] {
  const best: { readonly length: number; readonly previous: number }[] = [];
  let end = -1;
  for (const [index, [from]] of pairs.entries()) {
    let entry = { length: 1, previous: -1 };
    for (let earlier = 0; earlier < index; earlier++) {
      const length = (best[earlier]?.length ?? 0) + 1;
      if ((pairs[earlier]?.[0] ?? 0) < from && length > entry.length) entry = { length, previous: earlier };
    }
    best.push(entry);
    if (entry.length > (best[end]?.length ?? 0)) end = index;
  }
  const kept = new Set<number>();
  for (let index = end; index >= 0; index = best[index]?.previous ?? -1) kept.add(index);
  return pairs.filter((_, index) => !kept.has(index));
}

function fieldLabel(where: string, key: string): string {
  if (!/^@?\w+$/.test(key)) return `${where}[${JSON.stringify(key)}]`;
  return where === '' ? key : `${where}.${key}`;
}

/** What people call each item of a list: by what names it, where that is one item only, else by index. */
function itemLabels(items: readonly unknown[], where: string): readonly string[] {
  const names = items.map(itemName);
  const counts = new Map<string | undefined, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, index) => `${where}[${name !== undefined && counts.get(name) === 1 ? name : index}]`);
}

function itemName(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  if (typeof item.name === 'string') return item.name;
  const endpoint = isObject(item.endpoint) ? item.endpoint : undefined;
  const address = isObject(endpoint?.address) ? endpoint.address : undefined;
  const socket = isObject(address?.socketAddress) ? address.socketAddress : undefined;
  if (socket !== undefined) return `${String(socket.address ?? '')}:${String(socket.portValue ?? 0)}`;
  const { region, zone, subZone } = isObject(item.locality) ? item.locality : {};
  return [region, zone, subZone].some((part) => part !== undefined)
    ? [region, zone, subZone].filter((part) => part !== undefined).join('/')
    : undefined;
}
