import { dataError } from '../diagnostics/user-error.ts';
import type { EntryKind, FileSystem } from '../source/file-system.ts';
import { folderOf, isWithin } from '../source/walk.ts';

/**
 * What stands at a path that nobody named, such as ./manifests; undefined when nothing does. A link that leads out of its folder ends the
 * work: whoever made it is not whom mesh works for.
 */
export function kindOfDefault(
  path: string,
  files: FileSystem,
  advice: string = ', and is read only when it is named, as with -f',
): EntryKind | undefined {
  const kind = files.kindOf(path);
  if (kind === undefined) return undefined;
  const real = files.realPath(path);
  if (isWithin(real, files.realPath(folderOf(path)))) return kind;
  throw dataError(`${path} is a link to ${real}, out of its folder${advice}`);
}
