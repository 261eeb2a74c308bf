import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import { type Again, afresh } from '../util/again.ts';
import { compareText } from '../util/text.ts';
import { assignAddresses } from './addresses.ts';
import { isApart } from './apart.ts';
import { assumedGateways, type InstalledGateway } from './assumed-gateway.ts';
import { assumedIstiod } from './assumed-istiod.ts';
import { expandWorkloads } from './expand.ts';
import { type AmbientBehaviours, managedGateways } from './managed-gateways.ts';
import { dropRepeated } from './repeated.ts';
import type { Resource } from './resource.ts';

/**
 * The resources with what a cluster would add: the gateways that istiod runs or something installs, istiod itself where it is meant, the pods of workloads, an address for each pod
 * and service. Of resources of one name the first is kept and the others are reported. Sorted by kind, namespace and name, so
 * that the order of files has no influence on anything. `clusterIndex` tells clusters of one mesh apart.
 */
export function completeResources(
  input: readonly Resource[],
  report: Report,
  behaviours: AmbientBehaviours = withoutAmbient,
  installed: readonly InstalledGateway[] = [],
  clusterIndex = 0,
  again: Again = afresh,
): Resource[] {
  // What is assumed because of a resource stands at the first in this order, whichever the files have.
  const given = dropRepeated(input, report).sort(compareResources);
  const others = given.filter((resource) => !isApart(resource));
  const gateways = again('assumed gateways', [behaviours, installed, others], () =>
    noting((note) => [...managedGateways(others, note, behaviours), ...assumedGateways(others, installed, note)]),
  );
  for (const problem of gateways.problems) report(problem);
  const istiod = assumedIstiod(given, report);
  const assumed = [...gateways.result, ...again('assumed istiod', [istiod[0]?.document], () => istiod)];
  const completed = again('completed resources', [clusterIndex, others, assumed], () =>
    noting((note) => {
      const resources = [...others, ...assumed].sort(compareResources);
      const pods = expandWorkloads(resources, note, again);
      return assignAddresses([...resources, ...pods], note, clusterIndex, again).sort(compareResources);
    }),
  );
  for (const problem of completed.problems) report(problem);
  return [...completed.result, ...given.filter(isApart)].sort(compareResources);
}

/** What a work gives, and what it reports. */
function noting<T>(work: (report: Report) => T): { readonly result: T; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  return { result: work((problem) => void problems.push(problem)), problems };
}

const withoutAmbient: AmbientBehaviours = { enableAmbient: false, ambientEnableMultiNetwork: false };

/** Orders resources by kind, group, namespace and name. */
export function compareResources(a: Resource, b: Resource): number {
  return (
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}
