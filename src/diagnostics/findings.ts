import { defineProblem, type Problem } from './catalog.ts';

/**
 * What mesh finds beyond Istio's analyzers, sorted by code: configuration that is valid and does not do what it says.
 * MESH200x virtual services, MESH201x order of creation, MESH202x destination rules, MESH203x services, MESH204x policies,
 * MESH205x mutual TLS, MESH207x Sidecars, MESH208x regular expressions, MESH209x what Envoy refuses, MESH210x traffic settings.
 */

export const virtualServiceNeverUsed: Problem<[host: string, winner: string]> = defineProblem(
  'MESH2001',
  'warning',
  'Several VirtualServices of the mesh gateway have the same host. Sidecars do not merge them: one is used whole, the others not at all.',
  (host, winner) =>
    `spec.hosts: sidecars take all http rules for host "${host}" from VirtualService ${winner}, so that none of these applies; move them there`,
);

export const virtualServicesMerged: Problem<[host: string, gateway: string, earlier: string]> = defineProblem(
  'MESH2002',
  'info',
  'Several VirtualServices have the same host on the same gateway. A gateway merges them: the rules of the oldest are tried first, those that take every request last.',
  (host, gateway, earlier) =>
    `spec.hosts: for host "${host}" gateway ${gateway} tries these http rules after those of VirtualService ${earlier}, which was created first; merge the two if the order matters`,
);

export const ruleShadowed: Problem<[rule: string, earlier: string]> = defineProblem(
  'MESH2003',
  'warning',
  'An http rule of a VirtualService is never reached, because earlier rules take every request that it matches.',
  (rule, earlier) =>
    `${rule} is never reached: ${earlier} takes every request that it matches; put it before, or narrow the other`,
);

export const matchShadowed: Problem<[match: string, earlier: string]> = defineProblem(
  'MESH2004',
  'warning',
  'A match of an http rule never has an effect, because an earlier rule takes every request that it describes.',
  (match, earlier) =>
    `${match} never has an effect: ${earlier} takes every request that it describes; remove it, or put its rule before`,
);

export const ruleShadowedAtGateway: Problem<[rule: string, host: string, gateway: string, earlier: string]> = defineProblem(
  'MESH2005',
  'warning',
  'An http rule of a VirtualService is never reached on a gateway, because an older VirtualService for the same host takes every request that it matches.',
  (rule, host, gateway, earlier) =>
    `${rule} is never reached for host "${host}" on gateway ${gateway}: ${earlier}, which was created first, takes every request that it matches; merge the two in the order that you want`,
);

export const creationOrderDecides: Problem<[other: string, request: string, before: string, after: string]> = defineProblem(
  'MESH2010',
  'warning',
  'Which of two resources was created first decides what a proxy does, so that the same manifests behave differently in two clusters. mesh compiles both ways and names a difference.',
  (other, request, before, after) =>
    `the time of creation decides between this and ${other}: ${request} ${before}; were the other created first, it ${after}; merge the two or make them disjoint`,
);

export const subsetDefinedTwice: Problem<[subset: string, first: string]> = defineProblem(
  'MESH2020',
  'warning',
  'Two DestinationRules of one host define a subset of the same name; the oldest rule decides and the other definition is ignored.',
  (subset, first) =>
    `spec.subsets: subset "${subset}" is ignored, because DestinationRule ${first}, which is merged with this one and comes first, defines it already; rename one of them`,
);

export const trafficPolicyIgnored: Problem<[host: string, first: string]> = defineProblem(
  'MESH2021',
  'warning',
  'Two DestinationRules of one host have a trafficPolicy; when they are merged, that of the oldest holds and the other is ignored.',
  (host, first) =>
    `spec.trafficPolicy is ignored: for host "${host}" that of DestinationRule ${first} holds, which comes first; write one policy, or put this one into subsets`,
);

export const rulesKeptApart: Problem<[host: string, other: string]> = defineProblem(
  'MESH2022',
  'warning',
  'Two DestinationRules of one host and namespace are not merged because their exportTo differs; a client uses only one of them.',
  (host, other) =>
    `spec.exportTo differs from that of DestinationRule ${other} for the same host "${host}", so that the two are not merged and a client uses only one of them; give both the same exportTo`,
);

