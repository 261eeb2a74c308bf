import { defineProblem, type Problem } from './catalog.ts';

/**
 * What people report as bugs of Istio and is their configuration: valid, and doing something else than it looks. Sorted by code:
 * MESH220x rules of VirtualServices, MESH221x DestinationRules, MESH222x policies, MESH223x telemetry.
 */

export const rewriteLeavesSlashes: Problem<[field: string, prefix: string, example: string]> = defineProblem(
  'MESH2201',
  'warning',
  'A rule rewrites a prefix without a final slash to "/", so that requests below it get a path that begins with two slashes; many servers answer 404.',
  (field, prefix, example) =>
    `${field}: a request for "${prefix}/${example}" is sent on as "//${example}" with two slashes, because the prefix "${prefix}" alone becomes "/"; match the prefix "${prefix}/" as well, in a match of its own before this one`,
);

export const rewriteTakesWholePath: Problem<[field: string, uri: string]> = defineProblem(
  'MESH2202',
  'info',
  'A rule matches the path by a regular expression and rewrites the uri: the whole path is replaced, for there is no prefix that could be.',
  (field, uri) =>
    `${field}: every request that the regex matches is sent on as exactly "${uri}", for the whole path is replaced; write rewrite.uriRegexRewrite to keep a part of it`,
);

export const faultHidesFromRetries: Problem<[rule: string, settings: string]> = defineProblem(
  'MESH2203',
  'info',
  'A rule injects a fault and sets retries or a timeout: the fault is made in the proxy of the client before the request is sent, so neither acts on it.',
  (rule, settings) =>
    `${rule}: ${settings} do not act on the fault of the same rule (an abort is not retried, a delay does not run into the timeout), which the proxy of the client makes before it sends the request; inject the fault at the server's side to try them`,
);

export const perTryTimeoutAlone: Problem<[rule: string, perTry: string, attempts: number]> = defineProblem(
  'MESH2204',
  'info',
  'A rule limits each try by perTryTimeout and has no timeout: every answer that takes longer is cut off and asked for again, and only the tries together limit the request.',
  (rule, perTry, attempts) =>
    `${rule}.retries.perTryTimeout of ${perTry} cuts off every answer that takes longer, also those that would have been fine, and there is no timeout for the ${attempts + 1} tries together; set timeout as well, or leave perTryTimeout out`,
);

export const onlyLabelledClients: Problem<[field: string]> = defineProblem(
  'MESH2205',
  'info',
  'All rules of a VirtualService are for clients with certain sourceLabels or of a sourceNamespace. Proxies of other clients do not get these rules at all and use the default route, so that their requests are not refused.',
  (field) =>
    `${field}: every rule has sourceLabels or sourceNamespace, so that other clients (clients without the label) do not get 404 but the default route to the service; add a rule without them for the rest`,
);

export const stickyAcrossSubsets: Problem<[field: string, host: string, destinationRule: string]> = defineProblem(
  'MESH2206',
  'info',
  'A rule splits requests by weight between subsets of a host whose DestinationRule has consistentHash: the weights are drawn for each request, so that a client is not kept at one pod.',
  (field, host, destinationRule) =>
    `${field}: the weights are drawn anew for each request, before the consistent hash of DestinationRule ${destinationRule} chooses within the subset, so that sessions of "${host}" are not sticky across subsets; split by a header or cookie match instead of by weight`,
);

export const portLevelDropsRest: Problem<[field: string, port: number, lost: string]> = defineProblem(
  'MESH2211',
  'warning',
  'A traffic policy has settings for a port beside settings for the whole destination. For that port only the port-level ones hold; what they do not repeat falls back to the defaults.',
  (field, port, lost) =>
    `${field}: for port ${port} the settings beside portLevelSettings (${lost}) do not apply, for port-level settings replace them as a whole; repeat ${lost} in them`,
);

export const fromAndToApart: Problem<[field: string, other: string]> = defineProblem(
  'MESH2221',
  'info',
  'A policy has one rule with only "from" next to one with only "to". Rules are alternatives: either is enough.',
  (field, other) =>
    `${field} has only "from" and ${other} has only "to": these are two rules, of which either one is enough, so that everybody may do what the "to" says and the callers of the "from" may do everything; write from and to together in one rule if both are meant`,
);

export const nestedClaimByDot: Problem<[field: string, claim: string, nested: string]> = defineProblem(
  'MESH2222',
  'info',
  'The key of a condition names a claim with a dot in it. It is the name of one claim; a claim within a claim is written with brackets of its own.',
  (field, claim, nested) => `${field}: "${claim}" is one claim of that name; for a claim within a claim write ${nested}`,
);

export const targetMissing: Problem<[field: string, kind: string, name: string, namespace: string, hint: string]> = defineProblem(
  'MESH2223',
  'error',
  'A targetRef of a policy names a resource that does not exist, so that the policy is for nothing.',
  (field, kind, name, namespace, hint) =>
    `${field}: there is no ${kind} ${name} in namespace ${namespace}, so that this has no effect at all${hint}; correct the name`,
);

export const loggingNotDisabled: Problem<[field: string, file: string]> = defineProblem(
  'MESH2231',
  'warning',
  'A Telemetry disables access logging without naming a provider, where the log comes from MeshConfig.accessLogFile: nothing is disabled.',
  (field, file) =>
    `${field} has no effect: it names no provider, and the access log at ${file} comes from MeshConfig.accessLogFile, whose provider is called envoy; add providers: [{name: envoy}]`,
);
