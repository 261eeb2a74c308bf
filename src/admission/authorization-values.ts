import type { Behaviours } from '../releases/release.ts';
import { parseCidr } from '../util/cidr.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { trimCharacters } from '../util/text.ts';
import { multipleErrors, quote } from './finding.ts';

/** The values that authorization policies match; istio pkg/config/security/security.go. */

/** The first empty value of a field; `key` is Istio's name of it. Istio CheckEmptyValues. */
export function emptyValueProblem(key: string, values: readonly string[]): string | undefined {
  return values.includes('') ? `empty value not allowed, found in ${key}` : undefined;
}

/** Values that may begin or end with a star; istio CheckWildcardValues. */
function wildcardProblem(key: string, values: readonly string[]): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  for (const value of values) {
    const stars = value.split('*').length - 1;
    if (stars > 1) return `at most one wildcard is allowed, found in ${key}: ${quote(value)}`;
    if (stars === 1 && !value.startsWith('*') && !value.endsWith('*'))
      return `wildcard is only allowed at the start or end, found in ${key}: ${quote(value)}`;
  }
  return undefined;
}

/** Trust domains; istio CheckTrustDomainValues. */
export function trustDomainProblem(key: string, values: readonly string[]): string | undefined {
  const problem = wildcardProblem(key, values);
  if (problem !== undefined) return problem;
  const path = values.find((value) => value.includes('/'));
  return path === undefined ? undefined : `trust domain must not contain '/', found in ${key}: ${quote(path)}`;
}

/** Service accounts, with or without namespace; istio CheckServiceAccount. */
export function serviceAccountProblem(key: string, values: readonly string[]): string | undefined {
  if (values.length > 16) return 'may not have more than 16 values';
  for (const value of values) {
    const problem = oneServiceAccountProblem(value, key);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function oneServiceAccountProblem(value: string, key: string): string | undefined {
  const found = `found ${quote(value)} in ${key}`;
  const format = "expected format 'serviceAccount' or 'namespace/serviceAccount'";
  if (value === '') return `empty value not allowed, found in ${key}`;
  if (value.includes('*')) return `wildcard not allowed, found in ${key}`;
  const parts = value.split('/');
  if (parts.length > 2) return `${format}, ${found}`;
  if (value.length > 320) return `value cannot exceed 320 characters, ${found}`;
  if (parts.length === 1) return undefined;
  if (parts[0] === '') return `${format}, found empty namespace ${quote(value)} in ${key}`;
  return parts[1] === '' ? `${format}, found empty serviceAccount ${quote(value)} in ${key}` : undefined;
}

/** Paths, which may hold the templates `{*}` and `{**}` as whole segments; istio CheckValidPathTemplate. */
export function pathTemplateProblem(key: string, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const trimmed = trimCharacters(path, '/');
    const problem = templateProblem(trimmed, path.includes('{*}') || path.includes('{**}'));
    if (problem !== undefined) return `invalid or unsupported path ${trimmed}, found in ${key}. ${problem}`;
  }
  return undefined;
}

function templateProblem(path: string, hasTemplate: boolean): string | undefined {
  let hasRest = false;
  for (const segment of path.split('/')) {
    if (segment === '{*}' || segment === '{**}') {
      if (hasRest) return '{**} is not the last operator';
      hasRest = segment === '{**}';
    } else if (/[{}]/.test(segment)) return "Contains '{' or '}' beyond a supported path template";
    else if (hasTemplate && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(segment))
      return `Contains segment ${segment} with invalid string literal`;
  }
  return undefined;
}

/** The values that are no address or range, with their places; istio ValidateIPs. */
export function addressProblems(values: readonly string[]): readonly PlacedProblem[] {
  return placeProblems(values, (value) => {
    if (!value.includes('/')) return isIpAddress(value) ? undefined : `bad IP address (${value})`;
    if (parseCidr(value) !== undefined) return undefined;
    return `bad CIDR range (${value}): netip.ParsePrefix(${quote(value)}): ${rangeProblem(value)}`;
  });
}

/** What is wrong with a value of a list, and its place there. */
export type PlacedProblem = readonly [index: number, problem: string];

function placeProblems(values: readonly string[], problemOf: (value: string) => string | undefined): readonly PlacedProblem[] {
  return values.flatMap((value, index): readonly PlacedProblem[] => {
    const problem = problemOf(value);
    return problem === undefined ? [] : [[index, problem]];
  });
}

/** What Go's netip says of a range that it refuses. */
function rangeProblem(range: string): string {
  const slash = range.lastIndexOf('/');
  const [address, bits] = [range.slice(0, slash), range.slice(slash + 1)];
  if (!isIpAddress(address)) return `ParseAddr(${quote(address)}): unable to parse IP`;
  if (address.includes('%')) return 'IPv6 zones cannot be present in a prefix';
  return /^(0|[1-9]\d*)$/.test(bits) ? 'prefix length out of range' : `bad bits after slash: ${quote(bits)}`;
}

/** The values that are no port, with their places; istio ValidatePorts. */
export function portProblems(values: readonly string[]): readonly PlacedProblem[] {
  return placeProblems(values, (value) => {
    const parsing = `strconv.ParseUint: parsing ${quote(value)}`;
    if (!/^\d+$/.test(value)) return `bad port (${value}): ${parsing}: invalid syntax`;
    const port = BigInt(value);
    if (port < 1n << 16n) return undefined;
    return `bad port (${value}): ${port < 1n << 32n ? '<nil>' : `${parsing}: value out of range`}`;
  });
}

const freeKeys = [
  'source.namespace',
  'source.principal',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'connection.sni',
];

/** What is wrong with a condition and its values; istio ValidateAttribute. */
export function attributeProblem(
  key: string,
  values: readonly string[],
  { trustDomainsOfSources }: Behaviours,
): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  const join = (problems: readonly PlacedProblem[]): string | undefined =>
    problems.length === 0 ? undefined : multipleErrors(problems.map(([, problem]) => problem));
  if (key.startsWith('request.headers') || key.startsWith('request.auth.claims') || isExperimental(key))
    return mapKeyProblem(key);
  if (freeKeys.includes(key)) return undefined;
  if (key === 'source.trustDomain' && trustDomainsOfSources) return wildcardProblem(key, values);
  switch (key) {
    case 'source.ip':
    case 'remote.ip':
    case 'destination.ip':
      return join(addressProblems(values));
    case 'source.serviceAccount':
      return serviceAccountProblem(key, values);
    case 'destination.port':
      return join(portProblems(values));
    case 'destination.namespace':
      return `attribute ${key} is replaced by the metadata.namespace`;
    case 'destination.name':
    case 'destination.user':
      return `deprecated attribute ${key}: only supported in v1alpha1`;
    default:
      if (key.startsWith('destination.labels')) return `attribute ${key} is replaced by the workload selector`;
      return `unknown attribute: ${key}`;
  }
}

function isExperimental(key: string): boolean {
  return key.startsWith('experimental.envoy.filters.');
}

/** Keys of the form `name[member]`; istio validateMapKey. */
function mapKeyProblem(key: string): string | undefined {
  const open = key.indexOf('[');
  const isMember = key.endsWith(']') && open > 0 && open < key.length - 2;
  return isMember ? undefined : `bad key (${key}): should have format a[b]`;
}
