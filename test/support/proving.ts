import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inputOfTexts, loadEachCluster } from '../../src/input/load.ts';
import type { ProvingGround } from '../../src/operations/prove/prove.ts';
import { proveFile, provingGround } from '../../src/operations/prove/prove-file.ts';
import { readStatements } from '../../src/operations/prove/read-statements.ts';
import type { ProvenFile } from '../../src/operations/prove/report.ts';
import { defaultRelease } from '../../src/releases/index.ts';
import type { Release } from '../../src/releases/release.ts';
import { parseText } from '../../src/source/parse.ts';
import { openForRequests } from '../../src/workbench/clusters.ts';
import { createFakeIo } from './fake-io.ts';

const folder = resolve(import.meta.dirname, '../../fixtures/prove/manifests');

/** The manifests of fixtures/prove by their names, with others in their place. */
export function shopManifests(others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const own = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  return { ...own, ...others };
}

/** A mesh for statements, of manifests by their names. */
export function groundOf(
  manifests: Readonly<Record<string, string>> = shopManifests(),
  release: Release = defaultRelease,
): ProvingGround {
  const texts = Object.entries(manifests).map(([file, text]) => ({ file, text }));
  return provingGround(openForRequests([inputOfTexts(texts, { release })]), 0);
}

/** Several clusters for statements, of files that lie in `/work`; which are clusters, its mesh.config.yaml says. */
export async function groundOfClusters(files: Readonly<Record<string, string>>): Promise<ProvingGround> {
  return provingGround(openForRequests(await loadEachCluster({}, [], createFakeIo({ files }))), 0);
}

/** What becomes of statements, written as YAML, over a mesh. */
export function proveText(statements: string, ground: ProvingGround): ProvenFile {
  const [document] = parseText('shop.mesh-policy.yaml', statements, () => {});
  const file = document && readStatements(document);
  const proven = file !== undefined && 'statements' in file ? proveFile(file, ground) : file;
  if (proven === undefined || !('statements' in proven)) throw new TypeError(JSON.stringify(proven));
  return proven;
}
