import { inboundPortsOf } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import { groupBy } from '../../util/collections.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';

/**
 * Requests to ports of the same servers that nothing names, no Service, policy or container: for all of these a sidecar does the same, so
 * that one stands for them.
 */
export function journeysToUnnamedPorts(
  journeys: readonly Journey[],
  sides: readonly ManifestConfiguration[],
  planes: readonly DataPlane[],
): readonly Journey[] {
  const direct = journeys.filter(({ client }) => client.client.kind === 'without-sidecar');
  return [...groupBy(direct, ({ client }) => client.key)].flatMap(([key, toServer]): readonly Journey[] => {
    const [journey] = toServer;
    const snapshots = sides.flatMap((side) => side.snapshotOf(key) ?? []);
    // What stands before others asks ztunnel alone.
    if (journey === undefined || snapshots.length === 0) return [];
    const named = new Set([
      ...toServer.map(({ target }) => target.port),
      ...snapshots.flatMap(inboundPortsOf),
      ...planes.flatMap((plane) => podNamed(plane, key)?.ports ?? []),
    ]);
    const port = firstBeside(named);
    return [{ ...journey, target: { ...journey.target, port } }];
  });
}

/** The smallest port that is none of some. */
export function firstBeside(named: ReadonlySet<number>): number {
  let port = 1;
  while (named.has(port)) port++;
  return port;
}
