import { type EntryKind, type FileSystem, type FolderEntry, UnreadableError } from '../source/file-system.ts';
import { decodeUtf8 } from '../source/utf8.ts';
import { compileExpression } from '../util/re2.ts';

/** Runs git in the current folder and gives what it prints; throws an Error that says in words why it cannot. */
export type Git = (args: readonly string[], input?: string) => Uint8Array;

/** What stands at a path of a revision. */
interface TreeEntry {
  readonly kind: EntryKind;
  readonly id: string;
}

/** The files of one revision: those of the commit, by their path from the top of the repository. */
interface Tree {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** The content of a file or the target of a link. */
  textOf(path: string): string;
}

const MANIFEST_NAME = /\.(ya?ml|json)$/i;
const LINK_HOPS = 40;

/**
 * The files with those of git revisions beside them: `HEAD~1:manifests` is what `git show` calls so, a folder or file of that commit
 * (from the top of the repository, `HEAD~1:./manifests` from the current folder). What exists in the file system under such a name
 * keeps it. Reads only; each revision is listed once.
 */
export function withRevisions(files: FileSystem, git: Git): FileSystem {
  const trees = new Map<string, Tree | undefined>();
  const treeOf = (revision: string): Tree | undefined => {
    if (!trees.has(revision)) trees.set(revision, readTree(revision, git));
    return trees.get(revision);
  };
  let folder: string | undefined;
  const currentFolder = (): string => {
    folder ??= textOf(git(['rev-parse', '--show-prefix'])).trim();
    return folder;
  };
  const find = (path: string): Found | undefined => {
    const colon = path.indexOf(':');
    if (colon <= 0 || path.startsWith('-') || /[\s/\\]/.test(path[colon - 1] ?? '') || files.kindOf(path) !== undefined) {
      return undefined;
    }
    const revision = path.slice(0, colon);
    const tree = treeOf(revision);
    if (tree === undefined) return undefined;
    const inside = path.slice(colon + 1);
    const full = normalize(/^\.\.?(\/|$)/.test(inside) ? currentFolder() + inside : inside);
    const real = follow(tree, full);
    return { revision, tree, path: full, ...(real !== undefined && { real }) };
  };
  return {
    ...files,
    kindOf(path) {
      const found = find(path);
      if (found === undefined) return files.kindOf(path);
      return found.real === undefined ? undefined : found.tree.entries.get(found.real)?.kind;
    },
    listFolder(path) {
      const found = find(path);
      return found === undefined ? files.listFolder(path) : childrenOf(found.tree, found.real ?? found.path);
    },
    realPath(path) {
      const found = find(path);
      if (found === undefined) return files.realPath(path);
      const real = found.real ?? found.path;
      return real === '' ? `${found.revision}:` : `${found.revision}:/${real}`;
    },
    readText(path, kind) {
      const found = find(path);
      if (found === undefined) return files.readText(path, kind);
      if (found.real === undefined) throw new UnreadableError(path, 'no such file or folder in that revision');
      return found.tree.textOf(found.real);
    },
    glob(pattern) {
      const found = find(pattern);
      if (found === undefined) return files.glob(pattern);
      const matches = globMatcher(found.path);
      return [...found.tree.entries.keys()].filter((path) => matches(path)).map((path) => `${found.revision}:${path}`);
    },
  };
}

interface Found {
  readonly revision: string;
  readonly tree: Tree;
  readonly path: string;
  /** The path with links followed; absent where nothing is. */
  readonly real?: string;
}

