import type {
  CorsPolicy,
  HTTPDirectResponse,
  HTTPMatchRequest,
  HTTPMirrorPolicy,
  HTTPRedirect,
  HTTPRetry,
  HTTPRewrite,
  HTTPRoute,
} from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { parseDuration } from '../util/duration.ts';
import type { WithFields } from '../util/fields.ts';
import { isNamedStatus } from '../util/http-status.ts';
import { trimEndCharacters } from '../util/text.ts';
import { checkDestination, checkDestinations } from './destination.ts';
import { checkMatchExpression, checkStringMatch, regexProblem } from './expressions.ts';
import { checkFault, statusProblem } from './fault.ts';
import { error, errorIf, errorsOf, type Findings, quote, warning } from './finding.ts';
import { checkAuthorityRewrites, checkHeaderOperations, corsHeaderProblem, matchedHeaderProblem } from './headers.ts';
import { isDnsLabel } from './hosts.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkDuration, checkPort, isGoInteger } from './numbers.ts';
import { checkGatewayNames } from './references.ts';

/** What is known of the virtual service of a route. */
export interface RouteOwner {
  /** It has no hosts, so others delegate to it. */
  readonly isDelegate: boolean;
  /** It was made by istiod of a route of the Gateway API. */
  readonly isConverted: boolean;
}

type RouteFields =
  | 'name'
  | 'match'
  | 'route'
  | 'redirect'
  | 'directResponse'
  | 'delegate'
  | 'rewrite'
  | 'timeout'
  | 'retries'
  | 'fault'
  | 'mirror'
  | 'mirrors'
  | 'mirrorPercent'
  | 'mirrorPercentage'
  | 'corsPolicy'
  | 'headers';

/** An HTTP route; istio pkg/config/validation/virtualservice.go validateHTTPRoute. */
export function* checkHttpRoute(path: Path, httpRoute: HTTPRoute, { isDelegate, isConverted }: RouteOwner): Findings {
  const route: WithFields<HTTPRoute, RouteFields> = httpRoute;
  yield* checkConflicts(path, route, isDelegate);
  for (const [index, match] of (route.match ?? []).entries())
    yield* errorsOf(checkRequestMatch([...path, 'match', index], match));
  if (route.headers !== undefined) yield* checkHeaderOperations([...path, 'headers'], route.headers);
  if (route.corsPolicy !== undefined) yield* checkCors([...path, 'corsPolicy'], route.corsPolicy);
  if (route.fault !== undefined) yield* errorsOf(checkFault([...path, 'fault'], route.fault));
  yield* checkMirrors(path, route);
  if (route.redirect !== undefined) yield* checkRedirect([...path, 'redirect'], route.redirect, route.match);
  if (route.directResponse !== undefined) yield* checkDirectResponse([...path, 'directResponse'], route.directResponse);
  if (route.retries !== undefined) yield* checkRetries([...path, 'retries'], route.retries);
  if (route.rewrite !== undefined) yield* checkRewrite([...path, 'rewrite'], route.rewrite);
  yield* checkAuthorityRewrites(path, route.rewrite?.authority, route.headers);
  const destinations = route.route ?? [];
  for (const [index, { headers }] of destinations.entries())
    if (headers !== undefined) yield* checkHeaderOperations([...path, 'route', index, 'headers'], headers);
  yield* checkDestinations([...path, 'route'], destinations, isConverted);
  yield* checkDuration([...path, 'timeout'], route.timeout);
}

/** What a route cannot do at once; istio validateHTTPRouteConflict. */
function* checkConflicts(path: Path, route: HTTPRoute, isDelegate: boolean): Findings {
  const hasRoute = (route.route ?? []).length > 0;
  if (!isDelegate && route.delegate !== undefined) {
    const subject = `root HTTP route ${route.name ?? ''} must not specify`;
    if (route.redirect !== undefined) yield error([...path, 'redirect'], `${subject} redirect`);
    if (hasRoute) yield error([...path, 'route'], `${subject} route`);
    return;
  }
  if (route.delegate !== undefined) yield error([...path, 'delegate'], 'delegate HTTP route cannot contain delegate');
  const answer = route.redirect !== undefined ? 'redirect' : route.directResponse !== undefined ? 'directResponse' : undefined;
  if (answer === undefined) {
    if (!hasRoute) yield error(path, 'HTTP route, redirect or direct_response is required');
  } else {
    const words = answer === 'redirect' ? 'redirect' : 'direct_response';
    if (hasRoute) yield error([...path, 'route'], `HTTP route cannot contain both route and ${words}`);
    if (route.fault !== undefined) yield error([...path, 'fault'], `HTTP route cannot contain both fault and ${words}`);
    if (route.rewrite !== undefined)
      yield error([...path, 'rewrite'], `HTTP route rule cannot contain both rewrite and ${words}`);
    if (answer === 'redirect' && route.directResponse !== undefined)
      yield error([...path, 'directResponse'], 'HTTP route rule cannot contain both direct_response and redirect');
  }
  if (route.mirror !== undefined && (route.mirrors ?? []).length > 0)
    yield error([...path, 'mirrors'], 'HTTP route cannot contain both mirror and mirrors');
}

