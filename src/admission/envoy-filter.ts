import type {
  EnvoyFilterApplyTo,
  EnvoyFilterEnvoyConfigObjectMatch,
  EnvoyFilterEnvoyConfigObjectPatch,
} from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { isLongProxyVersion, MAX_PROXY_VERSION } from '../model/extensions/envoy-filters.ts';
import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { formatPath } from '../resource/shape.ts';
import type { DecodeProblem } from '../util/protobuf-json.ts';
import { expressionProblem } from '../util/re2.ts';
import { currentFilterName } from './deprecated-filters.ts';
import type { EnvoyMessages } from './envoy-messages.ts';
import { error, type Findings, quote, warning } from './finding.ts';
import { checkWorkloadSelector } from './references.ts';

/**
 * An EnvoyFilter, with the values of its patches, which must be Envoy's messages; istio
 * pkg/config/validation/envoyfilter/envoyfilter.go. Istio's errors begin with `Envoy filter: `.
 */
export function* checkEnvoyFilter(
  { spec }: ResourceOf<'EnvoyFilter'>,
  envoy: () => EnvoyMessages,
  behaviours: Behaviours,
): Findings {
  const selector = checkWorkloadSelector(spec.workloadSelector, 'Envoy filter');
  if (selector.some(({ severity }) => severity === 'error')) {
    yield* selector;
    return;
  }
  const advice = 'Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.';
  yield warning(['spec'], `EnvoyFilter exposes internal implementation details that may change at any time. ${advice}`);
  yield* selector;
  for (const [index, patch] of (spec.configPatches ?? []).entries())
    yield* checkConfigPatch(['spec', 'configPatches', index], patch, envoy, behaviours);
}

function refuse(path: Path, message: string): ReturnType<typeof error> {
  return error(path, message, `Envoy filter: ${message}`);
}

/** The places that a match of each kind of object is for. */
const matchOf: Readonly<Partial<Record<EnvoyFilterApplyTo, 'listener' | 'routeConfiguration' | 'cluster'>>> = {
  LISTENER: 'listener',
  FILTER_CHAIN: 'listener',
  NETWORK_FILTER: 'listener',
  HTTP_FILTER: 'listener',
  ROUTE_CONFIGURATION: 'routeConfiguration',
  VIRTUAL_HOST: 'routeConfiguration',
  HTTP_ROUTE: 'routeConfiguration',
  CLUSTER: 'cluster',
};

const matchWords = {
  listener: ['listener class', 'listener'],
  routeConfiguration: ['http route class', 'route configuration'],
  cluster: ['cluster class', 'cluster'],
} as const;

/** Of what makes no sense in one patch, Istio names the first thing only. */
function* checkConfigPatch(
  path: Path,
  entry: EnvoyFilterEnvoyConfigObjectPatch,
  envoy: () => EnvoyMessages,
  { limitsProxyVersions }: Behaviours,
): Findings {
  const { applyTo = 'INVALID', match, patch } = entry;
  if (match?.context === 'WAYPOINT') return;
  const incomplete = findIncomplete(path, entry);
  if (incomplete !== undefined) {
    yield incomplete;
    return;
  }
  const versionPath = [...path, 'match', 'proxy', 'proxyVersion'];
  const version = match?.proxy?.proxyVersion ?? '';
  if (limitsProxyVersions && isLongProxyVersion(version)) {
    const message = `proxyVersion match exceeds ${MAX_PROXY_VERSION} characters and will be ignored`;
    yield warning(versionPath, message, `Envoy filter: ${message}`);
  } else {
    const problem = version === '' ? undefined : expressionProblem(version);
    if (problem !== undefined) {
      yield refuse(versionPath, `invalid regex for proxy version, [${problem}]`);
      return;
    }
  }
  const kind = matchOf[applyTo];
  if (match !== undefined && kind !== undefined && hasObject(match)) {
    if (match[kind] === undefined) {
      const [objects, wanted] = matchWords[kind];
      yield refuse([...path, 'match'], `applyTo for ${objects} objects cannot have non ${wanted} match`);
      if (kind === 'listener') return;
    }
    const found = [...checkFilterMatch([...path, 'match', 'listener', 'filterChain', 'filter'], applyTo, match)];
    yield* found;
    if (found.some(({ severity }) => severity === 'error')) return;
  }
  if (patch?.value !== undefined) yield* checkValue([...path, 'patch', 'value'], applyTo, patch.value, envoy);
}

/** A part without which a patch says nothing. */
function findIncomplete(path: Path, { applyTo = 'INVALID', patch }: EnvoyFilterEnvoyConfigObjectPatch) {
  if (applyTo === 'INVALID') return refuse([...path, 'applyTo'], 'missing applyTo');
  if (patch === undefined) return refuse([...path, 'patch'], 'missing patch');
  const { operation = 'INVALID', value } = patch;
  if (operation === 'INVALID') return refuse([...path, 'patch', 'operation'], 'missing patch operation');
  if (operation !== 'REMOVE' && value === undefined)
    return refuse([...path, 'patch', 'value'], 'missing patch value for non-remove operation');
  return undefined;
}

