import type { MeshNetworks } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { type Cidr, parseCidr } from '../../util/cidr.ts';
import { cidrContains, compareIpAddresses } from '../../util/ip-address.ts';
import { isObject } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { selects } from '../labels.ts';
import { NETWORK_LABEL } from './locality.ts';
import type { NetworkGateway, NetworkOf, Service } from './service.ts';

/** On a Service of node ports: the nodes at whose addresses it is reached. */
const NODE_SELECTOR = 'traffic.istio.io/nodeSelector';
/** The class of Gateways that stand for those that run elsewhere. */
export const REMOTE_CLASS = 'istio-remote';
const GATEWAY_PORT_LABEL = 'networking.istio.io/gatewayPort';
/** The port of an east-west gateway where its label names no other. */
const DEFAULT_GATEWAY_PORT = 15443;
/** Where ztunnel, waypoints and sidecars take tunnels (HBONE). */
export const HBONE_PORT = 15008;

/**
 * The network of an endpoint: what its label says, else the label of the control plane's namespace (`ofNamespace`), else what MeshNetworks says of
 * the cluster, else of the address. As istio kube controller Network.
 */
export function buildNetworkOf(
  ofNamespace: string | undefined,
  networks: MeshNetworks | undefined,
  clusterId: string,
): NetworkOf {
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

/** Where gateways to other networks are found in a cluster. */
export interface GatewaySources {
  readonly clusterId: string;
  /** The Services of the cluster, as it defines them. */
  readonly services: readonly { readonly service: Service; readonly resource: ResourceOf<'Service'> }[];
  readonly gateways: readonly ResourceOf<'KubernetesGateway'>[];
  readonly nodes: readonly ResourceOf<'Node'>[];
}

/**
 * The gateways to other networks: those of MeshNetworks, and in each cluster services and Gateways (Gateway API) with a network label. One
 * that is found both as a service and as a Gateway counts twice. Gateways of the class for those that nobody runs count in the first
 * cluster only, whose istiod configures.
 * As istio kube controller network.go and model/network.go.
 */
export function buildNetworkGateways(
  clusters: readonly GatewaySources[],
  networks: MeshNetworks | undefined,
): readonly NetworkGateway[] {
  const found = [
    ...gatewaysOfMeshNetworks(networks),
    ...clusters.flatMap(({ clusterId, services, gateways, nodes }, index) => [
      ...services.flatMap(({ service, resource }) => gatewaysOfService(service, resource, { clusterId, nodes, networks })),
      ...gateways
        .filter(({ spec }) => index === 0 || spec.gatewayClassName !== REMOTE_CLASS)
        .flatMap((gateway) => gatewaysOfResource(gateway, clusterId)),
    ]),
  ];
  const distinct = new Map(found.map(({ gateway, mark }) => [JSON.stringify([gateway, mark]), gateway]));
  return [...distinct.values()].sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
}

function gatewaysOfMeshNetworks(networks: MeshNetworks | undefined): FoundGateway[] {
  return Object.entries(networks?.networks ?? {}).flatMap(([network, { gateways = [] }]) =>
    gateways.flatMap(({ address, port = 0 }): FoundGateway[] =>
      address ? [{ gateway: { network, clusterId: '', address, port }, mark: '' }] : [],
    ),
  );
}

interface ServiceGatewayContext extends Pick<GatewaySources, 'clusterId' | 'nodes'> {
  readonly networks: MeshNetworks | undefined;
}

/** What a service is a gateway to: by its label, else by its host name in MeshNetworks. */
function gatewaysOfService(
  service: Service,
  resource: ResourceOf<'Service'>,
  { clusterId, nodes, networks }: ServiceGatewayContext,
): FoundGateway[] {
  const found = service.labels[NETWORK_LABEL] ? labelledGateway(service) : namedGateways(service, networks, clusterId);
  if (found.length === 0) return [];
  const isOfNodes = resource.spec.type === 'NodePort' && resource.annotations[NODE_SELECTOR] !== undefined;
  const addresses =
    isOfNodes && service.externalAddresses.length === 0 ? addressesOfNodes(resource, nodes) : service.externalAddresses;
  const nodePorts = new Map(isOfNodes ? (resource.spec.ports ?? []).map(({ port, nodePort = 0 }) => [port, nodePort]) : []);
  return addresses.flatMap((address) =>
    found.map(({ port, ...gateway }) => ({
      gateway: { ...gateway, clusterId, address, port: nodePorts.get(port) ?? port },
      mark: '',
    })),
  );
}

/** A gateway without an address. */
interface GatewayPort {
  readonly network: string;
  readonly port: number;
  readonly hbonePort?: number;
}

function labelledGateway({ labels, ports }: Service): GatewayPort[] {
  const stated = labels[GATEWAY_PORT_LABEL];
  const gatewayPort = stated && /^[+-]?\d+$/.test(stated) ? Number(stated) : DEFAULT_GATEWAY_PORT;
  const listensOn = (wanted: number): boolean => ports.some(({ port }) => port === wanted);
  if (!listensOn(gatewayPort) && !listensOn(HBONE_PORT)) return [];
  const port = listensOn(gatewayPort) ? gatewayPort : 0;
  return [{ network: labels[NETWORK_LABEL] ?? '', port, ...(listensOn(HBONE_PORT) && { hbonePort: HBONE_PORT }) }];
}

function namedGateways({ hostname }: Service, networks: MeshNetworks | undefined, clusterId: string): GatewayPort[] {
  return Object.entries(networks?.networks ?? {}).flatMap(([network, { endpoints = [], gateways = [] }]) =>
    endpoints.some(({ fromRegistry }) => fromRegistry === clusterId)
      ? gateways
          .filter(({ address, registryServiceName }) => !address && registryServiceName === hostname)
          .map(({ port = 0 }) => ({ network, port }))
      : [],
  );
}

/** The external addresses of the nodes that a service of node ports selects, one of each; istio updateServiceNodePortAddresses. */
function addressesOfNodes({ annotations }: ResourceOf<'Service'>, nodes: readonly ResourceOf<'Node'>[]): readonly string[] {
  const selector = labelsOfJson(annotations[NODE_SELECTOR] ?? '');
  return nodes.flatMap(({ labels, status }) => {
    const external = status?.addresses?.find(({ type, address }) => type === 'ExternalIP' && address !== '');
    return external !== undefined && selects(selector, labels) ? [external.address] : [];
  });
}

/** Labels in JSON; none where that cannot be read. */
function labelsOfJson(text: string): Labels {
  try {
    const value: unknown = JSON.parse(text);
    const entries = isObject(value) ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

/** The addresses at which a Gateway says that it is reached. */
export function addressesOfGateway({ spec }: ResourceOf<'KubernetesGateway'>): readonly string[] {
  return (spec.addresses ?? []).flatMap(({ type, value }) =>
    (type === 'IPAddress' || type === 'Hostname') && value !== undefined ? [value] : [],
  );
}

function gatewaysOfResource(resource: ResourceOf<'KubernetesGateway'>, clusterId: string): FoundGateway[] {
  const { name, namespace, labels, spec } = resource;
  const network = labels[NETWORK_LABEL];
  if (!network) return [];
  const expectedPort = labels[GATEWAY_PORT_LABEL] ?? String(DEFAULT_GATEWAY_PORT);
  const listeners = (spec.listeners ?? []).flatMap(({ tls, port, protocol }) => {
    const passes =
      tls !== undefined &&
      (tls.options?.['gateway.istio.io/listener-protocol'] === 'auto-passthrough' || String(port) === expectedPort);
    const mark = `${namespace}/${name}`;
    return [...(passes ? [{ port, mark }] : []), ...(protocol === 'HBONE' ? [{ port, hbonePort: port, mark }] : [])];
  });
  return addressesOfGateway(resource).flatMap((address) =>
    listeners.map(({ mark, ...ports }) => ({ gateway: { network, clusterId, address, ...ports }, mark })),
  );
}
