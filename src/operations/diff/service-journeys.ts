import type { ServicePort } from '../../model/registry/service.ts';
import { MANAGED, MANAGED_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { Labels } from '../../resource/resource.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import { plainTarget, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { type DataPlane, podKey, podNamed, podsLedTo, seenFrom } from '../../trace/data-plane.ts';
import { memo } from '../../util/memo.ts';
import { own } from '../../util/object.ts';
import { listServicePlaces } from '../../workbench/service-places.ts';
import { schemeOf } from '../reachability/scheme.ts';
import { clientPlaceOf } from './clients.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey, Traveller } from './journey.ts';
import type { LocalMeshFinder } from './local-meshes.ts';

/** Finds what nodes lead elsewhere on the other side, as it is seen from a place on both. */
type LedFinder = (planes: readonly [DataPlane, DataPlane]) => readonly LedElsewhere[];

/** Lists the addresses and ports of all Services of both sides, which takes a while, once. */
export function createLedFinder(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  meshesOf: LocalMeshFinder,
): LedFinder {
  const places = memo(() => sides.flatMap(meshesOf).flatMap(({ mesh }) => listServicePlaces(mesh, NOBODYS)));
  return (planes) => targetsLedElsewhere(places(), planes);
}

/** Requests of pods without a proxy to addresses of Services that nodes lead elsewhere on the other side. */
export function journeysToServices(findLed: LedFinder, planes: readonly [DataPlane, DataPlane]): readonly Journey[] {
  return placesOfClients(planes).flatMap(({ key, views }) => {
    const asked = findLed(views).filter((place) => !isOfWaypointOnOneSide(place));
    return asked.map(({ protocol, target: named }): Journey => {
      const isOpaque = protocol !== undefined && schemeOf({ protocol }) === 'tcp';
      const target = isOpaque ? ({ ...named, scheme: 'tcp' } as const) : named;
      const from = key ?? target.host;
      const client = { client: { kind: 'without-sidecar' }, workload: from, key: from, isOutside: true } as const;
      return { client, target, others: [], isClientChanged: false };
    });
  });
}

/** The places that pods call from, each with a pod there: of several clusters, an address is somebody else's from each. */
function placesOfClients([before, after]: readonly [DataPlane, DataPlane]): readonly {
  readonly key?: string;
  readonly views: readonly [DataPlane, DataPlane];
}[] {
  if (before.around === undefined && after.around === undefined) return [{ views: [before, after] }];
  const byPlace = new Map<string, { readonly key: string; readonly views: readonly [DataPlane, DataPlane] }>();
  for (const pod of after.pods) {
    const key = podKey(pod);
    const earlier = podNamed(before, key);
    const place = clientPlaceOf(key, [before, after]);
    if (earlier === undefined || byPlace.has(place)) continue;
    byPlace.set(place, { key, views: [seenFrom(before, earlier), seenFrom(after, pod)] });
  }
  return [...byPlace.values()];
}

/**
 * Whether a place is of a Service that istiod makes for a waypoint which comes or goes: at these ports clients are led to it, none asks for it.
 * Of one that somebody writes, other ports are asked for.
 */
function isOfWaypointOnOneSide({ labels, isOnBothSides, target }: LedElsewhere): boolean {
  return !isOnBothSides && own(labels, MANAGED) === MANAGED_WAYPOINT && PORTS_OF_WAYPOINT.has(target.port);
}

/** For tunnels, and of the agent. */
const PORTS_OF_WAYPOINT: ReadonlySet<number> = new Set([15_008, 15_021]);

/** The virtual hosts of what a sidecar knows no host for. */
const UNKNOWN_HOSTS = new Set(['allow_any', 'block_all']);

/**
 * Requests of sidecars to addresses of Services that these are not told of (by a Sidecar or an `exportTo`) and that nodes lead elsewhere on
 * the other side: what a sidecar lets pass ends where the node leads it, though nothing in its own configuration says so.
 */
export function journeysToHiddenServices(
  findLed: LedFinder,
  clientsOfSides: () => readonly Traveller[],
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
): readonly Journey[] {
  // To list clients takes longer.
  if (planes.every(({ around }) => around === undefined) && findLed(planes).length === 0) return [];
  // All pods of a cluster and network see the same.
  const byPlace = new Map<string, readonly LedElsewhere[]>();
  return clientsOfSides().flatMap((client): readonly Journey[] => {
    const place = clientPlaceOf(client.key, planes);
    const seen = (plane: DataPlane): DataPlane => seenFrom(plane, podNamed(plane, client.key));
    const targets = byPlace.get(place) ?? findLed([seen(planes[0]), seen(planes[1])]);
    byPlace.set(place, targets);
    if (targets.length === 0) return [];
    const snapshots = sides.flatMap((side) => side.snapshotOf(client.key) ?? []);
    const known = [...targetsOf(...snapshots).values()];
    const isKnown = ({ ip, host, port }: Target): boolean =>
      known.some((one) => one.port === port && (one.ip === ip || one.host === host));
    return targets
      .filter(({ target }) => !isKnown(target))
      .map(({ target }) => {
        const routes = snapshots.flatMap((snapshot) => planes[0].lookups.routes(snapshot, String(target.port)) ?? []);
        const isNameTaken = routes.some((one) => {
          const found = planes[0].lookups.virtualHost(one, authorityOf(target));
          return found !== undefined && !UNKNOWN_HOSTS.has(found.virtualHost.name ?? '');
        });
        // Where a wildcard takes the name, clients get there by the address alone.
        const host = isNameTaken && target.ip !== undefined ? target.ip : target.host;
        return { client, target: { ...target, host }, others: [], isClientChanged: false, isByName: true };
      });
  });
}

/** A place that nodes lead elsewhere on the other side, with what is spoken there. */
interface LedElsewhere {
  readonly target: Target;
  readonly protocol: ServicePort['protocol'] | undefined;
  /** Of its Service. */
  readonly labels: Labels;
  readonly isOnBothSides: boolean;
}

/** The addresses and ports of Services, and ports of nodes, that nodes lead elsewhere on the other side. */
function targetsLedElsewhere(
  places: ReturnType<typeof listServicePlaces>,
  planes: readonly [DataPlane, DataPlane],
): readonly LedElsewhere[] {
  const targets = new Map<string, LedElsewhere>();
  for (const { ip, port, service, protocol } of places) {
    const [earlier, later] = planes.map((plane) => placesAt(plane, ip, port));
    if (protocol === 'UDP' || earlier === later) continue;
    const { hostname, address, addresses, externalAddresses } = service;
    const isOwn = [address, ...addresses, ...externalAddresses].includes(ip);
    const key = `${ip} ${port}`;
    // At the addresses of nodes clients have no other name.
    if (targets.has(key) && !isOwn) continue;
    const target = plainTarget(isOwn ? hostname : ip, ip, port);
    const isOnBothSides = earlier !== undefined && later !== undefined;
    targets.set(key, { target, protocol, labels: service.resource.labels, isOnBothSides });
  }
  return [...targets.values()];
}

/** Where addresses of pods are asked for, they are on both sides. */
const NOBODYS: DataPlane['podByAddress'] = new Map();

/** Where nodes lead connections to an address, and who is there, as a text. */
function placesAt(plane: DataPlane, ip: string, port: number): string | undefined {
  const place = plane.serviceAt({ ip, port });
  if (place === undefined) return undefined;
  const { cluster, hosts, isNodeLocal } = place;
  const pods = podsLedTo(plane, place);
  return JSON.stringify([
    cluster,
    place.port,
    isNodeLocal,
    hosts.map(({ destination, nodeName }, at) => {
      const pod = pods[at];
      return [destination, pod && podKey(pod), isNodeLocal && nodeName];
    }),
  ]);
}
