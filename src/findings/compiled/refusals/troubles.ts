import type { Limits } from '../../../envoy/limits.ts';
import { assertNever } from '../../../util/assert.ts';
import type { Descriptors, FieldDescriptor } from '../../../util/descriptors.ts';
import { findsExpression } from '../../../util/re2.ts';
import { quoteShort } from './rule.ts';

/** What is wrong with a value, and what to do about it. */
export interface Trouble {
  readonly sense: string;
  readonly fix: string;
}

/** The longest duration that Envoy reads, in seconds. As Envoy source/common/protobuf/utility.cc validateDuration. */
const MAX_DURATION = 9_223_372_035;

/** What is wrong with a field that is not there, and so has the zero value of its type. */
export function troubleOfAbsent(descriptors: Descriptors, field: FieldDescriptor, limits: Limits): Trouble | undefined {
  if (field.cardinality !== 'one') return troubleOfCount(0, limits);
  if (limits.required) return { sense: 'is missing', fix: 'write it' };
  if (field.presence || limits.ignoreEmpty) return undefined;
  const { type } = field;
  const isNumber = type.kind === 'scalar' && !['bool', 'string', 'bytes'].includes(type.scalar);
  return troubleOfValue(descriptors, field, limits, type.kind === 'enum' || isNumber ? 0 : '');
}

/** What is wrong with the number of elements of a list or map. */
export function troubleOfCount(count: number, { minItems, maxItems }: Limits): Trouble | undefined {
  if (minItems !== undefined && count < minItems) {
    return count === 0
      ? { sense: 'is empty', fix: minItems === 1 ? 'write at least one' : `write at least ${minItems}` }
      : { sense: `has ${count} of at least ${minItems}`, fix: `write at least ${minItems}` };
  }
  if (maxItems !== undefined && count > maxItems) return { sense: `has ${count} of at most ${maxItems}`, fix: 'write fewer' };
  return undefined;
}

/** What is wrong with a single value. */
export function troubleOfValue(
  descriptors: Descriptors,
  field: FieldDescriptor,
  limits: Limits,
  value: unknown,
): Trouble | undefined {
  const { type } = field;
  if (limits.ignoreEmpty && (value === '' || value === 0 || value === '0')) return undefined;
  if (type.kind === 'enum') return troubleOfEnum(descriptors, type.name, limits, value);
  if (type.kind === 'duration') return troubleOfDuration(value, limits);
  if (type.kind !== 'scalar' && type.kind !== 'wrapper') return undefined;
  switch (type.scalar) {
    case 'string':
      return troubleOfText(String(value), limits);
    case 'bytes':
      return troubleOfLength(Buffer.from(String(value), 'base64').length, limits);
    case 'bool':
      return limits.constant !== undefined && String(value) !== limits.constant
        ? { sense: `is ${String(value)}`, fix: `write ${limits.constant}, or leave it out` }
        : undefined;
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
    case 'double':
    case 'float':
      return troubleOfNumber(Number(value), limits, '');
    default:
      return assertNever(type.scalar);
  }
}

function troubleOfEnum(descriptors: Descriptors, name: string, limits: Limits, value: unknown): Trouble | undefined {
  const { definedOnly, noneOf } = limits;
  const known = descriptors.enumeration(name);
  if (known === undefined) return undefined;
  const number = typeof value === 'number' ? value : known.numberByName.get(String(value));
  const isKnown = number !== undefined && known.nameByNumber.has(number);
  if ((isKnown || !definedOnly) && !noneOf.includes(String(number))) return undefined;
  const names = [...known.numberByName].filter(([, each]) => !noneOf.includes(String(each))).map(([each]) => each);
  return { sense: `is ${String(value)}`, fix: `write one of ${names.join(', ')}` };
}

