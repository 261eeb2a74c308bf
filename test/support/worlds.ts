import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { UserError } from '../../src/diagnostics/user-error.ts';
import { loadEachCluster } from '../../src/input/load.ts';
import type { InputOptions } from '../../src/input/options.ts';
import { type ManifestConfiguration, openClusters, openConfiguration } from '../../src/operations/diff/configuration.ts';
import { unknownServers } from '../../src/trace/servers/unknown.ts';
import { fieldsOf } from '../../src/util/object.ts';
import { parseYamlValue } from '../../src/util/yaml.ts';
import { type Surroundings, surroundingsOf } from '../../src/workbench/surroundings.ts';
import type { Files } from './diff.ts';
import { createFakeIo } from './fake-io.ts';

/** A folder of fixtures: manifests of one or several clusters, and how they are read. */
export interface World {
  /** By path in the folder: manifests, MeshConfig and MeshNetworks. */
  readonly files: Files;
  readonly options: InputOptions;
  /** What is read beside. */
  readonly settings: Files;
}

const CONFIG = 'mesh.config.yaml';

/** The world of a folder: as its `mesh.config.yaml` says, else as a recorded case, or of all that lies there. */
export function worldOf(folder: string, ambient?: true): World {
  const all = filesBelow(folder).map((file) => relative(folder, file));
  const has = (name: string): boolean => existsSync(join(folder, name));
  const textsOf = (paths: readonly string[]): Files =>
    Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  if (has(CONFIG)) {
    return {
      files: textsOf(all.filter((path) => isManifest(path) && path !== CONFIG)),
      options: {},
      settings: textsOf([CONFIG]),
    };
  }
  if (!has('manifests')) return { files: textsOf(all.filter(isManifest)), options: { file: ['.'] }, settings: {} };
  const { env } = has('case.yaml') ? fieldsOf(parseYamlValue(readFileSync(join(folder, 'case.yaml'), 'utf8'))) : {};
  const istiodEnv = Object.entries(fieldsOf(env)).map(([name, value]) => `${name}=${value}`);
  const options = {
    file: ['manifests'],
    ...(has('mesh.yaml') && { meshConfig: 'mesh.yaml' }),
    ...(has('mesh-networks.yaml') && { meshNetworks: 'mesh-networks.yaml' }),
    ...(istiodEnv.length > 0 && { istiodEnv }),
    ...(ambient && { ambient }),
  };
  const isRead = (path: string): boolean =>
    path.startsWith('manifests/') || path === options.meshConfig || path === options.meshNetworks;
  return { files: textsOf(all.filter((path) => isRead(path) && isManifest(path))), options, settings: {} };
}

/** One side of a comparison, with what its requests travel through; undefined where the files cannot be read. */
export interface Side {
  readonly side: ManifestConfiguration;
  readonly surroundings: Surroundings;
}

/** Reads a world, with other files in place of its own. */
export async function openSide(label: string, { options, settings }: World, files: Files): Promise<Side | undefined> {
  const texts = Object.entries({ ...settings, ...files }).map(([name, text]) => [`/work/${name}`, text]);
  const inputs = await loadEachCluster(options, [], createFakeIo({ files: Object.fromEntries(texts) }));
  if (inputs.some(({ diagnostics }) => diagnostics.some(({ severity }) => severity === 'error'))) return undefined;
  const [first] = inputs;
  const isOfOne = first !== undefined && inputs.length === 1 && first.cluster === undefined;
  const side = isOfOne ? openConfiguration(label, first) : openClusters(label, inputs);
  try {
    return { side, surroundings: surroundingsOf(side.benches, { servers: unknownServers, now: 0 }) };
  } catch (error) {
    // As where pods of two clusters have one address.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The folder of a fixture or, where a path is given from there, of another one. */
export function worldFolder(name: string): string {
  return resolve(import.meta.dirname, '../../fixtures', name);
}

function isManifest(path: string): boolean {
  return /\.ya?ml$/.test(path) && !/\.mesh-(test|policy)\.yaml$/.test(path) && !/^(requests|case)\.yaml$/.test(path);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]));
}
