import type { Destination } from '../../api/istio.gen.ts';
import type { Service } from '../../model/registry/service.ts';
import { subsetKey } from '../naming/names.ts';

/** What a route needs to know of the service that it sends to. */
export type DestinationService = Pick<Service, 'externalName' | 'ports' | 'labels'>;

/**
 * The cluster of a destination. Without a port it is that of the service's only port, else of the listener's port; whether the
 * cluster exists does not matter. A Kubernetes ExternalName stands for the name it points to.
 * As istio core/route GetDestinationCluster.
 */
export function destinationCluster(
  destination: Destination,
  service: DestinationService | undefined,
  listenPort: number,
): string {
  // Gateway API references that are not valid become destinations without host.
  if (!destination.host) return 'UnknownService';
  const host = service?.externalName || destination.host;
  const onlyPort = service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  const port = destination.port === undefined ? (onlyPort ?? listenPort) : (destination.port.number ?? 0);
  return subsetKey('outbound', destination.subset ?? '', host, port);
}
