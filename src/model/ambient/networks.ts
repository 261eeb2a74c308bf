import { managedServiceAccount } from '../../resource/gateway-classes.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { compareText } from '../../util/text.ts';
import { NETWORK_LABEL } from '../registry/locality.ts';
import { addressesOfGateway, REMOTE_CLASS } from '../registry/networks.ts';
import { spiffeIdentity } from '../security/spiffe.ts';
import { keyOfService, type TunnelledService } from './services.ts';
import { qualifiedName, type WaypointAddress } from './waypoints.ts';
import { addressOrName, type PlacedWorkload } from './workloads.ts';

/** A gateway through which ztunnel reaches another network; istio ambient/networks.go NetworkGateway. */
export interface RemoteGateway {
  readonly network: string;
  /** An IP address, or a name. */
  readonly address: string;
  /** Where it takes tunnels. */
  readonly port: number;
  readonly serviceAccount: string;
  readonly resource: ResourceOf<'KubernetesGateway'>;
}

/** Where a gateway of another network is reached, as ztunnel is told of gateways. As istio ambient/workloads.go getNetworkGatewayAddress. */
export function placeOfGateway({ address, resource: { namespace } }: RemoteGateway): WaypointAddress {
  return isIpAddress(address) ? { address } : { namespace, hostname: address };
}

/** A workload as ztunnel is told of it. */
export interface TunnelledWorkload extends PlacedWorkload {
  /** Empty where it is in none. */
  readonly clusterId: string;
  /** The gateway of its network. */
  readonly networkGateway: RemoteGateway | undefined;
  /** Whether it is one, a gateway between networks, or all that a service has in another network. */
  readonly standsFor: 'itself' | 'gateway' | 'service';
}

/** What tells where workloads are. */
export interface Networks {
  /** That of the control plane, and of all pods. */
  readonly local: string;
  readonly clusterId: string;
  readonly trustDomain: string;
  /** Whether workloads of other networks are told as one for each service (AMBIENT_ENABLE_MULTI_NETWORK). */
  readonly spans: boolean;
}

/** What ztunnel is told of workloads, and of services whose endpoints are elsewhere. */
export interface Placed {
  readonly workloads: readonly TunnelledWorkload[];
  readonly services: readonly TunnelledService[];
}

/**
 * The network that ztunnel, and all that istiod tells it, is on: as the label of the control plane's namespace says. MeshNetworks and labels of
 * pods do not count here. As istio ambient/networks.go FetchLocalNetworkID.
 */
export function localNetwork(systemNamespace: Resource | undefined): string {
  return systemNamespace?.labels[NETWORK_LABEL] ?? '';
}

/**
 * The gateways of other networks: Gateways of the class for those that run elsewhere, with a network and a listener for tunnels. istiod
 * writes their addresses into their status as the spec has them. As istio ambient/networks.go localK8sGatewayToNetworkGateways.
 */
export function remoteGateways(gateways: readonly ResourceOf<'KubernetesGateway'>[]): readonly RemoteGateway[] {
  return [...gateways]
    .sort((a, b) => compareText(qualifiedName(a), qualifiedName(b)))
    .flatMap((resource): readonly RemoteGateway[] => {
      const network = resource.labels[NETWORK_LABEL];
      const listener = resource.spec.listeners.find(({ protocol }) => protocol === 'HBONE');
      if (resource.spec.gatewayClassName !== REMOTE_CLASS || !network || listener === undefined) return [];
      const { port } = listener;
      const serviceAccount = managedServiceAccount(resource);
      return addressesOfGateway(resource).map((address) => ({ network, address, port, serviceAccount, resource }));
    });
}

/**
 * Adds the way to other networks: the gateway of each workload's network, and the gateways themselves as workloads. Where ambient mode spans
 * networks, what is on other ones is told as one workload for each service that other networks see, and services name its identities.
 * As istio ambient/workloads.go getNetworkGatewayAddress and convertGateway, multicluster.go buildGlobalCollections.
 */