export const protocolsConflict: Problem<[host: string, port: number, protocol: string, other: string, otherProtocol: string]> =
  defineProblem(
    'MESH2030',
    'warning',
    'Two ServiceEntries have the same host and port with different protocols; proxies that see both treat the port as only one of them.',
    (host, port, protocol, other, otherProtocol) =>
      `spec.ports: port ${port} of host "${host}" is ${protocol} here and ${otherProtocol} in ServiceEntry ${other}; a proxy that sees both takes one of them for all traffic; give both the same protocol`,
  );

export const hostOfKubernetesService: Problem<[host: string, service: string]> = defineProblem(
  'MESH2031',
  'warning',
  'A ServiceEntry has the host of a Kubernetes Service; Istio keeps two services of one name, of which a proxy sees only one.',
  (host, service) =>
    `spec.hosts: "${host}" is the name of Kubernetes Service ${service}; a proxy uses the ports and endpoints of only one of the two; give the ServiceEntry a host of its own`,
);

export const unknownTrustDomain: Problem<[field: string, principal: string, trustDomain: string, known: string]> = defineProblem(
  'MESH2040',
  'warning',
  'A principal of an AuthorizationPolicy is of a trust domain that is neither that of the mesh nor one of its aliases; no workload has it.',
  (field, principal, trustDomain, known) =>
    `${field}: no workload of this mesh is "${principal}", because trust domain "${trustDomain}" is not ${known}; name the trust domain of the mesh, or add it to trustDomainAliases`,
);

export const unknownServiceAccount: Problem<[field: string, value: string, missing: string, hint: string]> = defineProblem(
  'MESH2041',
  'warning',
  'An AuthorizationPolicy names a namespace or service account that no workload of the input has, so that this part of it matches nobody.',
  (field, value, missing, hint) => `${field}: "${value}" matches nobody, because there is no ${missing}${hint}`,
);

export const principalForm: Problem<[field: string, value: string, expected: string]> = defineProblem(
  'MESH2042',
  'warning',
  'A principal of an AuthorizationPolicy is not of the form that workload identities have, so that it matches nobody.',
  (field, value, expected) => `${field}: "${value}" matches nobody; write it as ${expected}`,
);

export const methodCase: Problem<[field: string, value: string, correct: string]> = defineProblem(
  'MESH2043',
  'warning',
  'A method of an AuthorizationPolicy is not in capitals; methods are compared as they are, so that it matches no request.',
  (field, value, correct) => `${field}: "${value}" matches no request, for methods are case-sensitive; write "${correct}"`,
);

export const pathNeverMatches: Problem<[field: string, value: string, reason: string]> = defineProblem(
  'MESH2044',
  'warning',
  'A path of an AuthorizationPolicy cannot match any request, or is not read as it looks.',
  (field, value, reason) => `${field}: "${value}" ${reason}`,
);

export const hostWithoutPort: Problem<[field: string, host: string]> = defineProblem(
  'MESH2045',
  'warning',
  'A DENY policy names a host without its form with a port; a client that writes a port into the Host header gets past it.',
  (field, host) => `${field}: a request with Host "${host}:<port>" is not denied; add "${host}:*" beside "${host}"`,
);

export const allowsNothing: Problem<[]> = defineProblem(
  'MESH2046',
  'info',
  'An ALLOW policy without rules allows nothing: it denies every request to the workloads that it selects, except for what other policies allow.',
  () =>
    'spec.rules is empty, so that the policy allows nothing: requests to what it selects are denied unless another ALLOW policy matches them',
);

export const selectorSelectsNothing: Problem<[field: string, selector: string, where: string]> = defineProblem(
  'MESH2047',
  'warning',
  'The selector of a resource selects no workload, so that the resource has no effect.',
  (field, selector, where) =>
    `${field}: no workload ${where} has the labels ${selector}, so that the resource has no effect; correct the labels`,
);

export const ruleMatchesNobody: Problem<[field: string, reason: string]> = defineProblem(
  'MESH2048',
  'warning',
  'A rule of an AuthorizationPolicy contradicts itself, so that it matches no request.',
  (field, reason) => `${field} matches no request: ${reason}`,
);

