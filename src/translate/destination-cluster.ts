import type { Destination } from '../api/istio.gen.ts';
import type { Service } from '../model/service.ts';
import { subsetKey } from './names.ts';

/**
 * Name of the cluster of a route's destination, whether it exists or not: the port is the destination's own, else the only one of
 * the service, else the listener's; an ExternalName Service stands for its target.
 * As istio pilot/pkg/networking/core/route/route.go GetDestinationCluster.
 */
export function destinationCluster(destination: Destination, service: Service | undefined, listenerPort: number): string {
  // Only references of the Gateway API that point nowhere have no host.
  if (!destination.host) return 'UnknownService';
  const onlyPort = service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  const port = destination.port === undefined ? (onlyPort ?? listenerPort) : (destination.port.number ?? 0);
  return subsetKey('outbound', destination.subset ?? '', service?.externalName || destination.host, port);
}
