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

/**
 * The ports to ask of a pod, `namespace/name`, that ztunnel stands before: those that its containers name, which bind nobody, those that
 * policies tell apart, and one for all others.
 */
export function portsToAskOf(key: string, planes: readonly DataPlane[]): readonly number[] {
  const ports = new Set<number>();
  for (const plane of planes) {
    const pod = podNamed(plane, key);
    for (const port of pod?.ports ?? []) ports.add(port);
    const workload = pod && plane.ztunnel?.captured(pod);
    const policies = workload === undefined ? [] : (plane.ztunnel?.policiesOf(workload) ?? []);
    const rules = policies.flatMap(({ groups = [] }) => groups.flatMap((group) => group.rules ?? []));
    for (const { destinationPorts = [], notDestinationPorts = [] } of rules.flatMap(({ matches = [] }) => matches))
      for (const port of [...destinationPorts, ...notDestinationPorts]) ports.add(port);
  }
  return [...ports, firstBeside(ports)];
}

/** The smallest port that is none of some. */
export function firstBeside(named: ReadonlySet<number>): number {
  let port = 1;
  while (named.has(port)) port++;
  return port;
}
