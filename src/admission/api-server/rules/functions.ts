import { parseDuration } from '../../../util/duration.ts';
import { goQuote } from '../../../util/go-format.ts';
import { isIpAddress } from '../../../util/ip-address.ts';
import { compileExpression, expressionProblem } from '../../../util/re2.ts';
import { parseRequestUri, parseUrl, readRequestUri } from '../../../util/url.ts';
import { engineOf } from '../patterns.ts';
import { CelList, CelMap, type CelResult, CelUrl, type CelValue, Failure, noOverload } from './values.ts';

/** What a function makes of the values that it is called with, the one that it is called on first. */
export type CelFunction = (values: readonly CelValue[]) => CelResult;

/** The functions that are called by their name alone. */
export const functions: Readonly<Record<string, CelFunction>> = {
  size: ([value]) => sizeOf(value),
  int: ([value]) => toInteger(value),
  duration: ([value]) => toDuration(value),
  url: onText(toUrl),
  isURL: onText((text) => parseRequestUri(text) !== undefined),
  isIP: onText(isPlainAddress),
};

/** The functions that are called on a value. */
export const methods: Readonly<Record<string, CelFunction>> = {
  size: ([value]) => sizeOf(value),
  contains: onTexts((text, part) => text.includes(part)),
  startsWith: onTexts((text, part) => text.startsWith(part)),
  endsWith: onTexts((text, part) => text.endsWith(part)),
  matches: onTexts((text, pattern) => matcherOf(pattern)(text)),
  split: onTexts((text, separator) => new CelList(separator === '' ? [...text] : text.split(separator))),
  substring: ([text, start, end]) => substring(text, start, end),
  getScheme: ([value]) => (value instanceof CelUrl ? value.url.scheme : noOverload),
};

function onText(evaluate: (text: string) => CelResult): CelFunction {
  return ([text]) => (typeof text === 'string' ? evaluate(text) : noOverload);
}

function onTexts(evaluate: (text: string, other: string) => CelResult): CelFunction {
  return ([text, other]) => (typeof text === 'string' && typeof other === 'string' ? evaluate(text, other) : noOverload);
}

/** Texts have the size of their characters. */
function sizeOf(value: CelValue | undefined): CelResult {
  if (typeof value === 'string') return [...value].length;
  if (value instanceof CelList) return value.elements.length;
  return value instanceof CelMap ? value.keys().length : noOverload;
}

function toInteger(value: CelValue | undefined): CelResult {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value !== 'string') return noOverload;
  const fits = /^[+-]?\d+$/.test(value) && BigInt.asIntN(64, BigInt(value.replace('+', ''))) === BigInt(value.replace('+', ''));
  return fits ? Number(value) : conversionFailure('int');
}

function toDuration(value: CelValue | undefined): CelResult {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' ? (parseDuration(value) ?? conversionFailure('google.protobuf.Duration')) : noOverload;
}

function conversionFailure(type: string): Failure {
  return new Failure(`type conversion error from 'string' to '${type}'`);
}

/** What cannot stand in a request is refused, then the whole is read as a URL. */
function toUrl(text: string): CelResult {
  const requested = readRequestUri(text);
  const url = typeof requested === 'string' ? undefined : parseUrl(text);
  const problem = typeof requested === 'string' ? requested : 'invalid URL';
  return url ? new CelUrl(url) : new Failure(`URL parse error during conversion from string: parse ${goQuote(text)}: ${problem}`);
}

/** Addresses with a zone and IPv4 within IPv6 are none: k8s.io/apiserver pkg/cel/library parseIPAddr. */
function isPlainAddress(text: string): boolean {
  return isIpAddress(text) && !text.includes('%') && !/^[0:]+:ffff:(?:[\d.]+|[\da-f]{1,4}:[\da-f]{1,4})$/i.test(text);
}

/** Whether an expression is found in a text. */
export function matcherOf(pattern: string): (text: string) => CelResult {
  const engine = engineOf(pattern);
  if (engine !== undefined) return (text) => engine.test(text);
  const expression = compileExpression(pattern);
  if (expression === undefined) {
    const failure = new Failure(expressionProblem(pattern) ?? 'expression too large');
    return () => failure;
  }
  return (text) => expression.matcher(text).find();
}

function substring(text: CelValue | undefined, start: CelValue | undefined, end: CelValue | undefined): CelResult {
  if (typeof text !== 'string' || typeof start !== 'number') return noOverload;
  const characters = [...text];
  const last = typeof end === 'number' ? end : characters.length;
  if (typeof end === 'number' && start > end) {
    return new Failure(`invalid substring range. start: ${start}, end: ${end}`);
  }
  const wrong = [start, last].find((index) => index < 0 || index > characters.length);
  return wrong === undefined ? characters.slice(start, last).join('') : new Failure(`index out of range: ${wrong}`);
}
