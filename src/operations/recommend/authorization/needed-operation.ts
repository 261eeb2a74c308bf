import { isAny } from '../../../envoy/any.ts';
import type { HeaderMatcher, Route } from '../../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import type { Outcome } from '../../../trace/outcome.ts';
import { originOf } from '../../../util/origin.ts';

/** What a caller needs of a port: these methods and paths (as policies write them), or whatever it asks for. */
export interface NeededOperation {
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
}

const ANYTHING: NeededOperation = {};

/** What a request that is the call itself needs where it arrives with this method and path. */
export function operationOfRequest(method: string, target: string): NeededOperation {
  const [path = ''] = target.split(/[?#]/, 1);
  return { methods: [method], ...(isPlain(path) && { paths: [path] }) };
}

/**
 * What the route of a gateway lets through, as the server sees it. Where a route is chosen by an expression, or rewrites by one, its
 * paths are not told.
 */
export function operationOfRoute({ hops }: Outcome, snapshotAt: (place: string) => XdsSnapshot | undefined): NeededOperation {
  const hop = hops.find(({ side }) => side === 'gateway');
  const step = hop?.steps.find((one) => one.kind === 'route' && one.event === 'matches');
  const snapshot = hop && snapshotAt(hop.place);
  if (step?.origin === undefined || snapshot === undefined) return ANYTHING;
  const routes = routesOf(snapshot).filter((route) => originOf(route) === step.origin);
  const operations = routes.map(operationOf);
  const [first] = operations;
  return first !== undefined && operations.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : ANYTHING;
}

function routesOf({ routes, listeners }: XdsSnapshot): readonly Route[] {
  const inline = listeners.flatMap(({ filterChains = [] }) =>
    filterChains.flatMap(({ filters = [] }) =>
      filters.flatMap(({ typedConfig }) =>
        isAny(
          typedConfig,
          'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
        )
          ? (typedConfig.routeConfig ?? [])
          : [],
      ),
    ),
  );
  return [...routes, ...inline].flatMap(({ virtualHosts = [] }) => virtualHosts.flatMap(({ routes: own = [] }) => own));
}

function operationOf({ match = {}, route = {} }: Route): NeededOperation {
  const paths = match.caseSensitive === false ? undefined : pathsOf({ match, route });
  const methods = (match.headers ?? []).flatMap((matcher) => (matcher.name === ':method' ? methodsOf(matcher) : []));
  return { ...(methods.length > 0 && { methods }), ...(paths !== undefined && { paths }) };
}

function pathsOf({ match = {}, route = {} }: Pick<Route, 'match' | 'route'>): readonly string[] | undefined {
  const { prefixRewrite: by = '', regexRewrite, pathRewritePolicy, pathRewrite } = route;
  if (regexRewrite !== undefined || pathRewritePolicy !== undefined || pathRewrite !== undefined) return undefined;
  const { path, prefix, pathSeparatedPrefix } = match;
  const written = by === '' ? (path ?? prefix ?? pathSeparatedPrefix) : by;
  if (written === undefined || !isPlain(written)) return undefined;
  if (path !== undefined) return [written];
  if (prefix !== undefined) return written === '/' || written === '' ? undefined : [`${written}*`];
  return written.endsWith('/') ? undefined : [written, `${written}/*`];
}

function methodsOf({ stringMatch, exactMatch, invertMatch }: HeaderMatcher): readonly string[] {
  const method = stringMatch?.exact ?? exactMatch;
  return method === undefined || invertMatch === true ? [] : [method];
}

/** Whether a path means itself in a policy, where `*` and `{}` stand for others. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !/[*{}]/.test(path);
}
