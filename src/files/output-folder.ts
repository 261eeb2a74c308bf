import { Buffer } from 'node:buffer';
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { memo } from '../util/memo.ts';
import { reasonOf } from './reasons.ts';

/** Something cannot be written. The message is the reason in words; it does not repeat the path. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
  /** What was to be written, as its user knows it. */
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.path = path;
  }
}

/** A folder that is written as a whole or not at all. Methods throw an UnwritableError when they cannot. */
export interface OutputFolder<Content extends string | Uint8Array = string | Uint8Array> {
  /** Puts a file aside under its name, which is no path; it appears with `commit`. Of parts, one comes after the other. */
  write(name: string, content: Content | readonly Content[]): void;
  /** Takes a file away with `commit`. */
  remove(name: string): void;
  /** Moves all files to their places; when one cannot be moved, the others go back. */
  commit(): void;
  /** Leaves everything as it was; without effect after `commit`. Never throws. */
  discard(): void;
}

/** The steps of a commit, for tests to let them fail. */
export interface Disk {
  rename(from: string, to: string): void;
  /** Gives a file a second name. */
  link(existing: string, name: string): void;
}

const realDisk: Disk = { rename: renameSync, link: linkSync };

/** What undoes a work that is half done, for the time in which it is. */
export interface Undoing {
  add(undo: () => void): void;
  delete(undo: () => void): void;
}

/** How one file of a folder changes. */
interface Change {
  readonly name: string;
  /** Where the new content lies; undefined when the file is taken away. */
  readonly staged: string | undefined;
}

/**
 * Opens a folder, made where there is none. Files are written into a folder of our own inside of it and renamed at the end, so that a
 * reader never sees half of one; and since nobody can know the name of that folder, nobody can lay a link there before.
 */
export function openOutputFolder(path: string, undoing: Undoing, disk: Disk = realDisk): OutputFolder {
  let made = makeFolders(path);
  const staging = makeStaging(path, made);
  const clear = (): void => {
    quietly(() => rmSync(staging, { recursive: true, force: true }));
    removeFolders(made);
    undoing.delete(clear);
  };
  undoing.add(clear);
  const attempt = <T>(operation: () => T): T => {
    try {
      return operation();
    } catch (error) {
      throw error instanceof UnwritableError ? error : new UnwritableError(path, reasonOf(error), error);
    }
  };
  const changes = new Map<string, Change>();
  const waiting = memo(() => Buffer.allocUnsafe(WRITTEN_AT_ONCE));
  const add = (name: string, content: FileContent | undefined): void => {
    if (!isFileName(name)) throw new UnwritableError(path, `${JSON.stringify(name)} is not the name of a file`);
    // On disks that do not tell capitals from small letters, one file would take the place of the other.
    const key = name.toLowerCase();
    if (changes.has(key)) throw new UnwritableError(path, `two files would have the name ${name}`);
    const existing = stateOf(join(path, name));
    if (existing !== undefined && !existing.isFile() && !existing.isSymbolicLink()) throw inTheWay(join(path, name), existing);
    const staged = content === undefined ? undefined : join(staging, `new-${changes.size}`);
    changes.set(key, { name, staged });
    if (staged === undefined || content === undefined) return;
    writeParts(staged, isParts(content) ? content : [content], waiting());
    // A file that is not for everybody stays so.
    if (existing?.isFile()) chmodSync(staged, existing.mode & 0o7777);
  };
  return {
    write: (name, content) => attempt(() => add(name, content)),
    remove: (name) => attempt(() => add(name, undefined)),
    commit() {
      attempt(() => replaceAll([...changes.values()], path, staging, disk));
      made = [];
      clear();
    },
    discard: clear,
  };
}

type FileContent = string | Uint8Array | readonly (string | Uint8Array)[];

function isParts(content: FileContent): content is readonly (string | Uint8Array)[] {
  return Array.isArray(content);
}

/** So many bytes are collected before they are written. */
const WRITTEN_AT_ONCE = 1 << 18;

