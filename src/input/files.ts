import type { FileSystem } from '../source/file-system.ts';

/** The files of the world outside, seen from the current folder. */
export interface InputFiles extends FileSystem {
  /** Undefined where nobody may know it. */
  readonly cwd: string | undefined;
}
