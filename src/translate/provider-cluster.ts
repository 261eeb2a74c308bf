import type { Mesh } from '../model/mesh.ts';
import { subsetKey } from './names.ts';

/**
 * The cluster of a service that an extension provider of MeshConfig names: `hostname`, or `namespace/hostname` where several
 * namespaces have one. Undefined when there is none, or more than one. As istio pilot/pkg/model/telemetry_logging.go LookupCluster.
 */
export function providerCluster(
  mesh: Pick<Mesh, 'registry'>,
  service: string,
  port: number,
): { hostname: string; cluster: string } | undefined {
  const [first = '', second, ...rest] = service.split('/');
  const qualified = second !== undefined && rest.length === 0;
  const found = qualified ? mesh.registry.service(second, first) : onlyService(mesh, service);
  return found && { hostname: found.hostname, cluster: subsetKey('outbound', '', found.hostname, port) };
}

function onlyService(mesh: Pick<Mesh, 'registry'>, hostname: string): { hostname: string } | undefined {
  const services = mesh.registry.servicesOf(hostname);
  return new Set(services.map(({ namespace }) => namespace)).size === 1 ? services[0] : undefined;
}
