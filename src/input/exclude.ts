import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type { FileSystem } from '../source/file-system.ts';
import type { IsExcluded } from '../source/load.ts';

/** Loads a package when it is first needed: starting must stay cheap. */
const lazily = createRequire(import.meta.url);

const IGNORE_FILE = '.meshignore';

/** Where patterns stand. */
export interface ExclusionSource {
  /** Those of mesh.config.yaml. */
  readonly exclude: readonly string[];
  /** The folder of mesh.config.yaml, else the current one. */
  readonly home: string;
  /** What is read; a folder can have patterns of its own. */
  readonly manifests: readonly string[];
}

/** Patterns, as in .gitignore, and the folder that they are relative to, without links. */
interface Patterns {
  readonly folder: string;
  readonly ignores: (path: string) => boolean;
}

/**
 * What mesh.config.yaml (`exclude`) and files `.meshignore` leave out of folders: one beside mesh.config.yaml (else in the current folder),
 * and one in each folder that is named. Both are written as .gitignore is.
 */
export async function createExclusion({ exclude, home, manifests }: ExclusionSource, files: FileSystem): Promise<IsExcluded> {
  const folders = [...new Set([home, ...manifests])].filter((path) => path !== '-' && kindOf(path, files) === 'folder');
  const written = folders.flatMap((folder) => {
    const file = join(folder, IGNORE_FILE);
    const lines = kindOf(file, files) === 'file' ? files.readText(file).split(/\r?\n/) : [];
    const patterns = folder === home ? [...lines, ...exclude] : lines;
    return patterns.length === 0 ? [] : [{ folder: files.realPath(folder), patterns }];
  });
  if (written.length === 0) return () => false;
  const ignore = lazily('ignore') as typeof import('ignore');
  const all = written.map(({ folder, patterns }): Patterns => {
    const matcher = ignore().add(patterns);
    return { folder, ignores: (path) => matcher.ignores(path) };
  });
  return (_, real) =>
    all.some(({ folder, ignores }) => {
      const path = relative(folder, real);
      return path !== '' && !path.startsWith('..') && ignores(path);
    });
}

function kindOf(path: string, files: FileSystem): ReturnType<FileSystem['kindOf']> {
  try {
    return files.kindOf(path);
  } catch {
    return undefined;
  }
}
