import type { Listener, RouteMatch } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { standsBetweenNetworks } from '../model/ambient/waypoints.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import { type DataPlane, podKey } from '../trace/data-plane.ts';
import type { Lookups } from '../trace/lookups.ts';
import type { TracePod } from '../trace/pod.ts';
import { compareText } from '../util/text.ts';

/** A request that comes from outside of the mesh. */
export interface Visit {
  readonly host: string;
  readonly port: number;
  /** With its query; absent for what is no HTTP. */
  readonly target?: string | undefined;
}

/** A place where a request from outside can enter. */
export interface Entrance {
  readonly pod: TracePod;
  readonly port: number;
  /** How well its routes fit; 0 where it only listens. */
  readonly fit: number;
}

/**
 * Where a client outside may enter for a host and port, the best first: gateways with a route for host and path, then those that know the
 * host, and among equals those that a Service of type LoadBalancer or NodePort leads to.
 */
export function entrancesFor(visit: Visit, mesh: Pick<Mesh, 'proxies'>, dataPlane: DataPlane): readonly Entrance[] {
  const proxies = new Map(mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  const found = dataPlane.pods.flatMap((pod) => {
    const proxy = proxies.get(podKey(pod));
    if (pod.proxy !== 'gateway' && (proxy === undefined || !standsBetweenNetworks(proxy))) return [];
    const targets = (proxy?.targets ?? []).filter(({ port }) => port.port === visit.port).map(({ targetPort }) => targetPort);
    const snapshot = dataPlane.snapshotOf(pod);
    return [...new Set([...targets, visit.port])].flatMap((port) => {
      const listener = snapshot?.listeners.find(({ address }) => address?.socketAddress?.portValue === port);
      if (snapshot === undefined || listener === undefined) return [];
      return [{ pod, port, fit: fitOf(visit, listener, snapshot, dataPlane.lookups), isOpen: isOpenToAll(proxy, visit.port) }];
    });
  });
  return found.sort((a, b) => b.fit - a.fit || Number(b.isOpen) - Number(a.isOpen) || compareText(podKey(a.pod), podKey(b.pod)));
}

/** Whether a Service lets the world outside of the cluster in. */
function isOpenToAll(proxy: Proxy | undefined, port: number): boolean {
  return (proxy?.targets ?? []).some(({ service: { resource }, port: own }) => {
    const type = resource.kind === 'Service' ? resource.spec.type : undefined;
    return own.port === port && (type === 'LoadBalancer' || type === 'NodePort');
  });
}

/** How well a gateway's port fits: 4 a route of the host's own, 3 one for all hosts, 2 and 1 such hosts without the path, 0 nothing. */
function fitOf({ host, target }: Visit, listener: Listener, snapshot: XdsSnapshot, lookups: Lookups): number {
  const text = JSON.stringify(listener);
  const configurations = snapshot.routes.filter(({ name = '' }) => text.includes(JSON.stringify(name)));
  const ofRoutes = configurations.map((configuration) => fitOfHost(target, lookups.virtualHost(configuration, host)));
  const names = (listener.filterChains ?? []).flatMap(({ filterChainMatch }) => filterChainMatch?.serverNames ?? []);
  const ofChains = names.some((name) => isNameOf(name, host)) ? 4 : 0;
  // A connection that is no HTTP, to a port without names, is for everybody.
  const isForAll = configurations.length === 0 && names.length === 0 ? 3 : 0;
  return ofRoutes.reduce((best, fit) => Math.max(best, fit), Math.max(isForAll, configurations.length === 0 ? ofChains : 0));
}

function fitOfHost(target: string | undefined, found: ReturnType<Lookups['virtualHost']>): number {
  if (found === undefined) return 0;
  const { routes = [] } = found.virtualHost;
  if (routes.length === 0) return 0;
  const fits = target === undefined || routes.some(({ match }) => mayFit(match, target));
  return (fits ? 3 : 1) + (found.domain === '*' ? 0 : 1);
}

/** Whether a path may fit a route; an expression is taken to. */
function mayFit({ prefix, path, pathSeparatedPrefix }: RouteMatch = {}, target: string): boolean {
  const asked = target.replace(/[?#].*$/s, '');
  if (path !== undefined) return asked === path;
  if (prefix !== undefined) return asked.startsWith(prefix);
  if (pathSeparatedPrefix !== undefined) return asked === pathSeparatedPrefix || asked.startsWith(`${pathSeparatedPrefix}/`);
  return true;
}

function isNameOf(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.endsWith(name.slice(1)));
}
