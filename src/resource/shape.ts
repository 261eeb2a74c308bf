import type { Diagnostic, Path } from '../diagnostics/diagnostic.ts';
import { formatField } from '../diagnostics/format-field.ts';
import { invalidValue, missingField, wrongType } from '../diagnostics/problems/objects.ts';
import { assertNever } from '../util/assert.ts';
import { goQuote } from '../util/go-format.ts';
import { extended, isObject, own, setOwn } from '../util/object.ts';
import { Sealed } from '../util/sealed.ts';
import { compareText } from '../util/text.ts';
import { refused } from './api-server/diagnose.ts';

/** What a field may hold, and what stands there when it says nothing. Fields that a shape does not name are let through. */
export type Shape =
  | { readonly type: 'sealedText' | 'boolean' | 'integerOrText' | 'anything' }
  | { readonly type: 'text'; readonly limits?: TextLimits }
  | { readonly type: 'integer'; readonly between?: readonly [least: number, most: number] }
  | { readonly type: 'choice'; readonly among: readonly string[]; readonly keepsOthers?: true }
  | { readonly type: 'list'; readonly item: Shape }
  | { readonly type: 'map'; readonly value: Shape }
  | { readonly type: 'object'; readonly fields: readonly ObjectField[] };

/** What a schema asks of a text: `pattern` for all of it. */
export interface TextLimits {
  readonly atMost: number;
  readonly pattern?: RegExp;
}

/** A field of an object. */
export interface ObjectField {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** Filled in where the field is absent; it goes through the shape as well. */
  readonly fallback?: unknown;
}

export const text: Shape = { type: 'text' };
/** A text of a Secret (source/secrets.ts). */
export const sealedText: Shape = { type: 'sealedText' };
export const integer: Shape = { type: 'integer' };
export const boolean: Shape = { type: 'boolean' };
export const integerOrText: Shape = { type: 'integerOrText' };
export const anything: Shape = { type: 'anything' };

/** A text that is not empty, with the limits of its schema. */
export function textOf(limits: TextLimits): Shape {
  return { type: 'text', limits };
}

/** A whole number within the limits of its schema. */
export function integerBetween(least: number, most: number): Shape {
  return { type: 'integer', between: [least, most] };
}

/** One of some words. */
export function choice(...among: readonly string[]): Shape {
  return { type: 'choice', among };
}

/** One of some words; another one is reported and kept, for rules that speak of it as it is written. */
export function choiceOrOther(...among: readonly string[]): Shape {
  return { type: 'choice', among, keepsOthers: true };
}

export function list(item: Shape): Shape {
  return { type: 'list', item };
}

/** An object with any keys, which are sorted: the order in which they are written means nothing. */
export function map(value: Shape): Shape {
  return { type: 'map', value };
}

/** The field must be there. */
export function required(shape: Shape): Omit<ObjectField, 'name'> {
  return { shape, required: true };
}

/** The field gets a value where it has none, as the API server would do. */
export function withFallback(shape: Shape, fallback: unknown): Omit<ObjectField, 'name'> {
  return { shape, required: false, fallback };
}

/** An object; fields are shapes, or the results of `required` and `withFallback`. */
export function object(fields: Readonly<Record<string, Shape | Omit<ObjectField, 'name'>>>): Shape {
  return {
    type: 'object',
    fields: Object.entries(fields).map(([name, field]) =>
      'shape' in field ? { name, ...field } : { name, shape: field, required: false },
    ),
  };
}

/** Takes a problem and where it is: `path` from the value that is checked. */
export type ShapeReport = (path: Path, make: (subject: { readonly path: Path }) => Diagnostic) => void;

/**
 * The value with absent fields filled in, nulls (which mean absent) left out and maps sorted, or itself when there is nothing to do.
 * What does not fit the shape is reported.
 */
export function conform(shape: Shape, value: unknown, path: Path, report: ShapeReport): unknown {
  return conformAt(shape, value, [...path], (at, make) => report([...at], make));
}

/** Where the value stands. There is one list, which grows and shrinks on the way: most values fit, and nobody asks where they stand. */
type Trail = (string | number)[];

function conformAt(shape: Shape, value: unknown, path: Trail, report: ShapeReport): unknown {
  switch (shape.type) {
    case 'anything':
      return value;
    case 'text':
      if (typeof value !== 'string') return expectType(false, 'a text', value, path, report);
      if (shape.limits !== undefined) reportLimit(textProblem(value, shape.limits, path), path, report);
      return value;
    case 'sealedText':
      return expectType(value instanceof Sealed && typeof value.reveal() === 'string', 'a text', value, path, report);
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) return expectType(false, 'a whole number', value, path, report);
      if (shape.between !== undefined) reportLimit(numberProblem(value, shape.between, path), path, report);
      return value;
    case 'boolean':
      return expectType(typeof value === 'boolean', 'true or false', value, path, report);
    case 'integerOrText':
      return expectType(Number.isInteger(value) || typeof value === 'string', 'a whole number or a name', value, path, report);
    case 'choice':
      if (typeof value !== 'string') return expectType(false, 'a text', value, path, report);
      if (!shape.among.includes(value)) {
        report(path, (subject) => invalidValue(subject, formatPath(path), `"${value}"`, formatChoice(shape.among)));
      }
      return value;
    case 'list':
      if (!Array.isArray(value)) return expectType(false, 'a list', value, path, report);
      return conformList(shape.item, value, path, report);
    case 'map':
      if (!isObject(value)) return expectType(false, 'an object', value, path, report);
      return conformMap(shape.value, value, path, report);
    case 'object':
      if (!isObject(value)) return expectType(false, 'an object', value, path, report);
      return conformObject(shape.fields, value, path, report);
    default:
      return assertNever(shape);
  }
}