/** Writes a new file of many parts, which are all in one place never. `waiting` holds those that are not written yet. */
function writeParts(path: string, parts: readonly (string | Uint8Array)[], waiting: Buffer): void {
  const file = openSync(path, 'wx');
  try {
    let size = 0;
    const flush = (): void => {
      if (size > 0) writeFileSync(file, waiting.subarray(0, size));
      size = 0;
    };
    for (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      if (size + bytes.length > waiting.length) flush();
      if (bytes.length > waiting.length) writeFileSync(file, bytes);
      else {
        waiting.set(bytes, size);
        size += bytes.length;
      }
    }
    flush();
  } finally {
    closeSync(file);
  }
}

/** Replaces files one after the other; puts back what was there when one cannot be replaced. */
function replaceAll(changes: readonly Change[], folder: string, staging: string, disk: Disk): void {
  const done: (() => void)[] = [];
  try {
    for (const [index, { name, staged }] of changes.entries()) {
      const target = join(folder, name);
      const kept = join(staging, `old-${index}`);
      const existing = stateOf(target);
      if (existing !== undefined) keep(target, kept, existing.isFile(), disk);
      done.push(() => (existing !== undefined ? disk.rename(kept, target) : rmSync(target, { force: true })));
      if (staged !== undefined) disk.rename(staged, target);
      else rmSync(target, { force: true });
    }
  } catch (error) {
    for (const undo of done.reverse()) quietly(undo);
    throw error;
  }
}

/** Keeps an old file by a second name, so that there is one at its place all the time. Not every disk has these, nor do links. */
function keep(target: string, kept: string, isFile: boolean, { rename, link }: Disk): void {
  const isKept = isFile && quietly(() => link(target, kept));
  if (!isKept) rename(target, kept);
}

/** Whether a text is a name in a folder, and not a way out of it. */
function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/** Makes a folder and those above it, where there are none; gives those made, the outermost first. */
function makeFolders(path: string): string[] {
  const missing: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const state = stateOf(folder, statSync, ['ENOENT', 'ENOTDIR']);
    if (state?.isDirectory()) break;
    if (state !== undefined) {
      throw new UnwritableError(path, missing.length === 0 ? 'a file of that name is in the way' : `${folder} is no folder`);
    }
    missing.unshift(folder);
    if (dirname(folder) === folder) break;
  }
  // One by one: for a place where nobody can make folders (/proc), mkdirSync with `recursive` goes round in circles (Node 20).
  const made: string[] = [];
  for (const folder of missing) {
    try {
      mkdirSync(folder);
      made.push(folder);
    } catch (error) {
      removeFolders(made);
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new UnwritableError(path, isGone ? `${dirname(folder)} takes no new folders` : reasonOf(error), error);
    }
  }
  return made;
}

/** Makes the folder for new files; takes away the folders made before it when it cannot. */
function makeStaging(path: string, made: readonly string[]): string {
  try {
    return mkdtempSync(join(path, '.mesh-'));
  } catch (error) {
    removeFolders(made);
    // A folder that is there and in which nobody can make anything: /proc.
    const isClosed = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UnwritableError(path, isClosed ? 'nobody can make files there' : reasonOf(error), error);
  }
}

/** Takes away folders that were made here; only what is empty goes, for others may have put something there meanwhile. */
function removeFolders(made: readonly string[]): void {
  for (const folder of [...made].reverse()) quietly(() => rmdirSync(folder));
}

/** What stands at a path; undefined where the answer is one of these codes: nothing does. */
export function stateOf(
  path: string,
  read: (path: string) => Stats = lstatSync,
  absent: readonly string[] = ['ENOENT'],
): Stats | undefined {
  try {
    return read(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (absent.includes(code)) return undefined;
    throw new UnwritableError(path, reasonOf(error), error);
  }
}

function inTheWay(path: string, state: Stats): UnwritableError {
  return new UnwritableError(path, `a ${state.isDirectory() ? 'folder' : 'device or pipe'} of that name is in the way`);
}

/** Does what can be done, where the error is being told already or there is another way; gives whether it was done. */
function quietly(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}
