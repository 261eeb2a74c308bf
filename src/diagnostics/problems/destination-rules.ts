import { defineProblem, type Problem } from '../problem.ts';

/** Problems of DestinationRules: configuration that is valid and does not do what it says. */

export const subsetDefinedTwice: Problem<[subset: string, first: string]> = defineProblem({
  code: 'MESH2020',
  name: 'subset-defined-twice',
  severity: 'warning',
  about:
    'Two DestinationRules of one host define a subset of the same name; the oldest rule decides and the other definition is ignored.',
  cause: 'Two DestinationRules for `reviews` define subset `v1` with different labels: the older definition holds.',
  fix: 'Define each subset once.',
  message: (subset, first) =>
    `spec.subsets: subset "${subset}" is ignored, because DestinationRule ${first}, which is merged with this one and comes first, defines it already; rename one of them`,
});

export const trafficPolicyIgnored: Problem<[host: string, first: string]> = defineProblem({
  code: 'MESH2021',
  name: 'traffic-policy-ignored',
  severity: 'warning',
  about:
    'Two DestinationRules of one host have a trafficPolicy; when they are merged, that of the oldest holds and the other is ignored.',
  cause: 'Two DestinationRules for `reviews` have a `trafficPolicy`: the second is ignored.',
  fix: 'Keep the trafficPolicy in one of them.',
  message: (host, first) =>
    `spec.trafficPolicy is ignored: for host "${host}" that of DestinationRule ${first} holds, which comes first; write one policy, or put this one into subsets`,
});

export const rulesKeptApart: Problem<[host: string, other: string]> = defineProblem({
  code: 'MESH2022',
  name: 'rules-kept-apart',
  severity: 'warning',
  about:
    'Two DestinationRules of one host and namespace are not merged because their exportTo differs; a client uses only one of them.',
  cause: 'Two DestinationRules for `reviews`, one with `exportTo: ["."]`: they are not merged, a client uses one of them.',
  fix: 'Give them the same exportTo, or merge them.',
  message: (host, other) =>
    `spec.exportTo differs from that of DestinationRule ${other} for the same host "${host}", so that the two are not merged and a client uses only one of them; give both the same exportTo`,
});

export const plainTextToStrict: Problem<[field: string, mode: string, host: string, policy: string]> = defineProblem({
  code: 'MESH2050',
  name: 'plain-text-to-strict',
  severity: 'warning',
  about:
    "A DestinationRule makes clients speak plain text, or TLS without the mesh's certificate (SIMPLE), to workloads that accept mutual TLS only; their connections fail.",
  cause: '`trafficPolicy.tls.mode: DISABLE` for workloads under PeerAuthentication `STRICT`',
  fix: 'Remove the tls of the DestinationRule, or write ISTIO_MUTUAL.',
  message: (field, mode, host, policy) =>
    `${field} is ${mode}, but the workloads of "${host}" accept mutual TLS only (PeerAuthentication ${policy}), so that connections fail; use ISTIO_MUTUAL or leave the mode out`,
});

export const mutualTlsToPlainText: Problem<[field: string, host: string, reason: string]> = defineProblem({
  code: 'MESH2051',
  name: 'mutual-tls-to-plain-text',
  severity: 'warning',
  about: 'A DestinationRule makes clients speak mutual TLS to workloads that take plain text only; their connections fail.',
  cause: '`trafficPolicy.tls.mode: ISTIO_MUTUAL` for pods without a sidecar, or under `DISABLE`',
  fix: 'Remove the tls of the DestinationRule.',
  message: (field, host, reason) =>
    `${field} is ISTIO_MUTUAL, but the workloads of "${host}" ${reason}, so that connections fail; leave the mode out`,
});

export const portLevelDropsRest: Problem<[field: string, port: number, lost: string]> = defineProblem({
  code: 'MESH2211',
  name: 'port-level-drops-rest',
  severity: 'warning',
  about:
    'A traffic policy has settings for a port beside settings for the whole destination. For that port only the port-level ones hold; what they do not repeat falls back to the defaults.',
  cause: '`portLevelSettings` with `tls` beside a `connectionPool` for all ports; a hint where only `loadBalancer` is lost.',
  fix: 'Write the connection limits into the settings of the port, too.',
  message: (field, port, lost) =>
    `${field}: for port ${port} the settings beside portLevelSettings (${lost}) do not apply, for port-level settings replace them as a whole; repeat ${lost} in them`,
});

export const backendPolicyAndRule: Problem<[policy: string, host: string, clients: string, loses: 'rule' | 'policy']> =
  defineProblem({
    code: 'MESH2280',
    name: 'backend-policy-and-rule',
    severity: 'warning',
    about:
      'A DestinationRule and a BackendTLSPolicy are for the same host. Istio makes a rule of the policy, and a client uses the traffic policy of only one of the two: that of the BackendTLSPolicy where both are in one namespace, that of the DestinationRule for clients in its own.',
    cause: 'A DestinationRule with a load balancer for `bee.shop.svc.cluster.local` beside a BackendTLSPolicy for Service bee.',
    fix: 'Put tls (mode SIMPLE, sni, credentialName or subjectAltNames) into the DestinationRule, and remove the BackendTLSPolicy.',
    message: (policy, host, clients, loses) =>
      loses === 'rule'
        ? `the trafficPolicy for "${host}" is ignored by ${clients}: the rule that Istio generates from ${policy} for the same host goes first; put its tls into this rule and remove the policy`
        : `for ${clients} this rule for "${host}" takes the place of the one that Istio generates from ${policy}, so that they open no TLS to it; put its tls into this rule`,
  });
