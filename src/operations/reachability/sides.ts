import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, Workload } from '../../model/registry/service.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { UnresolvedName } from '../../trace/outcome.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';

/** A cluster from which calls are made: what its proxies are configured by, and what they call through. */
export interface Side {
  /** Undefined where there is one. */
  readonly cluster: string | undefined;
  /** What its primary makes of all clusters. */
  readonly mesh: Mesh;
  readonly dataPlane: DataPlane;
  /** What istiod would send to a proxy, of whatever cluster, by its name in full. */
  snapshotOf(pod: string): XdsSnapshot | undefined;
  /** A service with the addresses that it has in this cluster. */
  seenHere(service: Service): Service;
  /** Why a client here has no address for a host at all; undefined where it has one, or may have. */
  unresolved(service: Service, port: number, client: Workload): UnresolvedName | undefined;
}

/** The sides of one mesh or, of several clusters, of each. */
export function sidesOf(benches: Benches): readonly [Side, ...Side[]] {
  const [bench] = benches;
  const options = { servers: unknownServers, now: 0 };
  const joined = joinedClusters(benches);
  if (joined.length === 0) {
    const { mesh, snapshotOf } = bench;
    const dataPlane = bench.dataPlane(options);
    return [{ cluster: undefined, mesh, dataPlane, snapshotOf, seenHere: (service) => service, unresolved: () => undefined }];
  }
  const { dataPlane, resolve } = surroundingsOf(benches, options);
  const snapshotOf: Side['snapshotOf'] = (key) => {
    const pod = dataPlane.podByKey.get(key);
    return pod && dataPlane.snapshotOf(pod);
  };
  const [first, ...others] = joined.map(
    ({ name, bench: { mesh }, local }): Side => ({
      cluster: name,
      mesh,
      dataPlane,
      snapshotOf,
      seenHere(service) {
        const own = service.addressesByCluster?.get(name);
        return own === undefined ? service : { ...service, address: own[0] ?? '0.0.0.0', addresses: own };
      },
      unresolved(service, port, client) {
        if (service.registry !== 'Kubernetes' || local.registry.servicesOf(service.hostname).length > 0) return undefined;
        const pod = dataPlane.podByKey.get(`${name}/${client.namespace}/${client.name}`);
        const answer = pod && resolve(service.hostname, port, pod);
        return answer !== undefined && 'unresolved' in answer ? answer : undefined;
      },
    }),
  );
  if (first === undefined) throw new TypeError('clusters are several');
  return [first, ...others];
}
