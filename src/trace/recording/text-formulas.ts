import type {
  CidrRange,
  HeaderMatcher,
  MetadataMatcher,
  QueryParameterMatcher,
  StringMatcher,
  ValueMatcher,
} from '../../envoy/api.gen.ts';
import {
  type AddressDimension,
  allOf,
  anyOf,
  type ClaimDimension,
  type Formula,
  NEVER,
  not,
  type TextDimension,
  type TextTest,
  textTest,
} from '../../request-space/formula.ts';
import { parseCidr } from '../../util/cidr.ts';
import type { ForEveryField, WithFields } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';
import { compileExpression } from '../../util/re2.ts';
import { dimensionOf } from '../headers.ts';
import { passesText } from './passes-text.ts';

type StringFields = 'exact' | 'prefix' | 'suffix' | 'safeRegex' | 'contains' | 'custom' | 'ignoreCase';

/** What a StringMatcher asks; undefined where it matches nothing. As `matchesString`. */
export function stringTest(matcher: StringMatcher): TextTest | undefined {
  const { ignoreCase, exact, prefix, suffix, contains, safeRegex, custom }: WithFields<StringMatcher, StringFields> = matcher;
  const folding = compact({ ignoringCase: ignoreCase === true ? true : undefined });
  if (exact !== undefined) return { kind: 'exact', text: exact, ...folding };
  if (prefix !== undefined) return { kind: 'prefix', text: prefix, ...folding };
  if (suffix !== undefined) return { kind: 'suffix', text: suffix, ...folding };
  if (contains !== undefined) return { kind: 'contains', text: contains, ...folding };
  if (safeRegex !== undefined) return { kind: 'regex', expression: safeRegex.regex ?? '' };
  return custom === undefined ? { kind: 'exact', text: '' } : undefined;
}

/** That a text is there and matches. */
export function stringFormula(dimension: TextDimension | ClaimDimension, matcher: StringMatcher): Formula {
  const test = stringTest(matcher);
  return test === undefined ? NEVER : textTest(dimension, test);
}

const HEADER_VALUES: ForEveryField<
  Omit<HeaderMatcher, 'name' | 'presentMatch' | 'invertMatch' | 'treatMissingHeaderAsEmpty'>,
  true
> = {
  exactMatch: true,
  safeRegexMatch: true,
  rangeMatch: true,
  prefixMatch: true,
  suffixMatch: true,
  containsMatch: true,
  stringMatch: true,
};

/** That headers match. As `matchesHeader`. */
export function headerFormula(matcher: HeaderMatcher): Formula {
  const { name = '', invertMatch: isInverted = false, treatMissingHeaderAsEmpty: isEmptyAllowed = false } = matcher;
  const dimension = dimensionOf(name.toLowerCase());
  const isThere = textTest(dimension, { kind: 'present' });
  if (Object.keys(HEADER_VALUES).every((field) => matcher[field as keyof HeaderMatcher] === undefined)) {
    return (matcher.presentMatch ?? true) === isInverted ? not(isThere) : isThere;
  }
  const test = headerTest(matcher);
  const passes = test === undefined ? NEVER : textTest(dimension, test);
  const given = isInverted ? allOf([isThere, not(passes)]) : passes;
  const isEmptyRight = isEmptyAllowed && (test !== undefined && passesText(test, '', compileExpression)) !== isInverted;
  return isEmptyRight ? anyOf([given, not(isThere)]) : given;
}

function headerTest(matcher: HeaderMatcher): TextTest | undefined {
  const { stringMatch, exactMatch, prefixMatch, suffixMatch, containsMatch, safeRegexMatch, rangeMatch } = matcher;
  if (stringMatch !== undefined) return stringTest(stringMatch);
  if (exactMatch !== undefined) return { kind: 'exact', text: exactMatch };
  if (prefixMatch !== undefined) return { kind: 'prefix', text: prefixMatch };
  if (suffixMatch !== undefined) return { kind: 'suffix', text: suffixMatch };
  if (containsMatch !== undefined) return { kind: 'contains', text: containsMatch };
  if (safeRegexMatch !== undefined) return { kind: 'regex', expression: safeRegexMatch.regex ?? '' };
  return { kind: 'integer', start: BigInt(rangeMatch?.start ?? 0), end: BigInt(rangeMatch?.end ?? 0) };
}

/** That the parameters of a query match. As `matchesQuery`. */
export function queryFormula(matcher: QueryParameterMatcher): Formula {
  const { name = '', stringMatch, presentMatch = true } = matcher;
  const dimension: TextDimension = { kind: 'query', name };
  if (stringMatch !== undefined) return stringFormula(dimension, stringMatch);
  const isThere = textTest(dimension, { kind: 'present' });
  return presentMatch ? isThere : not(isThere);
}

/** That an address is in a range. As `inRange`. */
export function rangeFormula(kind: AddressDimension['kind'], { addressPrefix = '', prefixLen = 0 }: CidrRange): Formula {
  const parsed = parseCidr(addressPrefix);
  if (parsed === undefined) return NEVER;
  return { kind: 'range', dimension: { kind }, address: addressPrefix, length: prefixLen };
}

/** Metadata at the place of a decision, as a part of the request; a scene says of which token it is. */
export function metadataDimension(filter: string, path: readonly string[]): ClaimDimension {
  return { kind: 'claim', issuer: METADATA, path: [filter, ...path] };
}

/** Stands for the issuer of the token that was accepted. */
export const METADATA = 'metadata of the request';

/** That metadata match. As `matchesMetadata`. */
export function metadataFormula(matcher: MetadataMatcher): Formula {
  const { filter = '', path = [], value = {}, invert = false } = matcher;
  const dimension = metadataDimension(
    filter,
    path.map(({ key = '' }) => key),
  );
  const holds = valueFormula(value, dimension);
  return invert ? not(holds) : holds;
}

/** Claims are texts, one or several; numbers and the like are in none. */
function valueFormula(matcher: ValueMatcher, dimension: ClaimDimension): Formula {
  const { stringMatch, presentMatch, listMatch, orMatch } = matcher;
  if (stringMatch !== undefined) return stringFormula(dimension, stringMatch);
  if (presentMatch !== undefined) {
    const isThere = textTest(dimension, { kind: 'present' });
    return presentMatch ? isThere : not(isThere);
  }
  if (listMatch !== undefined) return listMatch.oneOf === undefined ? NEVER : valueFormula(listMatch.oneOf, dimension);
  return anyOf((orMatch?.valueMatchers ?? []).map((inner) => valueFormula(inner, dimension)));
}
