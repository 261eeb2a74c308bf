import type { Behaviours, Release } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';
import { applyByKind, type ByKind } from '../resource/select.ts';
import { createResourceValidator, type Finding } from './index.ts';

/** Why a release refuses a resource that some other release takes; undefined where it takes it, or where none does. */
export type ReleaseRefusal = (resource: Resource, hasLaterFields: boolean) => Finding | undefined;

/**
 * What the webhook of a release refuses since it lacks what later releases have: fields that it does not know, so that what is left
 * says nothing, and values that it does not take. Only resources with such parts are checked, so that the others cost nothing.
 */
export function createReleaseRefusal(release: Release): ReleaseRefusal {
  const validate = createResourceValidator(release);
  return (resource, hasLaterFields) => {
    const isInQuestion = hasLaterFields || applyByKind(laterParts, resource, release.behaviours) === true;
    return isInQuestion ? validate(resource).errors[0] : undefined;
  };
}

/** Whether a resource has a part that a release without some behaviour may refuse. */
const laterParts: Partial<ByKind<readonly [Behaviours], boolean>> = {
  AuthorizationPolicy: ({ spec }, { trustDomainsOfSources }) =>
    !trustDomainsOfSources && (spec.rules ?? []).some(({ when = [] }) => when.some(({ key }) => key === 'source.trustDomain')),
  DestinationRule: ({ spec }, { gentleWarmup }) =>
    !gentleWarmup &&
    [spec, ...(spec.subsets ?? [])].some(({ trafficPolicy }) =>
      [trafficPolicy, ...(trafficPolicy?.portLevelSettings ?? [])].some(
        (policy) => (policy?.loadBalancer?.warmup?.aggression ?? 1) < 1,
      ),
    ),
  ServiceEntry: ({ spec }, { dynamicDnsForSidecars }) => !dynamicDnsForSidecars && spec.resolution === 'DYNAMIC_DNS',
  Sidecar: ({ spec }, { sidecarExclusions }) =>
    !sidecarExclusions && (spec.egress ?? []).some(({ hosts = [] }) => hosts.some((host) => /^~[^/]/.test(host))),
};
