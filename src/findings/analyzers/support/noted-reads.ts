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
  const listOf = <K extends AnalyzedKind>(kind: K) => noted(`list ${kind}`, listsOf(kind));
  let mesh: Mesh | undefined;
  return {
    list: listOf,
    find(kind, namespace, name) {
      listOf(kind);
      return reader.find(kind, namespace, name);
    },
    get routable() {
      return noted('routable', asks.routable);
    },
    get pods() {
      return noted('pods', asks.pods);
    },
    get release() {
      return noted('release', asks.release);
    },
    get meshConfig() {
      return noted('meshConfig', asks.meshConfig);
    },
    get meshNetworks() {
      return noted('meshNetworks', asks.meshNetworks);
    },
    get clusterDomain() {
      return noted('clusterDomain', asks.clusterDomain);
    },
    get rootNamespace() {
      return noted('rootNamespace', asks.rootNamespace);
    },
    get now() {
      return noted('now', asks.now);
    },
    get fleet() {
      return noted('fleet', asks.fleet);
    },
    again: reader.again,
    mesh() {
      mesh ??= notedMesh(reader.mesh(), noted);
      return mesh;
    },
    traffic: () => noted('traffic', asks.traffic),
  };
}

/** The questions. They are kept for long, so they are made where no reader is in sight: else each would keep one, with a whole input. */
const asks = {
  routable: ({ routable }: Reader) => routable,
  pods: ({ pods }: Reader) => pods,
  release: ({ release }: Reader) => release,
  meshConfig: ({ meshConfig }: Reader) => meshConfig,
  meshNetworks: ({ meshNetworks }: Reader) => meshNetworks,
  clusterDomain: ({ clusterDomain }: Reader) => clusterDomain,
  rootNamespace: ({ rootNamespace }: Reader) => rootNamespace,
  now: ({ now }: Reader) => now,
  fleet: ({ fleet }: Reader) => fleet,
  traffic: (reader: Reader) => reader.traffic(),
};

function listsOf<K extends AnalyzedKind>(kind: K) {
  return ({ list }: Reader) => list(kind);
}

function partOfMesh<K extends keyof Mesh>(name: K) {
  return (reader: Reader) => reader.mesh()[name];
}

type Noted = <T>(name: string, ask: (of: Reader) => T) => T;

function notedMesh(mesh: Mesh, noted: Noted): Mesh {
  // Each property of a mesh becomes one that notes that it was read, and is of the same type.
  const names = Object.keys(mesh) as (keyof Mesh)[];
  const properties = names.map((name) => [name, { enumerable: true, get: () => noted(`mesh ${name}`, partOfMesh(name)) }]);
  return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as Mesh;
}
