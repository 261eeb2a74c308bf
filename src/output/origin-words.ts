import type { SourceDocument } from '../source/document.ts';
import { isObject } from '../util/object.ts';
import type { Origin } from '../util/origin.ts';

/** An origin for people: `file:line Kind namespace/name`. */
export function originWords({ resource, path }: Origin): string {
  const { kind, namespace, name } = resource;
  const full = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  // An origin asks for little of a resource; those of the resource layer know where they were read.
  const { document } = resource as { readonly document?: SourceDocument };
  if (!isObject(document)) return full;
  const { file, line } = document.locate(path);
  return `${file}:${line} ${full}`;
}
