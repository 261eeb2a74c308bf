import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { goQuote } from '../../util/go-format.ts';
import { type Fields, isObject } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';

/** What the API server says of one field of an object. */
export interface ApiServerError {
  /** The field as the API server names it; undefined where it says `<nil>`. */
  readonly field: string | undefined;
  readonly type: ErrorType;
  /** Its words after the name of the field. */
  readonly message: string;
  /** Where the cause is written, from the root of the object. */
  readonly path: Path;
  /** Where it is the key that is wrong, and not what stands there. */
  readonly on?: 'key' | 'value';
}

/** The reasons of k8s.io/apimachinery pkg/util/validation/field/errors.go, as they stand in answers. */
export type ErrorType =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotFound'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  /** The answer to the request as a whole, not to a field. */
  | 'BadRequest'
  | 'StrictDecoding';

/** A value that a field cannot have. */
export function refusedValue(field: string | undefined, value: unknown, rule: string, path: Path): ApiServerError {
  return { field, type: 'FieldValueInvalid', message: `Invalid value: ${printValue(value)}: ${rule}`, path };
}

/** An object that cannot be read: the answer to the request as a whole. */
export function unreadableObject({ kind, apiVersion }: Fields, { words, path }: Unreadable): ApiServerError {
  const version = String(apiVersion).replace(/^.*\//, '');
  const message = `${String(kind)} in version "${version}" cannot be handled as a ${String(kind)}: ${words}`;
  return { field: undefined, type: 'BadRequest', message, path };
}

/** Why an object cannot be read. */
export interface Unreadable {
  /** In the words of Go's package json. */
  readonly words: string;
  readonly path: Path;
}

/** A field that the kind of the object does not have. */
export function strayField(path: Path): ApiServerError {
  const field = formatField(path);
  return { field, type: 'StrictDecoding', message: `unknown field "${field}"`, path };
}

/** A value of another type than the schema's. */
export function typeInvalid(field: string, value: unknown, rule: string, path: Path): ApiServerError {
  return { field, type: 'FieldValueTypeInvalid', message: `Invalid value: ${printValue(value)}: ${rule}`, path };
}

/** A field that must be there. */
export function missingValue(field: string, path: Path, rule?: string): ApiServerError {
  return { field, type: 'FieldValueRequired', message: `Required value${rule === undefined ? '' : `: ${rule}`}`, path };
}

/** A member of a list that an earlier one equals. */
export function repeatedValue(field: string, value: unknown, path: Path): ApiServerError {
  return { field, type: 'FieldValueDuplicate', message: `Duplicate value: ${printValue(value)}`, path };
}

/** A value that is none of those that there are. */
export function notSupported(field: string, value: unknown, supported: readonly unknown[], path: Path): ApiServerError {
  const words = supported.map((one) => goQuote(typeof one === 'string' ? one : JSON.stringify(one))).join(', ');
  const message = `Unsupported value: ${printValue(value)}: supported values: ${words}`;
  return { field, type: 'FieldValueNotSupported', message, path };
}

/** A text of too many characters, which the API server calls bytes. */
export function tooLong(field: string, most: number, path: Path): ApiServerError {
  const message = `Too long: may not be more than ${most} ${most === 1 ? 'byte' : 'bytes'}`;
  return { field, type: 'FieldValueTooLong', message, path };
}

/** A list or map of too many members. */
export function tooMany(field: string, count: number, most: number, path: Path): ApiServerError {
  const message = `Too many: ${count}: must have at most ${most} ${most === 1 ? 'item' : 'items'}`;
  return { field, type: 'FieldValueTooMany', message, path };
}

/** A value as the API server prints it: texts quoted, numbers as Go has them, the rest as JSON with sorted keys. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return formatNumber(value);
  return formatJson(value);
}

/** JSON as Go writes it: keys are sorted, and what means something in HTML is escaped. */
export function formatJson(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) => (isObject(part) ? sorted(part) : part));
  return json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

function sorted(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}

/** Whether a number is an integer of 64 bits for the API server. */
export function isInteger(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

/** A number as `%v` writes it. */
export function formatNumber(value: number): string {
  if (isInteger(value)) return BigInt(value).toString();
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  const [digits, exponent = ''] = value.toExponential().split('e');
  return `${digits}e${exponent.replace(/^([-+])(\d)$/, '$10$2')}`;
}
