import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expandLists } from '../../src/source/lists.ts';
import { parseText } from '../../src/source/parse.ts';

/** Manifests to begin with: what a folder of the fixtures holds. */
export interface SeedCase {
  readonly name: string;
  /** The values of its documents, in the order of its files. */
  readonly documents: readonly unknown[];
  /** The value of MeshConfig's own file. */
  readonly meshConfig?: unknown;
}

/** The cases below a folder: every folder that has one of the name `manifests`, by path. */
export function readSeedCases(root: string): SeedCase[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'manifests')
    .map((entry) => entry.parentPath)
    .sort()
    .map(readSeedCase);
}

function readSeedCase(folder: string): SeedCase {
  const manifests = join(folder, 'manifests');
  const documents = readdirSync(manifests, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .flatMap((name) => valuesOf(join(manifests, name)));
  const meshFile = join(folder, 'mesh.yaml');
  const name = `${basename(dirname(folder))}/${basename(folder)}`;
  return { name, documents, ...(existsSync(meshFile) && { meshConfig: valuesOf(meshFile)[0] }) };
}

function valuesOf(file: string): unknown[] {
  return expandLists(parseText(file, readFileSync(file, 'utf8'), () => {})).map(({ value }) => value);
}