/** The files of a commit; undefined when git knows no such revision, or is not there. */
function readTree(revision: string, git: Git): Tree | undefined {
  let commit: string;
  try {
    commit = textOf(git(['rev-parse', '--verify', '--quiet', `${revision}^{tree}`])).trim();
  } catch {
    return undefined;
  }
  const entries = new Map<string, TreeEntry>([['', { kind: 'folder', id: commit }]]);
  for (const line of textOf(git(['ls-tree', '-r', '-t', '-z', '--full-tree', commit])).split('\0')) {
    const [, mode, id, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    if (mode === undefined || id === undefined || path === undefined) continue;
    entries.set(path, { id, kind: kindOfMode(mode) });
  }
  const blobs = new Map<string, Uint8Array>();
  const read = (ids: readonly string[]): void => {
    for (const [id, bytes] of readBlobs(ids, git)) blobs.set(id, bytes);
  };
  return {
    entries,
    textOf(path) {
      const id = entries.get(path)?.id ?? '';
      if (!blobs.has(id)) {
        // All manifests beside and below it at once: a process for each would take long.
        const below = path.slice(0, path.lastIndexOf('/') + 1);
        const wanted = [...entries]
          .filter(([name, { kind }]) => kind === 'file' && name.startsWith(below) && MANIFEST_NAME.test(name))
          .map(([, entry]) => entry.id)
          .filter((other) => !blobs.has(other));
        read([...new Set([id, ...wanted])]);
      }
      return decodeUtf8(blobs.get(id) ?? new Uint8Array(), path);
    },
  };
}

function kindOfMode(mode: string): EntryKind {
  if (mode === '040000') return 'folder';
  if (mode === '120000') return 'link';
  return mode === '160000' ? 'other' : 'file';
}

/** The contents of blobs by their id, as `git cat-file --batch` gives them: a line with id, type and size, the bytes, a line break. */
function readBlobs(ids: readonly string[], git: Git): ReadonlyMap<string, Uint8Array> {
  const bytes = git(['cat-file', '--batch'], `${ids.join('\n')}\n`);
  const blobs = new Map<string, Uint8Array>();
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const [id = '', , size] = textOf(bytes.subarray(start, end)).split(' ');
    const content = bytes.subarray(end + 1, end + 1 + Number(size ?? 0));
    blobs.set(id, content);
    start = end + 2 + content.length;
  }
  return blobs;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

/** The path without `.`, `..` and empty steps. */
function normalize(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}

/** The path with links followed, also those that are folders on the way; undefined where nothing is. */
function follow(tree: Tree, path: string): string | undefined {
  let real = path;
  for (let hops = 0; hops < LINK_HOPS; hops++) {
    const steps = real.split('/');
    const length = steps.findIndex((_, index) => tree.entries.get(steps.slice(0, index + 1).join('/'))?.kind === 'link') + 1;
    if (length === 0) return tree.entries.has(real) ? real : undefined;
    const target = tree.textOf(steps.slice(0, length).join('/'));
    if (target.startsWith('/')) return undefined;
    real = normalize([...steps.slice(0, length - 1), target, ...steps.slice(length)].join('/'));
  }
  return undefined;
}

function childrenOf(tree: Tree, folder: string): readonly FolderEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  return [...tree.entries]
    .filter(([path]) => path !== '' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
    .map(([path, { kind }]) => ({ name: path.slice(prefix.length), kind }));
}

/** A pattern of the command line (`*`, `**`, `?`, `[...]`, `{a,b}`) as an expression over whole paths. */
function globMatcher(pattern: string): (path: string) => boolean {
  let depth = 0;
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\[[^[\]]+\]|[{},]|[.+^$()|\\/[\]]/g, (part) => {
    switch (part) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth++;
        return '(?:';
      case '}':
        depth--;
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
      default:
        return part.length > 1 ? part.replace('[!', '[^') : `\\${part}`;
    }
  });
  const expression = compileExpression(source);
  return (path) => expression?.matches(path) ?? false;
}

/** Why what may be the name of a revision leads nowhere; undefined where it is none. */
export function whyNoRevision(label: string, files: FileSystem & { readonly git: Git }): string | undefined {
  if (!label.includes(':') || files.kindOf(label) !== undefined) return undefined;
  try {
    files.git(['rev-parse', '--git-dir']);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `: ${/not a git repository/.test(reason) ? 'this folder is in no git repository' : reason}`;
  }
  return ': git knows no such file or folder, or no such revision';
}
