import type { HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import type { ForEveryField } from '../../util/fields.ts';
import { own } from '../../util/object.ts';
import { matchesWhole } from '../../util/re2.ts';
import { type ExpressionShape, shapeCovers, shapesOf } from './support/expression-shapes.ts';

/**
 * Whether every request that `inner` matches is matched by `outer` for certain; false where nobody can tell. `gateways` are those
 * of the virtual service, which hold for a match that names none. A match left out matches everything.
 */
export function matchCovers(
  outer: HTTPMatchRequest | undefined,
  inner: HTTPMatchRequest | undefined,
  gateways: readonly string[],
): boolean {
  return outer === undefined || coversOfFields.every((covers) => covers(outer, inner ?? {}, gateways));
}

type FieldCovers = (outer: HTTPMatchRequest, inner: HTTPMatchRequest, gateways: readonly string[]) => boolean;

/** Whether what `outer` says of a field holds wherever what `inner` says does. */
const coverOf: ForEveryField<HTTPMatchRequest, FieldCovers> = {
  uri: uriCovers,
  scheme: (outer, inner) => textCovers(outer.scheme, inner.scheme),
  method: (outer, inner) => textCovers(outer.method, inner.method),
  authority: (outer, inner) => textCovers(outer.authority, inner.authority),
  headers: (outer, inner) => textsCover(outer.headers, inner.headers),
  queryParams: (outer, inner) => textsCover(outer.queryParams, inner.queryParams),
  // What is excluded may be no more than what the other excludes.
  withoutHeaders: (outer, inner) => textsCover(inner.withoutHeaders, outer.withoutHeaders, true),
  port: (outer, inner) => !outer.port || outer.port === inner.port,
  sourceNamespace: (outer, inner) => !outer.sourceNamespace || outer.sourceNamespace === inner.sourceNamespace,
  sourceLabels: (outer, inner) =>
    Object.entries(outer.sourceLabels ?? {}).every(([name, value]) => own(inner.sourceLabels, name) === value),
  gateways: (outer, inner, gateways) =>
    gatewaysOf(inner, gateways).every((gateway) => gatewaysOf(outer, gateways).includes(gateway)),
  // It is a part of `uri`.
  ignoreUriCase: () => true,
  name: () => true,
  statPrefix: () => true,
};
const coversOfFields = Object.values(coverOf);

function gatewaysOf({ gateways }: HTTPMatchRequest, ofVirtualService: readonly string[]): readonly string[] {
  return gateways !== undefined && gateways.length > 0 ? gateways : ofVirtualService;
}

function uriCovers(outer: HTTPMatchRequest, inner: HTTPMatchRequest): boolean {
  if (outer.uri === undefined || outer.uri.prefix === '/') return true;
  if (inner.uri === undefined) return textCovers(outer.uri, ANY_PATH);
  // Case plays a part in regular expressions, whatever is said.
  if (outer.ignoreUriCase && outer.uri.regex === undefined) return textCovers(lower(outer.uri), lower(inner.uri));
  if (inner.ignoreUriCase && inner.uri.regex === undefined) return textCovers(outer.uri, ANY_PATH);
  return textCovers(outer.uri, inner.uri);
}

/** Paths begin with a slash. */
const ANY_PATH: StringMatch = { prefix: '/' };

function lower({ exact, prefix, regex }: StringMatch): StringMatch {
  if (regex !== undefined) return { regex };
  return exact !== undefined ? { exact: exact.toLowerCase() } : { prefix: (prefix ?? '').toLowerCase() };
}

type Texts = Readonly<Record<string, StringMatch>>;

/** Whether each text that `outer` asks for is asked for more narrowly by `inner`; for exclusions the other way round. */
function textsCover(outer: Texts | undefined, inner: Texts | undefined, areExcluded = false): boolean {
  const found = new Map(Object.entries(inner ?? {}).map(([name, match]) => [name.toLowerCase(), match]));
  if (areExcluded) {
    const excluded = new Map(Object.entries(outer ?? {}).map(([name, match]) => [name.toLowerCase(), match]));
    return [...found].every(([name, match]) => excluded.has(name) && textCovers(excluded.get(name), match));
  }
  return Object.entries(outer ?? {}).every(([name, match]) => {
    const other = found.get(name.toLowerCase());
    return other !== undefined && textCovers(match, other);
  });
}

/** Whether all texts of `inner` are texts of `outer`. A match without a condition asks only that there is a text. */
export function textCovers(outer: StringMatch | undefined, inner: StringMatch | undefined): boolean {
  if (outer === undefined || isAnything(outer)) return true;
  if (inner === undefined) return false;
  if (outer.exact !== undefined && inner.exact !== undefined) return inner.exact === outer.exact;
  if (outer.regex !== undefined && outer.regex === inner.regex) return true;
  if (outer.regex !== undefined && inner.exact !== undefined) return matchesWhole(outer.regex, inner.exact);
  const shapes = shapesOfText(outer);
  return shapes !== undefined && (shapesOfText(inner)?.every((one) => shapes.some((other) => shapeCovers(other, one))) ?? false);
}

function shapesOfText({ exact, prefix, regex }: StringMatch): readonly ExpressionShape[] | undefined {
  if (exact !== undefined) return [{ exact }];
  return prefix !== undefined ? [{ prefix, more: 0 }] : shapesOf(regex ?? '');
}

function isAnything({ exact, prefix, regex }: StringMatch): boolean {
  if (exact !== undefined) return false;
  if (prefix !== undefined) return prefix === '';
  return regex === undefined || regex === '.*' || regex === '^.*$' || regex === '*';
}
