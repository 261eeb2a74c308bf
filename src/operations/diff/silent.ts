import type { Diagnostic, ResourceRef } from '../../diagnostics/diagnostic.ts';
import type { Problem } from '../../diagnostics/problem.ts';
import {
  gatewayClassTargetInvalid,
  httpRuleAtZtunnel,
  policyNotAtZtunnel,
  targetWithoutWaypoint,
} from '../../diagnostics/problems/ambient.ts';
import {
  destinationRuleForeignToWaypoint,
  destinationRuleWithoutWaypoint,
  envoyFilterForService,
  gatewayPastWaypoint,
  passedByAfterMove,
  policyNeedsWaypoint,
  routesForeignToWaypoint,
  routeWithoutWaypoint,
  selectorOnWaypoint,
  sourceLabelsAtWaypoint,
  waypointNotAdmitted,
} from '../../diagnostics/problems/ambient-effects.ts';
import { ineffectivePolicy } from '../../diagnostics/problems/istio/policies.ts';
import { type Resource, refOf } from '../../resource/resource.ts';
import { differencesBetween, type ObservedRequest, resourceKey } from './compare-requests.ts';
import type { RequestChange, SilentResource } from './report.ts';

/** What falls silent in ambient mode, or does something else. */
const silencing: readonly Pick<Problem<never>, 'code' | 'definition'>[] = [
  ...[httpRuleAtZtunnel, policyNotAtZtunnel, targetWithoutWaypoint, gatewayClassTargetInvalid, routeWithoutWaypoint],
  ...[destinationRuleWithoutWaypoint, routesForeignToWaypoint, destinationRuleForeignToWaypoint, sourceLabelsAtWaypoint],
  ...[policyNeedsWaypoint, selectorOnWaypoint, ineffectivePolicy],
  ...[envoyFilterForService, waypointNotAdmitted, gatewayPastWaypoint],
];

/** Kinds whose resources decide what becomes of a request, rather than how it gets there. */
const deciding: ReadonlySet<string> = new Set([
  ...['AuthorizationPolicy', 'RequestAuthentication', 'EnvoyFilter', 'WasmPlugin'],
  ...['VirtualService', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'],
]);

/** What falls silent as a finding says, with a request that shows it. */
export function silentOf(finding: Diagnostic, observed: readonly ObservedRequest[]): readonly SilentResource[] {
  const definition = silencing.find(({ code }) => code === finding.code)?.definition;
  if (definition === undefined) return [];
  const witness = finding.resource && witnessOf(keyOf(finding.resource), observed);
  // Of hints only those of which a request shows that they hold here.
  if (finding.severity === 'info' && Object.keys(witness?.differences ?? {}).length === 0) return [];
  return [{ finding, fix: definition.fix, ...(witness !== undefined && { witness }) }];
}

/**
 * What has a say in requests before, and none afterwards in the same requests, which end otherwise, although no finding says that it is
 * silent: it still counts for others. Requests that a silent resource explains, or that reach nobody, show nothing.
 */
export function passedBy(
  resources: readonly Resource[],
  silent: readonly SilentResource[],
  observed: readonly ObservedRequest[],
): readonly SilentResource[] {
  const told = silent.flatMap(({ finding: { resource } }) => (resource === undefined ? [] : [keyOf(resource)]));
  const unexplained = observed.filter((one) => isEndingOtherwise(one) && !told.some((key) => one.passed[0].has(key)));
  return resources.flatMap((resource) => {
    const key = keyOf(resource);
    const lost = deciding.has(resource.kind)
      ? unexplained.filter(({ passed: [before, after] }) => before.has(key) && !after.has(key))
      : [];
    const witness = witnessOf(key, lost);
    if (witness === undefined) return [];
    const path = ['metadata', 'name'];
    const subject = { resource: refOf(resource), path, location: resource.document.locate(path) };
    return [{ finding: passedByAfterMove(subject, lost.length), fix: passedByAfterMove.definition.fix, witness }];
  });
}

/** Whether a request reaches somebody, and otherwise than before. */
function isEndingOtherwise({ before, after }: ObservedRequest): boolean {
  const { status, pods, path, host } = differencesBetween(before, after);
  return after.pods?.some(({ value }) => value.length > 0) === true && (status ?? pods ?? path ?? host) !== undefined;
}

function keyOf(resource: ResourceRef): string {
  return resourceKey({ ...resource, namespace: resource.namespace || 'default' });
}

/**
 * A request in which the resource has a say before: best one that others serve now, or nobody, and of these one that it refuses; else one
 * that ends otherwise, without it and refused by it before others; else one that does not meet it any more.
 */
function witnessOf(key: string, observed: readonly ObservedRequest[]): RequestChange | undefined {
  const passing = observed.filter(({ passed: [before] }) => before.has(key));
  const differing = passing.map((one) => ({ ...one, differences: differencesBetween(one.before, one.after) }));
  const changed = differing.filter(({ differences }) => Object.keys(differences).length > 0);
  const moved = changed.filter(({ differences }) => differences.pods !== undefined);
  const best = [
    moved.filter(({ refusedBy }) => refusedBy === key),
    moved.filter(({ passed: [, after] }) => !after.has(key)),
    moved,
    changed.filter(({ refusedBy }) => refusedBy === key),
    changed,
    differing.filter(({ passed: [, after] }) => !after.has(key)),
  ];
  const [found] = best.flat();
  return found && { requests: [found.request], from: [found.from], differences: found.differences };
}
