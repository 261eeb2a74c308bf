import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ambientMode } from '../../diagnostics/problems/istiod.ts';
import { underControlPlane } from '../../input/load.ts';
import type { Mesh } from '../../model/mesh.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { ObservedRequest } from './compare-requests.ts';
import { type ManifestConfiguration, openConfiguration } from './configuration.ts';
import { type Comparison, changesBetween, pairNamesakes } from './proxy-changes.ts';
import type { FindingChanges, Migration } from './report.ts';
import { passedBy, silentOf } from './silent.ts';

type Sides = readonly [before: ManifestConfiguration, after: ManifestConfiguration];

/** Two sides whose proxies are compared, and those that differ only because one istiod is in ambient mode and the other is not. */
export interface AlikeSides {
  readonly sides: Sides;
  readonly switched: readonly string[];
}

/**
 * Both sides under the istiod in ambient mode, where only one of them is: what its mode alone changes for proxies says nothing about
 * the manifests. Of different releases each keeps its own.
 */
export function underOneIstiod(before: ManifestConfiguration, after: ManifestConfiguration, compare: Comparison): AlikeSides {
  // Ambient mode is computed of one cluster.
  if (before.benches.length + after.benches.length > 2) return { sides: [before, after], switched: [] };
  const [earlier, later] = [before.input.release, after.input.release];
  const [wasOn, isOn] = [earlier.behaviours.enableAmbient, later.behaviours.enableAmbient];
  if (wasOn === isOn || earlier.name !== later.name) return { sides: [before, after], switched: [] };
  const switched = (side: ManifestConfiguration): ManifestConfiguration =>
    openConfiguration(side.label, underControlPlane(side.input, isOn ? later : earlier), side.meshConfigFile);
  const sides: Sides = isOn ? [switched(before), after] : [before, switched(after)];
  const [from, to] = isOn ? [before, sides[0]] : [sides[1], after];
  return { sides, switched: [...changesBetween(from, to, pairNamesakes(from, to).common, compare).keys()] };
}

/** Where workloads were moved, and what that silences; undefined where none was and istiod is in the same mode as before. */
export function migrationOf(
  { mesh: before }: ManifestConfiguration,
  { mesh: after, input }: ManifestConfiguration,
  switched: readonly string[],
  found: readonly Diagnostic[],
  observed: readonly ObservedRequest[],
): Migration | undefined {
  const toAmbient = movedBetween(before, after);
  const toSidecars = movedBetween(after, before);
  if (toAmbient.length + toSidecars.length + switched.length === 0) return undefined;
  const silent = found.flatMap((finding) => silentOf(finding, observed));
  return { toAmbient, toSidecars, switched, silent: [...silent, ...passedBy(input.resources, silent, observed)] };
}

/** Without what the move alone brings: that istiod is in ambient mode. */
export function withoutRemarksOnMove(findings: FindingChanges, migration: Migration | undefined): FindingChanges {
  if (migration === undefined) return findings;
  const isOfMode = ({ code }: Diagnostic): boolean => code === ambientMode.code;
  return {
    ...findings,
    introduced: findings.introduced.filter((finding) => !isOfMode(finding)),
    fixed: findings.fixed.filter((finding) => !isOfMode(finding)),
  };
}

/** The workloads, `namespace/name`, of pods that have a sidecar on one side and are captured on the other. */
function movedBetween(from: Mesh, to: Mesh): readonly string[] {
  const { ambient, registry } = to;
  const captured = new Set(registry.workloads.filter((workload) => ambient?.captures(workload) === true).map(podKey));
  const moved = from.proxies.filter((proxy) => proxy.role === 'sidecar' && captured.has(podKey(proxy)));
  return [...new Set(moved.map(({ namespace, workloadName }) => `${namespace}/${workloadName}`))].sort();
}
