import type { LbEndpoint } from '../../envoy/api.gen.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import { CLUSTER_LABEL, NETWORK_LABEL } from '../../model/registry/locality.ts';
import type { Endpoint, NetworkGateway, Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { parseCidr } from '../../util/cidr.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import type { ClientPlace } from './client-place.ts';
import { endpointMetadata } from './lb-endpoint.ts';
import { type EndpointGroup, takesMutualTls, withEndpoints } from './locality-groups.ts';

/** What matters of a client. */
type Client = Pick<ClientPlace, 'network' | 'role' | 'ipv4' | 'ipv6'>;

const MAX_WEIGHT = 0xffffffff;

/**
 * Replaces endpoints of networks that the client cannot reach by the gateways of those networks, which share their weight; plain
 * text endpoints there cannot be reached at all. All weights are multiplied so that shares stay whole numbers.
 * Without gateways nothing changes. As istio pilot/pkg/xds/endpoints/ep_filters.go EndpointsByNetworkFilter.
 */
export function splitByNetwork(
  groups: readonly EndpointGroup[],
  gateways: readonly NetworkGateway[],
  client: Client,
  service: Service,
  behaviours: Behaviours,
): readonly EndpointGroup[] {
  if (gateways.length === 0) return groups;
  const scale = scaleFactor(gateways);
  const usable = factsOf[client.role].usesPortlessGateways ? gateways : gateways.filter(({ port }) => port !== 0);
  return groups.map((group) => splitGroup(group, usable, scale, client, service, behaviours));
}

function splitGroup(
  group: EndpointGroup,
  gateways: readonly NetworkGateway[],
  scale: number,
  client: Client,
  service: Service,
  behaviours: Behaviours,
): EndpointGroup {
  const { choosesNetworkGateways } = behaviours;
  const direct: { endpoint: Endpoint; lbEndpoint: LbEndpoint }[] = [];
  const weights = new Map<NetworkGateway, number>();
  for (const [index, original] of (group.value.lbEndpoints ?? []).entries()) {
    const endpoint = group.endpoints[index];
    if (endpoint === undefined) continue;
    const loadBalancingWeight = scaled(original.loadBalancingWeight ?? 0, scale);
    const lbEndpoint = { ...original, loadBalancingWeight };
    const reached = gatewaysTo(endpoint, gateways);
    // A client of unknown network goes through the gateways of any network that has some.
    const forced = choosesNetworkGateways && client.network === '' && endpoint.network !== '' && reached.length > 0;
    const isNear = client.network === '' || endpoint.network === '' || client.network === endpoint.network;
    if (!forced && (isNear || reached.length === 0)) {
      if (endpoint.address !== '') direct.push({ endpoint, lbEndpoint });
      continue;
    }
    const ofFamily = choosesNetworkGateways ? reached.filter((gateway) => isReachable(gateway, client)) : reached;
    if (ofFamily.length === 0 || !takesMutualTls(lbEndpoint)) continue;
    const share = Math.floor(loadBalancingWeight / ofFamily.length);
    for (const gateway of ofFamily) weights.set(gateway, (weights.get(gateway) ?? 0) + share);
  }
  const through = gateways
    .filter((gateway) => weights.has(gateway))
    .map((gateway) => gatewayEndpoint(gateway, weights.get(gateway) || 1, service, behaviours));
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
  { network, clusterId, address, port }: NetworkGateway,
  weight: number,
  service: Service,
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
    resource: service.resource,
    path: [],
  };
  const lbEndpoint = {
    endpoint: { address: { socketAddress: { address, portValue: port } } },
    loadBalancingWeight: weight,
    metadata: endpointMetadata('istio', { ...endpoint, labels: {} }, behaviours),
  };
  return { endpoint, lbEndpoint };
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
