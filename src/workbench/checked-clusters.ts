import type { Session } from '../compile/session.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type FindingsChoice, type FindingsSubject, findingsOf } from '../findings/findings.ts';
import { findingsOfClusters } from '../findings/several-clusters.ts';
import type { Input } from '../input/load.ts';
import type { DataPlane } from '../trace/data-plane.ts';
import { unknownServers } from '../trace/servers/unknown.ts';
import { memo } from '../util/memo.ts';
import type { Benches } from './clusters.ts';
import { compilerOf, createDataPlane } from './data-plane.ts';
import { joinedClusters } from './joined-clusters.ts';
import { createJointDataPlane } from './joint-data-plane.ts';

/** All that is wrong with clusters, in no particular order; `benches` are over their primaries (workbench/clusters.ts). */
export function findingsAmong(inputs: readonly Input[], benches: Benches, choice: FindingsChoice): readonly Diagnostic[] {
  const joined = memo(() => joinedClusters(benches));
  const options = { servers: unknownServers, now: choice.now };
  const subjects = benches.map((bench): FindingsSubject => {
    const primary = bench.meshInput.clusters[0].name;
    /** The requests that are tried go through all clusters, with the proxies of this primary as a session has them. */
    const dataPlaneOf = (session: Session): DataPlane => {
      if (joined().length === 0) return createDataPlane(session, options);
      const changed = { mesh: session.mesh, snapshotOf: compilerOf(session) };
      return createJointDataPlane(
        joined().map((cluster) => ({
          name: cluster.name,
          primary: cluster.primary,
          bench: session !== bench.session && cluster.primary === primary ? changed : cluster.bench,
          get local() {
            return cluster.local;
          },
          get network() {
            return cluster.network;
          },
        })),
        options,
      );
    };
    return {
      input: bench.input,
      meshInput: bench.meshInput,
      again: bench.again,
      dataPlaneOf,
      get mesh() {
        return bench.mesh;
      },
      get session() {
        return bench.session;
      },
    };
  });
  const [only, ...others] = subjects;
  if (only !== undefined && others.length === 0 && inputs.length === 1) return findingsOf(only, choice);
  return findingsOfClusters(inputs, subjects, choice);
}
