import type { Path } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import type { ConfigPlace } from '../model/mesh-input.ts';
import { type Resource, refOf } from '../resource/resource.ts';

/**
 * The subject of a finding about a resource, or about a field of it (path from the root of its document). The reference is the
 * line of the field, if it is a scalar, or else of the document, as in istioctl; the location is the nearest there is.
 */
export function at(resource: Resource, path?: Path): Subject {
  const { document } = resource;
  const location = document.locate(path ?? []);
  const line = document.reference?.(path) ?? location.line;
  // istioctl knows no lines of JSON files.
  const reference = location.file.endsWith('.json') ? location.file : `${location.file}:${line}`;
  return { resource: refOf(resource), location, reference, ...(path !== undefined && { path }) };
}

/** The subject of a finding about a field of MeshConfig. */
export function inConfig({ document, resource }: ConfigPlace, path: Path): Subject {
  return { resource, location: document.locate(path), path };
}
