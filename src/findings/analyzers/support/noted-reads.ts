import type { Mesh } from '../../../model/mesh.ts';
import type { AnalyzedKind, Reader } from './reader.ts';

/** Something that was asked of a reader, and its answer. */
export interface NotedRead {
  readonly ask: (reader: Reader) => unknown;
  readonly answer: unknown;
}

/**
 * The twin of a reader, which notes what it is asked. Who asks for one resource asks for all of its kind; of the mesh, each part is a
 * question of its own.
 */
export function notingReader(reader: Reader, note: (read: NotedRead) => void): Reader {
  const known = new Set<string>();
  const noted = <T>(name: string, ask: (of: Reader) => T): T => {
    const answer = ask(reader);
    if (!known.has(name)) {
      known.add(name);
      note({ ask, answer });
    }
    return answer;
  };
  const listOf = <K extends AnalyzedKind>(kind: K) => noted(`list ${kind}`, ({ list }) => list(kind));
  let mesh: Mesh | undefined;
  return {
    list: listOf,
    find(kind, namespace, name) {
      listOf(kind);
      return reader.find(kind, namespace, name);
    },
    get routable() {
      return noted('routable', ({ routable }) => routable);
    },
    get pods() {
      return noted('pods', ({ pods }) => pods);
    },
    get release() {
      return noted('release', ({ release }) => release);
    },
    get meshConfig() {
      return noted('meshConfig', ({ meshConfig }) => meshConfig);
    },
    get meshNetworks() {
      return noted('meshNetworks', ({ meshNetworks }) => meshNetworks);
    },
    get clusterDomain() {
      return noted('clusterDomain', ({ clusterDomain }) => clusterDomain);
    },
    get rootNamespace() {
      return noted('rootNamespace', ({ rootNamespace }) => rootNamespace);
    },
    get now() {
      return noted('now', ({ now }) => now);
    },
    get fleet() {
      return noted('fleet', ({ fleet }) => fleet);
    },
    again: reader.again,
    mesh() {
      mesh ??= notedMesh(reader.mesh(), noted);
      return mesh;
    },
    traffic: () => noted('traffic', (of) => of.traffic()),
  };
}

type Noted = <T>(name: string, ask: (of: Reader) => T) => T;

function notedMesh(mesh: Mesh, noted: Noted): Mesh {
  // Each property of a mesh becomes one that notes that it was read, and is of the same type.
  const names = Object.keys(mesh) as (keyof Mesh)[];
  const properties = names.map((name) => [name, { enumerable: true, get: () => noted(`mesh ${name}`, (of) => of.mesh()[name]) }]);
  return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as Mesh;
}
