import ipaddr from 'ipaddr.js';
import type {
  CidrRange,
  HeaderMatcher,
  MetadataMatcher,
  QueryParameterMatcher,
  StringMatcher,
  ValueMatcher,
} from '../envoy/api.gen.ts';
import { parseCidr } from '../util/cidr.ts';
import type { WithFields } from '../util/fields.ts';
import { ipv4Bits, isIpAddress, isIpv4Address } from '../util/ip-address.ts';
import { isObject, own } from '../util/object.ts';
import { type ExpressionCompiler, matchesWhole } from '../util/re2.ts';
import { lowerAscii } from '../util/text.ts';
import type { HeaderValues } from './headers.ts';

type StringFields = 'exact' | 'prefix' | 'suffix' | 'safeRegex' | 'contains' | 'custom' | 'ignoreCase';

/** envoy.type.matcher.v3.StringMatcher. */
export function matchesString(matcher: StringMatcher, text: string, compile: ExpressionCompiler): boolean {
  const { ignoreCase, exact, prefix, suffix, contains, safeRegex, custom }: WithFields<StringMatcher, StringFields> = matcher;
  const fold = (value: string): string => (ignoreCase === true ? lowerAscii(value) : value);
  if (exact !== undefined) return fold(text) === fold(exact);
  if (prefix !== undefined) return fold(text).startsWith(fold(prefix));
  if (suffix !== undefined) return fold(text).endsWith(fold(suffix));
  if (contains !== undefined) return fold(text).includes(fold(contains));
  if (safeRegex !== undefined) return matchesWhole(safeRegex.regex ?? '', text, compile);
  // An exact match with the empty text has no field in JSON.
  return custom === undefined && text === '';
}

type HeaderValueFields =
  | 'exactMatch'
  | 'safeRegexMatch'
  | 'rangeMatch'
  | 'prefixMatch'
  | 'suffixMatch'
  | 'containsMatch'
  | 'stringMatch';
type HeaderFields = HeaderValueFields | 'name' | 'presentMatch' | 'invertMatch' | 'treatMissingHeaderAsEmpty';

/** envoy.config.route.v3.HeaderMatcher; Envoy source/common/http/header_utility.cc. */
export function matchesHeader(matcher: HeaderMatcher, headers: HeaderValues, compile: ExpressionCompiler): boolean {
  const read: WithFields<HeaderMatcher, HeaderFields> = matcher;
  const { name = '', invertMatch: isInverted = false, treatMissingHeaderAsEmpty: isEmptyAllowed = false } = read;
  const value = headers.get(name);
  const test = valueTest(read, compile);
  if (test === undefined) return ((value !== undefined) === (read.presentMatch ?? true)) !== isInverted;
  if (value === undefined && !isEmptyAllowed) return false;
  return test(value ?? '') !== isInverted;
}

function valueTest(
  matcher: Pick<HeaderMatcher, HeaderValueFields>,
  compile: ExpressionCompiler,
): ((value: string) => boolean) | undefined {
  const { stringMatch, exactMatch, prefixMatch, suffixMatch, containsMatch, safeRegexMatch, rangeMatch } = matcher;
  if (stringMatch !== undefined) return (value) => matchesString(stringMatch, value, compile);
  if (exactMatch !== undefined) return (value) => value === exactMatch;
  if (prefixMatch !== undefined) return (value) => value.startsWith(prefixMatch);
  if (suffixMatch !== undefined) return (value) => value.endsWith(suffixMatch);
  if (containsMatch !== undefined) return (value) => value.includes(containsMatch);
  if (safeRegexMatch !== undefined) return (value) => matchesWhole(safeRegexMatch.regex ?? '', value, compile);
  if (rangeMatch !== undefined) {
    return (value) =>
      /^[+-]?\d+$/.test(value) && BigInt(value) >= BigInt(rangeMatch.start ?? 0) && BigInt(value) < BigInt(rangeMatch.end ?? 0);
  }
  return undefined;
}