export const plainTextToStrict: Problem<[field: string, host: string, policy: string]> = defineProblem(
  'MESH2050',
  'warning',
  'A DestinationRule makes clients speak plain text to workloads that accept mutual TLS only; their connections are reset.',
  (field, host, policy) =>
    `${field} is DISABLE, but the workloads of "${host}" accept mutual TLS only (PeerAuthentication ${policy}), so that connections fail; use ISTIO_MUTUAL or leave the mode out`,
);

export const mutualTlsToPlainText: Problem<[field: string, host: string, reason: string]> = defineProblem(
  'MESH2051',
  'warning',
  'A DestinationRule makes clients speak mutual TLS to workloads that take plain text only; their connections fail.',
  (field, host, reason) =>
    `${field} is ISTIO_MUTUAL, but the workloads of "${host}" ${reason}, so that connections fail; leave the mode out`,
);

export const sidecarHidesVirtualService: Problem<[host: string, sidecar: string]> = defineProblem(
  'MESH2070',
  'warning',
  'A Sidecar does not import the hosts of a VirtualService of its own namespace, so that the VirtualService has no effect on the workloads that the Sidecar selects.',
  (host, sidecar) =>
    `spec.hosts: Sidecar ${sidecar} does not import "${host}", so that these rules have no effect on the workloads of that Sidecar; add the host to its egress`,
);

export const sidecarHidesDestination: Problem<[host: string, sidecar: string]> = defineProblem(
  'MESH2071',
  'warning',
  'A Sidecar does not import the host of a DestinationRule of its own namespace, so that the rule has no effect on the workloads that the Sidecar selects.',
  (host, sidecar) =>
    `spec.host: Sidecar ${sidecar} does not import "${host}", so that the workloads of that Sidecar cannot use this rule; add the host to its egress`,
);

export const regexRefused: Problem<[field: string, reason: string]> = defineProblem(
  'MESH2080',
  'error',
  'A regular expression is not one that RE2 reads; Envoy refuses the configuration in which it stands.',
  (field, reason) => `${field}: Envoy (RE2) refuses the regular expression: ${reason}`,
);

export const regexTooLarge: Problem<[field: string, size: number, limit: number]> = defineProblem(
  'MESH2081',
  'warning',
  'A regular expression becomes a larger program than Istio lets Envoy take, so that Envoy refuses the configuration in which it stands.',
  (field, size, limit) =>
    `${field}: the regular expression becomes a program of about ${size} steps, more than the ${limit} that Envoy accepts; make its repetitions smaller`,
);

export const mirrorsToItself: Problem<[field: string, host: string]> = defineProblem(
  'MESH2101',
  'info',
  'A rule mirrors requests to the destination to which it sends them, so that it gets each of them twice.',
  (field, host) =>
    `${field}: requests are mirrored to "${host}", to which the rule sends them anyway, so that it gets each of them twice; mirror to another host or subset`,
);

export const retriesCutShort: Problem<[rule: string, timeout: string, attempts: number, perTry: string]> = defineProblem(
  'MESH2102',
  'info',
  'The timeout of a rule ends before all retries can be made.',
  (rule, timeout, attempts, perTry) =>
    `${rule}.timeout of ${timeout} ends before ${attempts} retries of ${perTry} each can be made; make it longer, or the retries fewer or shorter`,
);

export const tokensNotRequired: Problem<[issuers: string]> = defineProblem(
  'MESH2103',
  'info',
  'A RequestAuthentication refuses wrong tokens, but no AuthorizationPolicy demands one, so that requests without a token are let in.',
  (issuers) =>
    `spec.jwtRules: requests without a token of ${issuers} are let in, for no AuthorizationPolicy of these workloads asks for a token; add one with requestPrincipals if a token is required`,
);

export const duplicateDomain: Problem<[domain: string, route: string, proxy: string, other: string]> = defineProblem(
  'MESH2090',
  'error',
  'Two virtual hosts of one route configuration have the same domain; Envoy refuses the whole route configuration and keeps the one that it had.',
  (domain, route, proxy, other) =>
    `Envoy of ${proxy} refuses route configuration ${route}: domain "${domain}" stands in two virtual hosts (the other is of ${other}); let only one of them have it`,
);

