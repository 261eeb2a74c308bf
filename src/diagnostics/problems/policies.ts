import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of policies: what Istio leaves out of them, and what they say without meaning it. */

export const policyPartIgnored: Problem<[reason: string]> = defineProblem({
  code: 'MESH1301',
  name: 'policy-part-ignored',
  severity: 'warning',
  about:
    'A part of a policy means nothing to Istio, which leaves it out: an ALLOW rule is dropped whole, others match without the part.',
  cause: 'A rule about HTTP for a port of TCP.',
  fix: 'Remove the part, or apply the policy to HTTP only.',
  message: (reason) => reason,
});

export const policyDenies: Problem<[reason: string]> = defineProblem({
  code: 'MESH1302',
  name: 'policy-denies',
  severity: 'warning',
  about: 'The external authorization of a CUSTOM policy cannot be asked, so Istio denies all that the policy matches.',
  cause: 'An action CUSTOM whose provider is not in MeshConfig.',
  fix: 'Define the provider in MeshConfig.extensionProviders.',
  message: (reason) => reason,
});

export const keysUnreachable: Problem<[reason: string]> = defineProblem({
  code: 'MESH1303',
  name: 'keys-unreachable',
  severity: 'info',
  about:
    'The keys of a JWT rule are on the network. What is shown is what Istio sends while it cannot fetch them: every token is refused.',
  cause: 'A jwtRule with jwksUri.',
  fix: 'Nothing, or write the keys into jwks.',
  message: (reason) => reason,
});

export const policyWithoutEffect: Problem<[reason: string]> = defineProblem({
  code: 'MESH1304',
  name: 'policy-without-effect',
  severity: 'warning',
  about: 'Istio takes no notice of a whole policy.',
  cause: 'A policy that is hidden by an older one, or has no part that Istio reads.',
  fix: 'Do as the message says.',
  message: (reason) => `the policy has no effect: ${reason}`,
});

export const unknownTrustDomain: Problem<[field: string, principal: string, trustDomain: string, known: string]> = defineProblem({
  code: 'MESH2040',
  name: 'unknown-trust-domain',
  severity: 'warning',
  about:
    'A principal of an AuthorizationPolicy is of a trust domain that is neither that of the mesh nor one of its aliases; no workload has it.',
  cause: '`principals: ["old.example/ns/shop/sa/web"]` where the trust domain is `cluster.local`',
  fix: 'Write cluster.local, or add an alias of the trust domain to MeshConfig.',
  message: (field, principal, trustDomain, known) =>
    `${field}: no workload of this mesh is "${principal}", because trust domain "${trustDomain}" is not ${known}; name the trust domain of the mesh, or add it to trustDomainAliases`,
});

export const unknownServiceAccount: Problem<[field: string, value: string, missing: string, hint: string]> = defineProblem({
  code: 'MESH2041',
  name: 'unknown-service-account',
  severity: 'warning',
  about:
    'An AuthorizationPolicy names a namespace or service account that no workload of the input has, so that this part of it matches nobody.',
  cause: '`principals: ["cluster.local/ns/shop/sa/wep"]` where namespace `shop` has service account `web`',
  fix: 'Correct the name.',
  message: (field, value, missing, hint) => `${field}: "${value}" matches nobody, because there is no ${missing}${hint}`,
});

export const principalForm: Problem<[field: string, value: string, expected: string]> = defineProblem({
  code: 'MESH2042',
  name: 'principal-form',
  severity: 'warning',
  about: 'A principal of an AuthorizationPolicy is not of the form that workload identities have, so that it matches nobody.',
  cause: '`principals: ["spiffe://cluster.local/ns/shop/sa/web"]`: write it without the scheme.',
  fix: 'Write <trust domain>/ns/<namespace>/sa/<account>.',
  message: (field, value, expected) => `${field}: "${value}" matches nobody; write it as ${expected}`,
});

export const identityNotShown: Problem<[field: string, value: string, workload: string]> = defineProblem({
  code: 'MESH2049',
  name: 'identity-not-shown',
  severity: 'info',
  about:
    'An AuthorizationPolicy names an account whose pods have no sidecar. They speak plain text and show no identity, so that the policy does not recognize them: 403, RBAC: access denied.',
  cause: '`principals` with the account of pods that are not injected.',
  fix: 'Inject a sidecar into the pods, or let them in by other means (ipBlocks).',
  message: (field, value, workload) =>
    `${field}: the pods of "${value}" (${workload}) have no sidecar, so that they show no identity and do not match; inject one, or go by ipBlocks`,
});

export const methodCase: Problem<[field: string, value: string, correct: string]> = defineProblem({
  code: 'MESH2043',
  name: 'method-case',
  severity: 'warning',
  about:
    'A method of an AuthorizationPolicy is not in capitals; methods are compared as they are, so that it matches no request.',
  cause: '`methods: [get]`',
  fix: 'Write it in capitals.',
  message: (field, value, correct) =>
    `${field}: "${value}" matches no request, for methods are case-sensitive; write "${correct}"`,
});

