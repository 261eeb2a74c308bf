import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { nodeFiles } from '../files/node-files.ts';
import { createNodeWatcher } from '../files/node-watcher.ts';
import { writeOutputFile } from '../files/output-file.ts';
import { type OutputFolder, openOutputFolder } from '../files/output-folder.ts';
import { reasonOf } from '../files/reasons.ts';
import { createUndoing } from '../files/undoing.ts';
import type { Watcher } from '../input/watching.ts';
import type { Printable, PrintableBytes } from '../output/escape/printable.ts';
import { type FileSystem, UnreadableError } from '../source/file-system.ts';
import { own } from '../util/object.ts';

/** All that a command can do to the world outside. */
export interface Io extends FileSystem {
  /** The current folder; undefined where it does not exist any more. */
  readonly cwd: string | undefined;
  env(name: string): string | undefined;
  readonly isOutputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  /** Runs git in the current folder; throws an Error that says in words why it cannot. */
  git(args: readonly string[], input?: string): Uint8Array;
  /** Runs another program in the current folder; throws an Error that says in words why it cannot. */
  run(program: string, args: readonly string[]): Uint8Array;
  /** Writes a result to standard output. False when it takes no more; the work can stop then. */
  out(content: Printable | PrintableBytes): boolean;
  /** Why standard output takes no more; undefined while it does, and when its reader just had enough. */
  outputFailure(): string | undefined;
  /** Writes talk to standard error. */
  err(text: Printable): void;
  openFolder(path: string): OutputFolder<Printable | PrintableBytes>;
  /** Writes a file, as a whole or not at all. */
  writeFile(path: string, content: Printable | PrintableBytes): void;
  /** Lets the world catch up (a reader that went away is noticed here). */
  pause(): Promise<void>;
  /** Tells of changes of files. */
  watcher(): Watcher;
  /** Milliseconds since some moment; for progress only. */
  clock(): number;
  /** Milliseconds since 1970; for the validity of certificates. */
  now(): number;
}

/** As many characters make an input long: those of some thousand manifests. */
const LONG_INPUT = 1_000_000;

/**
 * The real world. It says when so much has been read that the work on it will be long, when a whole folder is to be written, and when a run
 * is over that others will follow.
 */
export function createNodeIo(onLongWork: () => void = () => {}): Io {
  let outputIsOpen = true;
  let failure: string | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    outputIsOpen = false;
    // The reader has enough (`mesh translate | head`): no mistake of anybody.
    if (error.code !== 'EPIPE') failure ??= reasonOf(error);
  });
  process.stderr.on('error', () => {});
  const undoing = createUndoing();
  let isInputRead = false;
  let readLength = 0;
  const counted = (text: string): string => {
    const before = readLength;
    readLength += text.length;
    if (before < LONG_INPUT && readLength >= LONG_INPUT) onLongWork();
    return text;
  };
  return {
    ...nodeFiles,
    cwd: currentFolder(),
    readText: (path, kind) => counted(nodeFiles.readText(path, kind)),
    readStandardInput() {
      // What two flags both call `-` cannot be for both.
      if (isInputRead) throw new UnreadableError('standard input', 'it was read already; only one `-` can be given');
      isInputRead = true;
      return counted(nodeFiles.readStandardInput());
    },
    env: (name) => own(process.env, name),
    git: (args, input) => runProgram('git', args, input),
    run: runProgram,
    isOutputTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    out(content) {
      if (outputIsOpen) process.stdout.write(content);
      return outputIsOpen;
    },
    outputFailure: () => failure,
    err: (text) => void process.stderr.write(text),
    openFolder(path) {
      onLongWork();
      return openOutputFolder(path, undoing);
    },
    writeFile: (path, content) => writeOutputFile(path, content, undoing),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    watcher() {
      const watcher = createNodeWatcher();
      const next = () => {
        onLongWork();
        return watcher.next();
      };
      return { ...watcher, next };
    },
    clock: () => performance.now(),
    now: () => Date.now(),
  };
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

const OUTPUT_LIMIT = 1 << 30;

function runProgram(program: string, args: readonly string[], input = ''): Uint8Array {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: OUTPUT_LIMIT, windowsHide: true });
  if (error !== undefined) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(isMissing ? `${program} is not installed` : `${program} cannot be run: ${reasonOf(error)}`, { cause: error });
  }
  if (status !== 0) throw new Error(stderr.toString('utf8').trim() || `${program} ${args[0] ?? ''} failed`);
  return stdout;
}
