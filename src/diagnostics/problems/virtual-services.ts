import { nameWords, subjectWords } from '../name-words.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of VirtualServices: configuration that is valid and does not do what it says. */

export const virtualServiceNeverUsed: Problem<[host: string, winner: string]> = defineProblem({
  code: 'MESH2001',
  name: 'virtual-service-never-used',
  severity: 'warning',
  about:
    'Several VirtualServices of the mesh gateway have the same host. Sidecars do not merge them: one is used whole, the others not at all.',
  cause: 'Two VirtualServices without `gateways` for host `reviews`: sidecars use the older one whole.',
  fix: 'Put the rules into one VirtualService.',
  message: (host, winner) =>
    `spec.hosts: sidecars take all http rules for host "${host}" from VirtualService ${winner}, so that none of these applies; move them there`,
});

/** How an older resource, or one that only goes first here, is told of. */
function firstWords(isOlder: boolean): string {
  return isOlder ? 'which was created first' : 'which goes first here by its name (in a cluster the older one does)';
}

export const virtualServicesMerged: Problem<[host: string, gateway: string, earlier: string, isOlder: boolean]> = defineProblem({
  code: 'MESH2002',
  name: 'virtual-services-merged',
  severity: 'info',
  about:
    'Several VirtualServices have the same host on the same gateway. A gateway merges them: the rules of the oldest are tried first, those that take every request last.',
  cause: "Two VirtualServices for `shop.example.com` on one gateway: the older one's rules are tried first.",
  fix: 'Merge the two if the order of their rules matters.',
  message: (host, gateway, earlier, isOlder) =>
    `spec.hosts: for host "${host}" gateway ${gateway} tries these http rules after those of VirtualService ${earlier}, ${firstWords(isOlder)}; merge the two if the order matters`,
});

/** The rules that take requests, as the subject of a sentence. */
function takers(rules: readonly string[]): string {
  return subjectWords(rules, MAX_TAKERS, 'takes', 'take');
}

const MAX_TAKERS = 4;

export const ruleShadowed: Problem<[rule: string, earlier: readonly string[]]> = defineProblem({
  code: 'MESH2003',
  name: 'rule-shadowed',
  severity: 'warning',
  about: 'An http rule of a VirtualService is never reached, because earlier rules take every request that it matches.',
  cause: '`http[0]` matches `prefix: /api`, `http[1]` matches `exact: /api/v1`: the second is never reached.',
  fix: 'Put the narrower rule first.',
  message: (rule, earlier) =>
    `${rule} is never reached: ${takers(earlier)} every request that it matches; put it before, or narrow the other`,
});

export const matchShadowed: Problem<[match: string, earlier: readonly string[]]> = defineProblem({
  code: 'MESH2004',
  name: 'match-shadowed',
  severity: 'warning',
  about: 'A match of an http rule never has an effect, because an earlier rule takes every request that it describes.',
  cause: 'A match for /api/v1 after a rule for /api.',
  fix: 'Remove the match, or put its rule first.',
  message: (match, earlier) =>
    `${match} never has an effect: ${takers(earlier)} every request that it describes; remove it, or put its rule before`,
});

export const ruleShadowedAtGateway: Problem<[rule: string, host: string, gateway: string, earlier: string, isOlder: boolean]> =
  defineProblem({
    code: 'MESH2005',
    name: 'rule-shadowed-at-gateway',
    severity: 'warning',
    about:
      'An http rule of a VirtualService is never reached on a gateway, because an older VirtualService for the same host takes every request that it matches.',
    cause: 'A younger VirtualService for a host of a gateway whose older one has a rule for all paths.',
    fix: 'Merge the two and put the narrower rule first.',
    message: (rule, host, gateway, earlier, isOlder) =>
      `${rule} is never reached for host "${host}" on gateway ${gateway}: ${earlier}, ${firstWords(isOlder)}, takes every request that it matches; merge the two in the order that you want`,
  });

/** What a match is about: requests, or the connections of a filter chain. */
type Matched = 'request' | 'connection';

export const matchFitsNothing: Problem<[match: string, why: string, what: Matched]> = defineProblem({
  code: 'MESH2006',
  name: 'match-fits-nothing',
  severity: 'warning',
  about:
    'A match of a route fits no request at all, so that its rule is never reached by it; or what makes a filter chain (a tcp or tls rule, a server of a Gateway, a patch) fits no connection that comes there.',
  cause:
    'A VirtualService for `shop.example.com` with a match of `authority: {exact: www.example.com}`: its rules hear only of requests for its hosts.',
  fix: 'Correct the match, or add the host.',
  message: (match, why, what) => `${match} fits no ${what}: ${why}; correct it, or remove it`,
});

