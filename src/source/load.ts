import { nothingFound, unreadable } from '../diagnostics/catalog.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from './document.ts';
import { expandLists } from './lists.ts';
import { parseText } from './parse.ts';

/** What a path is. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other';

export interface FolderEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** The files that mesh can read. Methods throw an Error with a readable message when they cannot. */
export interface FileSystem {
  /** What stands at a path, links followed; undefined when nothing does. */
  kindOf(path: string): EntryKind | undefined;
  /** The entries of a folder, links not followed. */
  listFolder(path: string): readonly FolderEntry[];
  /** The path without links, absolute: two names of one file get the same. */
  realPath(path: string): string;
  readText(path: string): string;
  /** All of standard input. */
  readStandardInput(): string;
  /** The files that a pattern stands for, in any order. */
  glob(pattern: string): readonly string[];
}

const MANIFEST_NAME = /\.(ya?ml|json)$/i;
/** Request tables stand beside manifests and are none (docs/test.md). */
const TABLE_NAME = /\.mesh-test\.(ya?ml|json)$/;
const PATTERN = /[*?[\]{}]/;
/** Configures mesh itself (cli/config-file.ts). */
const CONFIG_FILE = 'mesh.config.yaml';

/** A text of the input with the name its user knows it by. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/**
 * The texts that the paths stand for: files, folders (with the folders in them; hidden ones and node_modules are left out),
 * patterns, `-` for standard input. A file that several paths name is read once. What cannot be read is reported.
 */
export function readTexts(paths: readonly string[], files: FileSystem, report: Report): SourceText[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    if (path === '-') return seen.has('-') ? [] : [{ file: '-', text: seen.add('-') && files.readStandardInput() }];
    return attempt(path, report, () => readPath(path, files, seen, report)) ?? [];
  });
}

/** The documents of all the paths, lists replaced by their items. */
export function loadDocuments(paths: readonly string[], files: FileSystem, report: Report): SourceDocument[] {
  return readTexts(paths, files, report).flatMap(({ file, text }) => expandLists(parseText(file, text, report)));
}

function readPath(path: string, files: FileSystem, seen: Set<string>, report: Report): SourceText[] {
  const kind = files.kindOf(path);
  if (kind === 'folder') {
    const found = listManifests(path, files, report);
    if (found.length === 0) report(nothingFound({}, path, 'the folder has no .yaml, .yml or .json file'));
    return readFiles(found, files, seen, report);
  }
  if (kind !== undefined) return readFiles([{ path, real: files.realPath(path) }], files, seen, report);
  if (!PATTERN.test(path)) {
    report(unreadable({}, path, 'no such file or folder'));
    return [];
  }
  const matches = [...files.glob(path)].sort();
  const found = matches.flatMap((match) => {
    const matched = attempt(match, report, () => files.kindOf(match));
    if (matched === 'folder') return listManifests(match, files, report);
    return matched === 'file' && MANIFEST_NAME.test(match) ? [{ path: match, real: files.realPath(match) }] : [];
  });
  if (found.length === 0) report(nothingFound({}, path, 'no file matches the pattern'));
  return readFiles(found, files, seen, report);
}

interface FoundFile {
  readonly path: string;
  readonly real: string;
}

function readFiles(found: readonly FoundFile[], files: FileSystem, seen: Set<string>, report: Report): SourceText[] {
  return found.flatMap(({ path, real }) => {
    if (seen.has(real)) return [];
    seen.add(real);
    const text = attempt(path, report, () => files.readText(path));
    return text === undefined ? [] : [{ file: path, text }];
  });
}

/** The manifests of a folder and of those in it, by name. Links are followed once each, so that cycles end. */
function listManifests(folder: string, files: FileSystem, report: Report): FoundFile[] {
  const found: FoundFile[] = [];
  const links: string[] = [];
  const visited = new Set<string>();

  const visit = (path: string, real: string): void => {
    if (visited.has(real)) return;
    visited.add(real);
    for (const entry of attempt(path, report, () => files.listFolder(path)) ?? []) {
      const child = path.endsWith('/') ? `${path}${entry.name}` : `${path}/${entry.name}`;
      if (entry.kind === 'link') links.push(child);
      else add(child, `${real}/${entry.name}`, entry.name, entry.kind);
    }
  };
  const add = (path: string, real: string, name: string, kind: EntryKind): void => {
    if (kind === 'folder') {
      if (!name.startsWith('.') && name !== 'node_modules') visit(path, real);
    } else if (kind === 'file' && MANIFEST_NAME.test(name) && name !== CONFIG_FILE && !TABLE_NAME.test(name))
      found.push({ path, real });
  };

  visit(folder, files.realPath(folder));
  // What links point at comes last: a file that is also met directly keeps its own name.
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    const path = link;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const kind = attempt(path, report, () => files.kindOf(path));
    if (kind === undefined && MANIFEST_NAME.test(name)) report(unreadable({}, path, 'the link leads nowhere'));
    if (kind === 'folder' || (kind === 'file' && MANIFEST_NAME.test(name))) {
      const real = attempt(path, report, () => files.realPath(path));
      if (real !== undefined) add(path, real, name, kind);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The result of reading something, or undefined after reporting why it cannot be read. */
function attempt<T>(path: string, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    report(unreadable({}, path, error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}
