import type { Path } from '../../../diagnostics/diagnostic.ts';
import { parseDuration } from '../../../util/duration.ts';
import { isObject } from '../../../util/object.ts';
import { memberOf, type Place, pathOf } from './place.ts';

/** A place in a document, and how sure it is that the value came from there. */
export interface Found {
  readonly path: Path;
  readonly score: number;
}

const SAME = 100;
const PART = 50;
/** Texts that are shorter than this are too common to tell where they came from. */
const DISTINCTIVE = 4;

/** What to look for. */
export interface Wanted {
  readonly value: unknown;
  /** Words of the names that the value has in the emitted resource, and that it can have where it is written. */
  readonly words: ReadonlySet<string>;
}

/** What to look for to find where the value of a place is written. */
export function wantedAt(place: Place, hints: readonly string[]): Wanted {
  return { value: place.value, words: new Set([...wordsOf(pathOf(place)), ...hints]) };
}

/**
 * The field of a document that an emitted value was probably written in: it has the same value, or a text of which one is much of the
 * other, and a name that resembles that of the emitted field unless the value tells by itself. Of several as good, the first in the
 * order of names, however the document has them.
 */
export function findWritten(document: unknown, base: Path, wanted: Wanted): Found | undefined {
  let best: Found | undefined;
  const look = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) look(element, [...path, index]);
    } else if (isObject(value)) {
      for (const key of Object.keys(value).sort()) look(memberOf(value, key), [...path, key]);
    }
    const likeness = likenessOf(value, wanted.value);
    if (likeness === 0) return;
    const names = [...wordsOf(path)].filter((word) => wanted.words.has(word)).length;
    if (names === 0 && !(isDistinctive(value) && isDistinctive(wanted.value))) return;
    const score = likeness + names;
    if (best === undefined || score > best.score) best = { path, score };
  };
  look(valueAt(document, base), base);
  return best;
}

/** Whether the very value was found, not one that contains it. */
export function isSame({ score }: Found): boolean {
  return score >= SAME;
}

/** The value at a path of a document. */
export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce(memberOf, document);
}

/** How much a written value resembles an emitted one. */
function likenessOf(written: unknown, emitted: unknown): number {
  if (emitted === undefined) return isZero(written) ? SAME : 0;
  if (typeof written === 'object' || typeof emitted === 'object' || written === undefined) return 0;
  const [own, other] = [String(written), String(emitted)];
  if (own === other || isSameDuration(own, other)) return SAME;
  const [short, long] = own.length < other.length ? [own, other] : [other, own];
  const isPart = short.length >= DISTINCTIVE && 2 * short.length >= long.length && long.includes(short);
  return isPart ? PART : 0;
}

function isSameDuration(own: string, other: string): boolean {
  const [one, two] = [own, other].map((text) => (/[a-z]$/.test(text) ? parseDuration(text) : undefined));
  return one !== undefined && one === two;
}

/** What protobuf leaves out, or an object without anything in it. */
function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === '0' || value === false || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return typeof value === 'string' && parseDuration(value) === 0n;
}

/** Whether a value is found by chance hardly anywhere else. */
function isDistinctive(value: unknown): boolean {
  return typeof value === 'string' && value.length >= DISTINCTIVE && !/^[-\d.]+[a-z]*$/.test(value);
}

/** The words of the last names of a path: `minimumRingSize` and `minimum_ring_size` have three. */
function wordsOf(path: Path): ReadonlySet<string> {
  const names = path.filter((segment) => typeof segment === 'string').slice(-4);
  const words = names.flatMap((name) => name.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[^A-Za-z\d]+/));
  return new Set(words.map((word) => word.toLowerCase()).filter((word) => word !== '' && !COMMON.has(word)));
}

/** Words that say nothing of what a field is about. */
const COMMON: ReadonlySet<string> = new Set([
  'spec',
  'value',
  'typed',
  'config',
  'default',
  'http',
  'route',
  'tls',
  'of',
  'list',
]);
