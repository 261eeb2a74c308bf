import { defineProblem, type Problem } from '../problem.ts';

/** Problems of Ingresses. */

export const ingressPartIgnored: Problem<[field: string, reason: string]> = defineProblem({
  code: 'MESH1101',
  name: 'ingress-part-ignored',
  severity: 'warning',
  about: 'Istio leaves a part of an Ingress out of what it configures.',
  cause: 'An Ingress with a part that Istio does not read.',
  fix: 'Use a Gateway and VirtualService, or an HTTPRoute.',
  message: (field, reason) => `${field} has no effect: ${reason}`,
});

export const ingressClassUnknown: Problem<[name: string]> = defineProblem({
  code: 'MESH1102',
  name: 'ingress-class-unknown',
  severity: 'warning',
  about:
    'An Ingress names an IngressClass that is not among the manifests, so that nobody can tell whether it is Istio that serves it.',
  cause: 'spec.ingressClassName of a class that is not among the manifests.',
  fix: 'Add the IngressClass.',
  message: (name) => `IngressClass ${name} is not among the manifests; it is read as if no class were named`,
});

export const ingressAnnotationsUnread: Problem<[annotations: readonly string[]]> = defineProblem({
  code: 'MESH1103',
  name: 'ingress-annotations-unread',
  severity: 'info',
  about:
    'An Ingress that Istio serves has annotations of another controller, which Istio does not read: no rewrites, redirects, expressions or limits come of them.',
  cause: '`nginx.ingress.kubernetes.io/rewrite-target` at an Ingress of class istio.',
  fix: 'Write a VirtualService or an HTTPRoute that does the same, or remove the annotations.',
  message: (annotations) =>
    `metadata.annotations: Istio serves this Ingress and does not read ${annotations.join(', ')}; what they ask for (rewrites, redirects, expressions, limits) takes a VirtualService or an HTTPRoute`,
});

export const ingressPathLiteral: Problem<[field: string, path: string, kind: string]> = defineProblem({
  code: 'MESH1104',
  name: 'ingress-path-literal',
  severity: 'warning',
  about:
    'A path of an Ingress that Istio serves is written as a regular expression. Istio compares it letter by letter, so that no request matches it: 404.',
  cause: '`path: /api(/|$)(.*)` of pathType ImplementationSpecific.',
  fix: 'Use pathType Prefix with a plain path, or a VirtualService with a regex.',
  message: (field, path, kind) =>
    `${field}: "${path}" is taken for ${kind} letter by letter and not as a regular expression, so that requests do not match it (404); use pathType Prefix with a plain path, or a VirtualService with regex`,
});

export const ingressBackendMissing: Problem<[field: string, service: string]> = defineProblem({
  code: 'MESH1105',
  name: 'ingress-backend-missing',
  severity: 'warning',
  about: 'An Ingress that Istio serves leads to a Service that is not among the manifests. Without it, requests get 503.',
  cause: 'A backend whose Service is misspelt.',
  fix: 'Correct the name of the Service.',
  message: (field, service) => `${field}: Service ${service} does not exist, so that requests get 503; correct the name`,
});
