import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { FileSystem } from '../source/file-system.ts';

/** The repository that results are about: tools that read them know a file by its path from the root. */
export interface Repository {
  /** The root, as an absolute path. */
  readonly root: string;
  /** The path of a file from the root, with slashes; an absolute path where the file lies elsewhere. */
  pathOf(file: string): string;
}

/** The repository of this root; names of files are relative to `folder`. `realPath` is the path of a file without links. */
export function createRepository(root: string, folder: string, realPath: (file: string) => string): Repository {
  const within = (file: string): string | undefined => {
    const path = relative(root, file);
    return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) ? undefined : path;
  };
  return {
    root,
    pathOf(file) {
      const full = resolve(folder, file);
      // The root is known without links; an absolute path may lead there by one.
      return (within(full) ?? within(realPath(full)) ?? full).replaceAll(sep, '/');
    },
  };
}

/** Where the repository of a folder is looked for. */
export interface RepositorySearch extends Pick<FileSystem, 'kindOf' | 'realPath'> {
  readonly cwd: string | undefined;
  /** The checkout of a job that runs here; empty where there is none. */
  readonly workspace: string;
}

/**
 * The repository of the current folder: the checkout of a job, else the nearest folder above that git knows by its `.git`, else the
 * current folder.
 */
export function findRepository({ cwd: folder = '/', workspace, kindOf, realPath }: RepositorySearch): Repository {
  const isRepository = (above: string): boolean => {
    try {
      return kindOf(join(above, '.git')) !== undefined;
    } catch {
      return false;
    }
  };
  const isInside = workspace !== '' && !relative(workspace, folder).startsWith('..');
  const root = isInside ? workspace : (folders(folder).find(isRepository) ?? folder);
  return createRepository(root, folder, (file) => {
    try {
      return realPath(file);
    } catch {
      return file;
    }
  });
}

/** A folder and those above it, upwards. */
function folders(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...folders(above)];
}
