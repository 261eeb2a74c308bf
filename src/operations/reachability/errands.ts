import type { Listener } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { addressesOf, intersectAddresses } from '../../exploration/address-set.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { ALWAYS } from '../../request-space/formula.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { type Sample, samplesOfRoutes } from '../../sample-requests/samples.ts';
import { isForKnown, type Target, targetsOf } from '../../sample-requests/targets.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { rangeOfOne, rangeOfText } from '../../trace/strings.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo, numbering } from '../../util/memo.ts';
import { serviceAddressFor, unknownAddress } from '../../workbench/addresses.ts';
import { type ChainWay, type ChainWays, chainWaysOf } from './chain-ways.ts';
import { textOfListener } from './configuration-questions.ts';
import { schemeOf } from './scheme.ts';
import type { Party } from './workloads.ts';

/** How many requests are tried over one way, beside those of each kind of caller for each of its routes. */
export const LIMIT_OF_WAY = 12;

/** A caller, by the pod that calls for it. */
export interface Caller extends Party {
  readonly traced: TracePod | undefined;
  /** Equal for callers whose proxies do the same with what they send. */
  readonly kind: object | undefined;
  /** What the targets of its proxy are read from. */
  readonly snapshot: XdsSnapshot | undefined;
}

/** A port of a host, and who serves it. */
export interface ServedPort {
  readonly host: string;
  readonly service: Service;
  readonly port: ServicePort;
  readonly servers: readonly string[];
  readonly endpoint: { readonly ip: string; readonly port: number } | undefined;
  /** The ports of its servers. */
  readonly ports: readonly number[];
  /** Requests that the policies of its servers tell apart. */
  readonly conditions: readonly RequestConditions[];
  /** Those that the routes of its waypoint tell apart. */
  readonly routes: readonly RequestConditions[];
}

/** What a caller sends to a destination. */
export interface Errand {
  readonly target: Target;
  readonly samples: readonly Sample[];
  /** The filter chain that takes connections to the target, where it takes all those that are meant. */
  readonly chain: ChainWay | undefined;
  /** Other filter chains of the caller's proxy that take connections to the destination: by its other addresses, or names for it. */
  readonly others: readonly ChainWay[];
  /** What may tell requests apart on the way. */
  readonly about: string;
}

/** What callers send to destinations: the same object where they send the same to one. */
export type Errands = (caller: Caller, destination: ServedPort) => Errand;

/** The errands of some callers. */
export function createErrands(dataPlane: DataPlane, callers: readonly Caller[]): Errands {
  const targets = memo((snapshot: XdsSnapshot) => {
    const found = [...targetsOf(snapshot).values()].toReversed();
    return new Map(found.map((target) => [`${target.host}:${target.port}`, target]));
  });
  // Proxies of one kind have the same chains, whatever the address of the first.
  const opaque = new Map<XdsSnapshot, OpaqueWays>();
  const opaqueOf = ({ snapshot, pod }: Caller): OpaqueWays | undefined => {
    if (snapshot === undefined) return undefined;
    const known = opaque.get(snapshot);
    if (known !== undefined) return known;
    const { all, at } = chainWaysOf(snapshot, pod.ips, [unknownAddress(pod)], dataPlane.lookups);
    const ways = { byPort: groupBy(all, ({ target }) => target.port), at };
    opaque.set(snapshot, ways);
    return ways;
  };
  const numberOf = numbering();
  const numberOfListener = memo((listener: Listener) => numberOf(textOfListener(listener)));
  const known = memo((_destination: ServedPort) => new Map<string, Errand>());
  const ofKind = memo((_kind: object) => new Map<ServedPort, Errand>());
  const [once, shared] = [new Set<object>(), new Set<object>()];
  for (const { kind } of callers) if (kind !== undefined) (once.has(kind) ? shared : once).add(kind);
  const find: Errands = (caller, destination) => {
    const target = targetOf(caller, destination, dataPlane, targets);
    const chains = chainsTo(target, destination, opaqueOf(caller));
    const listeners = [chains.chain, ...chains.others]
      .flatMap((way) => way ?? [])
      .map(({ listener }) => numberOfListener(listener));
    const text = JSON.stringify([target, ...new Set(listeners)]);
    const errands = known(destination);
    const errand = errands.get(text) ?? {
      target,
      samples: samplesOfRoutes(target, destination.conditions, LIMIT_OF_WAY),
      ...chains,
      about: aboutOf(target, destination.conditions),
    };
    errands.set(text, errand);
    return errand;
  };
  return (caller, destination) => {
    const { kind } = caller;
    if (kind === undefined || !shared.has(kind)) return find(caller, destination);
    const errands = ofKind(kind);
    const errand = errands.get(destination) ?? find(caller, destination);
    errands.set(destination, errand);
    return errand;
  };
}

