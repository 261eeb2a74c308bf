import type { Path } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import { type Resource, refOf } from './resource.ts';

/** What a problem is about that concerns a field of a resource: its value, or its name where that is to blame. */
export function subjectAt(
  resource: Resource,
  path: Path,
  on: 'value' | 'key' = 'value',
): Required<Pick<Subject, 'resource' | 'path' | 'location'>> {
  return { resource: refOf(resource), path, location: resource.document.locate(path, on) };
}
