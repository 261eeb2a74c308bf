import type { LbEndpoint } from '../../envoy/api.gen.ts';
import { factsOf, type Role } from '../../model/proxies/roles.ts';
import { CLUSTER_LABEL, NETWORK_LABEL } from '../../model/registry/locality.ts';
import type { Endpoint, NetworkGateway, Service, ServicePort } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { parseCidr } from '../../util/cidr.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { INNER_CONNECT_ORIGINATE, ORIGINAL_DESTINATION } from '../naming/names.ts';
import { joinHostPort } from '../network-filters/tcp-proxy.ts';
import type { ClientPlace } from './client-place.ts';
import { endpointMetadata } from './lb-endpoint.ts';
import { type EndpointGroup, takesMutualTls, withEndpoints } from './locality-groups.ts';

/** What matters of a client. */
type Client = Pick<ClientPlace, 'network' | 'role' | 'ipv4' | 'ipv6' | 'crossesNetworks'>;

const MAX_WEIGHT = 0xffffffff;

/**
 * Replaces endpoints of networks that the client cannot reach by the gateways of those networks, which share their weight; plain
 * text endpoints there cannot be reached at all. All weights are multiplied so that shares stay whole numbers.
 * Without gateways nothing changes, unless ambient mode spans networks: then gateways and waypoints go to other networks through tunnels
 * (HBONE) within tunnels or not at all. `cluster` is the one whose endpoints they are.
 * As istio pilot/pkg/xds/endpoints/ep_filters.go EndpointsByNetworkFilter.
 */
export function splitByNetwork(
  groups: readonly EndpointGroup[],
  gateways: readonly NetworkGateway[],
  client: Client,
  cluster: SplitCluster,
  behaviours: Behaviours,
): readonly EndpointGroup[] {
  const tunnels = behaviours.ambientEnableMultiNetwork && factsOf[client.role].usesPortlessGateways;
  if (gateways.length === 0 && !tunnels) return groups;
  const scale = scaleFactor(gateways);
  return groups.map((group) => splitGroup(group, gateways, scale, { ...client, tunnels }, cluster, behaviours));
}

/** What of a cluster its endpoints in other networks depend on. */
interface SplitCluster {
  readonly service: Service;
  readonly port: Pick<ServicePort, 'port'>;
  /** Whether it is that of a waypoint towards a service that it serves. */
  readonly vip: boolean;
}

/** As selectNetworkGateways: sidecars cannot use gateways that take tunnels alone. */
function isUsable({ port, hbonePort = 0 }: NetworkGateway, { role, tunnels }: { role: Role; tunnels: boolean }): boolean {
  if (tunnels) return hbonePort !== 0;
  return factsOf[role].usesPortlessGateways || port !== 0;
}

function splitGroup(
  group: EndpointGroup,
  gateways: readonly NetworkGateway[],
  scale: number,
  client: Client & { readonly tunnels: boolean },
  cluster: SplitCluster,
  behaviours: Behaviours,
): EndpointGroup {
  const { choosesNetworkGateways, ambientEnableMultiNetwork } = behaviours;
  const direct: { endpoint: Endpoint; lbEndpoint: LbEndpoint }[] = [];
  const weights = new Map<NetworkGateway, number>();
  for (const [index, original] of (group.value.lbEndpoints ?? []).entries()) {
    const endpoint = group.endpoints[index];
    if (endpoint === undefined) continue;
    const loadBalancingWeight = scaled(original.loadBalancingWeight ?? 0, scale);
    const lbEndpoint = { ...original, loadBalancingWeight };
    const reached = gatewaysTo(endpoint, gateways).filter((gateway) => isUsable(gateway, client));
    const ofFamily = choosesNetworkGateways ? reached.filter((gateway) => isReachable(gateway, client)) : reached;
    // A client of unknown network goes through the gateways of any network that has some.
    const forced = choosesNetworkGateways && client.network === '' && endpoint.network !== '' && reached.length > 0;
    const isNear = client.network === '' || endpoint.network === '' || client.network === endpoint.network;
    if (!isNear && ambientEnableMultiNetwork && (!client.crossesNetworks || ofFamily.length === 0)) continue;
    if (!forced && (isNear || reached.length === 0)) {
      if (endpoint.address !== '') direct.push({ endpoint, lbEndpoint });
      continue;
    }
    if (ofFamily.length === 0 || (!client.tunnels && !takesMutualTls(lbEndpoint))) continue;
    const share = Math.floor(loadBalancingWeight / ofFamily.length);
    for (const gateway of ofFamily) weights.set(gateway, (weights.get(gateway) ?? 0) + share);
  }
  const through = gateways
    .filter((gateway) => weights.has(gateway))
    .map((gateway) => gatewayEndpoint(gateway, weights.get(gateway) || 1, client.tunnels, cluster, behaviours));
  const all = [...direct, ...through];
  return withEndpoints(
    group,
    all.map(({ endpoint }) => endpoint),
    all.map(({ lbEndpoint }) => lbEndpoint),
  );
}

