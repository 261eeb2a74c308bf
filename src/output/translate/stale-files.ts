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