type MatchFields =
  | 'headers'
  | 'withoutHeaders'
  | 'uri'
  | 'scheme'
  | 'method'
  | 'authority'
  | 'queryParams'
  | 'port'
  | 'sourceLabels'
  | 'gateways'
  | 'sourceNamespace';
type UncheckedMatchFields = 'name' | 'ignoreUriCase' | 'statPrefix';

/** What a route matches of a request; istio validateHTTPRouteMatchRequest. */
function* checkRequestMatch(path: Path, request: HTTPMatchRequest): Findings {
  const match: WithFields<HTTPMatchRequest, MatchFields | UncheckedMatchFields> = request;
  for (const [name, header] of Object.entries(match.headers ?? {})) {
    yield* errorIf([...path, 'headers', name], matchedHeaderProblem(name));
    yield* checkStringMatch([...path, 'headers', name], header, 'headers');
  }
  for (const [name, header] of Object.entries(match.withoutHeaders ?? {})) {
    yield* errorIf([...path, 'withoutHeaders', name], matchedHeaderProblem(name));
    // A lone star is no expression: it stands for any value.
    if (header.regex !== '*') yield* checkStringMatch([...path, 'withoutHeaders', name], header, 'withoutHeaders');
  }
  // An empty prefix is fine for a path, and only there.
  yield* checkMatchExpression([...path, 'uri'], match.uri, 'uri');
  for (const field of ['scheme', 'method', 'authority'] as const) yield* checkStringMatch([...path, field], match[field], field);
  for (const [name, parameter] of Object.entries(match.queryParams ?? {}))
    yield* checkStringMatch([...path, 'queryParams', name], parameter, 'queryParams');
  if ((match.port ?? 0) !== 0) yield* checkPort([...path, 'port'], match.port ?? 0);
  yield* checkWorkloadLabels([...path, 'sourceLabels'], match.sourceLabels);
  yield* checkGatewayNames([...path, 'gateways'], match.gateways);
  const { sourceNamespace = '' } = match;
  if (sourceNamespace !== '' && !isDnsLabel(sourceNamespace))
    yield error([...path, 'sourceNamespace'], `sourceNamespace match ${sourceNamespace} is invalid`);
}

const corsMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'];

function* checkCors(path: Path, cors: CorsPolicy): Findings {
  for (const [index, origin] of (cors.allowOrigins ?? []).entries()) {
    const at = [...path, 'allowOrigins', index];
    const text = origin.exact ?? origin.prefix ?? origin.regex ?? '';
    if (text === '') yield error(at, "'' is not a valid match type for CORS allow origins");
    else yield* checkMatchExpression(at, origin, 'corsPolicy.allowOrigins');
  }
  for (const [index, method] of (cors.allowMethods ?? []).entries())
    if (!corsMethods.includes(method))
      yield error([...path, 'allowMethods', index], `${quote(method)} is not a supported HTTP method`);
  for (const field of ['allowHeaders', 'exposeHeaders'] as const)
    for (const [index, name] of (cors[field] ?? []).entries()) yield* errorIf([...path, field, index], corsHeaderProblem(name));
  const at = [...path, 'maxAge'];
  yield* checkDuration(at, cors.maxAge);
  if (cors.maxAge !== undefined && (parseDuration(cors.maxAge) ?? 0n) % 1_000_000_000n > 0n)
    yield error(at, 'max_age duration is accurate only to seconds precision');
}

function* checkMirrors(path: Path, route: HTTPRoute): Findings {
  const { mirrorPercent, mirrorPercentage, mirror, mirrors = [] } = route;
  if (mirrorPercent !== undefined) {
    const at = [...path, 'mirrorPercent'];
    if (mirrorPercent > 100) yield error(at, `mirror_percent must have a max value of 100 (it has ${mirrorPercent})`);
    yield warning(at, 'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead');
  }
  if (mirrorPercentage !== undefined)
    yield* checkMirrorShare([...path, 'mirrorPercentage'], mirrorPercentage, 'mirror_percentage');
  if (mirror !== undefined) yield* checkDestination([...path, 'mirror'], mirror);
  for (const [index, policy] of mirrors.entries()) yield* checkMirror([...path, 'mirrors', index], policy);
}

function* checkMirror(path: Path, { destination, percentage }: HTTPMirrorPolicy): Findings {
  if (destination === undefined) {
    yield error([...path, 'destination'], 'destination is required for mirrors');
    return;
  }
  yield* checkDestination([...path, 'destination'], destination);
  if (percentage !== undefined) yield* checkMirrorShare([...path, 'percentage'], percentage, 'mirror percentage');
}

