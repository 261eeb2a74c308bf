import type { Session } from '../compile/session.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Workload } from '../model/registry/service.ts';
import { spiffeIdentity } from '../model/security/spiffe.ts';
import { podKey, type TracePod, type World } from '../trace/world.ts';
import { memo } from '../util/memo.ts';
import { own } from '../util/object.ts';

/** What is known of the world beside the manifests. */
export interface WorldOptions {
  readonly servers: World['servers'];
  readonly now: number;
  /** Further ports (or Unix sockets) that pods listen on, by `namespace/name`. */
  readonly listening?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Addresses by host name. */
  readonly dns?: Readonly<Record<string, string>>;
  /** Pods by further addresses of theirs. */
  readonly addresses?: Readonly<Record<string, string>>;
}

/**
 * The pods of a mesh with the configuration of their proxies, compiled when first asked for, unless `snapshotOf` has them by
 * `namespace/name`.
 */
export function createWorld(
  session: Session,
  options: WorldOptions,
  snapshotOf: (proxy: string) => XdsSnapshot | undefined = compilerOf(session),
): World {
  const { mesh } = session;
  const proxies = new Map(mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  const toPod = (workload: Workload): TracePod => {
    const key = podKey(workload);
    const proxy = proxies.get(key);
    const extra = own(options.listening, key) ?? [];
    const ports = [...workload.containerPorts.map(({ port }) => port), ...extra.filter((place) => typeof place === 'number')];
    const addresses = Object.entries(options.addresses ?? {}).filter(([, pod]) => pod === key);
    return {
      name: workload.name,
      namespace: workload.namespace,
      ips: [...workload.ips, ...addresses.map(([ip]) => ip)],
      ports: ports.length === 0 ? options.servers.defaultPorts : ports,
      sockets: extra.filter((place) => typeof place === 'string'),
      identity: spiffeIdentity(mesh.config.trustDomain ?? mesh.domainSuffix, workload.namespace, workload.serviceAccount),
      proxy: proxy === undefined ? 'none' : proxy.role,
      isIntercepted: proxy !== undefined && proxy.interceptionMode !== 'NONE',
      workloadName: workload.workloadName,
    };
  };
  return {
    pods: mesh.registry.workloads.filter(({ kind }) => kind === 'Pod').map(toPod),
    dns: new Map(Object.entries(options.dns ?? {})),
    servers: options.servers,
    now: options.now,
    snapshotOf: (pod) => snapshotOf(podKey(pod)),
  };
}

function compilerOf({ mesh, compile }: Session): (proxy: string) => XdsSnapshot | undefined {
  const proxies = new Map(mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  return memo((key: string) => {
    const proxy = proxies.get(key);
    return proxy && compile(proxy);
  });
}
