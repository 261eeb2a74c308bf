import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { type Sample, samplesOfRoutes } from '../../sample-requests/samples.ts';
import { type Target, targetsOf } from '../../sample-requests/targets.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import { serviceAddressFor, unknownAddress } from '../../workbench/addresses.ts';
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
  /** Requests that the policies of its servers tell apart. */
  readonly conditions: readonly RequestConditions[];
  /** Those that the routes of its waypoint tell apart. */
  readonly routes: readonly RequestConditions[];
}

/** What a caller sends to a destination. */
export interface Errand {
  readonly target: Target;
  readonly samples: readonly Sample[];
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
  const known = memo((_destination: ServedPort) => new Map<string, Errand>());
  const ofKind = memo((_kind: object) => new Map<ServedPort, Errand>());
  const [once, shared] = [new Set<object>(), new Set<object>()];
  for (const { kind } of callers) if (kind !== undefined) (once.has(kind) ? shared : once).add(kind);
  const find: Errands = (caller, destination) => {
    const target = targetOf(caller, destination, dataPlane, targets);
    const text = JSON.stringify(target);
    const errands = known(destination);
    const errand = errands.get(text) ?? {
      target,
      samples: samplesOfRoutes(target, destination.conditions, LIMIT_OF_WAY),
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
  const hasOwn = isCaptured || (here.address !== '0.0.0.0' && !here.address.includes('/'));
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
