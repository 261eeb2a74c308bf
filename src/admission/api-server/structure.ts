import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { goQuote } from '../../util/go-format.ts';
import { type Fields, isObject, own } from '../../util/object.ts';
import {
  type ApiServerError,
  formatNumber,
  isInteger,
  missingValue,
  notSupported,
  refusedValue,
  tooLong,
  tooMany,
  typeInvalid,
} from './errors.ts';
import { findsPattern } from './patterns.ts';
import type { Schema } from './schema.ts';
import { hasFormat, typeProblem } from './types.ts';

/**
 * What is wrong with an object by the schema of its kind: k8s.io/kube-openapi pkg/validation/validate, whose errors
 * k8s.io/apiextensions-apiserver pkg/apiserver/validation/validation.go puts into words.
 */
export function checkStructure(object: Fields, schema: Schema): readonly ApiServerError[] {
  const result: Result = { errors: [], matches: 0 };
  check(object, schema, [], result);
  return result.errors;
}

/** What is found of a value and below. */
interface Result {
  readonly errors: ApiServerError[];
  /** How many checks there were and how many held: of several schemas of which none fits, the one with most is told of. */
  matches: number;
}

/** schema.go Validate; `steps` is the path of the value. */
function check(value: unknown, schema: Schema, steps: (string | number)[], result: Result): void {
  checkType(value, schema, steps, result);
  if (value === null) {
    checkEnum(value, schema, steps, result);
    return;
  }
  checkAlternatives(value, schema, steps, result);
  if (typeof value === 'string') checkText(value, schema, steps, result);
  else if (typeof value === 'number') checkNumber(value, schema, steps, result);
  else if (Array.isArray(value)) checkList(value, schema, steps, result);
  checkEnum(value, schema, steps, result);
  if (isObject(value)) checkObject(value, schema, steps, result);
  result.matches += 1;
}

/** type.go */
function checkType(value: unknown, schema: Schema, steps: Path, result: Result): void {
  if (schema.type === undefined && schema.format === undefined) return;
  const problem = typeProblem(value, schema);
  if (problem === undefined) {
    result.matches += value === null ? 1 : 2;
    return;
  }
  const { expected, found } = problem;
  if (value !== null) result.matches += 1;
  const field = formatField(steps);
  result.errors.push(typeInvalid(field, found, `${field} in body must be of type ${expected}: ${goQuote(found)}`, [...steps]));
}

/** validator.go basicCommonValidator */
function checkEnum(value: unknown, schema: Schema, steps: Path, result: Result): void {
  if (value !== null) result.matches += 1;
  const { enum: supported } = schema;
  if (supported === undefined || supported.includes(value)) return;
  result.errors.push(notSupported(formatField(steps), value, supported, [...steps]));
}

/** validator.go stringValidator, which stops at the first rule, and formats.go */
function checkText(text: string, schema: Schema, steps: Path, result: Result): void {
  result.matches += schema.format === undefined ? 1 : 2;
  const rule = brokenRule(text, schema);
  if (rule === 'maxLength') result.errors.push(tooLong(formatField(steps), schema.maxLength ?? 0, [...steps]));
  else if (rule !== undefined) result.errors.push(refusedBy(rule, text, steps));
  if (schema.format === undefined || hasFormat(text, schema.format)) return;
  const field = formatField(steps);
  const { format } = schema;
  result.errors.push(typeInvalid(field, text, `${field} in body must be of type ${format}: ${goQuote(text)}`, [...steps]));
}

/** Whether a text breaks a rule for texts. */
export function breaksText(text: string, schema: Schema): boolean {
  return brokenRule(text, schema) !== undefined;
}

/** What a text breaks: its greatest length, or another rule in words. */
function brokenRule(text: string, { maxLength, minLength, pattern }: Schema): string | undefined {
  if (maxLength !== undefined && text.length > maxLength && lengthOf(text) > maxLength) return 'maxLength';
  if (minLength !== undefined && (text.length < minLength || lengthOf(text) < minLength)) {
    return `should be at least ${minLength} chars long`;
  }
  return pattern === undefined || findsPattern(pattern, text) ? undefined : `should match '${pattern}'`;
}

/** Characters, not halves of them. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** validator.go numberValidator */
function checkNumber(value: number, { maximum, minimum }: Schema, steps: Path, result: Result): void {
  result.matches += 2;
  if (maximum !== undefined && value > maximum) {
    result.errors.push(refusedBy(`should be less than or equal to ${formatLimit(value, maximum)}`, value, steps));
  }
  if (minimum !== undefined && value < minimum) {
    result.errors.push(refusedBy(`should be greater than or equal to ${formatLimit(value, minimum)}`, value, steps));
  }
}

/** The limit of an integer is cut to one. */
function formatLimit(value: number, limit: number): string {
  return formatNumber(isInteger(value) ? Math.trunc(limit) : limit);
}

