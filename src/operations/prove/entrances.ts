import { isAny } from '../../envoy/any.ts';
import type { FilterChain, Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { ALWAYS, anyOf, type Formula, not, textTest } from '../../request-space/formula.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import type { DirectoryWorkload } from '../../trace/ztunnel/directory.ts';
import { formatHostPort, isPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { OUTSIDE, unknownAddress } from '../../workbench/addresses.ts';
import { sourceOf } from '../alike-addresses.ts';
import { chainsForOtherProtocols } from '../other-protocols.ts';
import { firstOfKin } from './alike.ts';
import type { Destinations, ServerAddresses, ServerPlace } from './destinations.ts';
import type { LedPlaces } from './led-places.ts';
import { portBeside } from './port-beside.ts';
import { domainFormula, type RoutedHosts } from './routed-hosts.ts';

/** A place where requests begin: whose they are, where their connection goes, and which of them are asked about. */
export interface RequestEntrance {
  /** From outside of the cluster, from a pod of the mesh, or from a pod that the manifests do not have, in plain text. */
  readonly kind: 'outside' | 'pod' | 'stranger';
  /** What of the request is the same for all. */
  readonly base: Pick<TraceRequest, 'from' | 'address' | 'entersAt' | 'scheme' | 'applicationProtocols'>;
  /** What holds of the others. */
  readonly within: Formula;
  /** The host of all of them, where nothing on their way asks for more than whether it is this or another. */
  readonly authority?: string;
  /** Where requests begin that no trace follows, in words. */
  readonly untraced?: string;
}

const SCHEMES = ['http', 'tcp', 'https'] as const;
/** A waypoint takes TLS that says of itself that HTTP is in it for HTTP, and else passes it on. */
const SCHEMES_AT_WAYPOINT = [...SCHEMES, 'tls'] as const;

/** Where requests from outside begin: the ports of gateways, and of pods that a Service lets the world reach. */
export function entrancesFromOutside(dataPlane: DataPlane, exposed: readonly ServerPlace[]): readonly RequestEntrance[] {
  const gateways = firstOfKin(
    dataPlane.pods.filter(({ proxy }) => proxy === 'gateway'),
    dataPlane,
  );
  const atGateways = gateways.flatMap((pod) =>
    gatewayPorts(dataPlane.snapshotOf(pod)).flatMap(([port, schemes]) =>
      addressesOf(pod).flatMap((ip) => {
        const at = placeOfPod(pod);
        return [
          ...schemes.map((scheme) => entranceAt('outside', OUTSIDE, { ip, port, ...at }, scheme)),
          ...asSidecars(dataPlane.snapshotOf(pod), port).map((protocol) =>
            spokenAs(protocol, entranceAt('outside', OUTSIDE, { ip, port, ...at }, 'tls')),
          ),
        ];
      }),
    ),
  );
  return [...atGateways, ...directEntrances('outside', OUTSIDE, exposed)];
}

/** Of several clusters, where addresses of a pod are its own. */
function placeOfPod(pod: TracePod): { readonly at?: string } {
  return pod.cluster === undefined ? {} : { at: podKey(pod) };
}

/** The protocols by which filter chains at a port tell sidecars of other clusters from other clients, one of each chain. */
function asSidecars(snapshot: XdsSnapshot | undefined, port: number): readonly string[] {
  const protocols = (snapshot?.listeners ?? [])
    .filter(({ address, bindToPort }) => address?.socketAddress?.portValue === port && bindToPort !== false)
    .flatMap((listener) => chainsOf(listener))
    .flatMap(({ filterChainMatch }) => filterChainMatch?.applicationProtocols?.find((name) => OF_SIDECARS.test(name)) ?? []);
  return [...new Set(protocols)].filter((protocol) => OF_SIDECARS.test(protocol));
}

const OF_SIDECARS = /^istio(?:-|$)/;

/** An entrance of a client that says of its TLS what sidecars do. */
function spokenAs(protocol: string, { base, ...entrance }: RequestEntrance): RequestEntrance {
  return { ...entrance, base: { ...base, applicationProtocols: [protocol] } };
}

/** Where somebody begins who opens connections to pods themselves. */
export function directEntrances(
  kind: RequestEntrance['kind'],
  from: string,
  places: readonly ServerPlace[],
  schemes: readonly TraceRequest['scheme'][] = SCHEMES,
): readonly RequestEntrance[] {
  const all = places.flatMap(([pod, port]) =>
    addressesOf(pod).flatMap((ip) =>
      // A pod calls from a place of its own.
      schemes.map((scheme) => entranceAt(kind, from, { ip, port, ...(kind !== 'pod' && { at: pod.at }) }, scheme)),
    ),
  );
  return [...new Map(all.map((entrance) => [JSON.stringify(entrance.base), entrance])).values()];
}

/** A place to which something leads that is not Istio's, with its name. */
export interface PlaceOfOther {
  readonly place: ServerPlace;
  readonly by: string;
}

/** What comes in by others than Istio, of which nobody knows what it is when it comes to a server, and whose client it is. */
export function entrancesByOthers(places: readonly PlaceOfOther[]): readonly RequestEntrance[] {
  return places.map(({ place: [pod, port], by }) => ({
    ...entranceAt('outside', OUTSIDE, { ip: pod.ips[0] ?? '', port, at: pod.at }, 'http'),
    untraced: `what ${by} leads in, which is not Istio's`,
  }));
}

/** Where connections come in to pods that ask for application protocols (ALPN) with which none is followed. */
export function entrancesByOtherProtocols(pods: readonly TracePod[], dataPlane: DataPlane): readonly RequestEntrance[] {
  return firstOfKin(pods, dataPlane).flatMap((pod) =>
    (dataPlane.snapshotOf(pod)?.listeners ?? [])
      .filter((listener) => listener.trafficDirection !== 'OUTBOUND' || pod.proxy === 'gateway')
      .filter((listener) => chainsForOtherProtocols(listener).length > 0)
      .map(({ name = '', address }): RequestEntrance => {
        const port = address?.socketAddress?.portValue ?? 0;
        const what = `what clients get for application protocols (ALPN) that filter chains of listener ${name} ask for`;
        return {
          ...entranceAt('stranger', 'anybody', { ip: pod.ips[0] ?? '', port, ...placeOfPod(pod) }, 'tls'),
          untraced: what,
        };
      }),
  );
}

/** All addresses of a pod: past a sidecar leads, of one family, what its rules do not redirect, and policies may name one of them. */
function addressesOf({ ips }: Pick<ServerAddresses, 'ips'>): readonly string[] {
  return ips.length === 0 ? [''] : ips;
}

function entranceAt(
  kind: RequestEntrance['kind'],
  from: string,
  { ip, port, at }: { readonly ip: string; readonly port: number; readonly at?: string | undefined },
  scheme: TraceRequest['scheme'],
): RequestEntrance {
  return {
    kind,
    base: { from, address: { ip, port }, scheme, ...(at !== undefined && { entersAt: at }) },
    within: ALWAYS,
    ...(isPort(port) ? {} : { untraced: AT_CHOSEN_PORT }),
  };
}

/** Who binds port 0 gets one that nobody knows before. */
const AT_CHOSEN_PORT = 'what comes in at a port that the system chooses';

/** The ports that a gateway listens on, with what is spoken there. */
function gatewayPorts(snapshot: XdsSnapshot | undefined): readonly (readonly [number, readonly TraceRequest['scheme'][]])[] {
  const ports = new Map<number, Set<TraceRequest['scheme']>>();
  for (const listener of snapshot?.listeners ?? []) {
    const port = listener.address?.socketAddress?.portValue;
    if (port === undefined || listener.bindToPort === false) continue;
    const schemes = ports.get(port) ?? new Set();
    ports.set(port, schemes);
    for (const chain of chainsOf(listener)) for (const scheme of schemesOf(chain)) schemes.add(scheme);
  }
  return [...ports].map(([port, schemes]) => [port, [...schemes].sort()]);
}

function schemesOf(chain: FilterChain): readonly TraceRequest['scheme'][] {
  const isTls = chain.transportSocket !== undefined;
  const isNamed = (chain.filterChainMatch?.serverNames ?? []).length > 0;
  if (isHttp(chain)) return isTls ? ['https'] : ['http'];
  // What is passed on as it is may be TLS.
  return isTls || isNamed ? ['tls', 'https'] : ['tcp', 'http', 'https', 'tls'];
}

function isHttp({ filters = [] }: FilterChain): boolean {
  return filters.some(({ typedConfig }) => isAny(typedConfig, HCM));
}

/**
 * Where a pod with a sidecar begins: what its proxy has for the destinations, and the pods themselves. A pod whose connections are not
 * redirected calls its proxy at the ports that this has bound.
 */
export function entrancesOfSidecar(
  pod: TracePod,
  snapshot: XdsSnapshot,
  destinations: Destinations,
  hosts: RoutedHosts,
): readonly RequestEntrance[] {
  const from = podKey(pod);
  const configured = snapshot.listeners.flatMap((listener): readonly RequestEntrance[] => {
    const { address = '', portValue: port = 0 } = listener.address?.socketAddress ?? {};
    if (listener.trafficDirection === 'INBOUND' || listener.name === 'virtualOutbound' || listener.internalListener !== undefined)
      return [];
    const socket = listener.address?.pipe?.path;
    if (socket !== undefined) {
      const isLeading = chainsOf(listener).some(
        (chain) => destinations.virtualHostsOf(snapshot, chain).length > 0 || destinations.isReachedBy(snapshot, chain, ''),
      );
      const base = { from, address: { ip: socket, port: 0 }, scheme: 'http' } as const;
      return isLeading ? [{ kind: 'pod', base, within: ALWAYS, untraced: 'what a proxy takes at a Unix socket' }] : [];
    }
    if (!isIpAddress(address)) return [];
    if (!isPort(port)) return listener.bindToPort === false ? [] : [entranceAt('pod', from, { ip: address, port }, 'tcp')];
    return placesOf(pod, listener, address).flatMap((bound) =>
      chainsOf(listener).flatMap((chain): readonly RequestEntrance[] => {
        const ip = chain.filterChainMatch?.prefixRanges?.[0]?.addressPrefix ?? bound;
        const at = { from, address: { ip, port } };
        if (isHttp(chain)) {
          const base = { ...at, scheme: 'http' } as const;
          const reached = destinations.virtualHostsOf(snapshot, chain).map((host) => ({
            domains: host.domains,
            authority: destinations.isHostAskedBehind(snapshot, host)
              ? undefined
              : host.domains?.find((domain) => !domain.includes('*')),
          }));
          const open = reached
            .filter(({ authority }) => authority === undefined)
            .flatMap(({ domains = [] }) => domains.map(domainFormula));
          return [
            ...reached.flatMap(({ authority }): readonly RequestEntrance[] =>
              authority === undefined ? [] : [{ kind: 'pod', base, within: ALWAYS, authority }],
            ),
            ...(open.length === 0 ? [] : [{ kind: 'pod' as const, base, within: anyOf(open) }]),
          ];
        }
        if (!destinations.isReachedBy(snapshot, chain, ip)) return [];
        const names = chain.filterChainMatch?.serverNames ?? [];
        if (names.length === 0) {
          return (['tcp', 'http', 'https'] as const).map((scheme) => ({ kind: 'pod', base: { ...at, scheme }, within: ALWAYS }));
        }
        const within = anyOf(names.map(serverNameFormula));
        // A server's proxy may end TLS, and look into HTTP.
        return (['tls', 'https'] as const).map((scheme) => ({ kind: 'pod', base: { ...at, scheme }, within }));
      }),
    );
  });
  const direct = directEntrances('pod', from, destinations.places).map((entrance) => {
    const { address, scheme } = entrance.base;
    if (scheme !== 'http' || 'unresolved' in address || !pod.isIntercepted) return entrance;
    // Hosts that are routed whatever the address are asked about above, and no other is told from this one.
    const domains = hosts.domainsAt(snapshot, address.ip, address.port);
    if (domains === undefined) return entrance;
    if (!destinations.isHostAsked()) return { ...entrance, authority: formatHostPort(address.ip, address.port) };
    return { ...entrance, within: not(anyOf(domains.flat().map(domainFormula))) };
  });
  return [...merged(configured), ...direct];
}

/** Where a pod gets to a listener of its proxy: led there by its rules, and at the loopback address, where the proxy listens itself. */
function placesOf(pod: TracePod, { bindToPort }: Listener, address: string): readonly string[] {
  if (!isAnyAddress(address)) return pod.isIntercepted || bindToPort !== false ? [address] : [];
  const led = pod.isIntercepted ? [unknownAddress(pod)] : [];
  return bindToPort === false ? led : [...led, address === '::' ? '::1' : '127.0.0.1'];
}

function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function serverNameFormula(name: string): Formula {
  const test = name.startsWith('*.')
    ? ({ kind: 'suffix', text: name.slice(1), ignoringCase: true } as const)
    : ({ kind: 'exact', text: name, ignoringCase: true } as const);
  return textTest({ kind: 'serverName' }, test);
}

/** Entrances of one place as one. */
function merged(entrances: readonly RequestEntrance[]): readonly RequestEntrance[] {
  const byPlace = new Map<string, RequestEntrance>();
  for (const entrance of entrances) {
    const key = JSON.stringify([entrance.base, entrance.authority]);
    const known = byPlace.get(key);
    byPlace.set(key, known === undefined ? entrance : { ...known, within: anyOf([known.within, entrance.within]) });
  }
  return [...byPlace.values()];
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/**
 * Where a pod begins whose connections ztunnel takes: all that leads to the destinations, by itself or by the routes of a waypoint, and the
 * pods themselves.
 */
export function entrancesOfAmbient(
  pod: TracePod,
  workload: DirectoryWorkload,
  led: LedPlaces,
  destinations: Destinations,
): readonly RequestEntrance[] {
  const from = podKey(pod);
  const ofServices = led
    .from(sourceOf(workload))
    .filter(destinations.isLedFrom)
    .flatMap(({ ip, port }) => SCHEMES_AT_WAYPOINT.map((scheme) => entranceAt('pod', from, { ip, port }, scheme)));
  return [...ofServices, ...directEntrances('pod', from, destinations.places, SCHEMES_AT_WAYPOINT)];
}

/** Where a pod begins that calls nobody the mesh knows. */
export function entrancesToUnknown(pod: TracePod, snapshot: XdsSnapshot | undefined): readonly RequestEntrance[] {
  const taken = new Set(snapshot?.listeners.map(({ address }) => address?.socketAddress?.portValue));
  const port = portBeside(taken, [80, 81, 8_081]) ?? 0;
  return SCHEMES.map((scheme) => entranceAt('pod', podKey(pod), { ip: unknownAddress(pod), port }, scheme));
}
