import type { CompiledSnapshot } from '../../../compile/compiled-snapshot.ts';
import type { ClusterLoadAssignment } from '../../../envoy/api.gen.ts';
import type { Mesh } from '../../../model/mesh.ts';
import { aboutServices, type Service } from '../../../model/registry/service.ts';
import { type Again, afresh, againOver } from '../../../util/again.ts';
import { memo } from '../../../util/memo.ts';

/** Whether all endpoints of a service on a port are pods. */
function createPodCheck({ registry }: Mesh): (service: Service, port: string) => boolean {
  return memo((service: Service, port: string) =>
    service.ports
      .filter((candidate) => String(candidate.port) === port)
      .flatMap((candidate) => registry.endpointsOf(service, candidate))
      .every(({ resource }) => resource.kind === 'Pod'),
  );
}

/** Those endpoints of a proxy that are worth a look. */
export type EndpointChoice = (snapshot: CompiledSnapshot) => readonly ClusterLoadAssignment[];

/**
 * Chooses the endpoints of a proxy in which Envoy could find a mistake of somebody: of a service and a subset of it those of the service,
 * which has them all, and none of pods, whose addresses and ports nobody writes.
 */
export function createEndpointChoice(mesh: Mesh, again: Again = afresh): EndpointChoice {
  const { registry } = mesh;
  const areOfPods = againOver(again, 'endpoints of pods', mesh, createPodCheck, { part: 'registry', steady: aboutServices });
  // Many proxies ask.
  const isOfPods = memo((host: string, port: string): boolean => {
    const services = registry.servicesOf(host);
    return services.length > 0 && services.every((service) => areOfPods(service, port));
  });
  return ({ clusters, single: { endpointsOf } }) => {
    const discovered = clusters.filter(({ type }) => type === 'EDS');
    const names = new Set(discovered.map(({ name }) => name));
    const isWorthALook = (name: string): boolean => {
      const [direction = '', port = '', subset, host = ''] = name.split('|');
      if (subset !== '' && names.has(`${direction}|${port}||${host}`)) return false;
      // Gateways stand for what lies in other networks.
      return registry.networkGateways.length > 0 || !isOfPods(host, port);
    };
    return discovered.filter(({ name = '' }) => isWorthALook(name)).map(endpointsOf);
  };
}
