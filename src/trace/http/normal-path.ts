import type { HttpConnectionManager } from '../../envoy/api.gen.ts';
import { type PathTrouble, textTest } from '../../request-space/formula.ts';
import type { MessageHeaders } from '../headers.ts';
import { splitQuery } from '../path.ts';
import { NORMAL_FORM, PATH } from '../recording/parts.ts';
import { made, type TextSource } from '../recording/source.ts';

/** What changes a path where it stands in it: as RE2 reads it, for the recorder, and to look for it without compiling that again. */
interface Trouble {
  readonly expression: string;
  readonly found: RegExp;
}

const ESCAPED_SLASH: Trouble = { expression: '.*(?:%2[fF]|%5[cC]).*', found: /%2[fF]|%5[cC]/ };
const NUL: Trouble = { expression: '.*%00.*', found: /%00/ };
/** A dot segment, a backslash, an escape of a character that needs none: what `canonicalPath` changes. */
const NOT_CANONICAL: Trouble = {
  expression: '.*(?:/\\.{1,2}/|\\\\|%(?:2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])).*|.*/\\.{1,2}',
  found: /\/\.{1,2}(?:\/|$)|\\|%(?:2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])/,
};
const REPEATED_SLASH: Trouble = { expression: '.*//.*', found: /\/\// };

/**
 * Whether a connection manager leaves a path as it is (see `normalizePath`). A recorder hears what decides about that: what others become
 * is not told of them part by part.
 */
export function isNormalPath(headers: MessageHeaders, path: string, options: HttpConnectionManager): boolean {
  if (headers.recorder === undefined) return true;
  const [bare] = splitQuery(path);
  const contains = (meaning: PathTrouble, troubles: readonly Trouble[]): boolean => {
    if (troubles.length === 0) return false;
    const expression = `(?s)${troubles.map((trouble) => trouble.expression).join('|')}`;
    return headers.decide(
      () => textTest(PATH, { kind: 'regex', expression, meaning }),
      () => troubles.some(({ found }) => found.test(bare)),
    );
  };
  const { pathWithEscapedSlashesAction: action = 'KEEP_UNCHANGED', normalizePath, mergeSlashes } = options;
  const readsEscapes = action !== 'KEEP_UNCHANGED' && action !== 'IMPLEMENTATION_SPECIFIC_DEFAULT';
  const hasEscapes = contains('escaped slash', readsEscapes ? [ESCAPED_SLASH] : []);
  if (hasEscapes && action === 'REJECT_REQUEST') return false;
  if (contains('NUL', normalizePath === true ? [NUL] : [])) return false;
  const isOther = contains('not in normal form', [
    ...(normalizePath === true ? [NOT_CANONICAL] : []),
    ...(mergeSlashes === true ? [REPEATED_SLASH] : []),
  ]);
  return !hasEscapes && !isOther;
}

/** What another path becomes. */
export function normalForm(source: TextSource, options: HttpConnectionManager, path: string): TextSource {
  const { pathWithEscapedSlashesAction: escapes, normalizePath: isCanonical, mergeSlashes } = options;
  return made(`${NORMAL_FORM} ${JSON.stringify([escapes, isCanonical, mergeSlashes])}`, [source], splitQuery(path)[0]);
}
