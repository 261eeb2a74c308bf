import type { FilterChain } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { DataPlane, ServicePlace } from '../trace/data-plane.ts';
import { addressOfBytes } from '../trace/ztunnel/addresses.ts';
import type { DirectoryService, DirectoryWorkload, ZtunnelDirectory } from '../trace/ztunnel/directory.ts';
import { addressesWithin } from '../util/cidr.ts';
import { isIpv6Text } from '../util/ip-address.ts';
import { memo } from '../util/memo.ts';
import { waypointPods } from '../workbench/waypoint-before.ts';

/** Where connections of a pod go that ztunnel takes. */
export interface LedPlace {
  readonly ip: string;
  readonly port: number;
  /** The service that ztunnel finds at the address. */
  readonly service?: DirectoryService;
  /** Where nodes lead what ztunnel lets pass. */
  readonly place?: ServicePlace;
}

/** What ztunnel and those behind it make of addresses. */
export interface AlikeAddresses {
  /** Where connections to an address go, as a text: the same for addresses that nobody on the way tells apart. */
  leadOf(source: AmbientSource, ip: string, port: number): string;
  /** The same with what is found at the address. */
  lead(source: AmbientSource, ip: string, port: number): LedPlace & { readonly alike: string };
  /** The addresses of a service, of its ranges one each. */
  addressesOf(service: DirectoryService, source: AmbientSource): readonly string[];
}

/** What ztunnel asks about whose connection it takes. */
export interface AmbientSource {
  readonly network: string;
  readonly namespace: string;
}

/** What ztunnel asks about connections of a workload. */
export function sourceOf({ network, message: { namespace = '' } }: DirectoryWorkload): AmbientSource {
  return { network, namespace };
}

/**
 * Tells addresses apart as ztunnel does (trace/ztunnel/next-hop.ts), the waypoint that it leads to, and the nodes where it lets connections
 * pass. What may look at the address itself tells each from all others.
 */
export function createAlikeAddresses(dataPlane: DataPlane, ztunnel: ZtunnelDirectory): AlikeAddresses {
  const isAddressAsked = memo((part: object) => ASKS_FOR_ADDRESS.test(JSON.stringify(part, withoutLogs)));
  const isRangeAsked = memo((part: object) => ASKS_FOR_RANGE.test(JSON.stringify(part, withoutLogs)));
  const waypoints = memo((service: DirectoryService): readonly XdsSnapshot[] => {
    const snapshots = waypointPods(service, dataPlane).flatMap((pod) => dataPlane.snapshotOf(pod) ?? []);
    return [...new Set(snapshots)];
  });
  /** What the waypoint of a service chooses by the address; the address where it may look at it again. */
  const atWaypoint = (service: DirectoryService, ip: string, port: number): readonly string[] =>
    waypoints(service).map((snapshot) => {
      const listener = dataPlane.lookups.listener(snapshot, MAIN);
      if (listener === undefined) return '';
      const { filterChainMatcher: matcher } = listener;
      const first = dataPlane.lookups.listener(snapshot, TERMINATE);
      if (matcher === undefined || asksForMore(matcher) || (first !== undefined && isRangeAsked(first))) return ip;
      const { chain } = dataPlane.lookups.filterChain(listener, connectionTo(ip, port, dataPlane));
      return chain !== undefined && (isAddressAsked(chain) || leadsByAddress(snapshot, chain)) ? ip : (chain?.name ?? '');
    });
  const lead: AlikeAddresses['lead'] = ({ network, namespace }, ip, port) => {
    const family = isIpv6Text(ip) ? 'IPv6' : 'IPv4';
    const service = ztunnel.serviceAt(ip, network, namespace);
    const owner = ztunnel.workloadAt(ip, network);
    if (service === undefined) {
      const place = owner === undefined ? dataPlane.serviceAt({ ip, port }) : undefined;
      if (place === undefined) return { ip, port, alike: ip };
      return { ip, port, place, alike: JSON.stringify([family, place.service, place.port, place.isNodeLocal]) };
    }
    const isOwned = owner !== undefined || service.endpoints.some(({ workload }) => workload.ips.includes(ip));
    if (isOwned || service.message.loadBalancing?.mode === 'PASSTHROUGH') return { ip, port, service, alike: ip };
    const { namespace: of, hostname, message } = service;
    const chains = message.waypoint === undefined ? [] : atWaypoint(service, ip, port);
    return { ip, port, service, alike: JSON.stringify([family, of, hostname, port, ...chains]) };
  };
  return {
    lead,
    leadOf: (source, ip, port) => lead(source, ip, port).alike,
    addressesOf: (service, { network, namespace }) => [
      ...service.vips,
      ...(service.message.addresses ?? []).flatMap(({ address = '', length }) => {
        const ip = addressOfBytes(address);
        if (length === undefined || service.vips.includes(ip)) return [];
        const isOwn = (one: string): boolean =>
          ztunnel.serviceAt(one, network, namespace) === service && ztunnel.workloadAt(one, network) === undefined;
        return addressesWithin({ address: ip, length }, MOST_TRIED).find(isOwn) ?? [];
      }),
    ],
  };
}

/** So many addresses of a range are looked at to find one that is nobody else's. */
const MOST_TRIED = 64;

/** The listeners of a waypoint: where tunnels end, and where it tells the services apart. */
const TERMINATE = 'connect_terminate';
const MAIN = 'main_internal';

/** What in a configuration may look at the address that a connection is for. */
const ASKS_FOR_ADDRESS = /destination_?ip|prefix_?ranges|local_address|destination\.(?:ip|address)|original_?dst/i;

/** The same where the address is written into the connection anyway. */
const ASKS_FOR_RANGE = /destination_?ip|prefix_?ranges/i;

/** Logs are told the address, and nothing is decided by them. */
function withoutLogs(key: string, value: unknown): unknown {
  return key === 'accessLog' ? undefined : value;
}

/** Whether a matcher looks at more than where a connection goes. */
function asksForMore(matcher: object): boolean {
  const inputs = JSON.stringify(matcher).match(/common_inputs\.\w+\.v3\.\w+/g) ?? [];
  return inputs.some((input) => !input.endsWith('.DestinationIPInput') && !input.endsWith('.DestinationPortInput'));
}

/** Whether a filter chain has a cluster that goes where the connection was going. */
function leadsByAddress({ clusters }: XdsSnapshot, chain: FilterChain): boolean {
  const text = JSON.stringify(chain);
  return clusters.some(({ name, type }) => type === 'ORIGINAL_DST' && text.includes(JSON.stringify(name)));
}

function connectionTo(ip: string, port: number, { lookups }: DataPlane): Parameters<DataPlane['lookups']['filterChain']>[1] {
  return {
    destination: { ip, port },
    source: { ip: '', port: 0 },
    serverName: '',
    transportProtocol: '',
    applicationProtocols: [],
    compile: lookups.compile,
  };
}
