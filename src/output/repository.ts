import { isAbsolute, relative, resolve, sep } from 'node:path';

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
