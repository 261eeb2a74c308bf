import { isAny } from '../../envoy/any.ts';
import type { Route } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { partKey } from '../../trace/coverage.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { memo } from '../../util/memo.ts';
import { originOf } from '../../util/origin.ts';
import { placesReached } from './alike-callers.ts';
import type { Attempt } from './graph.ts';

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const JWT = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
const HTTP_RBAC = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
const NETWORK_RBAC = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';
/** What a policy asks of a connection, beside who makes it and to which port. */
const ASKED_OF_CONNECTIONS = /"(?:requestedServerName|directRemoteIp|remoteIp|sourceIp)"/;
/** What a policy asks of a request, beside who sends it and to which port. */
const ASKED = /"(?:urlPath|header|metadata|sourcedMetadata|matcher|uriTemplate|requestedServerName)"/;

/** What was found by samples over a way. */
export interface SampledWay {
  readonly target: Target;
  /** The proxy of the caller, if there is one. */
  readonly snapshot: XdsSnapshot | undefined;
  readonly attempts: readonly Attempt[];
  readonly outcomes: readonly Outcome[];
}

/**
 * Tells whether samples over a way tell of all requests: all of them ended alike, each of the routes took one, of which the last takes
 * every request, and nobody on the way asks more about a request; of connections through a filter chain, whether nobody asks for more than the chain does.
 */
export function createSampleJudge(dataPlane: DataPlane): (way: SampledWay) => boolean {
  const isAsking = memo(asksAboutRequests);
  const isAskingConnections = memo((one: XdsSnapshot) => asksOfConnections(one, ASKED_OF_CONNECTIONS));
  const routesOf = memo((snapshot: XdsSnapshot, virtualHosts: string) => {
    const names = new Set(virtualHosts.split(' '));
    return snapshot.routes.flatMap(({ virtualHosts: hosts = [] }) =>
      hosts.filter(({ name = '' }) => names.has(name)).map(ruleOf),
    );
  });
  return ({ target: { scheme, virtualHosts }, snapshot, attempts, outcomes }) => {
    const asked = proxiesAsked(dataPlane, snapshot, outcomes);
    if (scheme === 'tcp' || scheme === 'tls') return !outcomes.some(hasUnknown) && !asked.some(isAskingConnections);
    const [first] = attempts;
    if (attempts.some(({ end }) => end !== first?.end) || outcomes.some(hasUnknown)) return false;
    if (asked.some(isAsking)) return false;
    if (snapshot === undefined) return true;
    const rules = routesOf(snapshot, virtualHosts.join(' '));
    const met = routesMet(outcomes);
    return rules.every(({ isWhole, keys }) => isWhole && keys.every((key) => met.has(key)));
  };
}

/** The routes of a virtual host that are told apart, by their keys; not whole where another request may do something else. */
function ruleOf({ routes = [] }: { readonly routes?: readonly Route[] }): {
  readonly isWhole: boolean;
  readonly keys: readonly string[];
} {
  const origins = routes.flatMap((route) => originOf(route) ?? []);
  const isKnown = routes.length === 1 || origins.length === routes.length;
  const isPlain = routes.every(({ typedPerFilterConfig = {} }) => Object.keys(typedPerFilterConfig).length === 0);
  return { isWhole: isKnown && isPlain && takesAll(routes.at(-1)), keys: origins.map((origin) => partKey('route', origin)) };
}

function takesAll(route: Route | undefined): boolean {
  const { prefix, caseSensitive: _, ...others } = route?.match ?? {};
  return prefix === '/' && Object.keys(others).length === 0;
}

function routesMet(outcomes: readonly Outcome[]): ReadonlySet<string> {
  const origins = outcomes.flatMap(({ hops }) =>
    hops.flatMap(({ steps }) => steps.flatMap(({ kind, origin }) => (kind === 'route' ? (origin ?? []) : []))),
  );
  return new Set([...new Set(origins)].map((origin) => partKey('route', origin)));
}

function hasUnknown({ hops }: Outcome): boolean {
  return hops.some(({ steps }) => steps.some(({ kind }) => kind === 'note'));
}

/** Tells whether somebody on the way of samples asks which name TLS asks for, of those who speak TLS where others do not. */
export function createNameJudge(dataPlane: DataPlane): (way: Pick<SampledWay, 'snapshot' | 'outcomes'>) => boolean {
  const isAsking = memo((one: XdsSnapshot) => asksOfConnections(one, /"requestedServerName"/));
  return ({ snapshot, outcomes }) => proxiesAsked(dataPlane, snapshot, outcomes).some(isAsking);
}

/** The proxy of a caller, and those that requests reached. */
function proxiesAsked(
  dataPlane: DataPlane,
  snapshot: XdsSnapshot | undefined,
  outcomes: readonly Outcome[],
): readonly XdsSnapshot[] {
  const visited = [...placesReached(outcomes)].map((place) => podNamed(dataPlane, place));
  return [snapshot, ...visited.map((pod) => pod && dataPlane.snapshotOf(pod))].filter((one) => one !== undefined);
}

/** Whether policies of a proxy ask such a thing of connections, beside what its filter chains ask. */
function asksOfConnections({ listeners }: XdsSnapshot, asked: RegExp): boolean {
  return listeners
    .flatMap(chainsOf)
    .some(({ filters = [] }) =>
      filters.some(({ typedConfig }) => isAny(typedConfig, NETWORK_RBAC) && asked.test(JSON.stringify(typedConfig))),
    );
}

/** Whether a proxy asks more about requests than who sends them. */
function asksAboutRequests({ listeners }: XdsSnapshot): boolean {
  return listeners
    .flatMap(chainsOf)
    .some(({ filters = [] }) =>
      filters.some(
        ({ typedConfig }) =>
          isAny(typedConfig, HCM) &&
          (typedConfig.httpFilters ?? []).some(
            (filter) =>
              isAny(filter.typedConfig, JWT) ||
              (isAny(filter.typedConfig, HTTP_RBAC) && ASKED.test(JSON.stringify(filter.typedConfig))),
          ),
      ),
    );
}
