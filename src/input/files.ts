import type { ChunkReader } from '../source/document.ts';
import type { FileSystem } from '../source/file-system.ts';
import type { Again } from '../util/again.ts';

/** The files of the world outside, seen from the current folder. */
export interface InputFiles extends FileSystem {
  /** Undefined where nobody may know it. */
  readonly cwd: string | undefined;
  /** Gives again what was made of a file while its text stays the same; absent where nothing is read twice. */
  readonly once?: <T>(file: string, text: string, make: () => T) => T;
  /** Reads the documents of a file of which some may have been read before, in the same place; absent where nothing is read twice. */
  readonly chunks?: (file: string) => ChunkReader;
  /** Gives again what was made of what was read; absent where nothing is read twice. */
  readonly again?: Again;
  /** Runs a program and gives what it prints; throws an Error that says in words why it cannot. Absent where nothing may be run. */
  readonly run?: RunProgram;
}

/** Runs a program of the path in the current folder. */
export type RunProgram = (program: string, args: readonly string[]) => Uint8Array;
