import type { Report } from '../../diagnostics/diagnostic.ts';
import { policyNeedsWaypoint, selectorOnWaypoint } from '../../diagnostics/problems/ambient-effects.ts';
import type { Ambient } from '../../model/ambient/ambient.ts';
import { qualifiedName, type Waypoint, waypointOfInstance } from '../../model/ambient/waypoints.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Workload } from '../../model/registry/service.ts';
import { targetRefsOf } from '../../model/security/policies.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { at } from '../subject.ts';
import { type AmbientParties, ambientParties } from './support/ambient.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';

/** What proxies apply and ztunnel does not, whose selectors mean nothing to waypoints. */
const PROXY_KINDS = ['RequestAuthentication', 'WasmPlugin', 'TrafficExtension', 'Telemetry', 'EnvoyFilter'] as const;

type Selecting = ResourceOf<(typeof PROXY_KINDS)[number] | 'AuthorizationPolicy' | 'PeerAuthentication' | 'Sidecar'>;

/** Policies for pods in ambient mode that nobody applies, and selectors of waypoints; istio model/policyattachment.go ShouldAttachPolicy. */
export const ambientSelectors: Analyzer = {
  name: 'mesh.ambient.Selectors',
  about: 'What is for pods in ambient mode or for waypoints is attached so that somebody applies it',
  reads: [...PROXY_KINDS, 'AuthorizationPolicy', 'PeerAuthentication', 'Sidecar', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['Pod'],
  codes: [policyNeedsWaypoint.code, selectorOnWaypoint.code],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const parties = ambientParties(mesh);
    if (parties === undefined) return;
    const { of } = groupByKind(mesh.resources);
    for (const kind of PROXY_KINDS) {
      for (const resource of of(kind)) {
        if (targetRefsOf(resource.spec).length > 0) continue;
        if (!checkWaypoints(resource, true, parties, mesh, report)) checkCaptured(resource, parties, mesh, report);
      }
    }
    const areLayered = mesh.release.behaviours.enableLayeredWaypointAuthorizationPolicies;
    for (const resource of of('AuthorizationPolicy')) {
      // Those hold where the tunnels of the waypoint end.
      if (areLayered && resource.spec.action !== 'CUSTOM') continue;
      if (targetRefsOf(resource.spec).length === 0) checkWaypoints(resource, true, parties, mesh, report);
    }
    for (const resource of [...of('PeerAuthentication'), ...of('Sidecar')]) {
      checkWaypoints(resource, false, parties, mesh, report);
    }
  },
};

/** The labels by which something selects workloads, and the field; undefined where it is for all. */
function selectorOf(resource: Selecting): { readonly labels: Labels; readonly field: string } | undefined {
  const { kind } = resource;
  const field = kind === 'EnvoyFilter' || kind === 'Sidecar' ? 'workloadSelector' : 'selector';
  const labels =
    kind === 'EnvoyFilter' || kind === 'Sidecar' ? resource.spec.workloadSelector?.labels : resource.spec.selector?.matchLabels;
  return labels === undefined || Object.keys(labels).length === 0 ? undefined : { labels, field };
}

function selectedBy(resource: Selecting, { registry, rootNamespace }: Mesh): readonly Workload[] {
  const selector = selectorOf(resource);
  // A Sidecar with a selector is for its own namespace, also in the root namespace.
  const isForAll = resource.namespace === rootNamespace && !(resource.kind === 'Sidecar' && selector !== undefined);
  return registry.workloads.filter(
    ({ namespace, labels }) => (isForAll || namespace === resource.namespace) && selects(selector?.labels, labels),
  );
}

/** Says of a selector of nothing but waypoints that it has no effect. */
function checkWaypoints(
  resource: Selecting,
  isAttachable: boolean,
  { ambient }: AmbientParties,
  mesh: Mesh,
  report: Report,
): boolean {
  const selector = selectorOf(resource);
  if (selector === undefined) return false;
  const waypoints = selectedBy(resource, mesh).map(({ namespace, ownLabels }) =>
    waypointOfInstance(ambient.waypoints, namespace, ownLabels),
  );
  const [first] = waypoints;
  if (first === undefined || !waypoints.every((waypoint): waypoint is Waypoint => waypoint !== undefined)) return false;
  report(selectorOnWaypoint(at(resource, ['spec', selector.field]), resource.kind, qualifiedName(first), isAttachable));
  return true;
}

function checkCaptured(
  resource: ResourceOf<(typeof PROXY_KINDS)[number]>,
  { ambient, captured }: AmbientParties,
  mesh: Mesh,
  report: Report,
): void {
  if (!saysSomething(resource)) return;
  const { rootNamespace } = mesh;
  const selected = selectedBy(resource, mesh);
  const tunnelled = new Set(captured);
  const pods = selected.filter((workload) => tunnelled.has(workload));
  if (pods.length === 0) return;
  const selector = selectorOf(resource);
  const isProxied = selected.some(
    (workload) =>
      workload.injected &&
      !tunnelled.has(workload) &&
      waypointOfInstance(ambient.waypoints, workload.namespace, workload.ownLabels) === undefined,
  );
  const subject = at(resource, ['spec', ...(selector === undefined ? [] : [selector.field])]);
  const finding = policyNeedsWaypoint(subject, resource.kind, selector !== undefined, pods.length, isProxied);
  const isForMesh = selector === undefined && resource.namespace === rootNamespace;
  // What is for all of a namespace or mesh, of which a part has proxies, may be meant for that part; tokens are checked everywhere or not at all.
  if (isProxied) {
    const isMeant = resource.kind === 'RequestAuthentication' || selector !== undefined;
    if (isMeant) report(asHint(finding, 'proxies apply it at the other pods'));
  } else if (
    !(resource.kind === 'Telemetry' && selector === undefined && isForWaypoints(resource.namespace, isForMesh, ambient))
  ) {
    const isDefault = isForMesh && resource.kind !== 'RequestAuthentication';
    report(isDefault ? asHint(finding, 'it is for whatever proxies the mesh has, and there is none yet') : finding);
  }
}

/** Whether waypoints apply Telemetry that is for all of a namespace or mesh; istio model/telemetry.go computedTelemetries. */
function isForWaypoints(home: string, isForMesh: boolean, { waypoints, services }: Ambient): boolean {
  if (isForMesh) return waypoints.size > 0;
  return services.some(
    ({ namespace, binding: { waypoint } }) => waypoint !== undefined && (namespace === home || waypoint.namespace === home),
  );
}

/** Whether there is something to apply at the pods of a service. */
function saysSomething(resource: ResourceOf<(typeof PROXY_KINDS)[number]>): boolean {
  switch (resource.kind) {
    case 'RequestAuthentication':
      return (resource.spec.jwtRules ?? []).length > 0;
    case 'EnvoyFilter':
      return (resource.spec.configPatches ?? []).some(({ match }) => match?.context !== 'GATEWAY');
    case 'WasmPlugin':
    case 'TrafficExtension':
    case 'Telemetry':
      return true;
    default:
      return assertNever(resource);
  }
}
