import type { Report } from '../diagnostics/diagnostic.ts';
import { compareText } from '../util/text.ts';
import { assignAddresses } from './addresses.ts';
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
): Resource[] {
  // What is assumed because of a resource stands at the first in this order, whichever the files have.
  const given = dropRepeated(input, report).sort(compareResources);
  const assumed = [
    ...managedGateways(given, report, behaviours),
    ...assumedGateways(given, installed, report),
    ...assumedIstiod(given, report),
  ];
  const resources = [...given, ...assumed].sort(compareResources);
  const pods = expandWorkloads(resources, report);
  return assignAddresses([...resources, ...pods], report, clusterIndex).sort(compareResources);
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
