import type { MeshNetworks } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { type Cidr, parseCidr } from '../../util/cidr.ts';
import { cidrContains, compareIpAddresses } from '../../util/ip-address.ts';
import { compareText } from '../../util/text.ts';
import { NETWORK_LABEL } from './locality.ts';
import type { NetworkGateway, NetworkOf, Service } from './service.ts';

const GATEWAY_PORT_LABEL = 'networking.istio.io/gatewayPort';
/** The port of an east-west gateway where its label names no other. */
const DEFAULT_GATEWAY_PORT = 15443;
/** Where ztunnel, waypoints and sidecars take tunnels (HBONE). */
export const HBONE_PORT = 15008;

/**
 * The network of an endpoint: what its label says, else the label of the control plane's namespace, else what MeshNetworks says of
 * the cluster, else of the address. As istio kube controller Network.
 */
export function buildNetworkOf(
  systemNamespaceLabels: Labels | undefined,
  networks: MeshNetworks | undefined,
  clusterId: string,
): NetworkOf {
  const ofNamespace = systemNamespaceLabels?.[NETWORK_LABEL];
  const all = Object.entries(networks?.networks ?? {});
  const ofCluster = all.find(([, { endpoints = [] }]) => endpoints.some(({ fromRegistry }) => fromRegistry === clusterId))?.[0];
  // Of several ranges that hold an address the widest counts, for it is the first that istiod's trie comes to.
  const cidrs = all
    .flatMap(([name, { endpoints = [] }]) => endpoints.flatMap(({ fromCidr }) => (fromCidr ? [{ name, cidr: fromCidr }] : [])))
    .sort((a, b) => (parseCidr(a.cidr)?.length ?? 0) - (parseCidr(b.cidr)?.length ?? 0));
  return (address, labels) =>
    labels[NETWORK_LABEL] || ofNamespace || ofCluster || cidrs.find(({ cidr }) => cidrContains(cidr, address))?.name || '';
}

/**
 * The address ranges of all networks of MeshNetworks, in order: what gateways take for internal clients.
 * As istio networking/util MeshNetworksToEnvoyInternalAddressConfig.
 */
export function internalRangesOf(networks: MeshNetworks | undefined): readonly Cidr[] {
  return Object.values(networks?.networks ?? {})
    .flatMap(({ endpoints = [] }) => endpoints.flatMap(({ fromCidr = '' }) => parseCidr(fromCidr) ?? []))
    .sort((a, b) => compareIpAddresses(a.address, b.address) || a.length - b.length);
}

/** A gateway with what else tells it from others: istiod compares them with their service accounts and ports for HBONE. */
interface FoundGateway {
  readonly gateway: NetworkGateway;
  readonly mark: string;
}

/**
 * The gateways to other networks: those of MeshNetworks, and services and Gateways (Gateway API) with a network label. One that is
 * found both as a service and as a Gateway counts twice.
 * As istio kube controller network.go and model/network.go.
 */
export function buildNetworkGateways(
  services: readonly Service[],
  gateways: readonly ResourceOf<'KubernetesGateway'>[],
  networks: MeshNetworks | undefined,
  clusterId: string,
): readonly NetworkGateway[] {
  const found = [
    ...gatewaysOfMeshNetworks(services, networks, clusterId),
    ...services.flatMap((service) => gatewaysOfService(service, clusterId)),
    ...gateways.flatMap((gateway) => gatewaysOfResource(gateway, clusterId)),
  ];
  const distinct = new Map(found.map(({ gateway, mark }) => [JSON.stringify([gateway, mark]), gateway]));
  return [...distinct.values()].sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
}

function gatewaysOfMeshNetworks(
  services: readonly Service[],
  networks: MeshNetworks | undefined,
  clusterId: string,
): FoundGateway[] {
  const found = (gateway: NetworkGateway): FoundGateway => ({ gateway, mark: '' });
  return Object.entries(networks?.networks ?? {}).flatMap(([network, { endpoints = [], gateways = [] }]) => {
    const ofThisCluster = endpoints.some(({ fromRegistry }) => fromRegistry === clusterId);
    return gateways.flatMap(({ address, registryServiceName, port = 0 }): FoundGateway[] => {
      if (address) return [found({ network, clusterId: '', address, port })];
      if (!ofThisCluster || !registryServiceName) return [];
      const service = services.find(
        ({ hostname, registry, labels }) =>
          hostname === registryServiceName && registry === 'Kubernetes' && !labels[NETWORK_LABEL],
      );
      return (service?.externalAddresses ?? []).map((external) => found({ network, clusterId, address: external, port }));
    });
  });
}

function gatewaysOfService({ registry, labels, ports, externalAddresses }: Service, clusterId: string): FoundGateway[] {
  const network = labels[NETWORK_LABEL];
  if (registry !== 'Kubernetes' || !network) return [];
  const stated = labels[GATEWAY_PORT_LABEL];
  const gatewayPort = stated && /^[+-]?\d+$/.test(stated) ? Number(stated) : DEFAULT_GATEWAY_PORT;
  const listensOn = (wanted: number): boolean => ports.some(({ port }) => port === wanted);
  if (!listensOn(gatewayPort) && !listensOn(HBONE_PORT)) return [];
  const port = listensOn(gatewayPort) ? gatewayPort : 0;
  const mark = listensOn(HBONE_PORT) ? 'HBONE' : '';
  return externalAddresses.map((address) => ({ gateway: { network, clusterId, address, port }, mark }));
}

function gatewaysOfResource(
  { name, namespace, labels, spec }: ResourceOf<'KubernetesGateway'>,
  clusterId: string,
): FoundGateway[] {
  const network = labels[NETWORK_LABEL];
  if (!network) return [];
  const expectedPort = labels[GATEWAY_PORT_LABEL] ?? String(DEFAULT_GATEWAY_PORT);
  const listeners = (spec.listeners ?? []).flatMap(({ tls, port, protocol }) => {
    const passes =
      tls !== undefined &&
      (tls.options?.['gateway.istio.io/listener-protocol'] === 'auto-passthrough' || String(port) === expectedPort);
    const mark = `${namespace}/${name}`;
    return [...(passes ? [{ port, mark }] : []), ...(protocol === 'HBONE' ? [{ port, mark: `${mark} HBONE` }] : [])];
  });
  return (spec.addresses ?? [])
    .filter(({ type }) => type === 'IPAddress' || type === 'Hostname')
    .flatMap(({ value: address }) =>
      address === undefined ? [] : listeners.map(({ port, mark }) => ({ gateway: { network, clusterId, address, port }, mark })),
    );
}
