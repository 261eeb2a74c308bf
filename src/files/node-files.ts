import { Buffer } from 'node:buffer';
import {
  closeSync,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { type EntryKind, type FileSystem, type FolderEntry, UnreadableError } from '../source/file-system.ts';
import { decodeUtf8 } from '../source/utf8.ts';
import { reasonOf } from './reasons.ts';

const STANDARD_INPUT = 'standard input';
/** No text in Node is longer; a device that never ends would take all memory first. */
const STREAM_LIMIT = 0x1fff_ffe8;

/** Loads a package when it is first needed: starting must stay cheap. */
const lazily = createRequire(import.meta.url);

/** The real files. */
export const nodeFiles: FileSystem = {
  kindOf(path) {
    try {
      return kindOfStats(statSync(path));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return undefined;
      throw new UnreadableError(path, reasonOf(error), { cause: error });
    }
  },
  listFolder: (path) => guard(path, () => readdirSync(path, { withFileTypes: true }).map(toEntry)),
  realPath: (path) => guard(path, () => realpathSync(path)),
  readText: (path, kind) =>
    guard(path, () => (kind === 'file' ? readFileText(path) : undefined) ?? decodeUtf8(readBytes(path), path)),
  readStandardInput: () => guard(STANDARD_INPUT, () => decodeUtf8(readToEnd(0), STANDARD_INPUT)),
  glob(pattern) {
    const { globSync } = lazily('tinyglobby') as typeof import('tinyglobby');
    const options = { absolute: isAbsolute(pattern), expandDirectories: false, onlyFiles: false };
    return guard(pattern, () => globSync(pattern, options));
  },
};

/** Runs an operation on files; its errors say in words what is wrong. */
function guard<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(path, reasonOf(error), { cause: error });
  }
}

/** What both the state of a path and the entry of a folder can tell. */
function kindOfStats(stats: Stats | Dirent): EntryKind {
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isDirectory()) return 'folder';
  if (stats.isFile()) return 'file';
  return stats.isFIFO() || stats.isCharacterDevice() ? 'stream' : 'other';
}

function toEntry(entry: Dirent): FolderEntry {
  return { name: entry.name, kind: kindOfStats(entry) };
}

/** An object, since Node makes one of each text. */
const AS_TEXT = { encoding: 'utf8', flag: 'r' } as const;

/** The text of a file in one call to the system's library; undefined where it may not be UTF-8, which is looked at byte by byte. */
function readFileText(path: string): string | undefined {
  const text = readFileSync(path, AS_TEXT);
  return text.includes('\ufffd') ? undefined : text;
}

function readBytes(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor) : readToEnd(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a stream that may have nothing to give for a while, which `readFileSync` takes for an error. */
function readToEnd(descriptor: number): Buffer {
  const parts: Buffer[] = [];
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let length = 0; length <= STREAM_LIMIT; ) {
    const part = Buffer.allocUnsafe(65_536);
    try {
      const count = readSync(descriptor, part);
      if (count === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, count));
      length += count;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return Buffer.concat(parts);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(wait, 0, 0, 10);
    }
  }
  throw Object.assign(new Error('too large'), { code: 'ERR_FS_FILE_TOO_LARGE' });
}
