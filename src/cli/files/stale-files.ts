import { isProxyFileName, PROXY_FILE_EXTENSIONS, type ProxyName, proxyFileName } from '../../output/translate/file-name.ts';
import { isTranslateOutput } from '../../output/translate/written.ts';
import type { Io } from '../io.ts';

/**
 * The files of a folder that `mesh translate` has written for proxies that are gone, sorted. A file counts only when both its name and
 * its content are such as mesh writes them: those of others are nobody's business here.
 */
export function findStaleFiles(folder: string, proxies: readonly ProxyName[], io: Io): readonly string[] {
  const alive = new Set(PROXY_FILE_EXTENSIONS.flatMap((extension) => proxies.map((proxy) => proxyFileName(proxy, extension))));
  return namesIn(folder, io)
    .filter((name) => isProxyFileName(name) && !alive.has(name) && isOurs(`${folder}/${name}`, io))
    .sort();
}

function namesIn(folder: string, io: Io): readonly string[] {
  try {
    if (io.kindOf(folder) !== 'folder') return [];
    return io.listFolder(folder).flatMap(({ name, kind }) => (kind === 'file' ? [name] : []));
  } catch {
    // A folder that takes files need not show them.
    return [];
  }
}

function isOurs(path: string, io: Io): boolean {
  try {
    return isTranslateOutput(path, io.readText(path));
  } catch {
    return false;
  }
}
