import type { Path } from '../../../diagnostics/diagnostic.ts';
import type { EnvoyPatch } from '../../../model/extensions/envoy-filters.ts';
import { messageByApplyTo } from '../../../patch/values.ts';
import { isObject, own } from '../../../util/object.ts';
import { outwards, type Place, pathOf } from './place.ts';
import { valueAt } from './written.ts';

/** Whether a message has to have all that is written, or may be any one. */
export type Likeness = 'whole' | 'any';

/**
 * The field of a patch that an emitted value was merged from: the patch is for a message that the value stands in, and has at the
 * same way down from it the same value (or for a value that is not there, a zero). Names are compared without regard to spelling.
 */
export function findInPatch(patch: EnvoyPatch, place: Place, likeness: Likeness): Path | undefined {
  if (patch.applyTo === 'INVALID' || patch.value === undefined) return undefined;
  const message = messageByApplyTo[patch.applyTo];
  const whole = pathOf(place);
  for (const holder of outwards(place)) {
    if (holder.message !== message) continue;
    const way = whole.slice(pathOf(holder).length);
    const found = way.length === 0 ? undefined : follow(patch.value, way, place.value, likeness);
    if (found !== undefined) return ['spec', 'configPatches', patch.index, 'patch', 'value', ...found];
  }
  return undefined;
}

function follow(value: unknown, way: Path, wanted: unknown, likeness: Likeness): Path | undefined {
  const [key, ...rest] = way;
  if (key === undefined) return isSame(value, wanted) && (likeness === 'any' || isWithin(value, wanted)) ? [] : undefined;
  if (Array.isArray(value)) {
    // What is merged into a list stands behind what was there.
    for (const [index, element] of value.entries()) {
      const found = follow(element, rest, wanted, likeness);
      if (found !== undefined) return [index, ...found];
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (spelling(name) !== spelling(String(key))) continue;
    const found = follow(member, rest, wanted, likeness);
    if (found !== undefined) return [name, ...found];
  }
  return undefined;
}

function isSame(written: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return written === '' || written === 0 || written === false || written === null;
  if (typeof wanted === 'object') return typeof written === 'object' && written !== null;
  return (
    typeof written !== 'object' &&
    (String(written) === String(wanted) || Number.parseFloat(String(written)) === Number.parseFloat(String(wanted)))
  );
}

/** Whether all that is written for a message is in the emitted one; lists are not compared. */
function isWithin(written: unknown, emitted: unknown): boolean {
  if (!isObject(written) || !isObject(emitted)) return true;
  return Object.entries(written).every(([name, member]) => {
    const key = Object.keys(emitted).find((each) => spelling(each) === spelling(name));
    const value = key === undefined ? undefined : own(emitted, key);
    return isSame(member, value) && isWithin(member, value);
  });
}

function spelling(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** The path continued along a way as far as the document goes, with the names as they are spelt there. */
export function followSpelling(document: unknown, path: Path, way: Path): Path {
  const value = valueAt(document, path);
  const [key, ...rest] = way;
  if (key === undefined) return path;
  const name = Array.isArray(value)
    ? key
    : Object.keys(isObject(value) ? value : {}).find((each) => spelling(each) === spelling(String(key)));
  return name === undefined || valueAt(value, [name]) === undefined ? path : followSpelling(document, [...path, name], rest);
}