export const routeShadowed: Problem<[match: string, earlier: readonly string[], what: Matched | 'connection that is led away']> =
  defineProblem({
    code: 'MESH2007',
    name: 'route-shadowed',
    severity: 'warning',
    about:
      'A match of an HTTPRoute, a GRPCRoute or a path of an Ingress never takes a request where it is served: others for the same host are asked first and take all that it describes. Or Envoy never chooses the filter chain of a tcp or tls rule, of a server of a Gateway or of a patch: others are more specific for each of its connections.',
    cause: 'Two HTTPRoutes for one host and the same path: the older one takes all requests.',
    fix: 'Remove it, or make the other one narrower.',
    message: (match, earlier, what) =>
      what === 'connection that is led away'
        ? `${match} is never reached: Envoy chooses ${nameWords(earlier, MAX_TAKERS)} for every connection that it describes, and does not come back where what is left does not take it; remove it, or make the other narrower`
        : `${match} is never reached: ${takers(earlier)} every ${what} that it describes; remove it, or make the other narrower`,
  });

export const connectionRuleShadowed: Problem<[rule: string, earlier: readonly string[]]> = defineProblem({
  code: 'MESH2008',
  name: 'connection-rule-shadowed',
  severity: 'warning',
  about:
    'A tcp or tls rule of a VirtualService becomes no filter chain of any sidecar, because earlier rules take every connection that it matches.',
  cause: '`tcp[0]` matches port 5000, `tcp[1]` port 5000 from pods with `app: web`: the second is never reached.',
  fix: 'Put the narrower rule first.',
  message: (rule, earlier) =>
    `${rule} is never reached: ${takers(earlier)} every connection that it matches; put it before, or narrow the other`,
});

export const mirrorsToItself: Problem<[field: string, host: string]> = defineProblem({
  code: 'MESH2101',
  name: 'mirrors-to-itself',
  severity: 'info',
  about: 'A rule mirrors requests to the destination to which it sends them, so that it gets each of them twice.',
  cause: '`mirror: {host: reviews}` in a rule that sends to `reviews`',
  fix: 'Mirror to another service or subset.',
  message: (field, host) =>
    `${field}: requests are mirrored to "${host}", to which the rule sends them anyway, so that it gets each of them twice; mirror to another host or subset`,
});

export const retriesCutShort: Problem<[rule: string, timeout: string, attempts: number, perTry: string]> = defineProblem({
  code: 'MESH2102',
  name: 'retries-cut-short',
  severity: 'info',
  about: 'The timeout of a rule ends before all retries can be made.',
  cause: '`timeout: 3s` with `retries: {attempts: 3, perTryTimeout: 2s}`',
  fix: 'Lengthen the timeout, or shorten perTryTimeout.',
  message: (rule, timeout, attempts, perTry) =>
    `${rule}.timeout of ${timeout} ends before ${attempts} retries of ${perTry} each can be made; make it longer, or the retries fewer or shorter`,
});

export const rewriteLeavesSlashes: Problem<[field: string, prefix: string, rewrite: string, example: string]> = defineProblem({
  code: 'MESH2201',
  name: 'rewrite-leaves-slashes',
  severity: 'warning',
  about:
    'A rule rewrites a prefix without a final slash to one that has it, so that requests below it get a path with two slashes; many servers answer 404.',
  cause: '`match: [{uri: {prefix: /shop}}]` with `rewrite: {uri: /}`: `/shop/cart` becomes `//cart`',
  fix: 'Put a match of prefix /shop/ before it, with the same rewrite, and keep /shop as exact.',
  message: (field, prefix, rewrite, example) =>
    `${field}: a request for "${prefix}/${example}" is sent on as "${rewrite}/${example}" with two slashes, because the prefix "${prefix}" alone becomes "${rewrite}"; match the prefix "${prefix}/" as well, in a match of its own before this one`,
});

export const rewriteLosesSlash: Problem<[field: string, prefix: string, rewrite: string, example: string]> = defineProblem({
  code: 'MESH2283',
  name: 'rewrite-loses-slash',
  severity: 'warning',
  about:
    'A rule rewrites a prefix with a final slash to one without it, so that the slash is missing in the path of requests below it; servers answer 404.',
  cause: '`match: [{uri: {prefix: /shop/}}]` with `rewrite: {uri: /store}`: `/shop/cart` becomes `/storecart`',
  fix: 'End both with a slash, or neither.',
  message: (field, prefix, rewrite, example) =>
    `${field}: a request for "${prefix}${example}" is sent on as "${rewrite}${example}", because the prefix "${prefix}" with its slash becomes "${rewrite}" without one; rewrite to "${rewrite}/"`,
});

