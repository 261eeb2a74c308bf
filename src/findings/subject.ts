import type { Path } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import type { ConfigPlace } from '../model/mesh-input.ts';
import type { Resource } from '../resource/resource.ts';
import { subjectAt } from '../resource/subject.ts';

/**
 * The subject of a finding about a resource, or about a field of it (path from the root of its document). The reference is the
 * line of the field, if it is a scalar, or else of the document, as in istioctl; the location is the nearest there is.
 */
export function at(resource: Resource, path?: Path): Subject {
  const { resource: ref, location } = subjectAt(resource, path ?? []);
  const line = resource.document.reference?.(path) ?? location.line;
  // istioctl knows no lines of JSON files.
  const reference = location.file.endsWith('.json') ? location.file : `${location.file}:${line}`;
  return { resource: ref, location, reference, ...(path !== undefined && { path }) };
}

/** The subject of a finding about a field of MeshConfig. */
export function inConfig({ document, resource }: ConfigPlace, path: Path): Subject {
  return { resource, location: document.locate(path), path };
}
