import ipaddr from 'ipaddr.js';
import type {
  CidrRange,
  HeaderMatcher,
  MetadataMatcher,
  QueryParameterMatcher,
  StringMatcher,
  ValueMatcher,
} from '../envoy/api.gen.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { isObject, own } from '../util/object.ts';
import { matchesWhole } from '../util/re2.ts';
import type { MessageHeaders } from './headers.ts';

/** envoy.type.matcher.v3.StringMatcher. */
export function matchesString(matcher: StringMatcher, text: string): boolean {
  const fold = (value: string): string => (matcher.ignoreCase === true ? value.toLowerCase() : value);
  if (matcher.exact !== undefined) return fold(text) === fold(matcher.exact);
  if (matcher.prefix !== undefined) return fold(text).startsWith(fold(matcher.prefix));
  if (matcher.suffix !== undefined) return fold(text).endsWith(fold(matcher.suffix));
  if (matcher.contains !== undefined) return fold(text).includes(fold(matcher.contains));
  if (matcher.safeRegex !== undefined) return matchesWhole(matcher.safeRegex.regex ?? '', text);
  // An exact match with the empty text has no field in JSON.
  return matcher.custom === undefined && text === '';
}

/** envoy.config.route.v3.HeaderMatcher; Envoy source/common/http/header_utility.cc. */
export function matchesHeader(matcher: HeaderMatcher, headers: MessageHeaders): boolean {
  const { name = '', invertMatch: isInverted = false, treatMissingHeaderAsEmpty: isEmptyAllowed = false } = matcher;
  const value = headers.get(name);
  const test = valueTest(matcher);
  if (test === undefined) return ((value !== undefined) === (matcher.presentMatch ?? true)) !== isInverted;
  if (value === undefined && !isEmptyAllowed) return false;
  return test(value ?? '') !== isInverted;
}

function valueTest(matcher: HeaderMatcher): ((value: string) => boolean) | undefined {
  const { stringMatch, exactMatch, prefixMatch, suffixMatch, containsMatch, safeRegexMatch, rangeMatch } = matcher;
  if (stringMatch !== undefined) return (value) => matchesString(stringMatch, value);
  if (exactMatch !== undefined) return (value) => value === exactMatch;
  if (prefixMatch !== undefined) return (value) => value.startsWith(prefixMatch);
  if (suffixMatch !== undefined) return (value) => value.endsWith(suffixMatch);
  if (containsMatch !== undefined) return (value) => value.includes(containsMatch);
  if (safeRegexMatch !== undefined) return (value) => matchesWhole(safeRegexMatch.regex ?? '', value);
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
export function matchesQuery(matcher: QueryParameterMatcher, parameters: ReadonlyMap<string, string>): boolean {
  const value = parameters.get(matcher.name ?? '');
  if (matcher.stringMatch !== undefined) return value !== undefined && matchesString(matcher.stringMatch, value);
  return (value !== undefined) === (matcher.presentMatch ?? true);
}

/** An IPv4 address that cannot be written in another way. */
const PLAIN = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** Whether a range holds an address. */
export function inRange(range: CidrRange, ip: string): boolean {
  const { addressPrefix = '', prefixLen = 0 } = range;
  // Most addresses that are asked about are far away.
  const isFar = prefixLen >= 8 && firstByte(ip) !== firstByte(addressPrefix);
  if (isFar && PLAIN.test(ip) && PLAIN.test(addressPrefix)) return false;
  if (!isIpAddress(ip) || !isIpAddress(addressPrefix)) return false;
  const [address, network] = [ipaddr.process(ip), ipaddr.process(addressPrefix)];
  return address.kind() === network.kind() && address.match(network, Math.min(prefixLen, network.toByteArray().length * 8));
}

function firstByte(ip: string): string {
  return ip.slice(0, ip.indexOf('.'));
}

/** Metadata by filter name. */
export type MetadataByFilter = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** envoy.type.matcher.v3.MetadataMatcher. */
export function matchesMetadata(matcher: MetadataMatcher, metadata: MetadataByFilter): boolean {
  let value: unknown = metadata.get(matcher.filter ?? '');
  for (const { key } of matcher.path ?? []) value = isObject(value) ? own(value, key ?? '') : undefined;
  return matchesValue(matcher.value ?? {}, value) !== (matcher.invert ?? false);
}

/** envoy.type.matcher.v3.ValueMatcher. */
export function matchesValue(matcher: ValueMatcher, value: unknown): boolean {
  if (matcher.nullMatch !== undefined) return value === null;
  if (matcher.doubleMatch !== undefined) {
    const { exact, range } = matcher.doubleMatch;
    if (typeof value !== 'number') return false;
    if (range !== undefined) return value >= Number(range.start ?? 0) && value < Number(range.end ?? 0);
    return value === Number(exact ?? 0);
  }
  if (matcher.stringMatch !== undefined) return typeof value === 'string' && matchesString(matcher.stringMatch, value);
  if (matcher.boolMatch !== undefined) return value === matcher.boolMatch;
  if (matcher.presentMatch !== undefined) return (value !== undefined) === matcher.presentMatch;
  const { listMatch, orMatch } = matcher;
  if (listMatch !== undefined) {
    const { oneOf } = listMatch;
    return Array.isArray(value) && oneOf !== undefined && value.some((item) => matchesValue(oneOf, item));
  }
  return orMatch?.valueMatchers?.some((inner) => matchesValue(inner, value)) ?? false;
}
