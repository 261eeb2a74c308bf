import type { StringMatch } from '../../api/istio.gen.ts';
import type { StringMatcher } from '../../envoy/api.gen.ts';
import { compact } from '../../util/object.ts';

/** Envoy's form of a text match; undefined for one that says nothing. As istio networking/util ConvertToEnvoyMatch. */
export function buildStringMatcher(match: StringMatch): StringMatcher | undefined {
  if (match.exact !== undefined) return { exact: match.exact };
  if (match.prefix !== undefined) return { prefix: match.prefix };
  if (match.regex !== undefined) return { safeRegex: compact({ regex: match.regex || undefined }) };
  return undefined;
}

/**
 * Whether a match only asks that the header or parameter be there: it says nothing, or is the regular expression `*`, which
 * means nothing to RE2. As istio core/route canBeConvertedToPresentMatch.
 */
export function isPresenceMatch(match: StringMatch): boolean {
  if (match.regex !== undefined) return match.regex === '*';
  return match.exact === undefined && match.prefix === undefined;
}
