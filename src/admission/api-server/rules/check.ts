import { goQuote } from '../../../util/go-format.ts';
import { memo } from '../../../util/memo.ts';
import { isObject, own } from '../../../util/object.ts';
import type { ApiServerError } from '../errors.ts';
import type { Rule, Schema } from '../schema.ts';
import { compileCel } from './compile.ts';
import type { Evaluate } from './evaluate.ts';
import { Failure, noOverload, typed } from './values.ts';

/** What the rules of a schema say of a value with its defaults: every rule that does not hold, and every one that fails. */
export type CheckRules = (schema: Schema, value: unknown) => readonly ApiServerError[];

/**
 * Makes the check of all `x-kubernetes-validations` at and below a value, as a new object meets them: k8s.io/apiextensions-apiserver
 * pkg/apiserver/schema/cel Validator. Whoever makes it keeps it: it remembers which parts of a schema have rules, and the rules that
 * it has compiled.
 */
export function createRuleCheck(): CheckRules {
  const compiled = memo(compileCel);
  const planOf: (schema: Schema) => Plan | undefined = memo((schema) => plan(schema, planOf));
  return (schema, value) => {
    const root = planOf(schema);
    if (root === undefined) return [];
    const errors: ApiServerError[] = [];
    check(root, value, { path: [], suffixes: [], compiled, errors });
    return errors;
  };
}

/** What is to be checked of a part of a schema; there is none where neither it nor a part of it has rules. */
interface Plan {
  readonly schema: Schema;
  readonly rules: readonly Rule[];
  readonly items: Plan | undefined;
  readonly values: Plan | undefined;
  readonly properties: Readonly<Record<string, Plan>>;
}

function plan(schema: Schema, planOf: (schema: Schema) => Plan | undefined): Plan | undefined {
  const rules = (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => !comparesWithOld(rule));
  const items = schema.items && planOf(schema.items);
  const values = schema.additionalProperties && planOf(schema.additionalProperties);
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const planned = planOf(property);
    return planned === undefined ? [] : [[name, planned] as const];
  });
  if (rules.length === 0 && items === undefined && values === undefined && properties.length === 0) return undefined;
  return { schema, rules, items, values, properties: Object.fromEntries(properties) };
}

/** Rules about changes are for updates alone. */
function comparesWithOld(rule: string): boolean {
  return /\boldSelf\b/.test(rule);
}

/** Where the check is. There is one path, which grows and shrinks on the way: most rules hold, and nobody asks where. */
interface Place {
  readonly path: (string | number)[];
  /** For each step, what errors of rules have for it: `[app]` for the key of a map. */
  readonly suffixes: string[];
  readonly compiled: (rule: string) => Evaluate;
  readonly errors: ApiServerError[];
}

function check(plan: Plan, value: unknown, place: Place): void {
  if (value === null || value === undefined) return;
  if (plan.rules.length > 0) checkOwn(plan, value, place);
  if (Array.isArray(value)) {
    if (plan.items === undefined) return;
    for (const [index, item] of value.entries()) checkAt(plan.items, item, place, index, `[${index}]`);
  } else if (isObject(value)) {
    for (const name in value) {
      const property = own(plan.properties, name);
      if (property === undefined && plan.values === undefined) continue;
      const member = own(value, name);
      if (property) checkAt(property, member, place, name, place.path.length === 0 ? name : `.${name}`);
      if (plan.values) checkAt(plan.values, member, place, name, `[${name}]`);
    }
  }
}

function checkAt(plan: Plan, value: unknown, place: Place, key: string | number, suffix: string): void {
  place.path.push(key);
  place.suffixes.push(suffix);
  check(plan, value, place);
  place.path.pop();
  place.suffixes.pop();
}

function checkOwn({ schema, rules }: Plan, value: unknown, { path, suffixes, compiled, errors }: Place): void {
  const self = { name: 'self', value: typed(value, schema) };
  for (const { rule, message } of rules) {
    const result = compiled(rule)(self);
    if (result === true) continue;
    const words = (message ?? `failed rule: ${rule}`).trim();
    const said = result instanceof Failure ? failureWords(result, message ?? rule, schema) : `${shown(value, schema)}${words}`;
    const field = suffixes.join('');
    errors.push({
      field: field === '' ? undefined : field,
      type: 'FieldValueInvalid',
      message: `Invalid value: ${said}`,
      path: [...path],
    });
  }
}

function failureWords(failure: Failure, rule: string, { type }: Schema): string {
  const words =
    failure === noOverload
      ? `'${failure.message}': call arguments did not match a supported operator, function or macro signature for rule: `
      : `${failure.message} evaluating rule: `;
  return `${goQuote(type ?? '')}: ${words}${rule.trim()}`;
}

/** Objects and lists are not shown. */
function shown(value: unknown, { type }: Schema): string {
  if (type === 'object' || type === 'array') return '';
  return `${typeof value === 'string' ? goQuote(value) : String(value)}: `;
}