/** The ways of a proxy whose filter chains do not look into HTTP, by their ports. */
interface OpaqueWays extends Pick<ChainWays, 'at'> {
  readonly byPort: ReadonlyMap<number, readonly ChainWay[]>;
}

/** The filter chains for connections to a destination, that of the target apart. */
function chainsTo(
  { scheme, ip = '', port, serverName = '' }: Target,
  { host, service }: ServedPort,
  ways: OpaqueWays | undefined,
): Pick<Errand, 'chain' | 'others'> {
  if (ways === undefined || (scheme !== 'tcp' && scheme !== 'tls')) return { chain: undefined, others: [] };
  const texts = [service.address, ...service.addresses, ...service.allocatedAddresses];
  const single = new Set(texts);
  const ranges = addressesOf(texts.flatMap((text) => (text.includes('/') ? (rangeOfText(text) ?? []) : [])));
  const isOwn = (address: string): boolean =>
    single.has(address) || (ranges.length > 0 && intersectAddresses(ranges, addressesOf([rangeOfOne(address)])).length > 0);
  const isName = (name = ''): boolean => name === host || (host.startsWith('*.') && name.endsWith(host.slice(1)));
  const chain = ways.at(ip, port, serverName);
  const others = (ways.byPort.get(port) ?? []).filter(
    ({ target }) => isForKnown(target) && (isName(target.serverName) || (target.ip !== undefined && isOwn(target.ip))),
  );
  const isWhole = chain !== undefined && (chain.isOfOneName || chain.serverNames === ALWAYS || host.startsWith('*'));
  return { chain: isWhole ? chain : undefined, others: others.filter((way) => way !== chain) };
}

/** What may tell requests to a target apart, as one text. */
export function aboutOf({ scheme, conditions }: Target, others: readonly RequestConditions[]): string {
  return JSON.stringify([scheme, conditions, others]);
}

function targetOf(
  { pod, snapshot, side }: Caller,
  { host, service, port, endpoint, routes }: ServedPort,
  dataPlane: DataPlane,
  targets: (snapshot: XdsSnapshot) => ReadonlyMap<string, Target>,
): Target {
  const scheme = schemeOf(port);
  const known = snapshot && targets(snapshot).get(`${host}:${port.port}`);
  // Without a proxy or ztunnel, what a Service's address stands for is chosen by the kernel.
  const isCaptured = snapshot === undefined && dataPlane.ztunnel?.captured(pod) !== undefined;
  const isPlain = snapshot === undefined && !isCaptured;
  const direct = isPlain ? endpoint : undefined;
  // Of a host that is looked up, the endpoint is the name.
  const resolved = endpoint !== undefined && isIpAddress(endpoint.ip) ? endpoint.ip : undefined;
  const here = side.seenHere(service);
  // The resolver of ztunnel knows the addresses that istiod allocates, and ranges lead to the waypoint of their service.
  const isOpaque = scheme === 'tcp' || scheme === 'tls';
  const isRange = here.address.includes('/');
  const hasOwn = isCaptured || (here.address !== '0.0.0.0' && (!isRange || (isOpaque && snapshot !== undefined)));
  return {
    scheme,
    host,
    ip: direct?.ip ?? (hasOwn ? serviceAddressFor(here, pod) : undefined) ?? resolved ?? unknownAddress(pod),
    port: direct?.port ?? port.port,
    ...(scheme === 'tls' && { serverName: host.replace(/^\*/, 'x') }),
    conditions: snapshot === undefined && !isPlain ? routes : (known?.conditions ?? []),
    clusters: [],
    virtualHosts: known?.virtualHosts ?? [],
  };
}
