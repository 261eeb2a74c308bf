import { isObject } from '../../util/object.ts';
import { parseYamlValue } from '../../util/yaml.ts';
import type { Io } from '../io.ts';
import { isProxyFileName, PROXY_FILE_EXTENSIONS, type ProxyName, proxyFileName } from './file-name.ts';

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
    const text = io.readText(path);
    if (path.endsWith('.json')) return isWritten(JSON.parse(text));
    return text.startsWith('clusters:') && isWritten(parseYamlValue(text));
  } catch {
    return false;
  }
}

/** Whether a value has the shape of one of the formats of `mesh translate`. */
function isWritten(value: unknown): boolean {
  if (!isObject(value)) return false;
  const has = (...keys: readonly string[]): boolean => Object.keys(value).sort().join() === keys.join();
  if (has('clusters', 'endpoints', 'listeners', 'routes')) return Object.values(value).every(Array.isArray);
  if (has('admin', 'layeredRuntime', 'node', 'staticResources')) return true;
  // The dump of a running Envoy tells when it got its bootstrap; ours has no times.
  const [bootstrap] = has('configs') && Array.isArray(value.configs) ? value.configs : [];
  return isObject(bootstrap) && Object.keys(bootstrap).sort().join() === '@type,bootstrap';
}
