import type { Io } from '../../src/cli/io.ts';
import { type EntryKind, type FolderEntry, UnreadableError } from '../../src/source/file-system.ts';

export interface FakeWorld {
  /** Files by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Links by absolute path. */
  readonly links?: Readonly<Record<string, string>>;
  /** Paths that nobody may read. */
  readonly forbidden?: readonly string[];
  readonly stdin?: string;
  /** Pipes and devices, by absolute path; reading one inside of a folder would take forever. */
  readonly streams?: readonly string[];
  /** Why standard input cannot be read. */
  readonly badInput?: UnreadableError;
  readonly env?: Readonly<Record<string, string>>;
  /** What git says. */
  readonly git?: Io['git'];
  /** What other programs print; none is installed where it is absent. */
  readonly run?: Io['run'];
  readonly errorTerminal?: boolean;
  /** What changes in the world while somebody watches, one after the other: the new texts of files by absolute path; null takes one away. */
  readonly changes?: readonly Readonly<Record<string, string | null>>[];
  /** Standard output closes after this many writes. */
  readonly readerLeavesAfter?: number;
}

export interface FakeIo extends Io {
  readonly output: () => string;
  readonly errors: () => string;
  /** Files that were written, by absolute path. */
  readonly written: () => Readonly<Record<string, string>>;
  /** Files that were taken away, by absolute path. */
  readonly removed: () => readonly string[];
}

/** A world in memory, with `/work` as the current folder. */
export function createFakeIo(world: FakeWorld = {}): FakeIo {
  const cwd = '/work';
  const files = new Map(Object.entries(world.files ?? {}));
  const links = new Map(Object.entries(world.links ?? {}));
  const written: Record<string, string> = {};
  const removed: string[] = [];
  let output = '';
  let errors = '';
  let writes = 0;
  let time = 0;

  const absolute = (path: string): string => {
    const parts: string[] = [];
    for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  };
  const follow = (path: string): string => {
    let real = '';
    for (const part of absolute(path).slice(1).split('/')) {
      real = `${real}/${part}`;
      for (let hops = 0; links.has(real); hops++) {
        if (hops > 40) throw new UnreadableError(path, 'its links lead in a circle');
        real = absolute(links.get(real) ?? '');
      }
    }
    return real;
  };
  const check = (path: string): void => {
    if (world.forbidden?.includes(path)) throw new UnreadableError(path, 'permission denied');
  };
  const streams = new Set(world.streams);
  const names = [...files.keys(), ...links.keys(), ...streams];
  const changes = [...(world.changes ?? [])];
  const change = (path: string, text: string | null): void => {
    const place = names.indexOf(path);
    if (text !== null) files.set(path, text);
    else files.delete(path);
    if (text === null && place !== -1) names.splice(place, 1);
    else if (text !== null && place === -1) names.push(path);
  };
  const isFolder = (path: string): boolean => path === '/' || names.some((name) => name.startsWith(`${path}/`));
  const kind = (path: string): EntryKind | undefined =>
    streams.has(path) ? 'stream' : files.has(path) ? 'file' : isFolder(path) ? 'folder' : undefined;

  return {
    cwd,
    isOutputTerminal: false,
    isErrorTerminal: world.errorTerminal ?? false,
    env: (name) => world.env?.[name],
    run: (program, args) => {
      if (world.run === undefined) throw new Error(`${program} is not installed`);
      return world.run(program, args);
    },
    git(args, input) {
      if (world.git === undefined) throw new Error('not a git repository');
      return world.git(args, input);
    },
    kindOf(path) {
      const real = follow(path);
      const closed = world.forbidden?.find((folder) => real.startsWith(`${folder}/`));
      if (closed !== undefined) throw new UnreadableError(path, 'permission denied');
      return kind(real);
    },
    realPath: follow,
    readText(path) {
      const real = follow(path);
      check(real);
      const text = files.get(real);
      if (text === undefined) throw new UnreadableError(path, 'no such file or folder');
      return text;
    },
    readStandardInput() {
      if (world.badInput !== undefined) throw world.badInput;
      return world.stdin ?? '';
    },
    listFolder(path) {
      const folder = follow(path);
      check(folder);
      const prefix = folder === '/' ? '/' : `${folder}/`;
      const children = new Set(
        names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length).split('/')[0] ?? ''),
      );
      return [...children].map((name): FolderEntry => {
        const child = prefix + name;
        return { name, kind: links.has(child) ? 'link' : (kind(child) ?? 'other') };
      });
    },
    glob(pattern) {
      const source = absolute(pattern)
        .replace(/[.+^$()|]/g, '\\$&')
        .replaceAll('*', '[^/]*');
      return names.filter((name) => new RegExp(`^${source}$`).test(name));
    },
    out(content) {
      if (world.readerLeavesAfter !== undefined && writes >= world.readerLeavesAfter) return false;
      writes++;
      output += textOf(content);
      return true;
    },
    err(text) {
      errors += text;
    },
    outputFailure: () => undefined,
    openFolder(path) {
      const pending: Record<string, string> = {};
      const gone: string[] = [];
      return {
        write(name, content) {
          const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
          pending[`${absolute(path)}/${name}`] = parts.map(textOf).join('');
        },
        remove: (name) => void gone.push(`${absolute(path)}/${name}`),
        commit() {
          Object.assign(written, pending);
          for (const name of gone) removed.push(name);
        },
        discard: () => {},
      };
    },
    writeFile: (path, content) => {
      written[absolute(path)] = textOf(content);
    },
    watcher: () => ({
      follow() {},
      next() {
        const next = changes.shift();
        for (const [path, text] of Object.entries(next ?? {})) change(path, text);
        return Promise.resolve(next && Object.keys(next).map((path) => path.replace(/^\/work\//, '')));
      },
    }),
    pause: () => Promise.resolve(),
    now: () => 0,
    clock: () => {
      time += 400;
      return time;
    },
    output: () => output,
    errors: () => errors,
    written: () => written,
    removed: () => removed,
  };
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
}
