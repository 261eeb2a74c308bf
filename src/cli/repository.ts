import { dirname, join, relative } from 'node:path';
import { createRepository, type Repository } from '../output/repository.ts';
import type { Io } from './io.ts';

/**
 * The repository of the current folder: the checkout of a job on GitHub, else the nearest folder above that git knows by its `.git`,
 * else the current folder.
 */
export function findRepository(io: Io): Repository {
  const folder = io.cwd ?? '/';
  const workspace = io.env('GITHUB_WORKSPACE') ?? '';
  const root = isWithin(folder, workspace) ? workspace : (folders(folder).find((above) => isRepository(above, io)) ?? folder);
  return createRepository(root, folder, (file) => {
    try {
      return io.realPath(file);
    } catch {
      return file;
    }
  });
}

function isWithin(folder: string, above: string): boolean {
  return above !== '' && !relative(above, folder).startsWith('..');
}

/** A folder and those above it, upwards. */
function folders(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...folders(above)];
}

function isRepository(folder: string, io: Io): boolean {
  try {
    return io.kindOf(join(folder, '.git')) !== undefined;
  } catch {
    return false;
  }
}
