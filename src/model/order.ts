import type { Resource } from '../resource/resource.ts';
import { compareText } from '../util/text.ts';

/** When Istio resources that say nothing were created: 2026-01-01T00:00:00Z. Kubernetes objects count as the oldest of all. */
const ISTIO_DEFAULT_CREATION = Date.UTC(2026, 0, 1);

/** Creation time of a resource in milliseconds, with the defaults of the input conventions. */
export function creationTime(resource: Resource): number {
  if (resource.createdAt !== undefined) return resource.createdAt;
  return resource.group.endsWith('istio.io') ? ISTIO_DEFAULT_CREATION : Number.NEGATIVE_INFINITY;
}

/**
 * Oldest first; among equals by name, then namespace.
 * As istio pilot/pkg/model/config.go sortConfigByCreationTime.
 */
export function compareByCreation(a: Resource, b: Resource): number {
  const [timeA, timeB] = [creationTime(a), creationTime(b)];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

/** A sorted copy, oldest first. */
export function sortByCreation<T extends Resource>(resources: readonly T[]): T[] {
  return [...resources].sort(compareByCreation);
}
