import type { HTTPMatchRequest, StringMatch } from '../../../api/istio.gen.ts';
import {
  ALWAYS,
  allOf,
  anyOf,
  type ClaimDimension,
  type Formula,
  not,
  type TextDimension,
  type TextTest,
  textTest,
} from '../../../request-space/formula.ts';
import type { ForEveryField } from '../../../util/fields.ts';
import { compileExpression, matchesWhole } from '../../../util/re2.ts';

/** A path as nearly all requests have one. `OPTIONS *` and CONNECT are not worth a word: a rule for all paths forgets them. */
export const ORDINARY_PATH: Formula = textTest({ kind: 'path' }, { kind: 'prefix', text: '/' });

/**
 * What a match of a VirtualService asks of requests, as the routes do that Istio makes of it. Where a request comes from (gateways,
 * labels, namespaces) are parts of it too, of names that no header has. A rule without a match takes every path.
 */
export function matchFormulaOf(match: HTTPMatchRequest | undefined): Formula {
  if (match === undefined) return ORDINARY_PATH;
  return allOf(Object.values(formulaOf).map((formula) => formula?.(match) ?? ALWAYS));
}

/** That a request is for one of some gateways, of which `mesh` are the sidecars. */
export function gatewayFormula(gateways: readonly string[]): Formula {
  return anyOf(gateways.map((gateway) => textTest(GATEWAY, { kind: 'exact', text: gateway })));
}

/** The header names that stand for other parts of a request. */
const PSEUDO_HEADERS: Readonly<Record<string, TextDimension>> = {
  ':method': { kind: 'method' },
  ':authority': { kind: 'authority' },
  ':scheme': { kind: 'scheme' },
  ':path': { kind: 'target' },
  host: { kind: 'authority' },
};

const GATEWAY: TextDimension = { kind: 'header', name: 'gateway of the request' };
const SOURCE_NAMESPACE: TextDimension = { kind: 'header', name: 'namespace of the client' };
const sourceLabel = (name: string): TextDimension => ({ kind: 'header', name: `label ${name} of the client` });
const CLAIMS = '@request.auth.claims';

const formulaOf: ForEveryField<HTTPMatchRequest, ((match: HTTPMatchRequest) => Formula) | undefined> = {
  uri: ({ uri = {}, ignoreUriCase }) => {
    const test = testOf(uri);
    if (test === undefined) return ORDINARY_PATH;
    return textTest({ kind: 'path' }, ignoreUriCase === true && 'text' in test ? { ...test, ignoringCase: true } : test);
  },
  ignoreUriCase: undefined,
  scheme: ({ scheme }) => partFormula({ kind: 'scheme' }, scheme),
  method: ({ method }) => partFormula({ kind: 'method' }, method),
  authority: ({ authority }) => partFormula({ kind: 'authority' }, authority),
  headers: ({ headers = {} }) =>
    allOf(Object.entries(headers).map(([name, match]) => partFormula(dimensionOfHeader(name), match))),
  withoutHeaders: ({ withoutHeaders = {} }) => allOf(Object.entries(withoutHeaders).map(([name, match]) => without(name, match))),
  queryParams: ({ queryParams = {} }) =>
    allOf(Object.entries(queryParams).map(([name, match]) => partFormula({ kind: 'query', name }, match))),
  port: ({ port = 0 }) =>
    port === 0 ? ALWAYS : { kind: 'port', dimension: { kind: 'destinationPort' }, start: port, end: port + 1 },
  gateways: ({ gateways = [] }) => (gateways.length === 0 ? ALWAYS : gatewayFormula(gateways)),
  // Who names gateways asks for no source; route.go sourceMatchHTTP.
  sourceLabels: ({ gateways = [], sourceLabels = {} }) =>
    gateways.length > 0
      ? ALWAYS
      : allOf(Object.entries(sourceLabels).map(([name, text]) => textTest(sourceLabel(name), { kind: 'exact', text }))),
  sourceNamespace: ({ gateways = [], sourceNamespace = '' }) =>
    gateways.length > 0 || sourceNamespace === '' ? ALWAYS : textTest(SOURCE_NAMESPACE, { kind: 'exact', text: sourceNamespace }),
  name: undefined,
  statPrefix: undefined,
};

/** What a text match asks; undefined where it only asks that there is a text. */
function testOf({ exact, prefix, regex }: StringMatch): TextTest | undefined {
  if (exact !== undefined) return { kind: 'exact', text: exact };
  if (prefix !== undefined) return { kind: 'prefix', text: prefix };
  return regex === undefined ? undefined : { kind: 'regex', expression: regex };
}

function partFormula(dimension: TextDimension | ClaimDimension, match: StringMatch | undefined): Formula {
  if (match === undefined) return ALWAYS;
  // As an expression, the star means nothing to RE2.
  return textTest(dimension, (match.regex === '*' ? undefined : testOf(match)) ?? { kind: 'present' });
}

/** A header that is missing is one without a text, where a text is excluded. */
function without(name: string, match: StringMatch): Formula {
  const dimension = dimensionOfHeader(name);
  const test = match.regex === '*' ? undefined : testOf(match);
  const passes = partFormula(dimension, match);
  if (test === undefined || dimension.kind === 'claim' || !passesEmpty(test)) return not(passes);
  return allOf([textTest(dimension, { kind: 'present' }), not(passes)]);
}

function passesEmpty(test: TextTest): boolean {
  return test.kind === 'regex' ? matchesWhole(test.expression, '', compileExpression) : 'text' in test && test.text === '';
}

function dimensionOfHeader(name: string): TextDimension | ClaimDimension {
  const lower = name.toLowerCase();
  if (lower.startsWith(CLAIMS)) return { kind: 'claim', issuer: 'any', path: [name.slice(CLAIMS.length)] };
  return new Map(Object.entries(PSEUDO_HEADERS)).get(lower) ?? { kind: 'header', name: lower };
}
