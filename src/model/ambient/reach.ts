import type { Behaviours } from '../../releases/release.ts';
import { groupBy } from '../../util/collections.ts';
import type { Endpoint } from '../registry/service.ts';
import { tunnelLabelled } from './capture.ts';
import type { TunnelledWorkload } from './networks.ts';
import { keyOfService, type TunnelledService } from './services.ts';
import type { WaypointAddress } from './waypoints.ts';

/** What of an endpoint tells whether it takes tunnels. */
export type TunnelEnd = Pick<Endpoint, 'address' | 'additionalAddresses' | 'network' | 'labels'>;

/** A waypoint, as who sends to it knows it. */
export interface WaypointHost {
  readonly hostname: string;
  /** Whether gateways are to go there too. */
  readonly takesIngress: boolean;
}

/** How sidecars and gateways reach what is in ambient mode. */
export interface Reach {
  tunnelsTo(endpoint: TunnelEnd): boolean;
  waypointOf(hostname: string, namespace: string): WaypointHost | undefined;
  ingressWaypoint(hostname: string, namespace: string): string | undefined;
}

/** As istio model PushContext.SupportsTunnel and ambient/sidecar_interop.go ServicesWithWaypoint. */
export function createReach(
  services: readonly TunnelledService[],
  workloads: readonly TunnelledWorkload[],
  network: string,
  { enableIngressWaypointRouting }: Pick<Behaviours, 'enableIngressWaypointRouting'>,
): Reach {
  const byAddress = groupBy(
    workloads.flatMap((workload) => workload.addresses.map((address) => ({ key: `${workload.network}/${address}`, workload }))),
    ({ key }) => key,
  );
  const byHost = new Map(services.map((service) => [keyOfService(service), service]));
  const serviceAt = new Map<string, TunnelledService>(
    services.flatMap((service) => service.addresses.map((address) => [`${network}/${address}`, service] as const)).reverse(),
  );
  const takesTunnels = ({ tunnel }: TunnelledWorkload): boolean => tunnel !== 'none';
  const tunnelledServices = new Set(workloads.filter(takesTunnels).flatMap(({ services: served }) => [...served.keys()]));
  // An address that is no workload's own can be that of a service, and then stands for all its workloads.
  const tunnelsToAddress = (key: string): boolean => {
    const known = byAddress.get(key);
    if (known !== undefined) return known.some(({ workload }) => takesTunnels(workload));
    const service = serviceAt.get(key);
    return service !== undefined && tunnelledServices.has(keyOfService(service));
  };
  const hostOf = (address: WaypointAddress | undefined): string | undefined => {
    if (address === undefined) return undefined;
    return 'hostname' in address ? address.hostname : serviceAt.get(`${network}/${address.address}`)?.hostname;
  };
  const waypointOf = (hostname: string, namespace: string): WaypointHost | undefined => {
    const service = byHost.get(keyOfService({ namespace, hostname }));
    const host = hostOf(service?.binding.waypoint?.address);
    return host === undefined ? undefined : { hostname: host, takesIngress: service?.ingressUsesWaypoint === true };
  };
  return {
    waypointOf,
    tunnelsTo: ({ address, additionalAddresses, network: place, labels }) =>
      tunnelLabelled(labels) || [address, ...additionalAddresses].some((candidate) => tunnelsToAddress(`${place}/${candidate}`)),
    ingressWaypoint(hostname, namespace) {
      const waypoint = enableIngressWaypointRouting ? waypointOf(hostname, namespace) : undefined;
      return waypoint?.takesIngress === true ? waypoint.hostname : undefined;
    },
  };
}
