import type { Mesh } from '../../../model/mesh.ts';
import { twinOf } from '../../../util/again.ts';
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
  const part = <K extends keyof Reader>(name: K): Reader[K] => noted(name, partOfReader(name));
  const listOf = <K extends AnalyzedKind>(kind: K) => noted(`list ${kind}`, listsOf(kind));
  let mesh: Mesh | undefined;
  return {
    list: listOf,
    find(kind, namespace, name) {
      listOf(kind);
      return reader.find(kind, namespace, name);
    },
    get routable() {
      return part('routable');
    },
    get pods() {
      return part('pods');
    },
    get release() {
      return part('release');
    },
    get meshConfig() {
      return part('meshConfig');
    },
    get meshNetworks() {
      return part('meshNetworks');
    },
    get clusterDomain() {
      return part('clusterDomain');
    },
    get rootNamespace() {
      return part('rootNamespace');
    },
    get now() {
      return part('now');
    },
    get fleet() {
      return part('fleet');
    },
    again: reader.again,
    mesh() {
      mesh ??= notedMesh(reader.mesh(), noted);
      return mesh;
    },
    traffic: () => noted('traffic', trafficOf),
  };
}

// The questions are kept for long, so they are made where no reader is in sight: else each would keep one, with a whole input.

function partOfReader<K extends keyof Reader>(name: K) {
  return (reader: Reader) => reader[name];
}

function trafficOf(reader: Reader) {
  return reader.traffic();
}

function listsOf<K extends AnalyzedKind>(kind: K) {
  return ({ list }: Reader) => list(kind);
}

function partOfMesh<K extends keyof Mesh>(name: K) {
  return (reader: Reader) => reader.mesh()[name];
}

type Noted = <T>(name: string, ask: (of: Reader) => T) => T;

function notedMesh(mesh: Mesh, noted: Noted): Mesh {
  return twinOf(mesh, (name) => noted(`mesh ${name}`, partOfMesh(name)));
}
