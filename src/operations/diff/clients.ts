import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { append } from '../../util/collections.ts';
import { memo, numbering } from '../../util/memo.ts';
import { gatewayNamed } from '../../workbench/addresses.ts';
import type { ProxyKinds } from '../reachability/alike-callers.ts';
import { allProxiesOf, type ManifestConfiguration } from './configuration.ts';
import type { Traveller } from './journey.ts';

/**
 * Finds one pod of each workload that is there on both sides, with a proxy on one of them at least; more where their proxies do not do the
 * same with what they send, as those of pods in several places, or where a fact tells them apart. Of gateways only one, if that is named.
 */
export type ClientFinder = (gateway: string | undefined, factOf?: (key: string) => unknown) => readonly Traveller[];

/** Finds clients of two sides; which pods are alike is found out once. */
export function createClientFinder(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  kindOf: PodKinds,
): ClientFinder {
  const proxies = [...allProxiesOf(before), ...allProxiesOf(after)];
  const gateways = proxies.filter(({ role }) => role === 'gateway');
  const isAlike = (one: string, other: string): boolean => one === other || kindOf(one) === kindOf(other);
  return (gateway, factOf = () => undefined) => {
    const entered = gatewayNamed(gateway, gateways, before.input.namespace);
    const clients = new Map<string, Traveller>();
    const byWorkload = new Map<string, string[]>();
    for (const { cluster, name, namespace, workloadName, role } of proxies) {
      const key = podKey({ cluster, namespace, name });
      const workload = podKey({ cluster, namespace, name: workloadName });
      const isThere = planes.every((plane) => podNamed(plane, key) !== undefined);
      if (role === 'waypoint' || !isThere) continue;
      const known = byWorkload.get(`${role} ${workload}`) ?? [];
      if (known.some((one) => factOf(one) === factOf(key) && isAlike(one, key))) continue;
      append(byWorkload, `${role} ${workload}`, key);
      const isOutside = role === 'gateway';
      if (isOutside && entered !== undefined && workload !== podKey({ ...entered, name: entered.workloadName })) continue;
      clients.set(`${role} ${key}`, { client: { kind: isOutside ? 'gateway' : 'workload', workload }, workload, key, isOutside });
    }
    return [...clients.values()];
  };
}

/** Pods with sidecars that send requests, but those that ztunnel stands before. */
export function sidecarsOf(findClients: ClientFinder, planes: readonly [DataPlane, DataPlane]): readonly Traveller[] {
  return findClients(undefined).filter(({ isOutside, key }) => !isOutside && !isOnOneSide(key, planes, isBehindZtunnel));
}

/** Equal for pods whose proxies do the same with what these send, on both sides. */
export type PodKinds = (key: string) => string;

/** Tells pods of two sides apart by their proxies, of which `proxyKinds` tells on each side. */
export function createPodKinds(planes: readonly [DataPlane, DataPlane], proxyKinds: readonly ProxyKinds[]): PodKinds {
  const numbers = numbering();
  return memo((key: string) => {
    const kinds = planes.map((plane, at) => {
      const pod = podNamed(plane, key);
      return pod && proxyKinds[at]?.(pod);
    });
    return kinds.map((kind) => kind && numbers(kind)).join();
  });
}

/** Where a client is on both sides, as a text: all pods of a cluster and network see the same at an address. */
export function clientPlaceOf(key: string, planes: readonly DataPlane[]): string {
  const pods = planes.map((plane) => podNamed(plane, key));
  return JSON.stringify(pods.map((pod) => [pod?.cluster, pod?.network]));
}

/** Whether something holds of a pod on one of two sides. */
export function isOnOneSide(
  key: string,
  planes: readonly DataPlane[],
  holds: (pod: TracePod, plane: DataPlane) => boolean,
): boolean {
  return planes.some((plane) => {
    const pod = podNamed(plane, key);
    return pod !== undefined && holds(pod, plane);
  });
}

/** Whether ztunnel stands before a pod. */
export function isBehindZtunnel(pod: TracePod, { ztunnel }: DataPlane): boolean {
  return ztunnel?.captured(pod) !== undefined;
}
