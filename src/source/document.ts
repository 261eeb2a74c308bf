import type { Diagnostic, Location, Path } from '../diagnostics/diagnostic.ts';

/** One YAML or JSON document of an input: its value and where each part of it stands. */
export interface SourceDocument {
  /** The file as the user named it, `-` for standard input. */
  readonly file: string;
  /** Position of the document in its file, from 0 (`---` separated documents and items of a List count). */
  readonly index: number;
  readonly value: unknown;
  /**
   * Where the value (or the key) at `path` stands; for a path that does not exist, its nearest existing ancestor.
   * Computed lazily from offsets.
   */
  locate(path: Path, on?: 'key' | 'value'): Location;
  /**
   * The line by which istioctl names the document or, where `path` leads to a scalar, that field (source/reference-lines.ts).
   * Absent on documents that are made, not read.
   */
  reference?(path?: Path): number;
}

/** What was read of a stretch of a text between document markers. */
export interface ReadChunk {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads one stretch of a text of several. `place` is all that counts of what stands around it: where the same source stands in the same
 * place, `read` would give the same.
 */
export type ChunkReader = (source: string, place: readonly (number | string)[], read: (source: string) => ReadChunk) => ReadChunk;
