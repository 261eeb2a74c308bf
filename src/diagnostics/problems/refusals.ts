import { defineProblem, type Problem } from '../problem.ts';

/** Problems for which Envoy refuses a whole resource, although Istio passes it on. */

/** A Service with a pod, for examples that are about what proxies get. */
const reviews = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: bookinfo}
spec: {selector: {app: reviews}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-0, namespace: bookinfo, labels: {app: reviews}}
spec: {containers: [{name: app}]}
---
`;

export const regexRefused: Problem<[field: string, reason: string]> = defineProblem({
  code: 'MESH2080',
  name: 'regex-refused',
  severity: 'error',
  about: 'A regular expression is not one that RE2 reads; Envoy refuses the configuration in which it stands.',
  cause: 'An HTTPRoute with `type: RegularExpression, value: "/(?=a)"`',
  fix: 'Write it in the syntax of RE2, which has no look-around and no back references.',
  message: (field, reason) => `${field}: Envoy (RE2) refuses the regular expression: ${reason}`,
});

export const regexTooLarge: Problem<[field: string, size: number, limit: number]> = defineProblem({
  code: 'MESH2081',
  name: 'regex-too-large',
  severity: 'warning',
  about:
    'A regular expression becomes a larger program than Istio lets Envoy take, so that Envoy refuses the configuration in which it stands.',
  cause: '`regex: "/(abc...xyz){999}"`: the program is larger than 32768 steps.',
  fix: 'Make it shorter, or use several matches.',
  message: (field, size, limit) =>
    `${field}: the regular expression becomes a program of about ${size} steps, more than the ${limit} that Envoy accepts; make its repetitions smaller`,
});

export const duplicateDomain: Problem<[domain: string, route: string, proxy: string, other: string]> = defineProblem({
  code: 'MESH2090',
  name: 'duplicate-domain',
  severity: 'error',
  about:
    'Two virtual hosts of one route configuration have the same domain; Envoy refuses the whole route configuration and keeps the one that it had.',
  cause: "An EnvoyFilter adds a virtual host with domain `reviews`, which Istio's has too.",
  fix: 'Keep the host in one place.',
  message: (domain, route, proxy, other) =>
    `Envoy of ${proxy} refuses route configuration ${route}: domain "${domain}" stands in two virtual hosts (the other is of ${other}); let only one of them have it`,
});

export const overlappingFilterChains: Problem<[listener: string, proxy: string, match: string, other: string]> = defineProblem({
  code: 'MESH2091',
  name: 'overlapping-filter-chains',
  severity: 'error',
  about: 'Two filter chains of a listener match the same connections; Envoy refuses the whole listener.',
  cause: 'Two filter chains of a listener with `server_names: [a.example]`',
  fix: 'Make them different, or remove one.',
  message: (listener, proxy, match, other) =>
    `Envoy of ${proxy} refuses listener ${listener}: two of its filter chains match ${match} (the other is of ${other}); make the matches disjoint`,
});

export const duplicateListener: Problem<[listener: string, proxy: string, address: string, other: string]> = defineProblem({
  code: 'MESH2092',
  name: 'duplicate-listener',
  severity: 'error',
  about: 'Two listeners of a proxy have the same address; Envoy refuses the second one.',
  cause: 'An EnvoyFilter adds a listener at 0.0.0.0:15001.',
  fix: 'Use another port.',
  message: (listener, proxy, address, other) =>
    `Envoy of ${proxy} refuses listener ${listener}, because listener ${other} has the address ${address} already; give one of them another port or bind address`,
});

export const chainEndsWrongly: Problem<[filter: string, terminal: string | undefined, listener: string, proxy: string]> =
  defineProblem({
    code: 'MESH2094',
    name: 'chain-ends-wrongly',
    severity: 'error',
    about:
      'A filter stands behind the router (or another filter that ends the chain), or the chain has none that ends it; Envoy refuses the whole listener.',
    cause: 'An EnvoyFilter inserts a filter after `envoy.filters.http.router`, or removes the router.',
    fix: 'Use INSERT_BEFORE, and leave the router.',
    message: (filter, terminal, listener, proxy) =>
      terminal === undefined
        ? `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} is the last of its chain, which must end in envoy.filters.http.router or another filter that ends it; keep that one`
        : `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} stands behind ${terminal}, which must be the last; use INSERT_BEFORE ${terminal}`,
  });

export const filterWithoutConfiguration: Problem<[filter: string, listener: string, proxy: string]> = defineProblem({
  code: 'MESH2095',
  name: 'filter-without-configuration',
  severity: 'error',
  about:
    'A filter has no typed_config; Envoy finds filters by the type of their configuration, not by name, and refuses the whole listener.',
  cause: 'An EnvoyFilter inserts `{name: envoy.lua}` without `typed_config`',
  fix: 'Write typed_config with "@type".',
  message: (filter, listener, proxy) =>
    `Envoy of ${proxy} refuses listener ${listener}: filter ${filter} has no typed_config, and Envoy finds filters by its type; write the typed_config`,
});

export const emptyClaimMatch: Problem<[field: string, claim: string]> = defineProblem({
  code: 'MESH2096',
  name: 'empty-claim-match',
  severity: 'error',
  about: 'A rule matches a JWT claim without saying what it must be; Envoy refuses the whole route configuration.',
  cause: '`headers: {"@request.auth.claims.sub": {}}`',
  fix: 'Say what the claim must be.',
  message: (field, claim) =>
    `${field}: the match of ${claim} is empty, so that gateways refuse the route configuration; write exact, prefix or regex`,
});

export const valueRefused: Problem<[trouble: string, resource: string, proxy: string, fix: string]> = defineProblem({
  code: 'MESH2097',
  name: 'value-refused',
  severity: 'error',
  about:
    'A value is outside of what Envoy takes, although Istio passes it on. Envoy refuses the whole resource that holds it and keeps the one it had; a proxy that starts has none.',
  cause: '`ringHash: {minimumRingSize: 99999999}`; `tls.sni` of 300 letters; `protocolDetectionTimeout: -1s`',
  example: `${reviews}apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpHeaderName: x-user
        ringHash: {minimumRingSize: 99999999}
