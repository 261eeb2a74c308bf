import type { Route, VirtualHost } from '../../envoy/api.gen.ts';
import { ALWAYS, allOf, assumed, type Formula, NEVER, not, type TextDimension, textTest } from '../../request-space/formula.ts';
import { USUAL_LIMITS } from '../../request-space/limits.ts';
import type { KnownVariables, PartValue } from '../../request-space/variables.ts';
import { type Vocabulary, withVocabulary } from '../../request-space/vocabulary.ts';
import { matchFormula } from '../../trace/recording/route-formulas.ts';
import type { TableRequest } from '../../trace/table.ts';
import { memo } from '../../util/memo.ts';
import { setOwn } from '../../util/object.ts';

/** What a line of a table says of a request, beside where it goes. */
export type RouteExample = Pick<TableRequest, 'path' | 'method' | 'headers'>;

/** Makes examples, once for each virtual host. */
export interface RouteExamples {
  /** A request for each route of a virtual host that one reaches with this host; a route that asks for a token or a cookie has none. */
  of(virtualHost: VirtualHost, host: string, scheme?: string): readonly RouteExample[];
  /** Whether a route of a virtual host that was asked for is taken by no request, whatever its host: those before it take all of its. */
  isHidden(route: Route): boolean;
}

/** Makes the examples of some proxies. */
export function createRouteExamples(): RouteExamples {
  const known = memo((_: VirtualHost) => new Map<string, readonly RouteExample[]>());
  const hidden = new Set<Route>();
  const variables: KnownVariables = new Map();
  return {
    of(virtualHost, host, scheme = 'http') {
      const found = known(virtualHost).get(`${scheme} ${host}`) ?? examplesOf(virtualHost, host, scheme, hidden, variables);
      known(virtualHost).set(`${scheme} ${host}`, found);
      return found;
    },
    isHidden: (route) => hidden.has(route),
  };
}

function examplesOf(
  { routes = [] }: VirtualHost,
  host: string,
  scheme: string,
  hidden: Set<Route>,
  variables: KnownVariables,
): readonly RouteExample[] {
  const [first] = routes;
  if (routes.length === 1 && isPlain(first)) return [{}];
  const formulas = routes.map(({ match = {} }, place) =>
    allOf([
      // Tunnels are not tried.
      match.connectMatcher === undefined ? matchFormula(match) : NEVER,
      match.runtimeFraction === undefined ? ALWAYS : assumed(`the share of route ${place}`),
    ]),
  );
  const here = allOf([
    exactly({ kind: 'authority' }, host),
    exactly({ kind: 'scheme' }, scheme),
    not(exactly({ kind: 'method' }, 'CONNECT')),
  ]);
  const ask = (vocabulary: Vocabulary): readonly RouteExample[] => {
    const within = vocabulary.setOf(here);
    const parts = vocabulary.partition(formulas);
    routes.forEach((route, place) => {
      if (parts[place] === vocabulary.nothing && route.match?.connectMatcher === undefined) hidden.add(route);
    });
    return parts
      .map((set) => vocabulary.witness(vocabulary.intersection(set, within)))
      .flatMap((witness) => (witness === undefined ? [] : (exampleOf(witness) ?? [])));
  };
  const examples = withVocabulary([here, ...formulas], ask, USUAL_LIMITS, variables);
  if (!('kind' in examples)) return examples;
  // Too much to tell of all together: of each by itself, though another route may take it.
  return formulas.flatMap((formula) => {
    const witness = withVocabulary([here, formula], ({ setOf, witness }) => witness(setOf(allOf([here, formula]))));
    return witness === undefined || 'kind' in witness ? [] : (exampleOf(witness) ?? []);
  });
}

function isPlain(route: Route | undefined): boolean {
  const { prefix, caseSensitive: _, ...others } = route?.match ?? {};
  return prefix === '/' && Object.keys(others).length === 0;
}

function exactly(dimension: TextDimension, text: string): Formula {
  return textTest(dimension, { kind: 'exact', text });
}

/** The line for a witness; undefined for one that needs a token or a cookie. */
function exampleOf(witness: readonly PartValue[]): RouteExample | undefined {
  const headers: Record<string, string> = {};
  const query: string[] = [];
  let [path, method] = ['/', 'GET'];
  for (const value of witness) {
    if (value.kind === 'claim' && value.texts.length > 0) return undefined;
    if (value.kind !== 'text' || value.text === undefined) continue;
    const { dimension, text } = value;
    // A cookie is only a part of a header.
    if (dimension.kind === 'header' && dimension.name.includes(' ')) return undefined;
    if (dimension.kind === 'path' || dimension.kind === 'target') path = text;
    else if (dimension.kind === 'method') method = text;
    else if (dimension.kind === 'header') setOwn(headers, dimension.name, text);
    else if (dimension.kind === 'query') query.push(`${dimension.name}=${text}`);
  }
  const target = query.length === 0 ? path : `${path}?${query.join('&')}`;
  return {
    ...(target === '/' ? {} : { path: target }),
    ...(method === 'GET' ? {} : { method }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}
