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
