import { isHttp, isSniffed, isTcp, type Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { assertNever } from '../../util/assert.ts';
import {
  type AddressTraits,
  ANY_ADDRESS,
  ANY_ADDRESS_IPV6,
  anyAddress,
  extraServiceAddresses,
  serviceAddress,
} from '../naming/service-address.ts';
import type { ListenerPort } from '../network-filters/outbound.ts';
import { wildcards } from './address.ts';
import { type ChainPlan, conflictKey, type HttpContent, plainHttpMatch } from './filter-chain.ts';
import { buildConnectionChains, type OutboundClient } from './outbound-chains.ts';

/** An outbound listener before it becomes Envoy's; istio outboundListenerEntry. */
export interface ListenerPlan {
  /** The addresses it listens on, the main one first. */
  readonly binds: readonly string[];
  readonly bindToPort: boolean;
  readonly port: number;
  readonly chains: readonly ChainPlan[];
  /** What it carries so far: the first service's protocol, `Unsupported` once HTTP and other traffic are told apart. */
  readonly protocol: Protocol;
}

/** How the services of an egress listener are listened for. */
export interface ListenerPlace {
  /** Empty where the address follows from the service. */
  readonly binds: readonly string[];
  readonly bindToPort: boolean;
  readonly virtualServices: readonly ResourceOf<'VirtualService'>[];
}

/** A plan that its planner is still adding chains to, with what they match. */
interface DraftPlan extends ListenerPlan {
  readonly chains: ChainPlan[];
  readonly matches: Set<string>;
}

/** The listeners of one scope by address and port, while services are added to them. */
export interface ListenerPlanner {
  /** Makes a listener for a port of a service, or adds to the one that is there. */
  add(service: Service, port: ListenerPort, place: ListenerPlace): void;
  /** Keeps the listeners so far as they are: later services get no part of them. */
  lock(): void;
  plans(): readonly ListenerPlan[];
}

/** How a listener sees a port. */
type Handling = 'http' | 'tcp' | 'sniffed' | 'none';

/**
 * Collects the outbound listeners of a client. Services that share an address and port share a listener, as far as their traffic can
 * be told apart; of the others, the first wins. As istio pilot/pkg/networking/core/listener.go buildSidecarOutboundListener.
 */
export function createListenerPlanner(client: OutboundClient, addresses: AddressTraits): ListenerPlanner {
  const plans = new Map<string, DraftPlan>();
  const anywhere = anyAddress(addresses);
  const locked = new Set<string>();

  function add(service: Service, port: ListenerPort, place: ListenerPlace): void {
    const handling = handlingOf(port.protocol);
    if (service.resolution === 'alias' || handling === 'none') return;
    const { binds, destinations } = placeOf(service, place.binds, handling, addresses);
    const bind = binds[0] ?? '';
    const key = `${bind}_${port.port}`;
    if (locked.has(key)) return;
    const current = plans.get(key);
    // The most frequent case by far: one more service for the routes of a port.
    if (handling === 'http' && current && port.protocol !== 'HTTP_PROXY' && !isTcp(current.protocol)) return;

    const isOnAnyAddress = bind === anywhere;
    const http = (): ChainPlan => httpChain(client, service, port, { bind, isOnAnyAddress }, handling);
    const connections = (): ChainPlan[] => {
      const address = listenAddress(service, addresses);
      return buildConnectionChains(client, {
        service,
        port,
        hasOwnAddress: address !== '' && !address.includes('/') && !(isOnAnyAddress && address === anywhere),
        destinations,
        virtualServices: place.virtualServices,
      });
    };
    const put = (protocol: Protocol, chains: readonly ChainPlan[]): void => {
      const draft = { binds, bindToPort: place.bindToPort, port: port.port, chains: [...chains], protocol };
      plans.set(key, { ...draft, matches: new Set(chains.map(({ match }) => conflictKey(match))) });
    };

    // The proxy protocol has a listener to itself: the last service only gives its name.
    if (port.protocol === 'HTTP_PROXY') {
      put(port.protocol, [{ match: {}, content: http().content }]);
      return;
    }
    if (current === undefined) {
      put(...firstPlan(handling, port.protocol, isOnAnyAddress, http, connections));
      return;
    }

    if (handling === 'sniffed' && !isTcp(current.protocol) && !isHttp(current.protocol)) return;
    if (!canShare(port.protocol, current.protocol)) return;
    // A port whose protocol has to be detected takes the place of a listener for HTTP alone.
    if (handling === 'sniffed' && isHttp(current.protocol)) {
      put(port.protocol, [...connections(), http()]);
      return;
    }

    const incoming = handling === 'tcp' ? connections() : handling === 'http' ? [http()] : [...connections(), http()];
    const mixes = isHttp(current.protocol) || handling !== 'tcp';
    mergeChains(current, incoming);
    plans.set(key, { ...current, protocol: mixes ? 'Unsupported' : current.protocol });
  }

  return {
    add,
    lock: () => {
      for (const key of plans.keys()) locked.add(key);
    },
    plans: () => [...plans.values()].map(({ matches: _, ...plan }) => plan),
  };
}

/** istio networking.ModelProtocolToListenerProtocol. */
function handlingOf(protocol: Protocol): Handling {
  if (protocol === 'UDP') return 'none';
  if (isHttp(protocol)) return 'http';
  return isTcp(protocol) ? 'tcp' : 'sniffed';
}

/**
 * Where the listener listens: on the address of the service, but on any address for HTTP, whose requests name their host, and for
 * ranges, which chains match.
 */
function placeOf(
  service: Service,
  binds: readonly string[],
  handling: Handling,
  traits: AddressTraits,
): { readonly binds: readonly string[]; readonly destinations: readonly string[] } {
  if (binds.length > 0) return { binds, destinations: [] };
  if (handling === 'http') return { binds: wildcards(traits), destinations: [] };
  const address = listenAddress(service, traits);
  if (address === '') return { binds: [], destinations: [] };
  // A host of a ServiceEntry without an address can be reached in both families.
  const isInBoth = service.registry === 'External' && address === ANY_ADDRESS && traits.ipv6;
  const all = [address, ...extraServiceAddresses(service, traits), ...(isInBoth ? [ANY_ADDRESS_IPV6] : [])];
  return address.includes('/') ? { binds: wildcards(traits), destinations: all } : { binds: all, destinations: [] };
}

/** The address of a service to listen on: a ServiceEntry without one is anywhere in the family of the proxy. */
function listenAddress(service: Service, traits: AddressTraits): string {
  const address = serviceAddress(service, traits);
  return service.registry === 'External' && address === ANY_ADDRESS ? anyAddress(traits) : address;
}

function firstPlan(
  handling: Exclude<Handling, 'none'>,
  protocol: Protocol,
  isOnAnyAddress: boolean,
  http: () => ChainPlan,
  connections: () => ChainPlan[],
): [Protocol, readonly ChainPlan[]] {
  switch (handling) {
    // On any address there is always a chain for what is no HTTP: for services outside the registry.
    case 'http':
      return isOnAnyAddress ? ['Unsupported', [http()]] : [protocol, [http()]];
    case 'tcp':
      return [protocol, connections()];
    case 'sniffed':
      return [protocol, [...connections(), http()]];
    default:
      return assertNever(handling);
  }
}

/**
 * The chain whose requests are routed by RDS. A sniffed service on its own address has routes of its own; else all services of a
 * port share them. As istio buildSidecarOutboundHTTPListenerOpts.
 */
function httpChain(
  { traits: { behaviours } }: OutboundClient,
  service: Service,
  port: ListenerPort,
  { bind, isOnAnyAddress }: { readonly bind: string; readonly isOnAnyAddress: boolean },
  handling: Handling,
): ChainPlan {
  const isShared = handling !== 'sniffed' || isOnAnyAddress;
  const routeName = port.port === 0 ? bind : isShared ? String(port.port) : `${service.hostname}:${port.port}`;
  const content: HttpContent = { kind: 'http', routeName, protocol: port.protocol, service };
  return { match: handling === 'sniffed' || isOnAnyAddress ? plainHttpMatch(behaviours) : {}, content };
}

/** Servers that speak first cannot be told apart from others by inspection; istio isConflictWithWellKnownPort. */
function canShare(incoming: Protocol, existing: Protocol): boolean {
  const speaksFirst = (protocol: Protocol): boolean => protocol === 'Mongo' || protocol === 'MySQL';
  return incoming === existing || !(speaksFirst(incoming) || speaksFirst(existing));
}

/** Adds those of the incoming chains that Envoy can tell from the others; istio mergeTCPFilterChains. */
function mergeChains({ chains, matches }: DraftPlan, incoming: readonly ChainPlan[]): void {
  for (const chain of incoming) {
    const key = conflictKey(chain.match);
    if (!matches.has(key)) chains.push(chain);
    matches.add(key);
  }
}

/** Whether a port carries what a listener per endpoint can take: anything but plain HTTP. */
export function isConnectionPort(protocol: Protocol): boolean {
  return isTcp(protocol) || isSniffed(protocol);
}
