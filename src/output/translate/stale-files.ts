import type { FileSystem } from '../../source/file-system.ts';
import { isProxyFileName, PROXY_FILE_EXTENSIONS, type ProxyName, proxyFileName } from './file-name.ts';
import { isTranslateOutput } from './written.ts';

/**
 * The files of a folder that `mesh translate` has written for proxies that are gone, sorted. A file counts only when both its name and
 * its content are such as mesh writes them: those of others are nobody's business here.
 */
export function findStaleFiles(folder: string, proxies: readonly ProxyName[], files: FileSystem): readonly string[] {
  const alive = new Set(PROXY_FILE_EXTENSIONS.flatMap((extension) => proxies.map((proxy) => proxyFileName(proxy, extension))));
  return namesIn(folder, files)
    .filter((name) => isProxyFileName(name) && !alive.has(name) && isOurs(`${folder}/${name}`, files))
    .sort();
}

function namesIn(folder: string, files: FileSystem): readonly string[] {
  try {
    if (files.kindOf(folder) !== 'folder') return [];
    return files.listFolder(folder).flatMap(({ name, kind }) => (kind === 'file' ? [name] : []));
  } catch {
    // A folder that takes files need not show them.
    return [];
  }
}

function isOurs(path: string, files: FileSystem): boolean {
  try {
    return isTranslateOutput(path, files.readText(path));
  } catch {
    return false;
  }
}

const MANY = 10;

/** What is said of such files, or of having taken them away. */
export function staleWords(names: readonly string[], path: string, isRemoved: boolean): string {
  const files = `${names.length} ${names.length === 1 ? 'file of a proxy that is' : 'files of proxies that are'} not in the mesh any more`;
  const more = names.length > MANY ? `, and ${names.length - MANY} more` : '';
  const listed = `${names.slice(0, MANY).join(', ')}${more}`;
  return isRemoved
    ? `Removed from ${path}: ${files}: ${listed}`
    : `warning: ${path} has ${files}: ${listed} (--prune removes them)`;
}
