import type { DataPlane } from '../../trace/data-plane.ts';
import { memo } from '../../util/memo.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import { listServicePlaces } from '../../workbench/service-places.ts';
import { type AmbientSource, createAlikeAddresses, type LedPlace } from '../alike-addresses.ts';

/** Where services lead, whatever a statement is about. */
export interface LedPlaces {
  /** The ports of an address to which services lead. */
  portsAt(ip: string): ReadonlySet<number>;
  /**
   * The addresses with their ports that connections which ztunnel takes may be for, beside those of pods: of those that nobody on the way
   * tells apart one.
   */
  from(source: AmbientSource): readonly LedPlace[];
}

/** The same for all statements about a mesh. */
export function createLedPlaces(benches: Benches, dataPlane: DataPlane): LedPlaces {
  const [{ local: mesh }] = benches;
  const clusters = joinedClusters(benches);
  const meshes = clusters.length === 0 ? [mesh] : [...benches.map((bench) => bench.mesh), ...clusters.map(({ local }) => local)];
  const { ztunnel } = dataPlane;
  const ports = memo((): ReadonlyMap<string, Set<number>> => {
    const byAddress = new Map<string, Set<number>>();
    for (const { registry } of meshes) {
      for (const service of registry.services) {
        for (const port of service.ports) {
          for (const { address, additionalAddresses, port: number } of registry.endpointsOf(service, port)) {
            for (const ip of [address, ...additionalAddresses]) {
              const known = byAddress.get(ip) ?? new Set();
              byAddress.set(ip, known.add(number));
            }
          }
        }
      }
    }
    return byAddress;
  });
  const alike = ztunnel && createAlikeAddresses(dataPlane, ztunnel);
  const ofNodes = memo(() => listServicePlaces(mesh, dataPlane.podByAddress));
  const from = memo((network: string, namespace: string): readonly LedPlace[] => {
    if (ztunnel === undefined || alike === undefined) return [];
    const source = { network, namespace };
    const ofServices = ztunnel.services.flatMap((service) => {
      const addresses = alike.addressesOf(service, source);
      return [...service.ports.keys()].flatMap((port) => addresses.map((ip) => ({ ip, port })));
    });
    const byKind = new Map<string, LedPlace>();
    for (const { ip, port } of [...ofServices, ...ofNodes()]) {
      const place = alike.lead(source, ip, port);
      const key = place.alike === ip ? `${ip} ${port}` : place.alike;
      if (!byKind.has(key)) byKind.set(key, place);
    }
    return [...byKind.values()];
  });
  return {
    portsAt: (ip) => ports().get(ip) ?? NO_PORTS,
    from: ({ network, namespace }) => from(network, namespace),
  };
}

const NO_PORTS: ReadonlySet<number> = new Set();
