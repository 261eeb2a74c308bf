import type { Random } from './random.ts';
import type { Files, Outcome } from './run.ts';

/** Manifests as files, and the flags that name these in some order. */
export interface Arrangement {
  readonly files: Files;
  readonly flags: readonly string[];
}

/** Manifests as values, and MeshConfig where it has a file of its own. */
export interface Manifests {
  readonly documents: readonly unknown[];
  readonly meshConfig?: unknown;
}

/** Each document in a file of its own, named in order. */
export function inOrder(manifests: Manifests): Arrangement {
  return filesOf(
    manifests.documents.map((document, index) => ({ name: nameOf(index), documents: [document] })),
    manifests.meshConfig,
  );
}

/** The same files, named in another order: nothing that is printed may differ. */
export function filesShuffled(manifests: Manifests, random: Random): Arrangement {
  const { files, flags } = inOrder(manifests);
  const names = Object.keys(files).filter((name) => name !== MESH_CONFIG);
  return { files, flags: [...random.shuffle(names).flatMap((name) => ['-f', name]), ...flags.slice(2 * names.length)] };
}

/** The documents in another order, several to a file, with the fields of their objects in another order; lists stay as they are. */
export function everythingShuffled({ documents, meshConfig }: Manifests, random: Random): Arrangement {
  const groups = new Map<string, unknown[]>();
  for (const document of random.shuffle(documents)) {
    const name = nameOf(random.below(Math.ceil(documents.length / 2)));
    groups.set(name, [...(groups.get(name) ?? []), shuffleKeys(document, random)]);
  }
  return filesOf(
    [...groups].map(([name, members]) => ({ name, documents: members })),
    shuffleKeys(meshConfig, random),
  );
}

const MESH_CONFIG = 'mesh.json';
const nameOf = (index: number): string => `document-${String(index).padStart(3, '0')}.json`;

function filesOf(
  named: readonly { readonly name: string; readonly documents: readonly unknown[] }[],
  meshConfig: unknown,
): Arrangement {
  const manifests = named.map(({ name, documents }) => [
    name,
    documents.map((document) => JSON.stringify(document)).join('\n---\n'),
  ]);
  const hasMeshConfig = meshConfig !== undefined;
  return {
    files: Object.fromEntries([...manifests, ...(hasMeshConfig ? [[MESH_CONFIG, JSON.stringify(meshConfig)]] : [])]),
    flags: [...named.flatMap(({ name }) => ['-f', name]), ...(hasMeshConfig ? ['--mesh-config', MESH_CONFIG] : [])],
  };
}

function shuffleKeys(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, random));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(random.shuffle(Object.entries(value)).map(([key, member]) => [key, shuffleKeys(member, random)]));
}

/** What must be the same when files are named in another order: all but the order of the files that validate goes through. */
export function withoutOrderOfFiles(command: string, outcome: Outcome): Outcome {
  return command === 'validate' ? { ...outcome, output: sortLines(outcome.output) } : outcome;
}

/** What must be the same when the same manifests stand in other places of other files. */
export function withoutPlaces({ status, output, errors }: Outcome): Outcome {
  return { status, output: withoutPlacesIn(output), errors: withoutPlacesIn(errors) };
}

/** Findings are sorted by their places, and commas tell them apart, so that lines are compared as a set. */
function withoutPlacesIn(text: string): string {
  return sortLines(
    text
      .replaceAll(/(document-\d+|mesh)\.json(:\d+)*/g, 'FILE')
      .replaceAll(/"(line|column|endLine|endColumn|index)": \d+/g, '"$1": 0')
      .replaceAll(/^FILE is (not )?valid.*$/gm, '')
      // Shuffled documents stand in other files.
      .replaceAll(/\d+ of \d+ files (is|are) not valid/g, 'FILES are not valid')
      .replaceAll(/ in \d+ files?\.$/gm, ' in FILES.')
      .replaceAll(/,$/gm, ''),
  );
}

function sortLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort()
    .join('\n');
}