`,
  fix: 'Write a value that Envoy takes; the message says which.',
  message: (trouble, resource, proxy, fix) => `${trouble}, so that Envoy of ${proxy} refuses ${resource} as a whole; ${fix}`,
});

export const textRefused: Problem<[trouble: string, resource: string, proxy: string, fix: string]> = defineProblem({
  code: 'MESH2098',
  name: 'text-refused',
  severity: 'error',
  about:
    'A format, script, expression or key set cannot be read by Envoy. It refuses the whole resource that holds it and keeps the one it had; a proxy that starts has none.',
  cause: '`accessLogFormat: "%RESPONSE_CODES%"`; a header `"100% hit"`; a Lua script or a JWKS that cannot be read.',
  example: `${reviews}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: bookinfo}
spec:
  hosts: [reviews]
  http:
  - headers: {request: {set: {x-from: "%DOWNSTREAM_REMOTE_ADRESS%"}}}
    route: [{destination: {host: reviews}}]
`,
  fix: 'Correct the text; a percent sign in a format is written as %%.',
  message: (trouble, resource, proxy, fix) => `${trouble}, so that Envoy of ${proxy} refuses ${resource} as a whole; ${fix}`,
});

export const collectorMissing: Problem<[field: string, host: string, resource: string, proxy: string, reason: string]> =
  defineProblem({
    code: 'MESH2099',
    name: 'collector-missing',
    severity: 'error',
    about:
      'A tracer sends to a service that the proxy does not see. Envoy looks the cluster up when it reads the configuration, and refuses the whole listener.',
    cause: 'A Telemetry traces to a zipkin provider whose Service a Sidecar hides from the proxy.',
    fix: 'Let the Sidecar import the Service of the provider, or trace elsewhere.',
    message: (field, host, resource, proxy, reason) =>
      `${field}: Envoy of ${proxy} refuses ${resource} as a whole, because its tracer sends to "${host}" and ${reason}; let the proxy see the service, or trace elsewhere`,
  });
