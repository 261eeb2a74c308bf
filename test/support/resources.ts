import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { defaultRelease } from '../../src/releases/index.ts';
import type { Release } from '../../src/releases/release.ts';
import { assignAddresses } from '../../src/resource/addresses.ts';
import { decodeDocuments } from '../../src/resource/decode.ts';
import { expandWorkloads } from '../../src/resource/expand.ts';
import type { Resource } from '../../src/resource/resource.ts';
import type { FileSystem } from '../../src/source/file-system.ts';
import { expandLists } from '../../src/source/lists.ts';
import { loadDocuments } from '../../src/source/load.ts';
import { parseText } from '../../src/source/parse.ts';

/** The resources of a YAML text, as the program reads them. Throws on anything that would be reported. */
export function resourcesOfYaml(text: string): Resource[] {
  const found: Diagnostic[] = [];
  const documents = expandLists(parseText('test.yaml', text, (diagnostic) => found.push(diagnostic)));
  const decoded = decodeDocuments(documents, { release: defaultRelease, namespace: 'default' }, (diagnostic) =>
    found.push(diagnostic),
  );
  return complete(decoded, found);
}

/** The resources of the manifests in a folder. */
export function resourcesOfFolder(folder: string, release: Release = defaultRelease): Resource[] {
  const found: Diagnostic[] = [];
  const documents = loadDocuments([folder], nodeFiles, (diagnostic) => found.push(diagnostic));
  return complete(
    decodeDocuments(documents, { release, namespace: 'default' }, (diagnostic) => found.push(diagnostic)),
    found,
  );
}

function complete(decoded: readonly Resource[], found: Diagnostic[]): Resource[] {
  const report = (diagnostic: Diagnostic): void => void found.push(diagnostic);
  const resources = assignAddresses([...decoded, ...expandWorkloads(decoded, report)], report);
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return resources;
}

const nodeFiles: FileSystem = {
  kindOf(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isDirectory() ? 'folder' : 'file';
  },
  listFolder: (path) =>
    readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file',
    })),
  realPath: (path) => realpathSync(path),
  readText: (path) => readFileSync(join(path), 'utf8'),
  readStandardInput: () => '',
  glob: () => [],
};
