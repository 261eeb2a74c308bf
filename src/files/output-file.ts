import { Buffer } from 'node:buffer';
import { closeSync, lstatSync, openSync, realpathSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { own } from '../util/object.ts';
import { openOutputFolder, stateOf, type Undoing, UnwritableError } from './output-folder.ts';
import { reasonOf } from './reasons.ts';

/** Streams of the process by their names in the file system. */
const OPEN_STREAM = /^\/(?:dev\/(?:fd\/(?<dev>\d+)|(?<name>std(?:in|out|err)))|proc\/self\/fd\/(?<self>\d+))$/;
const STANDARD: Readonly<Record<string, number>> = { stdin: 0, stdout: 1, stderr: 2 };

/**
 * Writes one file as a whole or not at all, with the folders above it. A link that is named is followed; a pipe, a device and a
 * stream of the process (`/dev/stdout`) get the content as it is. Throws an UnwritableError.
 */
export function writeOutputFile(path: string, content: string | Uint8Array, undoing: Undoing): void {
  try {
    const target = stateOf(path, statSync);
    if (target?.isDirectory() || path.endsWith('/')) throw new UnwritableError(path, 'it is a folder');
    const stream = openStreamOf(path);
    if (stream !== undefined) {
      writeToStream(stream, content);
      return;
    }
    if (target !== undefined && !target.isFile()) {
      writeToDevice(path, content);
      return;
    }
    const isLink = stateOf(path, lstatSync)?.isSymbolicLink() ?? false;
    if (isLink && target === undefined) throw new UnwritableError(path, 'its link leads nowhere');
    replaceFile(isLink ? realpathSync(path) : path, content, undoing);
  } catch (error) {
    throw new UnwritableError(path, reasonOf(error), error);
  }
}

function replaceFile(path: string, content: string | Uint8Array, undoing: Undoing): void {
  const folder = openOutputFolder(dirname(path), undoing);
  try {
    folder.write(basename(path), content);
    folder.commit();
  } finally {
    folder.discard();
  }
}

/** The number of a stream that the process has open; undefined for other paths. Sockets cannot be opened by their name. */
function openStreamOf(path: string): number | undefined {
  const { dev, self, name = '' } = OPEN_STREAM.exec(resolve(path))?.groups ?? {};
  const number = dev ?? self;
  return number === undefined ? own(STANDARD, name) : Number(number);
}

function writeToDevice(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, 'w');
  try {
    writeToStream(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes all to a stream, whose reader may take its time. */
function writeToStream(descriptor: number, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has enough: no mistake of anybody.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(wait, 0, 0, 10);
    }
  }
}