/** slice_validator.go */
function checkList(
  list: readonly unknown[],
  { items, maxItems, minItems }: Schema,
  steps: (string | number)[],
  result: Result,
): void {
  result.matches += 2;
  if (items !== undefined) {
    list.forEach((item, index) => {
      steps.push(index);
      check(item, items, steps, result);
      steps.pop();
    });
  }
  const count = list.length;
  if (minItems !== undefined && count < minItems) {
    result.errors.push(refusedBy(`should have at least ${minItems} items`, count, steps));
  }
  if (maxItems !== undefined && count > maxItems) {
    result.errors.push(tooMany(formatField(steps), count, maxItems, [...steps]));
  }
}

/** object_validator.go */
function checkObject(object: Fields, schema: Schema, steps: (string | number)[], result: Result): void {
  result.matches += 1;
  const { properties, additionalProperties, maxProperties, minProperties } = schema;
  const count = minProperties === undefined && maxProperties === undefined ? 0 : Object.keys(object).length;
  if (minProperties !== undefined && count < minProperties) {
    result.errors.push(refusedBy(`should have at least ${minProperties} properties`, count, steps));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    result.errors.push(tooMany(formatField(steps), count, maxProperties, [...steps]));
  }
  for (const name in object) {
    const part = own(properties, name) ?? additionalProperties;
    if (part === undefined) continue;
    steps.push(name);
    check(own(object, name), part, steps, result);
    steps.pop();
  }
  if (schema.required === undefined) return;
  for (const name of schema.required) {
    if (Object.hasOwn(object, name)) continue;
    const path = [...steps, name];
    result.errors.push(missingValue(formatField(path), path));
  }
}

/** schema_props.go: what it says of schemas beside each other stands at no field. */
function checkAlternatives(value: unknown, schema: Schema, steps: (string | number)[], result: Result): void {
  const { anyOf, oneOf, allOf, not } = schema;
  result.matches += 2;
  if (anyOf === undefined && oneOf === undefined && allOf === undefined && not === undefined) return;
  const against = (part: Schema): Result => {
    const found: Result = { errors: [], matches: 0 };
    check(value, part, steps, found);
    return found;
  };
  const refuse = (rule: string): void => merge({ errors: [outside(rule, steps)], matches: 0 }, result);
  if (anyOf !== undefined) {
    const found = firstValid(anyOf, against);
    if (found.valid === undefined) refuse('at least one schema (anyOf)');
    merge(found.valid ?? found.nearest, result);
  }
  if (oneOf !== undefined) {
    const found = oneOf.map(against);
    const valid = found.filter(isValid);
    if (valid.length === 1) {
      merge(valid[0], result);
    } else {
      const count = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
      refuse(`one and only one schema (oneOf). ${count}`);
      if (valid.length === 0) merge(nearestOf(found), result);
    }
  }
  if (allOf !== undefined) {
    const found = allOf.map(against);
    for (const part of found) merge(part, result);
    if (!found.every(isValid)) refuse(`all the schemas (allOf)${found.some(isValid) ? '' : '. None validated'}`);
  }
  if (not !== undefined && isValid(against(not))) {
    merge(
      {
        errors: [refusedValue(undefined, '', `${goQuote(formatField(steps))} must not validate the schema (not)`, [...steps])],
        matches: 0,
      },
      result,
    );
  }
}

function outside(rule: string, steps: Path): ApiServerError {
  return refusedValue(undefined, '', `${goQuote(formatField(steps))} must validate ${rule}`, [...steps]);
}

function isValid({ errors }: Result): boolean {
  return errors.length === 0;
}

function firstValid(
  schemas: readonly Schema[],
  against: (schema: Schema) => Result,
): { readonly valid?: Result; readonly nearest?: Result | undefined } {
  const found: Result[] = [];
  for (const schema of schemas) {
    const result = against(schema);
    if (isValid(result)) return { valid: result };
    found.push(result);
  }
  return { nearest: nearestOf(found) };
}

function nearestOf(found: readonly Result[]): Result | undefined {
  return found.reduce<Result | undefined>(
    (best, one) => (best === undefined || one.matches > best.matches ? one : best),
    undefined,
  );
}

/** Adds what is found, and nothing twice: a value is seen by several schemas. */
function merge(found: Result | undefined, result: Result): void {
  if (found === undefined) return;
  result.matches += found.matches;
  for (const error of found.errors) {
    const { field, message } = error;
    if (!result.errors.some((other) => other.field === field && other.message === message)) result.errors.push(error);
  }
}

function refusedBy(rule: string, value: unknown, steps: Path): ApiServerError {
  const field = formatField(steps);
  return refusedValue(field, value, `${field} in body ${rule}`, [...steps]);
}