/** k8s.io/kube-openapi pkg/validation: the first limit that a text does not keep, in the words of the API server. */
function textProblem(value: string, { atMost, pattern }: TextLimits, path: Path): string | undefined {
  if ([...value].length > atMost) return `Too long: may not be more than ${atMost} bytes`;
  if (value !== '' && pattern?.test(value) !== false) return undefined;
  const rule = value === '' ? 'be at least 1 chars long' : `match '${pattern?.source}'`;
  return `Invalid value: ${goQuote(value)}: ${formatField(path)} in body should ${rule}`;
}

function numberProblem(value: number, [least, most]: readonly [number, number], path: Path): string | undefined {
  const subject = `Invalid value: ${value}: ${formatField(path)} in body should be`;
  if (value < least) return `${subject} greater than or equal to ${least}`;
  return value > most ? `${subject} less than or equal to ${most}` : undefined;
}

function reportLimit(problem: string | undefined, path: Path, report: ShapeReport): void {
  if (problem !== undefined) report(path, (subject) => refused(subject, formatField(path), problem));
}

function expectType(fits: boolean, expected: string, value: unknown, path: Path, report: ShapeReport): unknown {
  if (!fits) report(path, (subject) => wrongType(subject, formatPath(path), expected, describeValue(value)));
  return value;
}

function conformMember(shape: Shape, value: unknown, path: Trail, place: string | number, report: ShapeReport): unknown {
  path.push(place);
  const conformed = conformAt(shape, value, path, report);
  path.pop();
  return conformed;
}

function conformList(item: Shape, value: readonly unknown[], path: Trail, report: ShapeReport): readonly unknown[] {
  const result = value.map((member, index) => conformMember(item, member, path, index, report));
  return result.some((member, index) => member !== value[index]) ? result : value;
}

function conformMap(member: Shape, value: Record<string, unknown>, path: Trail, report: ShapeReport): Record<string, unknown> {
  // A null in a map of texts is the empty text, as in Go.
  const nothing = member.type === 'text' ? '' : member.type === 'sealedText' ? new Sealed('') : undefined;
  const entries = Object.entries(value).map(([key, content]): [string, unknown] => [
    key,
    content === null && nothing !== undefined ? nothing : conformMember(member, content, path, key, report),
  ]);
  const isSorted = entries.every(([key], index) => index === 0 || (entries[index - 1]?.[0] ?? '') <= key);
  if (isSorted && entries.every(([key, content]) => content === own(value, key))) return value;
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)));
}

function conformObject(
  fields: readonly ObjectField[],
  value: Record<string, unknown>,
  path: Trail,
  report: ShapeReport,
): Record<string, unknown> {
  let changed: Record<string, unknown> | undefined;
  for (const { name, shape, required: isRequired, fallback } of fields) {
    const present = own(value, name);
    if (present === undefined || present === null) {
      if (fallback !== undefined) {
        changed ??= extended(value, {});
        setOwn(changed, name, conformMember(shape, fallback, path, name, report));
      } else if (present === null) {
        changed ??= extended(value, {});
        delete changed[name];
      }
      if (isRequired) report(path, (subject) => missingField(subject, formatPath([...path, name])));
      continue;
    }
    const conformed = conformMember(shape, present, path, name, report);
    // A word that is none of the choices was reported; whoever goes on with the object nevertheless sees the field as if it were absent.
    const isAbsent =
      shape.type === 'choice' && !shape.keepsOthers && !isRequired && !shape.among.some((one) => one === conformed);
    const kept = isAbsent ? fallback : conformed;
    if (kept === present) continue;
    changed ??= extended(value, {});
    if (kept === undefined) delete changed[name];
    else setOwn(changed, name, kept);
  }
  return changed ?? value;
}

/** A path as people write it: `spec.ports[0].name`. */
export function formatPath(path: Path): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(segment)) return `["${segment}"]`;
      return index === 0 ? segment : `.${segment}`;
    })
    .join('');
}

/** A value for a message, by its type: short, and without the contents of objects and of what is sealed. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}...` : value}"`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : describeType(value);
}

/** What a value is, and nothing of what it holds. */
export function describeType(value: unknown): string {
  if (value instanceof Sealed) return describeType(value.reveal());
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'an object';
  }
}

function formatChoice(among: readonly string[]): string {
  return among.length === 1 ? String(among[0]) : `${among.slice(0, -1).join(', ')} or ${String(among.at(-1))}`;
}