function* checkMirrorShare(path: Path, { value = 0 }: { readonly value?: number }, subject: string): Findings {
  // A number that is none comes as a text.
  const has = `(it has ${Number(value).toFixed(6)})`;
  if (value > 100) yield error([...path, 'value'], `${subject} must have a max value of 100 ${has}`);
  if (value < 0) yield error([...path, 'value'], `${subject} must have a min value of 0 ${has}`);
}

function* checkRedirect(path: Path, redirect: HTTPRedirect, matches: readonly HTTPMatchRequest[] = []): Findings {
  const { uri = '', prefixRewrite = '', authority = '', scheme = '', redirectCode = 0, port = 0 } = redirect;
  const hasPort = redirect.port !== undefined || redirect.derivePort !== undefined;
  const isNoPrefix = ({ uri }: HTTPMatchRequest): boolean => uri !== undefined && uri.prefix === undefined;
  if (uri !== '' && prefixRewrite !== '') yield error(path, 'redirect may only specify one of uri or prefix_rewrite');
  else if (prefixRewrite !== '' && matches.some(isNoPrefix))
    yield error([...path, 'prefixRewrite'], 'redirect prefix_rewrite requires all URI matches to use prefix match type');
  else if (uri === '' && prefixRewrite === '' && authority === '' && !hasPort && scheme === '')
    yield error(path, 'redirect must specify URI, authority, scheme, or port');
  else if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399))
    yield error([...path, 'redirectCode'], `${redirectCode} is not a valid redirect code, must be 3xx`);
  else if (scheme !== '' && scheme !== 'http' && scheme !== 'https')
    yield error([...path, 'scheme'], 'invalid redirect scheme, must be "http" or "https"');
  else if (port > 0) yield* checkPort([...path, 'port'], port);
}

const KILOBYTE = 1024;

function* checkDirectResponse(path: Path, { status = 0, body }: HTTPDirectResponse): Findings {
  const size =
    body?.bytes === undefined
      ? new TextEncoder().encode(body?.string ?? '').length
      : Math.floor((trimEndCharacters(body.bytes, '=').length * 3) / 4);
  const message = 'large direct_responses may impact control plane performance';
  if (size > KILOBYTE * KILOBYTE) yield error([...path, 'body'], `${message}, must be less than 1MB`);
  else if (size > 100 * KILOBYTE) yield warning([...path, 'body'], message);
  // Istio reads the number as a signed one of 32 bits.
  yield* errorIf([...path, 'status'], statusProblem(status | 0));
}

/** What Envoy can retry on, beside the numbers of HTTP statuses. */
const retryConditions: readonly string[] = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

type RetryFields = 'attempts' | 'retryOn' | 'perTryTimeout' | 'backoff' | 'retryRemoteLocalities';

function* checkRetries(path: Path, httpRetry: HTTPRetry): Findings {
  const retries: WithFields<HTTPRetry, RetryFields | 'retryIgnorePreviousHosts'> = httpRetry;
  const { attempts = 0, retryOn = '', perTryTimeout, retryRemoteLocalities } = retries;
  if (attempts < 0) yield error([...path, 'attempts'], 'attempts cannot be negative');
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn !== '' || retryRemoteLocalities !== undefined))
    yield error([...path, 'attempts'], 'http retry policy configured when attempts are set to 0 (disabled)');
  yield* checkDuration([...path, 'perTryTimeout'], perTryTimeout);
  for (const condition of retryOn === '' ? [] : retryOn.split(',')) {
    const isStatus = isGoInteger(condition) && isNamedStatus(Number(condition));
    if (!isStatus && !retryConditions.includes(condition))
      yield error([...path, 'retryOn'], `${quote(condition)} is not a valid retryOn policy`);
  }
  yield* checkDuration([...path, 'backoff'], retries.backoff);
}

function* checkRewrite(path: Path, { uri = '', authority = '', uriRegexRewrite }: HTTPRewrite): Findings {
  if (uri !== '' && uriRegexRewrite !== undefined) {
    yield error(path, 'rewrite may only contain one of URI or UriRegexRewrite');
    return;
  }
  if (uriRegexRewrite === undefined) {
    const rule = 'rewrite must specify at least one of URI, UriRegexRewrite, or authority';
    if (uri === '' && authority === '') yield error(path, rule, `${rule}. Only one of URI or UriRegexRewrite may be specified`);
    return;
  }
  const { match = '', rewrite = '' } = uriRegexRewrite;
  const problem =
    match === '' || rewrite === ''
      ? 'UriRegexRewrite requires both Rewrite and Match fields to be specified'
      : regexProblem(match, 'HTTPRewrite.UriRegexRewrite.Match');
  if (problem !== undefined)
    yield error([...path, 'uriRegexRewrite', 'match'], problem, `UriRegexRewrite has errors\n${problem}`);
}