/** Whether a client has an address of the gateway's family; one of both families tries names too. As filterGatewaysByIPFamily. */
function isReachable({ address }: NetworkGateway, { ipv4, ipv6 }: Client): boolean {
  if (ipv4 && ipv6) return true;
  const { address: ip } = parseCidr(address) ?? {};
  return ip !== undefined && (isIpv6Text(ip) && !ip.startsWith(MAPPED_IPV4) ? ipv6 : ipv4);
}

/** How addresses of IPv4 are written as ones of IPv6. */
const MAPPED_IPV4 = '::ffff:';

/** The gateways of the endpoint's network, those of its own cluster if there are any. */
function gatewaysTo({ network, clusterId }: Endpoint, gateways: readonly NetworkGateway[]): readonly NetworkGateway[] {
  const ofNetwork = gateways.filter((gateway) => gateway.network === network);
  const ofCluster = ofNetwork.filter((gateway) => gateway.clusterId === clusterId);
  return ofCluster.length > 0 ? ofCluster : ofNetwork;
}

function gatewayEndpoint(
  { network, clusterId, address, port, hbonePort = 0 }: NetworkGateway,
  weight: number,
  tunnels: boolean,
  cluster: SplitCluster,
  behaviours: Behaviours,
): { endpoint: Endpoint; lbEndpoint: LbEndpoint } {
  const endpoint: Endpoint = {
    address,
    additionalAddresses: [],
    port,
    servicePortName: '',
    servicePortNumber: undefined,
    labels: { [CLUSTER_LABEL]: clusterId, [NETWORK_LABEL]: network },
    serviceAccount: '',
    network,
    localityLabel: '',
    weight,
    tlsMode: 'istio',
    namespace: '',
    workloadName: '',
    clusterId,
    health: 'unknown',
    nodeName: '',
    resource: cluster.service.resource,
    path: [],
  };
  const identity = { ...endpoint, labels: {} };
  const lbEndpoint = tunnels
    ? {
        ...throughTwoTunnels(joinHostPort(address, hbonePort), cluster, endpointMetadata('', identity, behaviours)),
        loadBalancingWeight: weight,
      }
    : {
        endpoint: { address: { socketAddress: { address, portValue: port } } },
        loadBalancingWeight: weight,
        metadata: endpointMetadata('istio', identity, behaviours),
      };
  return { endpoint, lbEndpoint };
}

/** Leads through a tunnel to the gateway at `address`, and in it through one that asks for the service by its name. */
function throughTwoTunnels(
  address: string,
  { service, port, vip }: SplitCluster,
  { filterMetadata }: NonNullable<LbEndpoint['metadata']>,
): Pick<LbEndpoint, 'endpoint' | 'metadata'> {
  const target = { double_hbone: { hbone_target_address: joinHostPort(service.hostname, port.port) } };
  return {
    endpoint: { address: { envoyInternalAddress: { serverListenerName: INNER_CONNECT_ORIGINATE, endpointId: address } } },
    metadata: {
      filterMetadata: {
        ...filterMetadata,
        istio: { ...filterMetadata?.istio, ...target },
        [ORIGINAL_DESTINATION]: { local: address },
        ...(!vip && { 'envoy.transport_socket_match': { tunnel: 'http' } }),
      },
    },
  };
}

function scaled(weight: number, scale: number): number {
  if (weight === 0) return scale;
  return weight < Math.floor(MAX_WEIGHT / scale) ? weight * scale : MAX_WEIGHT;
}

/** The least common multiple of the numbers of gateways: per network, and per network and cluster. */
function scaleFactor(gateways: readonly NetworkGateway[]): number {
  const counts = new Map<string, number>();
  for (const { network, clusterId } of gateways) {
    for (const key of [JSON.stringify([network]), JSON.stringify([network, clusterId])]) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts.values()].reduce((lcm, count) => (lcm / greatestCommonDivisor(lcm, count)) * count, 1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
