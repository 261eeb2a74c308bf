import { allOf, anyOf, type Formula, type TextDimension, textTest } from '../request-space/formula.ts';
import { memo } from '../util/memo.ts';
import { type ExpressionCompiler, matchesWhole } from '../util/re2.ts';
import { IPV4_ADDRESS } from './recording/forwarded.ts';

/** Names that lead to somebody, as parts of requests name them: with or without a port. */
export interface KnownNames {
  /** Whether a text is one of them, or an address or what looks like one of IPv6. */
  includes(text: string): boolean;
  /** The same as a list of one formula about a part of requests. */
  formulas(dimension: TextDimension): readonly Formula[];
}

/** Addresses with or without a port, and what looks like one of IPv6. */
const ADDRESS = `(?:(?:${IPV4_ADDRESS}|\\[[0-9a-fA-F:.]*\\])(?::[0-9]*)?|[0-9a-fA-F.]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*)`;

/** Knows some names, in whatever case they are written. */
export function createKnownNames(names: readonly string[], compile: ExpressionCompiler): KnownNames {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return {
    includes(text) {
      const [, name] = /^([^:]*)(?::[0-9]*)?$/.exec(text) ?? [];
      return (name !== undefined && known.has(name.toLowerCase())) || matchesWhole(ADDRESS, text, compile);
    },
    formulas: memo((dimension: TextDimension) => {
      const isText = (kind: 'exact' | 'prefix', text: string): Formula => textTest(dimension, { kind, text, ignoringCase: true });
      const isLike = (expression: string): Formula => textTest(dimension, { kind: 'regex', expression });
      const names = [...known].map((name) => isText('exact', name));
      const withPort = allOf([isLike('[^:]*:[0-9]*'), anyOf([...known].map((name) => isText('prefix', `${name}:`)))]);
      return [anyOf([isLike(ADDRESS), ...names, withPort])];
    }),
  };
}