export function placeOnNetworks(
  workloads: readonly PlacedWorkload[],
  services: readonly TunnelledService[],
  gateways: readonly RemoteGateway[],
  networks: Networks,
): Placed {
  // Of several gateways to a network istiod takes one, which is by chance: here the first by name.
  const gatewayTo = new Map([...gateways].reverse().map((gateway) => [gateway.network, gateway]));
  const known = workloads.map((workload): TunnelledWorkload => {
    const networkGateway = workload.resource.kind === 'EndpointSlice' ? undefined : gatewayTo.get(workload.network);
    return { ...workload, clusterId: networks.clusterId, networkGateway, standsFor: 'itself' };
  });
  const ofGateways = new Map(gateways.map(gatewayWorkload).map((workload) => [workload.uid, workload]));
  if (!networks.spans) return { workloads: [...known, ...ofGateways.values()], services };
  const elsewhere = groupBy(
    known
      .filter(({ network }) => network !== networks.local)
      .flatMap((workload) => [...workload.services.keys()].map((key) => ({ key, workload }))),
    ({ key }) => key,
  );
  const behind = services.flatMap((service): { service: TunnelledService; far: readonly TunnelledWorkload[] }[] => {
    const far = (service.isGlobal ? elsewhere.get(keyOfService(service)) : undefined) ?? [];
    return far.length === 0 ? [] : [{ service, far: far.map(({ workload }) => workload) }];
  });
  const identities = new Map(
    behind.map(({ service, far }) => [
      service,
      far.map(({ namespace, serviceAccount }) => spiffeIdentity(networks.trustDomain, namespace, serviceAccount)),
    ]),
  );
  return {
    workloads: [
      ...known.filter(({ network }) => network === networks.local),
      ...ofGateways.values(),
      ...behind.flatMap(({ service, far }) =>
        [...groupBy(far, ({ network }) => network)].flatMap(([network, there]) => {
          const gateway = gatewayTo.get(network);
          return gateway === undefined ? [] : [serviceElsewhere(service, there, gateway, networks.clusterId)];
        }),
      ),
    ],
    services: services.map((service) => {
      const added = identities.get(service);
      return added === undefined
        ? service
        : { ...service, subjectAltNames: [...new Set([...service.subjectAltNames, ...added])].sort() };
    }),
  };
}

/** What workloads have that are not written as such. */
const unwritten = {
  serviceAccount: '',
  node: '',
  locality: undefined,
  isHealthy: true,
  workloadName: '',
  canonical: undefined,
  sharesAddress: false,
  applicationTunnel: undefined,
  waypoint: undefined,
  waypointError: undefined,
  policies: [],
  mutualTls: undefined,
} as const;

/** As istio ambient/workloads.go convertGateway. */
function gatewayWorkload({ network, address, port, serviceAccount, resource }: RemoteGateway): TunnelledWorkload {
  const uid = `NetworkGateway/${network}/${address}/${port}`;
  return {
    ...unwritten,
    ...addressOrName(address),
    uid,
    name: uid,
    namespace: resource.namespace,
    network,
    serviceAccount,
    tunnel: 'none',
    weight: 0,
    services: new Map(),
    clusterId: '',
    networkGateway: undefined,
    standsFor: 'gateway',
    resource,
  };
}

/** One workload for all of a service in another network, which has no address. As istio ambient/multicluster.go createSplitHorizonWorkload. */
function serviceElsewhere(
  service: TunnelledService,
  workloads: readonly TunnelledWorkload[],
  gateway: RemoteGateway,
  clusterId: string,
): TunnelledWorkload {
  const key = keyOfService(service);
  const { network, address, resource } = gateway;
  const uid = `${network}/SplitHorizonWorkload/${qualifiedName(resource)}/${address}/${key}`;
  return {
    ...unwritten,
    addresses: [],
    hostname: undefined,
    uid,
    name: uid,
    namespace: service.namespace,
    network,
    tunnel: 'ztunnel',
    weight: workloads.reduce((sum, { weight }) => sum + (weight || 1), 0),
    services: new Map([[key, service.ports]]),
    clusterId,
    networkGateway: gateway,
    standsFor: 'service',
    resource: service.resource,
  };
}
