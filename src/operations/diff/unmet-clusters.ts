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
  const waysOf = memo(waysOfSnapshot());
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
    const ways = snapshotsOf(key).flatMap((snapshot) => (snapshot === undefined ? [] : waysOf(snapshot)));
    const choosers = [...ways.flatMap((one) => one.choosers), ...(isBootstrapPatched ? [BOOTSTRAP] : [])];
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
function makersOf(name: string, ways: readonly Ways[], choosers: readonly string[], isMet: boolean): ReadonlySet<string> {
  const asking = ways.flatMap(({ asked }) => asked.get(name) ?? []);
  if (isMet) return new Set(asking);
  const telling = ways.some(({ told }) => told.has(name)) ? ['tracing and access logs'] : [];
  const isLed = ways.some(({ led }) => led.has(name));
  return new Set([...asking, ...telling, ...(isLed ? [] : choosers)]);
}

/** Finds the ways in the resources of proxies, which proxies share. */
function waysOfSnapshot(): (snapshot: XdsSnapshot) => readonly Ways[] {
  const waysOf = memo(waysIn);
  return ({ listeners, routes, extensionConfigs, clusters }) => {
    const all = [
      ...listeners.map((listener) => waysOf(listener, 'listener')),
      ...routes.map((configuration) => waysOf(configuration, 'routes')),
      ...extensionConfigs.map((extension) => waysOf(extension, 'extension')),
      ...clusters.map((cluster) => waysOf(cluster, 'cluster')),
    ];
    return all.filter(({ led, asked, told, choosers }) => led.size + asked.size + told.size + choosers.length > 0);
  };
}

function clientOf({ role, cluster, namespace, workloadName }: Proxy): RequestClient {
  return { kind: role === 'gateway' ? 'gateway' : 'workload', workload: podKey({ cluster, namespace, name: workloadName }) };
}