/** Any duration has a range, whatever its field demands. */
export function troubleOfDuration(value: unknown, limits: Limits | undefined): Trouble | undefined {
  const seconds = Number.parseFloat(String(value));
  if (seconds < 0) return { sense: `is ${String(value)}`, fix: 'write a duration that is not negative' };
  if (seconds > MAX_DURATION) return { sense: `is ${String(value)}`, fix: `write a duration of at most ${MAX_DURATION}s` };
  return limits && troubleOfNumber(seconds, limits, 's');
}

function troubleOfNumber(value: number, { gt, gte, lt, lte }: Limits, unit: string): Trouble | undefined {
  const low = gte ?? gt;
  const high = lte ?? lt;
  const isLow = low !== undefined && (gte === undefined ? value <= low : value < low);
  const isHigh = high !== undefined && (lte === undefined ? value >= high : value > high);
  if (!isLow && !isHigh) return undefined;
  const bounds = [
    ...(low === undefined ? [] : [`${gte === undefined ? 'more than' : 'at least'} ${low}${unit}`]),
    ...(high === undefined ? [] : [`${lte === undefined ? 'less than' : 'at most'} ${high}${unit}`]),
  ];
  return { sense: `is ${value}${unit}`, fix: `write ${bounds.join(' and ')}` };
}

function troubleOfLength(length: number, { minLength, maxLength }: Limits): Trouble | undefined {
  if (minLength !== undefined && length < minLength) {
    const sense = length === 0 ? 'is empty' : `is shorter than ${minLength}`;
    return { sense, fix: minLength === 1 ? 'write a value' : `write at least ${minLength} characters` };
  }
  if (maxLength !== undefined && length > maxLength) {
    return { sense: `is longer than ${maxLength} characters`, fix: 'write a shorter one' };
  }
  return undefined;
}

/** As protoc-gen-validate's patterns for HTTP_HEADER_NAME and HTTP_HEADER_VALUE, strict and not. */
const headerPatterns = {
  name: /^:?[0-9a-zA-Z!#$%&'*+\-.^_|~`]+$/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a header must not have.
  value: /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/u,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  loose: /^[^\u0000\u000A\u000D]*$/u,
};

/** What is wrong with a text. */
export function troubleOfText(text: string, limits: Limits): Trouble | undefined {
  const { maxBytes, pattern, prefix = '', suffix = '', oneOf, noneOf, constant, header } = limits;
  const { minLength, maxLength } = limits;
  // Characters, which are never more than code units.
  const isMeasured =
    (minLength !== undefined && text.length < 2 * minLength) || (maxLength !== undefined && text.length > maxLength);
  const length = isMeasured ? troubleOfLength([...text].length, limits) : undefined;
  if (length !== undefined) return length;
  if (maxBytes !== undefined && Buffer.byteLength(text) > maxBytes) {
    return { sense: `is longer than ${maxBytes} bytes (${Buffer.byteLength(text)})`, fix: 'write a shorter one' };
  }
  if (header !== undefined && !headerPatterns[header.isStrict ? header.part : 'loose'].test(text)) {
    return {
      sense: `is ${quoteShort(text)}`,
      fix: header.isStrict ? `write what can be the ${header.part} of a header` : 'write it without line breaks',
    };
  }
  if (pattern !== undefined && findsExpression(pattern, text) === false)
    return { sense: `is ${quoteShort(text)}`, fix: `write what matches ${pattern}` };
  if (!text.startsWith(prefix) || !text.endsWith(suffix)) {
    return {
      sense: `is ${quoteShort(text)}`,
      fix: `write ${prefix === '' ? `what ends in ${suffix}` : `what begins with ${prefix}`}`,
    };
  }
  const choices = constant === undefined ? oneOf : [constant];
  if (choices.length > 0 && !choices.includes(text))
    return { sense: `is ${quoteShort(text)}`, fix: `write one of ${choices.join(', ')}` };
  return noneOf.includes(text) ? { sense: `is ${quoteShort(text)}`, fix: 'write another value' } : undefined;
}
