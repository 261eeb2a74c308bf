import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { podKey } from '../../trace/data-plane.ts';
import { append } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { listed } from '../../util/text.ts';
import type { Journey } from './journey.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { Doubt, RequestClient } from './report.ts';
import { type Ways, waysIn } from './ways-to-clusters.ts';

/** Requests that were followed, and the places (`placeOf`) of which all are proven to end as before. */
export interface FollowedJourneys {
  readonly journeys: readonly Journey[];
  readonly isSettled: (journey: Journey) => boolean;
}

/**
 * A doubt for each proxy with clusters that change and that something else than the requests that were followed may lead to: filters that ask
 * somebody on their own account, what hears of requests, and what chooses clusters by what is written nowhere. What such requests are like
 * nobody knows. Where others met the same change and all of them end as before, so do these; of what only hears of requests, and of what may
 * go anywhere, it is enough that others met it.
 */
export function doubtsOfUnmetClusters(
  proxies: readonly Proxy[],
  changesOf: ChangesOf,
  snapshotsOf: (proxy: string) => readonly (XdsSnapshot | undefined)[],
  followed: FollowedJourneys,
  isBootstrapPatched: boolean,
): readonly Doubt[] {
  const found = createWaysFinder();
  const clustersOf = memo((proxy: string) => changedClusters(changesOf, proxy));
  const met = metChanges(followed, clustersOf);
  const known = new Set<string>();
  const doubts: Doubt[] = [];
  for (const proxy of proxies) {
    const key = podKey(proxy);
    if (known.has(key)) continue;
    known.add(key);
    const clusters = clustersOf(key);
    if (clusters.size === 0) continue;
    const ways = found(snapshotsOf(key).filter((snapshot) => snapshot !== undefined));
    const choosers = [...ways.choosers, ...(isBootstrapPatched ? [BOOTSTRAP] : [])];
    const from = clientOf(proxy);
    const byMaker = new Map<string, string[]>();
    for (const [name, change] of clusters) {
      const isMet = met.get(change);
      if (isMet === 'settled') continue;
      for (const by of makersOf(name, ways, choosers, isMet !== undefined)) append(byMaker, by, name);
    }
    for (const [by, names] of byMaker) doubts.push({ from, to: listed([...names].sort()), because: 'not met', by });
  }
  return doubts;
}

const BOOTSTRAP = 'what proxies start with';

/** The changes of each cluster of a proxy that changes, as one text: equal for equal changes, of whichever proxy. */
function changedClusters(changesOf: ChangesOf, proxy: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string[]>();
  for (const { change, key } of changesOf.get(proxy) ?? [])
    if (change.type === 'clusters' || change.type === 'endpoints') append(keys, change.resource, key);
  return new Map([...keys].map(([name, all]) => [name, all.sort().join('\n')]));
}

/** Which changes of clusters requests met that were followed, and whether all of these end as before. */
function metChanges(
  { journeys, isSettled }: FollowedJourneys,
  clustersOf: (proxy: string) => ReadonlyMap<string, string>,
): ReadonlyMap<string, 'settled' | 'otherwise'> {
  const met = new Map<string, 'settled' | 'otherwise'>();
  for (const journey of journeys) {
    const clusters = clustersOf(journey.client.key);
    for (const name of journey.target.clusters) {
      const change = clusters.get(name);
      if (change === undefined || met.get(change) === 'otherwise') continue;
      met.set(change, isSettled(journey) ? 'settled' : 'otherwise');
    }
  }
  return met;
}

/** What leads to a cluster beside requests that pass through. */
function makersOf(name: string, ways: WaysOfProxy, choosers: readonly string[], isMet: boolean): ReadonlySet<string> {
  const asking = ways.askersOf(name);
  if (isMet) return new Set(asking);
  const telling = ways.isTold(name) ? ['tracing and access logs'] : [];
  return new Set([...asking, ...telling, ...(choosers.length > 0 && !ways.isLed(name) ? choosers : [])]);
}

/** The ways to clusters of one proxy, on both sides. */
interface WaysOfProxy {
  readonly choosers: readonly string[];
  /** Filters that ask a cluster. */
  askersOf(name: string): readonly string[];
  isTold(name: string): boolean;
  isLed(name: string): boolean;
}

/**
 * Finds the ways in the resources of proxies, which proxies share. Of each name it is known which resources have it, since a large mesh has many
 * of both.
 */
function createWaysFinder(): (snapshots: readonly XdsSnapshot[]) => WaysOfProxy {
  const waysWith = { asked: new Map<string, Ways[]>(), told: new Map<string, Ways[]>(), led: new Map<string, Ways[]>() };
  const finder = (type: Parameters<typeof waysIn>[1]) =>
    memo((resource: object): Ways | undefined => {
      const ways = waysIn(resource, type);
      for (const name of ways.asked.keys()) append(waysWith.asked, name, ways);
      for (const name of ways.told) append(waysWith.told, name, ways);
      for (const name of ways.led) append(waysWith.led, name, ways);
      return ways.led.size + ways.asked.size + ways.told.size + ways.choosers.length > 0 ? ways : undefined;
    });
  const waysOf = {
    listeners: finder('listener'),
    routes: finder('routes'),
    extensionConfigs: finder('extension'),
    clusters: finder('cluster'),
  };
  const types = ['listeners', 'routes', 'extensionConfigs', 'clusters'] as const;
  return (snapshots) => {
    const all = snapshots.flatMap((snapshot) =>
      types.flatMap((type) => snapshot[type].map((resource) => waysOf[type](resource)).filter((ways) => ways !== undefined)),
    );
    // The same resource can be on both sides: its first place counts.
    const places = new Map(all.map((ways, place) => [ways, place] as const).toReversed());
    const placeOf = (ways: Ways): number => places.get(ways) ?? 0;
    const own = (table: ReadonlyMap<string, readonly Ways[]>, name: string): readonly Ways[] =>
      (table.get(name) ?? []).filter((ways) => places.has(ways));
    return {
      choosers: all.flatMap(({ choosers }) => choosers),
      askersOf: (name) => {
        const asking = own(waysWith.asked, name).toSorted((a, b) => placeOf(a) - placeOf(b));
        return asking.flatMap((ways) => ways.asked.get(name) ?? []);
      },
      isTold: (name) => own(waysWith.told, name).length > 0,
      isLed: (name) => own(waysWith.led, name).length > 0,
    };
  };
}

function clientOf({ role, cluster, namespace, workloadName }: Proxy): RequestClient {
  return { kind: role === 'gateway' ? 'gateway' : 'workload', workload: podKey({ cluster, namespace, name: workloadName }) };
}
