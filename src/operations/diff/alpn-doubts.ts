import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { podKey } from '../../trace/data-plane.ts';
import { chainsForOtherProtocols } from '../other-protocols.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { Doubt } from './report.ts';

/** A doubt for each listener that changes, or what it leads to, where chains of it are for application protocols with which no request is followed. */
export function doubtsOfApplicationProtocols(
  proxies: readonly Proxy[],
  changesOf: ChangesOf,
  snapshotsOf: (proxy: string) => readonly (XdsSnapshot | undefined)[],
): readonly Doubt[] {
  const byKey = new Map(proxies.map((proxy) => [podKey(proxy), proxy]));
  const found = new Map<string, Doubt>();
  for (const [key, changes] of changesOf) {
    const proxy = byKey.get(key);
    if (proxy === undefined) continue;
    const listeners = new Set(changes.flatMap(({ change }) => (change.type === 'listeners' ? [change.resource] : [])));
    const others = [...new Set(changes.flatMap(({ change }) => (change.type === 'listeners' ? [] : [change.resource])))];
    for (const listener of snapshotsOf(key).flatMap((snapshot) => snapshot?.listeners ?? [])) {
      const { name = '' } = listener;
      const chains = chainsForOtherProtocols(listener);
      if (chains.length === 0) continue;
      const text = JSON.stringify(chains);
      if (!listeners.has(name) && !others.some((resource) => text.includes(JSON.stringify(resource)))) continue;
      const to = podKey({ ...proxy, name: proxy.workloadName });
      const what = [`filter chains of listener ${name} that ask for application protocols (ALPN)`];
      const request = { method: 'CONNECT', url: `tls://${proxy.workloadName}.${proxy.namespace}`, headers: [] };
      found.set(`${to} ${name}`, { from: { kind: 'anybody' }, to, because: 'not known', what, request });
    }
  }
  return [...found.values()];
}
