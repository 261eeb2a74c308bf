import { UNSPECIFIED_ADDRESS } from '../../model/registry/kubernetes-services.ts';
import type { Target } from '../../sample-requests/targets.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';

/** Requests of pods without a proxy to addresses of Services that nodes lead elsewhere on the other side. */
export function journeysToServices(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
): readonly Journey[] {
  // Of several clusters, an address is somebody else's from each place.
  if (planes.some(({ around }) => around !== undefined)) return [];
  const targets = new Map<string, Target>();
  for (const { mesh } of sides) {
    for (const { hostname, address, addresses, externalAddresses, ports, registry } of mesh.registry.services) {
      if (registry !== 'Kubernetes') continue;
      for (const ip of new Set([address, ...addresses, ...externalAddresses].filter(isAddress))) {
        for (const { port, protocol } of ports) {
          const [earlier, later] = planes.map((plane) => placesAt(plane, ip, port));
          if (protocol === 'UDP' || earlier === later) continue;
          targets.set(`${ip} ${port}`, {
            ...{ scheme: 'http', host: hostname, ip, port },
            ...{ conditions: [{}], clusters: [], virtualHosts: [] },
          });
        }
      }
    }
  }
  return [...targets.values()].map((target) => {
    const client = { client: { kind: 'without-sidecar' }, workload: target.host, key: target.host, isOutside: true } as const;
    return { client, target, others: [], isClientChanged: false };
  });
}

function isAddress(text: string): boolean {
  return isIpAddress(text) && text !== UNSPECIFIED_ADDRESS;
}

/** Where nodes lead connections to an address, as a text. */
function placesAt({ serviceAt }: DataPlane, ip: string, port: number): string {
  const place = serviceAt({ ip, port });
  return JSON.stringify(place && [place.port, place.isNodeLocal, place.hosts.map(({ destination }) => destination)]);
}
