import type { Resource } from '../resource.ts';
import type { Finding, Findings } from './finding.ts';
import { checkGateway } from './gateway.ts';

export type { Finding, ReportedAs } from './finding.ts';

/** What is wrong with a resource, seen by itself. */
export interface ValidatedResource {
  /** Istio refuses the resource. */
  readonly errors: readonly Finding[];
  /** Istio takes the resource and warns. */
  readonly warnings: readonly Finding[];
  /** Istio says nothing of it, but istioctl does. */
  readonly notes: readonly Finding[];
}

/** Checks a resource; pure. */
export type ResourceValidator = (resource: Resource) => ValidatedResource;

type Check = (resource: Resource<never>) => Findings;

/** The check of each kind, by group and kind. */
const checks: Readonly<Record<string, Check>> = {
  'networking.istio.io/Gateway': checkGateway,
};

/**
 * A validator of resources as istiod's admission webhook sees them: one at a time, without the rest of the mesh. Rules: istio
 * pkg/config/validation. Istio's schema analyzer (IST0106, IST0133) sees no labels and annotations; give it resources without.
 */
export function createResourceValidator(): ResourceValidator {
  return (resource) => {
    const check = checks[`${resource.group}/${resource.kind}`];
    const findings = check === undefined ? [] : [...check(resource as Resource<never>)];
    const of = (severity: Finding['severity']): readonly Finding[] => findings.filter((finding) => finding.severity === severity);
    return { errors: of('error'), warnings: of('warning'), notes: of('note') };
  };
}
