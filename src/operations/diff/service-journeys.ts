import type { Target } from '../../sample-requests/targets.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
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
    for (const { hostname, address, ports, registry } of mesh.registry.services) {
      if (registry !== 'Kubernetes' || address === '' || address === '0.0.0.0') continue;
      for (const { port, protocol } of ports) {
        const [earlier, later] = planes.map((plane) => placesAt(plane, address, port));
        if (protocol === 'UDP' || earlier === later) continue;
        targets.set(`${address} ${port}`, {
          scheme: 'http',
          host: hostname,
          ip: address,
          port,
          conditions: [{}],
          clusters: [],
          virtualHosts: [],
        });
      }
    }
  }
  return [...targets.values()].map((target) => {
    const client = { client: { kind: 'without-sidecar' }, workload: target.host, key: target.host, isOutside: true } as const;
    return { client, target, others: [], isClientChanged: false };
  });
}

/** Where nodes lead connections to an address, as a text. */
function placesAt({ serviceAt }: DataPlane, ip: string, port: number): string {
  const place = serviceAt({ ip, port });
  return JSON.stringify(place && [place.port, place.isNodeLocal, place.hosts.map(({ destination }) => destination)]);
}
