import type { StringMatch } from '../../../api/istio.gen.ts';

/** The texts that begin and end in a certain way. */
export interface TextPattern {
  readonly prefix: string;
  readonly suffix: string;
  /** That is all of the text, which is `prefix`. */
  readonly isExact: boolean;
  /** There is more to it, so that it stands for some of these texts only. */
  readonly isPartial: boolean;
}

/** Any text. */
export const ANY_TEXT: TextPattern = { prefix: '', suffix: '', isExact: false, isPartial: false };

/** A value of an AuthorizationPolicy: a text, one that begins or ends with a star, or a path with `{*}` in it. */
export function patternOfPolicy(value: string): TextPattern {
  const brace = value.search(/\{\*\*?\}/);
  if (brace !== -1) return { ...ANY_TEXT, prefix: value.slice(0, brace), isPartial: true };
  if (value.startsWith('*')) return { ...ANY_TEXT, suffix: value.slice(1) };
  if (value.endsWith('*')) return { ...ANY_TEXT, prefix: value.slice(0, -1) };
  return { ...ANY_TEXT, prefix: value, isExact: true };
}

/** A match of a VirtualService; of a regular expression no more is known than that it stands for some texts. */
export function patternOfMatch(match: StringMatch | undefined): TextPattern {
  if (match?.exact !== undefined) return { ...ANY_TEXT, prefix: match.exact, isExact: true };
  if (match?.prefix !== undefined) return { ...ANY_TEXT, prefix: match.prefix };
  return match?.regex === undefined || match.regex === '' ? ANY_TEXT : { ...ANY_TEXT, isPartial: true };
}

/** Whether some text may be of both. */
export function patternsOverlap(a: TextPattern, b: TextPattern): boolean {
  if (a.isExact) return fits(b, a.prefix);
  if (b.isExact) return fits(a, b.prefix);
  return (
    (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
    (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
  );
}

/** Whether all texts of `inner` are certainly of `outer`. */
export function patternCovers(outer: TextPattern, inner: TextPattern): boolean {
  if (outer.isPartial) return false;
  if (inner.isExact) return fits(outer, inner.prefix);
  return !outer.isExact && inner.prefix.startsWith(outer.prefix) && inner.suffix.endsWith(outer.suffix);
}

/** What two lists have in common: of two that overlap the narrower. */
export function commonPatterns(list: readonly TextPattern[], others: readonly TextPattern[]): readonly TextPattern[] {
  return list.flatMap((one) =>
    others.filter((other) => patternsOverlap(one, other)).map((other) => (patternCovers(one, other) ? other : one)),
  );
}

function fits({ prefix, suffix, isExact }: TextPattern, text: string): boolean {
  if (isExact) return text === prefix;
  return text.length >= prefix.length + suffix.length && text.startsWith(prefix) && text.endsWith(suffix);
}
