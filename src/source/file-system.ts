/** What a path is. A stream is a pipe or a device: it can be read once, may have nothing to give for long, and may never end. */
export type EntryKind = 'file' | 'folder' | 'link' | 'stream' | 'other';

export interface FolderEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** The files that mesh can read. Methods throw an UnreadableError when they cannot. */
export interface FileSystem {
  /** What stands at a path, links followed; undefined when nothing does. */
  kindOf(path: string): EntryKind | undefined;
  /** The entries of a folder, links not followed. */
  listFolder(path: string): readonly FolderEntry[];
  /** The path without links, absolute: two names of one file get the same. */
  realPath(path: string): string;
  /** `kind` is what is known of the path: a plain file is read in fewer steps. */
  readText(path: string, kind?: EntryKind): string;
  /** All of standard input. */
  readStandardInput(): string;
  /** The files that a pattern stands for, in any order. */
  glob(pattern: string): readonly string[];
}

/** A place in a text that is at fault; both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Something cannot be read. The message is the reason in words; it does not repeat the path. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  /** What was to be read, as its user knows it. */
  readonly path: string;
  /** Where in the file the reason lies. */
  readonly place: TextPlace | undefined;

  constructor(path: string, reason: string, options: { readonly place?: TextPlace; readonly cause?: unknown } = {}) {
    super(reason, { cause: options.cause });
    this.path = path;
    this.place = options.place;
  }
}
