import type { Location, Related, Report } from '../diagnostics/diagnostic.ts';
import { compareLocations } from '../diagnostics/places.ts';
import type { Subject } from '../diagnostics/problem.ts';
import { definedTwice } from '../diagnostics/problems/objects.ts';
import { groupBy } from '../util/collections.ts';
import { type Resource, refOf } from './resource.ts';

/** Keeps the first of the objects with one name, by their places, and reports the others. */
export function dropRepeated(resources: readonly Resource[], report: Report): Resource[] {
  const groups = groupByName(resources);
  const repeated = groups.flatMap(([first, ...others]) =>
    first === undefined ? [] : others.map((resource): Repeated => ({ first, resource })),
  );
  reportRepeated(repeated, report);
  return groups.flatMap(([first]) => first ?? []);
}

/** Equal for resources that a cluster has only one of. */
export function identityOf({ group, kind, namespace, name }: Resource): string {
  // Where the namespace ends, a name of whatever characters cannot say.
  return `${group}/${kind}/${namespace.length}/${namespace}/${name}`;
}

/**
 * The resources by what they are called, those of one name by their places (name of the file, line), so that neither depends on
 * the order in which files are named.
 */
export function groupByName(resources: readonly Resource[]): (readonly Resource[])[] {
  const groups = groupBy(resources, identityOf);
  return [...groups.values()].map((group) => (group.length === 1 ? group : sortBy(group, nameOf)));
}

/** In the order of their places. */
function sortBy<T>(list: readonly T[], placeOf: (one: T) => Location): readonly T[] {
  return list
    .map((one) => ({ one, place: placeOf(one) }))
    .sort((a, b) => compareLocations(a.place, b.place))
    .map(({ one }) => one);
}

/** A resource, and the one before it of the same name. */
interface Repeated {
  readonly first: Resource;
  readonly resource: Resource;
}

/** Where so many pairs of files clash, they are variants of one system, and no slips. */
const MOST_PAIRS = 5;

/** Tells of each pair of files once: where they are variants of each other, all that is in them is there twice. */
function reportRepeated(repeated: readonly Repeated[], report: Report): void {
  const pairs = groupBy(repeated, ({ first, resource }) => JSON.stringify([first.document.file, resource.document.file]));
  const sorted = [...pairs.values()].map((pair) => sortBy(pair, ({ resource }) => nameOf(resource)));
  if (sorted.length > MOST_PAIRS) reportVariants(sorted, report);
  else for (const pair of sorted) reportPair(pair, report);
}

function reportPair([one, ...more]: readonly Repeated[], report: Report): void {
  if (one === undefined) return;
  const related = [one, ...more].map(({ first }) => ({ message: 'first defined here', location: nameOf(first) }));
  const others = more.map(({ resource }) => formatName(resource));
  report(definedTwice(subjectOf(one, related), formatPlace(nameOf(one.first)), others));
}

/** All pairs in one word, each with its places. */
function reportVariants(pairs: readonly (readonly Repeated[])[], report: Report): void {
  const inOrder = sortBy(
    pairs.flatMap(([one, ...more]) => (one === undefined ? [] : { ...one, more: more.length })),
    ({ resource }) => nameOf(resource),
  );
  const [one] = inOrder;
  if (one === undefined) return;
  const related = inOrder.map(({ first, resource, more }) => ({
    message: `${formatPlace(nameOf(resource))} has again ${formatName(resource)}${more === 0 ? '' : ` and ${more} more`} of`,
    location: nameOf(first),
  }));
  report(definedTwice(subjectOf(one, related), formatPlace(nameOf(one.first)), [], pairs.length - 1));
}

function subjectOf({ resource }: Repeated, related: readonly Related[]): Subject {
  return { location: nameOf(resource), resource: refOf(resource), path: ['metadata', 'name'], related };
}

/** Where the name of a resource stands. */
function nameOf({ document }: Resource): Location {
  return document.locate(['metadata', 'name']);
}

function formatName({ kind, namespace, name }: Resource): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

function formatPlace(location: Location): string {
  return `${location.file}:${location.line}`;
}
