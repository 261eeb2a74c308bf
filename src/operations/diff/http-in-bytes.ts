import { isAny } from '../../envoy/any.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import { portOfEndpoint } from '../../trace/host.ts';
import type { TracePod } from '../../trace/pod.ts';
import { memo } from '../../util/memo.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/**
 * Finds the journeys of HTTP beside those of bytes, which are given, where the client's proxy passes on whatever comes and one further on looks for HTTP in it: a TCP
 * server of a gateway, or a port that is one of TCP for clients alone.
 */
export function createHttpFinder(
  sides: readonly ManifestConfiguration[],
  planes: readonly DataPlane[],
): (journey: Journey, reached: readonly TracePod[]) => readonly Journey[] {
  const portsOf = memo((client: string, name: string): readonly number[] =>
    planes.flatMap(({ lookups }, at) => {
      const snapshot = sides[at]?.snapshotOf(client);
      const cluster = snapshot && lookups.cluster(snapshot, name);
      const endpoints = snapshot && cluster && lookups.assignment(snapshot, cluster)?.endpoints;
      return (endpoints ?? []).flatMap(({ lbEndpoints = [] }) => lbEndpoints.flatMap((one) => portOfEndpoint(one) ?? []));
    }),
  );
  const httpPorts = memo((key: string): ReadonlySet<number> => {
    const snapshots = sides.flatMap((side) => side.snapshotOf(key) ?? []);
    return new Set(snapshots.flatMap(httpPortsOf));
  });
  return (journey, reached) => {
    const { client, target } = journey;
    const isLookedFor =
      reached.some(({ proxy }) => proxy === 'waypoint') ||
      target.clusters.some((name) =>
        portsOf(client.key, name).some((port) => reached.some((pod) => httpPorts(podKey(pod)).has(port))),
      );
    return isLookedFor ? [{ ...journey, target: { ...target, scheme: 'http' } }] : [];
  };
}

/** The ports at which a sidecar looks for HTTP in what comes to its pod. */
function httpPortsOf({ listeners }: XdsSnapshot): readonly number[] {
  const inbound = listeners.filter(({ name }) => name === 'virtualInbound').flatMap(chainsOf);
  return inbound.flatMap(({ filters = [], filterChainMatch }) =>
    filters.some(({ typedConfig }) => isAny(typedConfig, HCM)) ? (filterChainMatch?.destinationPort ?? []) : [],
  );
}