export const pathNeverMatches: Problem<[field: string, value: string, reason: string]> = defineProblem({
  code: 'MESH2044',
  name: 'path-never-matches',
  severity: 'warning',
  about: 'A path of an AuthorizationPolicy cannot match any request, or is not read as it looks.',
  cause: '`paths: ["api"]`, `["/api?x=1"]`, `["/api/*/users"]`',
  fix: 'Correct the path; * is allowed at one end, {*} and {**} in templates.',
  message: (field, value, reason) => `${field}: "${value}" ${reason}`,
});

export const hostWithoutPort: Problem<[field: string, host: string]> = defineProblem({
  code: 'MESH2045',
  name: 'host-without-port',
  severity: 'warning',
  about:
    'A DENY policy names a host without its form with a port; a client that writes a port into the Host header gets past it.',
  cause: 'A DENY policy with `hosts: [shop.example.com]` and not `shop.example.com:*`',
  fix: 'Add shop.example.com:*.',
  message: (field, host) => `${field}: a request with Host "${host}:<port>" is not denied; add "${host}:*" beside "${host}"`,
});

export const allowsNothing: Problem<[]> = defineProblem({
  code: 'MESH2046',
  name: 'allows-nothing',
  severity: 'info',
  about:
    'An ALLOW policy without rules allows nothing: it denies every request to the workloads that it selects, except for what other policies allow.',
  cause: '`spec: {}` of an AuthorizationPolicy: nothing is allowed.',
  fix: 'Nothing if that is meant; rules: [{}] allows all.',
  message: () =>
    'spec.rules is empty, so that the policy allows nothing: requests to what it selects are denied unless another ALLOW policy matches them',
});

export const selectorSelectsNothing: Problem<[field: string, selector: string, where: string]> = defineProblem({
  code: 'MESH2047',
  name: 'selector-selects-nothing',
  severity: 'warning',
  about: 'The selector of a resource selects no workload, so that the resource has no effect.',
  cause: 'A PeerAuthentication selects `app: wep`, and no workload of its namespace has that label.',
  fix: 'Correct the labels.',
  message: (field, selector, where) =>
    `${field}: no workload ${where} has the labels ${selector}, so that the resource has no effect; correct the labels`,
});

export const ruleMatchesNobody: Problem<[field: string, reason: string]> = defineProblem({
  code: 'MESH2048',
  name: 'rule-matches-nobody',
  severity: 'warning',
  about: 'A rule of an AuthorizationPolicy contradicts itself, so that it matches no request.',
  cause: '`methods: [GET]` with `notMethods: [GET]`',
  fix: 'Remove one of the two.',
  message: (field, reason) => `${field} matches no request: ${reason}`,
});

export const tokensNotRequired: Problem<[issuers: string]> = defineProblem({
  code: 'MESH2103',
  name: 'tokens-not-required',
  severity: 'info',
  about:
    'A RequestAuthentication refuses wrong tokens, but no AuthorizationPolicy demands one, so that requests without a token are let in.',
  cause: 'A RequestAuthentication, and no AuthorizationPolicy of the same workloads with `requestPrincipals`',
  fix: 'Add an AuthorizationPolicy that demands requestPrincipals.',
  message: (issuers) =>
    `spec.jwtRules: requests without a token of ${issuers} are let in, for no AuthorizationPolicy of these workloads asks for a token; add one with requestPrincipals if a token is required`,
});

export const fromAndToApart: Problem<[field: string, other: string]> = defineProblem({
  code: 'MESH2221',
  name: 'from-and-to-apart',
  severity: 'info',
  about: 'A policy has one rule with only "from" next to one with only "to". Rules are alternatives: either is enough.',
  cause: '`rules: [{from: [...]}, {to: [...]}]`: either one is enough.',
  fix: 'Remove the dash, or leave it where both rules are meant.',
  message: (field, other) =>
    `${field} has only "from" and ${other} has only "to": these are two rules, of which either one is enough, so that everybody may do what the "to" says and the callers of the "from" may do everything; write from and to together in one rule if both are meant`,
});

export const nestedClaimByDot: Problem<[field: string, claim: string, nested: string]> = defineProblem({
  code: 'MESH2222',
  name: 'nested-claim-by-dot',
  severity: 'info',
  about:
    'The key of a condition names a claim with a dot in it. It is the name of one claim; a claim within a claim is written with brackets of its own.',
  cause: '`key: request.auth.claims[realm_access.roles]` for a claim within a claim.',
  fix: 'Write request.auth.claims[realm_access][roles].',
  message: (field, claim, nested) => `${field}: "${claim}" is one claim of that name; for a claim within a claim write ${nested}`,
});

export const targetMissing: Problem<
  [field: string, kind: string, name: string, namespace: string, isForNothing: boolean, suggestions: readonly string[]]
> = defineProblem({
  code: 'MESH2223',
  name: 'target-missing',
  severity: 'error',
  about:
    'A targetRef of a policy names a resource that does not exist, so that the policy is not for it, or, where it names no other, for nothing.',
  cause: '`targetRefs: [{kind: Gateway, name: frnt}]` where the Gateway is called `front`',
  fix: 'Correct the name.',
  message: (field, kind, name, namespace, isForNothing, suggestions) =>
    `${field}: there is no ${kind} ${name} in namespace ${namespace}, so that this ${isForNothing ? 'has no effect at all' : 'is for its other targets alone'}${didYouMean(suggestions)}; correct the name`,
});
