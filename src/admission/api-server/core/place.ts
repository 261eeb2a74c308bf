import type { Path } from '../../../diagnostics/diagnostic.ts';
import type { Format } from '../../../resource/api-server/formats.ts';
import { type Fields, fieldsOf, own } from '../../../util/object.ts';
import type { ApiServerError } from '../errors.ts';
import * as errors from '../errors.ts';

/** What a check finds, in the order of the API server. */
export type FieldErrors = Iterable<ApiServerError>;

/**
 * A value of an object with its place, as k8s.io/apimachinery's field.Path goes along: what is absent has a place too. Where it is is put
 * together only when something is said of it.
 */
export class FieldPlace {
  readonly value: unknown;
  /** The last step on the way to it. */
  readonly step: string | number | undefined;
  readonly #parent: FieldPlace | undefined;
  /** What the API server appends for that step to the field that the value is in, where it is not the step as such. */
  readonly #suffix: string | undefined;

  constructor(value: unknown, parent?: FieldPlace, step?: string | number, suffix?: string) {
    this.value = value;
    this.step = step;
    this.#parent = parent;
    this.#suffix = suffix;
  }

  get path(): Path {
    return this.#parent === undefined || this.step === undefined ? [] : [...this.#parent.path, this.step];
  }

  /** The field as the API server names it. */
  get field(): string {
    const field = `${this.#parent?.field ?? ''}${this.#suffix ?? suffixOf(this.step)}`;
    return field.startsWith('.') ? field.slice(1) : field;
  }

  /** A field of an object. `field` is what the API server calls it, where that is not its name. */
  at(name: string, field: string = name): FieldPlace {
    return new FieldPlace(own(this.fields, name), this, name, field === name ? undefined : `.${field}`);
  }

  /** A value of a map. */
  key(key: string): FieldPlace {
    return new FieldPlace(own(this.fields, key), this, key, `[${key}]`);
  }

  /** The items of a list. */
  get items(): readonly FieldPlace[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item: unknown, index) => new FieldPlace(item, this, index));
  }

  /** The keys of a map. */
  get keys(): readonly string[] {
    return Object.keys(this.fields);
  }

  get fields(): Fields {
    return fieldsOf(this.value);
  }

  /** Whether something is written. */
  get isSet(): boolean {
    return this.value !== undefined;
  }

  /** A text; the empty one where there is none. */
  get text(): string {
    return typeof this.value === 'string' ? this.value : '';
  }

  /** A number; zero where there is none. */
  get number(): number {
    return typeof this.value === 'number' ? this.value : 0;
  }

  required(rule?: string): ApiServerError {
    return errors.missingValue(this.field, this.path, rule);
  }

  invalid(rule: string, value: unknown = this.value ?? null): ApiServerError {
    return errors.refusedValue(this.field, value, rule, this.path);
  }

  /** As `invalid`, of a value that Go prints otherwise than it is written. */
  invalidAs(printed: string, rule: string): ApiServerError {
    const words = rule === '' ? '' : `: ${rule}`;
    return { field: this.field, type: 'FieldValueInvalid', message: `Invalid value: ${printed}${words}`, path: this.path };
  }

  duplicate(value: unknown = this.value): ApiServerError {
    return errors.repeatedValue(this.field, value, this.path);
  }

  notSupported(supported: readonly string[]): ApiServerError {
    return errors.notSupported(this.field, this.value ?? '', supported, this.path);
  }

  tooMany(count: number, most: number): ApiServerError {
    return errors.tooMany(this.field, count, most, this.path);
  }

  forbidden(rule: string): ApiServerError {
    return { field: this.field, type: 'FieldValueForbidden', message: `Forbidden: ${rule}`, path: this.path };
  }

  notFound(): ApiServerError {
    return {
      field: this.field,
      type: 'FieldValueNotFound',
      message: `Not found: ${errors.printValue(this.value ?? '')}`,
      path: this.path,
    };
  }

  /** A text that is none of those that there are; `required` where there must be one. */
  *oneOf(supported: readonly string[], isRequired = true): FieldErrors {
    if (this.text === '') {
      if (isRequired) yield this.required();
    } else if (!supported.includes(this.text)) {
      yield this.notSupported(supported);
    }
  }

  /** A text that does not have its format. */
  *format(format: Format, text: string = this.text): FieldErrors {
    for (const rule of format(text)) yield this.invalid(rule, text);
  }

  /** A number of a range. */
  *between(least: number, most: number): FieldErrors {
    if (this.isSet && (this.number < least || this.number > most))
      yield this.invalid(`must be between ${least} and ${most}, inclusive`);
  }

  *nonNegative(): FieldErrors {
    if (this.number < 0) yield this.invalid('must be greater than or equal to 0');
  }
}

function suffixOf(step: string | number | undefined): string {
  if (step === undefined) return '';
  return typeof step === 'number' ? `[${step}]` : `.${step}`;
}
