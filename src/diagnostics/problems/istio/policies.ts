import { defineProblem, type Problem } from '../../problem.ts';
import { cartPod, join, sidecar } from './examples.ts';

/** Findings of Istio about policies. */

export const noMatchingWorkloadsFound: Problem<[labels: string]> = defineProblem({
  code: 'IST0127',
  name: 'no-matching-workloads-found',
  severity: 'warning',
  about: 'A policy selects no pod of the mesh, so it protects nothing.',
  example: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: crat}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
`,
  fix: 'Correct the labels or the namespace of the policy, or add the workload. Pods count only when they are in the mesh.',
  message: (labels) => `No matching workloads for this resource with the following labels: ${labels}`,
});

export const ineffectivePolicy: Problem<[reason: string]> = defineProblem({
  code: 'IST0167',
  name: 'ineffective-policy',
  severity: 'warning',
  about: 'A policy has no effect where it stands.',
  example: join(
    cartPod.replace('labels:', 'annotations: {ambient.istio.io/redirection: enabled}, labels:'),
    sidecar('cart', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
  ),
  fix: 'Remove the policy; pods in ambient mode have no sidecar. What they may reach is for AuthorizationPolicies of the servers to say, or of a waypoint for ServiceEntries.',
  message: (reason) => `The policy has no impact: ${reason}.`,
});

export const jwksUriFetchUnrestricted: Problem<[count: number, names: string]> = defineProblem({
  code: 'IST0175',
  name: 'jwks-uri-fetch-unrestricted',
  severity: 'warning',
  about: 'istiod fetches the keys of RequestAuthentications from any address that they name.',
  example: `apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    spec: {containers: [{name: discovery, image: example.com/pilot}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: shop}
spec:
  jwtRules: [{issuer: "https://id.example.com", jwksUri: "https://id.example.com/keys"}]
`,
  fix: 'Set the variable BLOCKED_CIDRS_IN_JWKS_URIS of istiod to the networks from which no keys come.',
  message: (count, names) =>
    `BLOCKED_CIDRS_IN_JWKS_URIS is not configured but ${count} RequestAuthentication resource(s) exist (${names}). Consider configuring it to restrict JWKS URI fetches to trusted networks.`,
});
