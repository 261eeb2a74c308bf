import type { HeaderMatcher, MetadataMatcher, StringMatcher, ValueMatcher } from '../../envoy/api.gen.ts';
import { compact } from '../../util/object.ts';
import { quoteMeta } from '../../util/text.ts';

/** Matchers that authorization rules are made of; as istio pilot/pkg/security/authz/matcher. */

export function exactly(exact: string, ignoreCase = false): StringMatcher {
  return compact({ exact, ignoreCase: ignoreCase || undefined });
}

export function withPrefix(prefix: string, ignoreCase = false): StringMatcher {
  return compact({ prefix, ignoreCase: ignoreCase || undefined });
}

export function withSuffix(suffix: string, ignoreCase = false): StringMatcher {
  return compact({ suffix, ignoreCase: ignoreCase || undefined });
}

export function matchingRegex(regex: string): StringMatcher {
  return { safeRegex: { regex } };
}

/** Any text that is not empty. */
export const anyText: StringMatcher = matchingRegex('.+');

/**
 * A value of a rule: `*` is any text that is not empty, a leading or trailing `*` a suffix or prefix, everything else exact.
 * `before` stands in front of all values but `*` (it makes a suffix a regular expression).
 */
export function matchingValue(value: string, before = ''): StringMatcher {
  if (value === '*') return anyText;
  if (value.startsWith('*')) {
    return before === '' ? withSuffix(value.slice(1)) : matchingRegex(`${before}.*${quoteMeta(value.slice(1))}`);
  }
  if (value.endsWith('*')) return withPrefix(before + value.slice(0, -1));
  return exactly(before + value);
}

/** A header's value in the same language, except that `*` asks only for its presence. */
export function headerMatching(name: string, value: string, ignoreCase = false): HeaderMatcher {
  const of = (match: Partial<HeaderMatcher>): HeaderMatcher => compact({ name: name || undefined, ...match });
  if (value === '*') return of({ presentMatch: true });
  if (value.startsWith('*')) return of({ stringMatch: withSuffix(value.slice(1), ignoreCase) });
  if (value.endsWith('*')) return of({ stringMatch: withPrefix(value.slice(0, -1), ignoreCase) });
  return of({ stringMatch: exactly(value, ignoreCase) });
}

/** Any of several matchers; one alone stands for itself. */
export function anyValue(matchers: readonly ValueMatcher[]): ValueMatcher {
  const [only] = matchers;
  return matchers.length === 1 && only !== undefined ? only : { orMatch: { valueMatchers: matchers } };
}

/** Any of several values of a rule. */
export function anyOfValues(values: readonly string[]): ValueMatcher {
  return anyValue(values.map((value) => ({ stringMatch: matchingValue(value) })));
}

/** Dynamic metadata of a filter at a path of keys. */
export function metadataMatching(filter: string, keys: readonly string[], value: ValueMatcher): MetadataMatcher {
  return { filter, path: keys.map((key) => ({ key })), value };
}

const JWT_FILTER = 'envoy.filters.http.jwt_authn';
const JWT_PAYLOAD = 'payload';

/** A claim of the request's token, equal to the value. */
export function claimIs(claim: string, value: StringMatcher): MetadataMatcher {
  return metadataMatching(JWT_FILTER, [JWT_PAYLOAD, claim], { stringMatch: value });
}

/** A claim (at a path, for nested ones) that is the value, or a list that holds it. */
export function claimHolds(claims: readonly string[], value: ValueMatcher): MetadataMatcher {
  return metadataMatching(JWT_FILTER, [JWT_PAYLOAD, ...claims], {
    orMatch: { valueMatchers: [{ listMatch: { oneOf: value } }, value] },
  });
}
