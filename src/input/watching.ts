import { basename, dirname, normalize } from 'node:path';
import type { ChunkReader, ReadChunk } from '../source/document.ts';
import type { FileSystem } from '../source/file-system.ts';
import { createAgain } from '../util/again.ts';
import type { InputFiles } from './files.ts';

/** Tells of changes in folders. */
export interface Watcher {
  /** Looks at a folder from now on; what cannot be looked at is left alone. */
  follow(folder: string): void;
  /** The paths that have changed since it was asked last, once there are some; undefined when there will be no more. */
  next(): Promise<readonly string[] | undefined>;
}

/** The same files, each read once until it changes. */
interface WatchedFiles extends Pick<Required<InputFiles>, 'again' | 'chunks' | 'once'>, Omit<FileSystem, 'readStandardInput'> {
  /** Forgets what is known of paths; whether anybody has asked for any of it. */
  forget(paths: readonly string[]): boolean;
}

/** What was read of a file: by the source of each stretch what it was in each of its places. */
type KnownChunks = Map<string, { readonly source: string; readonly inPlaces: Map<string, ReadChunk> }>;

/** Reads the stretches of a file, which are known to the next such reader; those that an earlier one has read stay. */
function createChunkReader(before: KnownChunks | undefined, now: KnownChunks): ChunkReader {
  return (source, place, read) => {
    const where = place.join(' ');
    const known = before?.get(source);
    // A part of a text holds all of it, so that of later texts nothing is held but copies of what is new in them.
    const current = now.get(source) ?? {
      source: known?.source ?? (before === undefined ? source : copyOf(source)),
      inPlaces: new Map(),
    };
    const chunk = known?.inPlaces.get(where) ?? read(current.source);
    current.inPlaces.set(where, chunk);
    now.set(current.source, current);
    return chunk;
  };
}

/** The same text in memory of its own. */
function copyOf(text: string): string {
  const copy: unknown = JSON.parse(JSON.stringify(text));
  return String(copy);
}

/** Files of which all that is asked is remembered, and every folder followed in which an answer may change. */
function watchedFiles(files: FileSystem, watcher: Pick<Watcher, 'follow'>): WatchedFiles {
  const tables = new Set<Map<string, unknown>>();
  const chunksOf = new Map<string, KnownChunks>();
  const made = new Map<string, { readonly text: string; readonly result: unknown }>();
  let hasPatterns = false;
  const remembering = <A extends readonly unknown[], T>(
    place: (path: string) => string,
    ask: (path: string, ...rest: A) => T,
  ): ((path: string, ...rest: A) => T) => {
    const known = new Map<string, T>();
    tables.add(known);
    return (path, ...rest) => {
      const key = normalize(path);
      const found = known.get(key);
      if (found !== undefined) return found;
      // Before it is asked, so that nothing can change in between unseen.
      watcher.follow(place(key));
      asked.add(key);
      const answer = ask(path, ...rest);
      if (answer !== undefined) known.set(key, answer);
      return answer;
    };
  };
  const asked = new Set<string>();
  const listed = new Set<string>();
  const real = new Map<string, string>();
  const listFolder = remembering(normalize, (path) => files.listFolder(path));
  return {
    kindOf: remembering(dirname, (path) => files.kindOf(path)),
    listFolder(path) {
      listed.add(normalize(path));
      return listFolder(path);
    },
    readText: remembering(dirname, (path, kind) => files.readText(path, kind)),
    realPath(path) {
      const found = real.get(path) ?? files.realPath(path);
      real.set(path, found);
      return found;
    },
    glob(pattern) {
      hasPatterns = true;
      return files.glob(pattern);
    },
    once(file, text, make) {
      const known = made.get(file);
      // What was made of a text is what the same question would make of it again.
      if (known?.text === text) return known.result as ReturnType<typeof make>;
      const result = make();
      made.set(file, { text, result });
      return result;
    },
    chunks(file) {
      const before = chunksOf.get(file);
      const now: KnownChunks = new Map();
      chunksOf.set(file, now);
      return createChunkReader(before, now);
    },
    again: createAgain(),
    forget(paths) {
      real.clear();
      let isKnown = false;
      for (const path of paths.map((each) => normalize(each))) {
        const folder = dirname(path);
        // What editors put beside a file for a moment is hidden.
        const isVisible = !basename(path).startsWith('.');
        isKnown ||= asked.has(path) || (isVisible && (hasPatterns || listed.has(folder)));
        for (const table of tables) for (const key of [path, folder]) table.delete(key);
      }
      return isKnown;
    },
  };
}

/**
 * Runs a work now, and again whenever something has changed that it has read, until there will be no more changes. `written` are the paths
 * of its own results.
 */
export async function watchInput(
  files: FileSystem,
  watcher: Watcher,
  written: ReadonlySet<string>,
  run: (files: WatchedFiles) => Promise<void>,
): Promise<void> {
  const watched = watchedFiles(files, watcher);
  await run(watched);
  for (let paths = await watcher.next(); paths !== undefined; paths = await watcher.next()) {
    if (watched.forget(paths.filter((path) => !written.has(normalize(path))))) await run(watched);
  }
}
