import type { Location } from '../diagnostics/diagnostic.ts';
import type { Resource } from '../resource/resource.ts';
import type { Origin } from '../util/origin.ts';

/** Where the field stands that made an emitted value; undefined for what was derived from no document. */
export function locateOrigin({ resource, path }: Origin): Location | undefined {
  return 'document' in resource ? (resource as Resource).document.locate([...path]) : undefined;
}
