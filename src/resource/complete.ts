import { definedTwice } from '../diagnostics/catalog.ts';
import type { Location, Report } from '../diagnostics/diagnostic.ts';
import { compareText } from '../util/text.ts';
import { assignAddresses } from './addresses.ts';
import { expandWorkloads } from './expand.ts';
import { managedGateways } from './managed-gateways.ts';
import { type Resource, refOf } from './resource.ts';

/**
 * The resources with what a cluster would add: the gateways that istiod runs, the pods of workloads, an address for each pod
 * and service. Of resources of one name the first is kept and the others are reported. Sorted by kind, namespace and name, so
 * that the order of files has no influence on anything.
 */
export function completeResources(input: readonly Resource[], report: Report): Resource[] {
  const given = dropRepeated(input, report);
  const resources = [...given, ...managedGateways(given, report)].sort(compareResources);
  const pods = expandWorkloads(resources, report);
  return assignAddresses([...resources, ...pods], report).sort(compareResources);
}

/** Orders resources by kind, group, namespace and name. */
function compareResources(a: Resource, b: Resource): number {
  return (
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/** Keeps the first of the objects with one name and reports the others. */
export function dropRepeated(resources: readonly Resource[], report: Report): Resource[] {
  const first = new Map<string, Resource>();
  return resources.filter((resource) => {
    const key = JSON.stringify([resource.group, resource.kind, resource.namespace, resource.name]);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, resource);
      return true;
    }
    const earlierLocation = earlier.document.locate(['metadata', 'name']);
    report(
      definedTwice(
        {
          location: resource.document.locate(['metadata', 'name']),
          resource: refOf(resource),
          path: ['metadata', 'name'],
          related: [{ message: 'first defined here', location: earlierLocation }],
        },
        formatPlace(earlierLocation),
      ),
    );
    return false;
  });
}

function formatPlace(location: Location): string {
  return `${location.file}:${location.line}`;
}