export const rewriteTakesWholePath: Problem<[field: string, uri: string]> = defineProblem({
  code: 'MESH2202',
  name: 'rewrite-takes-whole-path',
  severity: 'info',
  about:
    'A rule matches the path by a regular expression and rewrites the uri: the whole path is replaced, for there is no prefix that could be.',
  cause: '`match: [{uri: {regex: "/a/.*"}}]` with `rewrite: {uri: /b}`: the whole path becomes `/b`',
  fix: 'Use rewrite.uriRegexRewrite, or a prefix match.',
  message: (field, uri) =>
    `${field}: every request that the regex matches is sent on as exactly "${uri}", for the whole path is replaced; write rewrite.uriRegexRewrite to keep a part of it`,
});

export const faultHidesFromRetries: Problem<[rule: string, settings: string]> = defineProblem({
  code: 'MESH2203',
  name: 'fault-hides-from-retries',
  severity: 'info',
  about:
    'A rule injects a fault and sets retries or a timeout: the fault is made in the proxy of the client before the request is sent, so neither acts on it.',
  cause: '`fault`, `retries` and `timeout` in one rule: they do not act on the fault.',
  fix: 'Inject the fault at a server, e.g. by a VirtualService of a service behind it.',
  message: (rule, settings) =>
    `${rule}: ${settings} do not act on the fault of the same rule (an abort is not retried, a delay does not run into the timeout), which the proxy of the client makes before it sends the request; inject the fault at the server's side to try them`,
});

export const perTryTimeoutAlone: Problem<[rule: string, perTry: string, attempts: number]> = defineProblem({
  code: 'MESH2204',
  name: 'per-try-timeout-alone',
  severity: 'info',
  about:
    'A rule limits each try by perTryTimeout and has no timeout: every answer that takes longer is cut off and asked for again, and only the tries together limit the request.',
  cause: '`retries: {attempts: 3, perTryTimeout: 2s}` without `timeout`',
  fix: 'Set timeout, or leave perTryTimeout out.',
  message: (rule, perTry, attempts) =>
    `${rule}.retries.perTryTimeout of ${perTry} cuts off every answer that takes longer, also those that would have been fine, and there is no timeout for the ${attempts + 1} tries together; set timeout as well, or leave perTryTimeout out`,
});

export const onlyLabelledClients: Problem<[field: string]> = defineProblem({
  code: 'MESH2205',
  name: 'only-labelled-clients',
  severity: 'info',
  about:
    'All rules of a VirtualService are for clients with certain sourceLabels or of a sourceNamespace. Proxies of other clients do not get these rules at all and use the default route, so that their requests are not refused.',
  cause: 'Every http rule has `sourceLabels`: other clients get the default route, not 404.',
  fix: 'Add a last rule without sourceLabels that says what the others get.',
  message: (field) =>
    `${field}: every rule has sourceLabels or sourceNamespace, so that other clients (clients without the label) do not get 404 but the default route to the service; add a rule without them for the rest`,
});

export const stickyAcrossSubsets: Problem<[field: string, host: string, destinationRule: string, across: string]> = defineProblem(
  {
    code: 'MESH2206',
    name: 'sticky-across-subsets',
    severity: 'info',
    about:
      'A rule splits requests by weight between subsets or hosts whose DestinationRule has consistentHash: the weights are drawn for each request, so that a client is not kept at one pod.',
    cause: 'Weights between subsets of a host whose DestinationRule has `consistentHash`',
    fix: 'Split by a header or a cookie, or accept that a client changes versions.',
    message: (field, host, destinationRule, across) =>
      `${field}: the weights are drawn anew for each request, before the consistent hash of DestinationRule ${destinationRule} chooses among the pods, so that sessions of "${host}" are not sticky across ${across}; split by a header or cookie match instead of by weight`,
  },
);

export const matchTakenLiterally: Problem<[field: string, value: string, fix: string]> = defineProblem({
  code: 'MESH2207',
  name: 'match-taken-literally',
  severity: 'warning',
  about:
    'An exact or prefix match has a wildcard or an expression in it, or a method in lower case. It is compared letter by letter, so that requests do not match it.',
  cause: '`uri: {prefix: "/api/*"}`, `uri: {exact: "/api/.*"}`, `method: {exact: get}`',
  fix: 'Write the prefix without the star, a regex, or the method in upper case.',
  message: (field, value, fix) => `${field}: "${value}" is compared letter by letter, so that requests do not match it; ${fix}`,
});
