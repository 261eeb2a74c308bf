import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { opaqueChainsOf } from '../../sample-requests/targets.ts';
import type { Traveller } from './journey.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { Doubt } from './report.ts';

/**
 * A doubt for each gateway where filter chains for sidecars of other clusters (`AUTO_PASSTHROUGH`, told by their ALPN) have changed, or what
 * these lead to: who asks for them, with which names, is not among the manifests of one cluster.
 */
export function doubtsOfOtherClusters(
  gateways: readonly Traveller[],
  changesOf: ChangesOf,
  snapshotsOf: (proxy: string) => readonly (XdsSnapshot | undefined)[],
): readonly Doubt[] {
  return gateways.flatMap(({ client, key }): readonly Doubt[] => {
    const changed = new Set((changesOf.get(key) ?? []).map(({ change: { type, resource } }) => `${kindOf(type)} ${resource}`));
    if (changed.size === 0) return [];
    const touched = snapshotsOf(key)
      .flatMap((snapshot) => (snapshot === undefined ? [] : opaqueChainsOf(snapshot)))
      .find(
        ({ listener, chain: { filterChainMatch = {} }, target }) =>
          (filterChainMatch.applicationProtocols ?? []).length > 0 &&
          (changed.has(`listeners ${listener.name}`) || target.clusters.some((name) => changed.has(`clusters ${name}`))),
      );
    if (touched === undefined) return [];
    const to = `${touched.target.host}:${touched.target.port}`;
    const request = { method: 'CONNECT', url: `tls://${to}`, headers: [] };
    return [{ from: client, to, because: 'not known', what: ['what sidecars of other clusters ask for'], request }];
  });
}

/** Endpoints are told as their cluster is. */
function kindOf(type: string): string {
  return type === 'endpoints' ? 'clusters' : type;
}