function hasObject({ listener, routeConfiguration, cluster, waypoint }: EnvoyFilterEnvoyConfigObjectMatch): boolean {
  return [listener, routeConfiguration, cluster, waypoint].some((object) => object !== undefined);
}

const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';

/** The filter that a match of a listener names. */
function* checkFilterMatch(path: Path, applyTo: EnvoyFilterApplyTo, { listener }: EnvoyFilterEnvoyConfigObjectMatch): Findings {
  const filter = matchOf[applyTo] === 'listener' ? listener?.filterChain?.filter : undefined;
  if (filter === undefined) return;
  const { name = '', subFilter } = filter;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') {
    const message = `filter match has no effect when used with ${applyTo}`;
    yield warning(path, message, `Envoy filter: ${message}`);
  }
  const at = [...path, 'subFilter'];
  if (name === '') {
    yield refuse([...path, 'name'], 'filter match has no name to match on');
  } else if (subFilter !== undefined && applyTo !== 'HTTP_FILTER') {
    yield refuse(at, 'subfilter match can be used with applyTo HTTP_FILTER only');
  } else if (subFilter !== undefined && currentFilterName(name) !== CONNECTION_MANAGER && name !== CONNECTION_MANAGER) {
    yield refuse([...path, 'name'], `subfilter match requires filter match with ${CONNECTION_MANAGER}`);
  } else if (subFilter !== undefined && (subFilter.name ?? '') === '') {
    yield refuse([...at, 'name'], 'subfilter match has no name to match on');
  } else {
    yield* checkFilterName([...path, 'name'], name);
    yield* checkFilterName([...at, 'name'], subFilter?.name ?? '');
  }
}

function* checkFilterName(path: Path, name: string): Findings {
  const current = currentFilterName(name);
  if (current !== undefined) yield warning(path, `using deprecated filter name ${quote(name)}; use ${quote(current)} instead`);
}

const messages: Readonly<Partial<Record<EnvoyFilterApplyTo, string>>> = {
  CLUSTER: 'envoy.config.cluster.v3.Cluster',
  LISTENER: 'envoy.config.listener.v3.Listener',
  ROUTE_CONFIGURATION: 'envoy.config.route.v3.RouteConfiguration',
  FILTER_CHAIN: 'envoy.config.listener.v3.FilterChain',
  HTTP_FILTER: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  NETWORK_FILTER: 'envoy.config.listener.v3.Filter',
  VIRTUAL_HOST: 'envoy.config.route.v3.VirtualHost',
  HTTP_ROUTE: 'envoy.config.route.v3.Route',
  EXTENSION_CONFIG: 'envoy.config.core.v3.TypedExtensionConfig',
  BOOTSTRAP: 'envoy.config.bootstrap.v3.Bootstrap',
  LISTENER_FILTER: 'envoy.config.listener.v3.ListenerFilter',
};

/** The value of a patch: what Envoy cannot read is an error, what it does not know is ignored with a warning. */
function* checkValue(path: Path, applyTo: EnvoyFilterApplyTo, value: unknown, envoy: () => EnvoyMessages): Findings {
  const message = messages[applyTo];
  if (message === undefined) {
    yield refuse([...path.slice(0, -2), 'applyTo'], `unknown object type for applyTo ${applyTo}`);
    return;
  }
  const { value: decoded, problems } = envoy().decode(message, value);
  const refused = problems.find(({ kind }) => kind === 'bad-value');
  if (refused !== undefined) {
    const unresolved = refused.istio.includes('could not resolve Any message type');
    const hint = refused.istio.includes('.v2.') ? ' (hint: try using the v3 XDS API)' : '';
    const prefix = unresolved ? `referenced type unknown${hint}: ` : '';
    yield error([...path, ...refused.path], `${refused.message}${hint}`, `${prefix}Envoy filter: ${refused.istio}`);
    return;
  }
  // Istio's decoder stops at the first object with unknown fields, and names any of them; here it is the last by name.
  const parentOf = ({ path: place }: DecodeProblem): string => formatPath(place.slice(0, -1));
  const unknown = problems.findLast((problem) => problems[0] !== undefined && parentOf(problem) === parentOf(problems[0]));
  if (unknown !== undefined) {
    const further = problems.filter((problem) => problem !== unknown);
    const others = further.map(({ path: place }) => formatPath(place)).join(', ');
    const also = further.length === 0 ? '' : `; also unknown: ${others}`;
    yield warning([...path, ...unknown.path], `${unknown.message}${also}`, `Envoy filter: ${unknown.istio}`);
    return;
  }
  const untyped = envoy().untyped(message, decoded);
  if (untyped.length > 0) yield warning(path, `using deprecated types by name without typed_config; ${untyped.join(', ')}`);
}
