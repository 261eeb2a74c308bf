import type { RouteMatch } from '../../envoy/api.gen.ts';
import {
  ALWAYS,
  allOf,
  type Formula,
  NEVER,
  not,
  type TextDimension,
  type TextTest,
  textTest,
} from '../../request-space/formula.ts';
import type { ForEveryField } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';
import { templateOf, templateRegex } from '../uri-template.ts';
import { headerFormula, metadataFormula, queryFormula, stringFormula } from './text-formulas.ts';

const PATH: TextDimension = { kind: 'path' };
const METHOD: TextDimension = { kind: 'method' };

/** What the parts of a match ask, but chance. As `mismatch` (trace/http/route-match.ts). */
const formulaOf: ForEveryField<RouteMatch, ((match: RouteMatch) => Formula) | undefined> = {
  prefix: pathFormula,
  path: undefined,
  safeRegex: undefined,
  pathSeparatedPrefix: undefined,
  pathMatchPolicy: undefined,
  connectMatcher: undefined,
  caseSensitive: undefined,
  headers: ({ headers = [] }) => allOf(headers.map(headerFormula)),
  queryParameters: ({ queryParameters = [] }) => allOf(queryParameters.map(queryFormula)),
  cookies: ({ cookies = [] }) =>
    allOf(
      cookies.map(({ name = '', stringMatch = {}, invertMatch = false }) => {
        const holds = stringFormula(cookieDimension(name), stringMatch);
        return invertMatch ? not(holds) : holds;
      }),
    ),
  grpc: ({ grpc }) => (grpc === undefined ? ALWAYS : IS_GRPC),
  tlsContext: ({ tlsContext }) => {
    const isShown = textTest({ kind: 'identity' }, { kind: 'present' });
    return tlsContext?.presented === undefined ? ALWAYS : tlsContext.presented ? isShown : not(isShown);
  },
  dynamicMetadata: ({ dynamicMetadata = [] }) => allOf(dynamicMetadata.map(metadataFormula)),
  filterState: ({ filterState = [] }) => (filterState.length === 0 ? ALWAYS : NEVER),
  runtimeFraction: undefined,
};

/** That a match holds, if chance lets it. */
export function matchFormula(match: RouteMatch): Formula {
  return allOf(Object.values(formulaOf).map((formula) => formula?.(match) ?? ALWAYS));
}

/** A cookie, by its name; a part of the header that cannot be asked about by itself. */
export function cookieDimension(name: string): TextDimension {
  return { kind: 'header', name: `cookie ${name}` };
}

/** As `isGrpcRequest`. */
export const IS_GRPC: Formula = textTest(
  { kind: 'header', name: 'content-type' },
  { kind: 'regex', expression: '(?s)application/grpc(?:[+;].*)?' },
);

/** As `pathMismatch`. */
function pathFormula(match: RouteMatch): Formula {
  const test = pathTest(match);
  if (test !== undefined) return textTest(PATH, test);
  return match.connectMatcher === undefined ? NEVER : textTest(METHOD, { kind: 'exact', text: 'CONNECT' });
}

/** What a match asks of paths; undefined where it takes CONNECT. */
function pathTest(match: RouteMatch): TextTest | undefined {
  const folding = compact({ ignoringCase: match.caseSensitive === false ? true : undefined });
  if (match.path !== undefined) return { kind: 'exact', text: match.path, ...folding };
  if (match.safeRegex !== undefined) return { kind: 'regex', expression: match.safeRegex.regex ?? '' };
  if (match.pathSeparatedPrefix !== undefined) return { kind: 'segments', text: match.pathSeparatedPrefix, ...folding };
  if (match.connectMatcher !== undefined) return undefined;
  const template = templateOf(match);
  if (template !== undefined) return { kind: 'regex', expression: templateRegex(template) };
  return { kind: 'prefix', text: match.prefix ?? '', ...folding };
}
