import type { Resource } from '../resource/resource.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { own } from '../util/object.ts';
import { error, type Finding, quote } from './finding.ts';

const DRY_RUN = 'istio.io/dry-run';

/** Annotations that only Istio itself writes. */
const reserved: readonly (readonly [name: string, consequence: string])[] = [
  ['internal.istio.io/webhook-always-reject', 'rejecting'],
  ['internal.istio.io/parent-namespace', 'this may not be set by users'],
  ['internal.istio.io/parents', 'this may not be set by users'],
];

/**
 * Annotations for which Istio refuses a resource without looking at it; istio pkg/config/validation/validation.go
 * validateMetadata. The first one, if any.
 */
export function findMetadataError(resource: Resource): Finding | undefined {
  const { annotations } = resource;
  const dryRun = annotations[DRY_RUN];
  const problem = dryRun === undefined ? undefined : dryRunProblem(resource, dryRun);
  if (problem !== undefined) return error(['metadata', 'annotations', DRY_RUN], problem);
  const found = reserved.find(([name]) => own(annotations, name) !== undefined);
  if (found === undefined) return undefined;
  return error(['metadata', 'annotations', found[0]], `${quote(found[0])} annotation found, ${found[1]}`);
}

function dryRunProblem(resource: Resource, value: string): string | undefined {
  const subject = `${resource.namespace}/${resource.name}`;
  if (resource.kind !== 'AuthorizationPolicy')
    return `${subject} has unsupported annotation ${DRY_RUN}, please remove the annotation`;
  const { action = 'ALLOW' } = resource.spec;
  if (action !== 'ALLOW' && action !== 'DENY')
    return `the annotation ${DRY_RUN} currently only supports action ALLOW/DENY, found action ${action} in ${subject}`;
  if (parseGoBoolean(value) !== undefined) return undefined;
  const parsing = `strconv.ParseBool: parsing ${quote(value)}: invalid syntax`;
  return `${subject} has annotation ${DRY_RUN} with invalid value (${value}): ${parsing}`;
}
