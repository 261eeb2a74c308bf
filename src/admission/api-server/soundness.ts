import { memo } from '../../util/memo.ts';
import { type Fields, isObject, own } from '../../util/object.ts';
import type { Schema } from './schema.ts';
import { breaksText } from './structure.ts';
import { hasFormat, typeProblem } from './types.ts';

/**
 * Whether an object, its metadata aside, is surely one of which neither preparing nor the checks of structure and lists say anything, nor
 * change anything. Most objects are; what is said of the others takes paths and copies.
 */
export type SoundnessTest = (schema: Schema, object: Fields) => boolean;

/** Makes the test, which takes each part of a schema in when a value for it comes. */
export function createSoundnessTest(): SoundnessTest {
  const partOf = memo((schema: Schema) => new Part(schema, false));
  return (schema, object) => partOf(schema).takesRoot(object);
}

/** What all objects have, and what is not looked at by the schema of a kind. */
const ofAllKinds: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** A part of a schema. What only few objects have is never sound: the checks look at it. */
class Part {
  readonly #schema: Schema;
  /** Whether it is one of `allOf`, `anyOf`, `oneOf` and `not`, which leave fields that they do not know. */
  readonly #isAlternative: boolean;
  readonly #members = new Map<string, Part | undefined>();
  readonly #defaults: readonly string[];
  #items: Part | undefined;
  #alternatives: ((value: unknown) => boolean) | undefined;

  constructor(schema: Schema, isAlternative: boolean) {
    this.#schema = schema;
    this.#isAlternative = isAlternative;
    const withDefault = Object.entries(schema.properties ?? {}).filter(([, property]) => property.default !== undefined);
    this.#defaults = isAlternative ? [] : withDefault.map(([name]) => name);
  }

  takesRoot(object: Fields): boolean {
    // What is written as status is pruned, and then left out.
    if (Object.hasOwn(object, 'status') || this.#schema.required?.some((name) => ofAllKinds.includes(name))) return false;
    return this.#takesObject(object, ofAllKinds) && this.#takesChoice(object);
  }

  takes(value: unknown): boolean {
    const { enum: supported } = this.#schema;
    return (
      this.#hasType(value) &&
      this.#takesContent(value) &&
      (supported === undefined || supported.includes(value)) &&
      (value === null || this.#takesChoice(value))
    );
  }

  #hasType(value: unknown): boolean {
    const { type, format } = this.#schema;
    // Outside of alternatives, null is taken for what is absent.
    if (value === null && !this.#isAlternative) return false;
    if (type === undefined && format === undefined) return true;
    return (type === typeof value && value !== null && !Array.isArray(value)) || typeProblem(value, this.#schema) === undefined;
  }

  #takesContent(value: unknown): boolean {
    const { format, maximum, minimum } = this.#schema;
    if (typeof value === 'string') {
      return !breaksText(value, this.#schema) && (format === undefined || hasFormat(value, format));
    }
    if (typeof value === 'number')
      return !(maximum !== undefined && value > maximum) && !(minimum !== undefined && value < minimum);
    if (Array.isArray(value)) return this.#takesList(value);
    if (isObject(value)) return this.#takesObject(value, []);
    // A sealed value is looked at by the checks.
    return typeof value !== 'object' || value === null;
  }

  #takesList(list: readonly unknown[]): boolean {
    const { items, minItems, maxItems, 'x-kubernetes-list-type': listType } = this.#schema;
    if ((minItems !== undefined && list.length < minItems) || (maxItems !== undefined && list.length > maxItems)) return false;
    if (!this.#isAlternative && listType !== undefined && listType !== 'atomic' && !isOfOne(list)) return false;
    if (items === undefined) return this.#isAlternative || list.every((item) => typeof item !== 'object');
    this.#items ??= new Part(items, this.#isAlternative);
    for (const item of list) if (!this.#items.takes(item)) return false;
    return true;
  }

  #takesObject(object: Fields, passedOver: readonly string[]): boolean {
    const { required, minProperties, maxProperties } = this.#schema;
    if (!this.#isAlternative && this.#schema['x-kubernetes-preserve-unknown-fields'] === true) return false;
    if (minProperties !== undefined || maxProperties !== undefined) {
      const count = Object.keys(object).length;
      if (count < (minProperties ?? 0) || count > (maxProperties ?? count)) return false;
    }
    for (const name in object) {
      if (passedOver.includes(name)) continue;
      const member = this.#member(name);
      if (member === undefined ? !this.#isAlternative : !member.takes(own(object, name))) return false;
    }
    for (const name of this.#defaults) if (!Object.hasOwn(object, name)) return false;
    return required === undefined || required.every((name) => Object.hasOwn(object, name));
  }

  #member(name: string): Part | undefined {
    const { properties, additionalProperties } = this.#schema;
    if (own(properties, name) === undefined) return this.#memberOf('', additionalProperties);
    return this.#memberOf(name, own(properties, name));
  }

  #memberOf(key: string, schema: Schema | undefined): Part | undefined {
    let member = this.#members.get(key);
    if (member === undefined && schema !== undefined) {
      member = new Part(schema, this.#isAlternative);
      this.#members.set(key, member);
    }
    return member;
  }

  #takesChoice(value: unknown): boolean {
    this.#alternatives ??= alternativesOf(this.#schema);
    return this.#alternatives(value);
  }
}

function isOfOne(list: readonly unknown[]): boolean {
  return list.length === 0 || (list.length === 1 && isObject(list[0]));
}

/** What the alternatives of a schema ask of a value; `checkStructure` says what is wrong. */
function alternativesOf({ anyOf, oneOf, allOf, not }: Schema): (value: unknown) => boolean {
  if (anyOf === undefined && oneOf === undefined && allOf === undefined && not === undefined) return () => true;
  const partsOf = (schemas: readonly Schema[] | undefined): readonly Part[] | undefined =>
    schemas?.map((schema) => new Part(schema, true));
  const [any, one, all, none] = [partsOf(anyOf), partsOf(oneOf), partsOf(allOf), not && new Part(not, true)];
  return (value) =>
    (any === undefined || any.some((part) => part.takes(value))) &&
    (one === undefined || one.filter((part) => part.takes(value)).length === 1) &&
    (all === undefined || all.every((part) => part.takes(value))) &&
    none?.takes(value) !== true;
}
