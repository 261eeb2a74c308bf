import { createSession, type Session } from '../compile/session.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { judge } from '../findings/policy/levels.ts';
import { type Input, meshInputOf } from '../input/load.ts';
import { buildMesh } from '../model/build-mesh.ts';
import { withAllNamespaces } from '../model/discovery.ts';
import type { Mesh } from '../model/mesh.ts';
import type { MeshInput } from '../model/mesh-input.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import { type DataPlane, podKey } from '../trace/data-plane.ts';
import { type Again, afresh } from '../util/again.ts';
import { memo } from '../util/memo.ts';
import { compilerOf, createDataPlane, type DataPlaneOptions } from './data-plane.ts';
import { capturedPods, findProxy } from './pods.ts';

/**
 * One input with all that is made of it, each part when it is first asked for and then kept: the mesh, the session that compiles its
 * proxies, their snapshots. Commands and the library do their work over it.
 */
export interface Workbench {
  readonly input: Input;
  /** Those of all clusters that its istiod sees, where there are several; else the same. */
  readonly inputs: readonly Input[];
  /** What the mesh is built from: all clusters that its istiod sees. */
  readonly meshInput: MeshInput;
  readonly mesh: Mesh;
  /** What Kubernetes itself knows, which looks at all namespaces: the same mesh, unless discovery selectors keep some from istiod. */
  readonly local: Mesh;
  readonly session: Session;
  /** What was made of earlier states of the mesh, which nobody asks any more. */
  readonly again: Again;
  /** The proxies of the mesh, `namespace/name`, in order. */
  readonly proxies: readonly string[];
  /** The proxy that a name stands for (workbench/pods.ts). Throws a UserError with the nearest names where there is none. */
  findProxy(name: string): Proxy;
  /** What istiod would send to the proxy `namespace/name`; undefined where there is no such proxy. */
  snapshotOf(proxy: string): XdsSnapshot | undefined;
  /** The pods, with what stands in front of them, for requests to travel through. */
  dataPlane(options: DataPlaneOptions): DataPlane;
  /** What compiling notes, with the level that it has in this input (findings/policy/levels.ts). */
  judge(notes: readonly Diagnostic[]): readonly Diagnostic[];
}

/** What was made of earlier states of an input. What is made of several clusters is made anew. */
function againOf({ again = afresh }: Input, { clusters }: MeshInput): Again {
  return clusters.length === 1 ? again : afresh;
}

/**
 * A workbench over an input that was read, in which there is no error; of several clusters, over all that the istiod of one of them sees,
 * whose manifests the input is then.
 */
export function openWorkbench(
  input: Input,
  meshInput: MeshInput = meshInputOf(input),
  inputs: readonly Input[] = [input],
): Workbench {
  const again = againOf(input, meshInput);
  const mesh = memo(() => buildMesh(meshInput, input.again));
  const local = memo(() => {
    const seen = withAllNamespaces(meshInput);
    return seen === meshInput ? mesh() : buildMesh(seen);
  });
  const session = memo(() => createSession(mesh(), again));
  const compiler = memo(() => compilerOf(session()));
  return {
    input,
    inputs,
    meshInput,
    again,
    get mesh() {
      return mesh();
    },
    get local() {
      return local();
    },
    get session() {
      return session();
    },
    get proxies() {
      return [...new Set(mesh().proxies.map(podKey))];
    },
    findProxy: (name) => findProxy(name, mesh().proxies, () => capturedPods(mesh()), input.namespace),
    // Of one argument, whatever else it is called with (`map` gives indexes too).
    snapshotOf: (proxy) => compiler()(proxy),
    dataPlane: (options) => createDataPlane(session(), options, compiler(), local, again),
    judge: (notes) => notes.map((note) => judge(note, { mesh: mesh(), meshConfig: input.meshConfig })),
  };
}