export const overlappingFilterChains: Problem<[listener: string, proxy: string, match: string, other: string]> = defineProblem(
  'MESH2091',
  'error',
  'Two filter chains of a listener match the same connections; Envoy refuses the whole listener.',
  (listener, proxy, match, other) =>
    `Envoy of ${proxy} refuses listener ${listener}: two of its filter chains match ${match} (the other is of ${other}); make the matches disjoint`,
);

export const duplicateListener: Problem<[listener: string, proxy: string, address: string, other: string]> = defineProblem(
  'MESH2092',
  'error',
  'Two listeners of a proxy have the same address; Envoy refuses the second one.',
  (listener, proxy, address, other) =>
    `Envoy of ${proxy} refuses listener ${listener}, because listener ${other} has the address ${address} already; give one of them another port or bind address`,
);

export const clusterMissing: Problem<[field: string, consequence: string, reason: string, fix: string]> = defineProblem(
  'MESH2093',
  'warning',
  'A rule or a provider names a port that the service does not have, or a service that the proxy does not see. Requests of a rule get status 503; what a provider is asked for fails.',
  (field, consequence, reason, fix) => `${field}: ${consequence}, because ${reason}; ${fix}`,
);

export const chainEndsWrongly: Problem<[filter: string, terminal: string | undefined, listener: string, proxy: string]> =
  defineProblem(
    'MESH2094',
    'error',
    'A filter stands behind the router (or another filter that ends the chain), or the chain has none that ends it; Envoy refuses the whole listener.',
    (filter, terminal, listener, proxy) =>
      terminal === undefined
        ? `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} is the last of its chain, which must end in envoy.filters.http.router or another filter that ends it; keep that one`
        : `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} stands behind ${terminal}, which must be the last; use INSERT_BEFORE ${terminal}`,
  );

export const filterWithoutConfiguration: Problem<[filter: string, listener: string, proxy: string]> = defineProblem(
  'MESH2095',
  'error',
  'A filter has no typed_config; Envoy finds filters by the type of their configuration, not by name, and refuses the whole listener.',
  (filter, listener, proxy) =>
    `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} has no typed_config, and Envoy finds filters by its type; write the typed_config`,
);

export const emptyClaimMatch: Problem<[field: string, claim: string]> = defineProblem(
  'MESH2096',
  'error',
  'A rule matches a JWT claim without saying what it must be; Envoy refuses the whole route configuration.',
  (field, claim) =>
    `${field}: the match of ${claim} is empty, so that gateways refuse the route configuration; write exact, prefix or regex`,
);

export const valueRefused: Problem<[trouble: string, resource: string, proxy: string, fix: string]> = defineProblem(
  'MESH2097',
  'error',
  'A value is outside of what Envoy takes, although Istio passes it on. Envoy refuses the whole resource that holds it and keeps the one it had; a proxy that starts has none.',
  (trouble, resource, proxy, fix) => `${trouble}, so that Envoy of ${proxy} refuses ${resource} as a whole; ${fix}`,
);

export const textRefused: Problem<[trouble: string, resource: string, proxy: string, fix: string]> = defineProblem(
  'MESH2098',
  'error',
  'A format, script, expression or key set cannot be read by Envoy. It refuses the whole resource that holds it and keeps the one it had; a proxy that starts has none.',
  (trouble, resource, proxy, fix) => `${trouble}, so that Envoy of ${proxy} refuses ${resource} as a whole; ${fix}`,
);

export const collectorMissing: Problem<[field: string, host: string, resource: string, proxy: string, reason: string]> =
  defineProblem(
    'MESH2099',
    'error',
    'A tracer sends to a service that the proxy does not see. Envoy looks the cluster up when it reads the configuration, and refuses the whole listener.',
    (field, host, resource, proxy, reason) =>
      `${field}: Envoy of ${proxy} refuses ${resource} as a whole, because its tracer sends to "${host}" and ${reason}; let the proxy see the service, or trace elsewhere`,
  );

export const verificationSkipped: Problem<[reason: string]> = defineProblem(
  'MESH2110',
  'info',
  'Checks that compile the configuration of the proxies were left out, because the input is large.',
  (reason) =>
    `what Envoy would refuse and what depends on the order of creation is not checked: ${reason}; --verify always checks it anyway`,
);
