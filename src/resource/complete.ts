import type { Location, Report } from '../diagnostics/diagnostic.ts';
import { definedTwice } from '../diagnostics/problems/objects.ts';
import { groupBy } from '../util/collections.ts';
import { compareText } from '../util/text.ts';
import { assignAddresses } from './addresses.ts';
import { assumedIngressGateway } from './assumed-gateway.ts';
import { expandWorkloads } from './expand.ts';
import { managedGateways } from './managed-gateways.ts';
import { type Resource, refOf } from './resource.ts';

/**
 * The resources with what a cluster would add: the gateways that istiod runs, the usual ingress gateway, the pods of workloads, an address for each pod
 * and service. Of resources of one name the first is kept and the others are reported. Sorted by kind, namespace and name, so
 * that the order of files has no influence on anything.
 */
export function completeResources(input: readonly Resource[], report: Report): Resource[] {
  const given = dropRepeated(input, report);
  const assumed = [...managedGateways(given, report), ...assumedIngressGateway(given, report)];
  const resources = [...given, ...assumed].sort(compareResources);
  const pods = expandWorkloads(resources, report);
  return assignAddresses([...resources, ...pods], report).sort(compareResources);
}

/** Orders resources by kind, group, namespace and name. */
export function compareResources(a: Resource, b: Resource): number {
  return (
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/** Keeps the first of the objects with one name, by their places, and reports the others. */
export function dropRepeated(resources: readonly Resource[], report: Report): Resource[] {
  return groupByName(resources).flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    for (const resource of others) reportRepeated(resource, first, report);
    return first;
  });
}

/**
 * The resources by what they are called, those of one name by their places (name of the file, line), so that neither depends on
 * the order in which files are named.
 */
export function groupByName(resources: readonly Resource[]): (readonly Resource[])[] {
  const groups = groupBy(resources, ({ group, kind, namespace, name }) => JSON.stringify([group, kind, namespace, name]));
  return [...groups.values()].map((group) => (group.length === 1 ? group : sortByPlace(group)));
}

function sortByPlace(resources: readonly Resource[]): readonly Resource[] {
  return resources
    .map((resource) => ({ resource, place: nameOf(resource) }))
    .sort(({ place: a }, { place: b }) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column)
    .map(({ resource }) => resource);
}

function reportRepeated(resource: Resource, first: Resource, report: Report): void {
  const earlier = nameOf(first);
  report(
    definedTwice(
      {
        location: nameOf(resource),
        resource: refOf(resource),
        path: ['metadata', 'name'],
        related: [{ message: 'first defined here', location: earlier }],
      },
      formatPlace(earlier),
    ),
  );
}

/** Where the name of a resource stands. */
function nameOf({ document }: Resource): Location {
  return document.locate(['metadata', 'name']);
}

function formatPlace(location: Location): string {
  return `${location.file}:${location.line}`;
}
