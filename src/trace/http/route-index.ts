import type { Route, RouteMatch, VirtualHost } from '../../envoy/api.gen.ts';
import { append } from '../../util/collections.ts';

/** The routes of a virtual host by the paths that they can take. */
export interface RouteIndex {
  /** The routes that may take a path (without a query), in order: those left out do not. */
  routesFor(path: string): readonly Route[];
}

/** Finds routes without looking at each: a virtual host may have thousands. */
export function createRouteIndex({ routes = [] }: VirtualHost): RouteIndex {
  const exact = new Map<string, number[]>();
  const prefixes = new Map<string, number[]>();
  const others: number[] = [];
  for (const [place, { match = {} }] of routes.entries()) {
    const start = startOf(match);
    if (start === undefined) others.push(place);
    else append(start.isWhole ? exact : prefixes, start.text, place);
  }
  const lengths = [...new Set([...prefixes.keys()].map((prefix) => prefix.length))];
  return {
    routesFor(path) {
      const places = [
        ...(exact.get(path) ?? []),
        ...lengths.flatMap((length) => (length <= path.length ? (prefixes.get(path.slice(0, length)) ?? []) : [])),
        ...others,
      ];
      return places.sort((a, b) => a - b).flatMap((place) => routes[place] ?? []);
    },
  };
}

/** What a path must begin with, or be; undefined where that is not all that a match says of paths. */
function startOf(match: RouteMatch): { readonly text: string; readonly isWhole: boolean } | undefined {
  const { path, prefix, pathSeparatedPrefix, caseSensitive = true, safeRegex, connectMatcher, pathMatchPolicy } = match;
  if (!caseSensitive || safeRegex !== undefined || connectMatcher !== undefined || pathMatchPolicy !== undefined)
    return undefined;
  if (path !== undefined) return { text: path, isWhole: true };
  const text = pathSeparatedPrefix ?? prefix;
  return text === undefined ? undefined : { text, isWhole: false };
}
