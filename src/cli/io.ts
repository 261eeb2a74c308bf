import { Buffer, isUtf8 } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import {
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import type { EntryKind, FileSystem, FolderEntry } from '../source/load.ts';

/** A folder that is written as a whole or not at all. */
export interface OutputFolder {
  /** Puts a file aside under its name; it appears with `commit`. */
  write(name: string, content: string | Uint8Array): void;
  /** Moves all files to their places. */
  commit(): void;
  /** Leaves everything as it was. */
  discard(): void;
}

/** All that a command can do to the world outside. */
export interface Io extends FileSystem {
  readonly cwd: string;
  env(name: string): string | undefined;
  readonly isOutputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  /** Runs git in the current folder; throws an Error that says in words why it cannot. */
  git(args: readonly string[], input?: string): Uint8Array;
  /** Writes a result to standard output. False when nobody reads it any more; the work can stop then. */
  out(content: string | Uint8Array): boolean;
  /** Writes talk to standard error. */
  err(text: string): void;
  openFolder(path: string): OutputFolder;
  /** Lets the world catch up (a reader that went away is noticed here). */
  pause(): Promise<void>;
  /** Milliseconds since some moment; for progress only. */
  clock(): number;
  /** Milliseconds since 1970; for the validity of certificates. */
  now(): number;
}

/** The real world. */
export function createNodeIo(): Io {
  let outputIsOpen = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has enough (`mesh translate | head`): no mistake of anybody.
    if (error.code !== 'EPIPE') throw error;
    outputIsOpen = false;
  });
  process.stderr.on('error', () => {});
  return {
    ...nodeFiles,
    cwd: process.cwd(),
    env: (name) => process.env[name],
    git: runGit,
    isOutputTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    out(content) {
      if (outputIsOpen) process.stdout.write(content);
      return outputIsOpen;
    },
    err: (text) => void process.stderr.write(text),
    openFolder: openNodeFolder,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    clock: () => performance.now(),
    now: () => Date.now(),
  };
}

/** Loads a package when it is first needed: starting must stay cheap. */
const lazily = createRequire(import.meta.url);

const nodeFiles: FileSystem = {
  kindOf(path) {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) return 'folder';
      return stats.isFile() || stats.isFIFO() || stats.isCharacterDevice() ? 'file' : 'other';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
      throw readable(error);
    }
  },
  listFolder: (path) => explain(() => readdirSync(path, { withFileTypes: true }).map(toEntry)),
  realPath: (path) => explain(() => realpathSync(path)),
  readText: (path) => explain(() => decodeText(readFileSync(path))),
  readStandardInput: () => explain(() => decodeText(readToEnd(0))),
  glob(pattern) {
    const { globSync } = lazily('tinyglobby') as typeof import('tinyglobby');
    return explain(() => globSync(pattern, { absolute: isAbsolute(pattern), expandDirectories: false, onlyFiles: false }));
  },
};

function toEntry(entry: Dirent): FolderEntry {
  const kind: EntryKind = entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
  return { name: entry.name, kind };
}

/** Reads a stream that may have nothing to give for a while, which `readFileSync` takes for an error. */
function readToEnd(descriptor: number): Buffer {
  const parts: Buffer[] = [];
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const part = Buffer.allocUnsafe(65_536);
    try {
      const count = readSync(descriptor, part);
      if (count === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, count));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return Buffer.concat(parts);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(wait, 0, 0, 10);
    }
  }
}

function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8 text');
  return bytes.toString('utf8');
}

/** Runs an operation on files; its errors say in words what is wrong. */
function explain<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw readable(error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name is in the way',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  ERR_STRING_TOO_LONG: 'it is too large',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
};

function readable(error: unknown): Error {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason !== undefined) return new Error(reason, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

const GIT_OUTPUT_LIMIT = 1 << 30;

function runGit(args: readonly string[], input = ''): Uint8Array {
  const { status, stdout, stderr, error } = spawnSync('git', args, { input, maxBuffer: GIT_OUTPUT_LIMIT, windowsHide: true });
  if (error !== undefined) throw new Error(`git cannot be run: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(stderr.toString('utf8').trim() || `git ${args[0] ?? ''} failed`);
  return stdout;
}

/** Files are written beside their places first and renamed at the end, so that a reader never sees half of one. */
function openNodeFolder(path: string): OutputFolder {
  const created = explain(() => mkdirSync(path, { recursive: true }));
  const pending = new Map<string, string>();
  return {
    write(name, content) {
      const temporary = join(path, `.${name}.${process.pid}.tmp`);
      pending.set(temporary, join(path, name));
      explain(() => writeFileSync(temporary, content));
    },
    commit() {
      for (const [temporary, final] of pending) {
        explain(() => renameSync(temporary, final));
        pending.delete(temporary);
      }
    },
    discard() {
      for (const temporary of pending.keys()) rmSync(temporary, { force: true });
      if (created !== undefined) rmSync(created, { recursive: true, force: true });
    },
  };
}
