import type { Report } from '../diagnostics/diagnostic.ts';
import { linkLeadsOut, unreadable } from '../diagnostics/problems/reading.ts';
import { type EntryKind, type FileSystem, UnreadableError } from './file-system.ts';

/** A file by the name that leads to it and by its own, without links. */
export interface FoundFile {
  readonly path: string;
  readonly real: string;
}

/**
 * The files of a folder and of those in it that have a wanted name, sorted. Hidden folders, node_modules, pipes and devices are passed
 * over. Links are followed once each, so that circles end, and only within the folder: what a link leads to outside is somebody
 * else's, whom the link did not ask.
 */
export function findFiles(folder: string, isWanted: (name: string) => boolean, files: FileSystem, report: Report): FoundFile[] {
  const found: FoundFile[] = [];
  const links: string[] = [];
  const visited = new Set<string>();

  const visit = (path: string, real: string): void => {
    if (visited.has(real)) return;
    visited.add(real);
    for (const entry of attempt(path, report, () => files.listFolder(path)) ?? []) {
      const child = joinPath(path, entry.name);
      if (entry.kind === 'link') links.push(child);
      else add(child, joinPath(real, entry.name), entry.name, entry.kind);
    }
  };
  const add = (path: string, real: string, name: string, kind: EntryKind): void => {
    if (kind === 'folder' && isOpen(name)) visit(path, real);
    else if (kind === 'file' && isWanted(name)) found.push({ path, real });
  };

  const root = files.realPath(folder);
  visit(folder, root);
  // What links point at comes last: a file that is also met directly keeps its own name.
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    const path = link;
    const name = nameOf(path);
    const kind = attempt(path, report, () => files.kindOf(path));
    if (kind === undefined) {
      if (isWanted(name)) report(unreadable({}, path, 'the link leads nowhere'));
      continue;
    }
    if (kind === 'folder' ? !isOpen(name) : !isWanted(name)) continue;
    const real = attempt(path, report, () => files.realPath(path));
    if (real === undefined) continue;
    if (isWithin(real, root)) add(path, real, name, kind);
    else report(linkLeadsOut({}, path, real, folder));
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Whether a folder of this name is read: hidden ones and packages of others are not. */
function isOpen(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules';
}

/** Whether a path lies in a folder or is the folder; both without links. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The folder in which a path stands, by name alone. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '.' : path.slice(0, slash) || '/';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** The result of reading something, or undefined after reporting why it cannot be read. */
export function attempt<T>(path: string, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const place = error instanceof UnreadableError ? error.place : undefined;
    report(unreadable(place === undefined ? {} : { location: { file: path, ...place } }, path, reason));
    return undefined;
  }
}