/** The parameters of a query, not decoded, first values only. */
export function queryParameters(path: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const start = path.indexOf('?');
  if (start === -1) return parameters;
  const query = path.slice(start + 1).split('#', 1)[0] ?? '';
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** envoy.config.route.v3.QueryParameterMatcher. */
export function matchesQuery(
  matcher: QueryParameterMatcher,
  parameters: ReadonlyMap<string, string>,
  compile: ExpressionCompiler,
): boolean {
  const read: WithFields<QueryParameterMatcher, 'name' | 'stringMatch' | 'presentMatch'> = matcher;
  const { name = '', stringMatch, presentMatch = true } = read;
  const value = parameters.get(name);
  if (stringMatch !== undefined) return value !== undefined && matchesString(stringMatch, value, compile);
  return (value !== undefined) === presentMatch;
}

/** The range of one address alone. */
export function rangeOfOne(ip: string): CidrRange {
  return { addressPrefix: ip, prefixLen: ip.includes(':') ? 128 : 32 };
}

/** The range that a text names, an address or one in CIDR notation; undefined for neither. */
export function rangeOfText(text: string): CidrRange | undefined {
  const cidr = parseCidr(text);
  return cidr && { addressPrefix: cidr.address, prefixLen: cidr.length };
}

/** Whether a range holds an address. */
export function inRange(range: CidrRange, ip: string): boolean {
  const { addressPrefix = '', prefixLen = 0 } = range;
  const [bits, prefix] = [ipv4Bits(ip), ipv4Bits(addressPrefix)];
  if (!Number.isNaN(bits) && !Number.isNaN(prefix)) {
    const size = 2 ** (32 - Math.min(prefixLen, 32));
    return Math.floor(bits / size) === Math.floor(prefix / size);
  }
  if (!isIpAddress(ip) || !isIpAddress(addressPrefix)) return false;
  const [address, network] = [ipaddr.process(ip), ipaddr.process(addressPrefix)];
  return address.kind() === network.kind() && address.match(network, Math.min(prefixLen, network.toByteArray().length * 8));
}

/** Whether an address leads to the host itself. */
export function isLoopbackAddress(ip: string): boolean {
  if (isIpv4Address(ip)) return ip.startsWith('127.');
  return LOOPBACK_RANGES.some((range) => inRange(range, ip));
}

/** The addresses of the host itself. */
export const LOOPBACK_RANGES: readonly CidrRange[] = [
  { addressPrefix: '127.0.0.0', prefixLen: 8 },
  { addressPrefix: '::1', prefixLen: 128 },
];

/** Metadata by filter name. */
export type MetadataByFilter = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** envoy.type.matcher.v3.MetadataMatcher. */
export function matchesMetadata(matcher: MetadataMatcher, metadata: MetadataByFilter, compile: ExpressionCompiler): boolean {
  const read: WithFields<MetadataMatcher, 'filter' | 'path' | 'value' | 'invert'> = matcher;
  const { filter = '', path = [], value: wanted = {}, invert = false } = read;
  let value: unknown = metadata.get(filter);
  for (const { key } of path) value = isObject(value) ? own(value, key ?? '') : undefined;
  return matchesValue(wanted, value, compile) !== invert;
}

type ValueFields = 'nullMatch' | 'doubleMatch' | 'stringMatch' | 'boolMatch' | 'presentMatch' | 'listMatch' | 'orMatch';

/** envoy.type.matcher.v3.ValueMatcher. */
function matchesValue(matcher: ValueMatcher, value: unknown, compile: ExpressionCompiler): boolean {
  const read: WithFields<ValueMatcher, ValueFields> = matcher;
  const { nullMatch, doubleMatch, stringMatch, boolMatch, presentMatch, listMatch, orMatch } = read;
  if (nullMatch !== undefined) return value === null;
  if (doubleMatch !== undefined) {
    const { exact, range } = doubleMatch;
    if (typeof value !== 'number') return false;
    if (range !== undefined) return value >= Number(range.start ?? 0) && value < Number(range.end ?? 0);
    return value === Number(exact ?? 0);
  }
  if (stringMatch !== undefined) return typeof value === 'string' && matchesString(stringMatch, value, compile);
  if (boolMatch !== undefined) return value === boolMatch;
  if (presentMatch !== undefined) return (value !== undefined) === presentMatch;
  if (listMatch !== undefined) {
    const { oneOf } = listMatch;
    return Array.isArray(value) && oneOf !== undefined && value.some((item) => matchesValue(oneOf, item, compile));
  }
  return orMatch?.valueMatchers?.some((inner) => matchesValue(inner, value, compile)) ?? false;
}
