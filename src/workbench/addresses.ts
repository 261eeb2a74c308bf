import { usageError } from '../diagnostics/user-error.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Service } from '../model/registry/service.ts';
import { podKey, type TracePod, type World } from '../trace/world.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { own } from '../util/object.ts';
import { noSuchPod, podNamedBy } from './pods.ts';

/** A client outside of the mesh, which comes in through a gateway. */
export const OUTSIDE = 'outside';

/** The client that a name stands for (workbench/pods.ts); undefined for `outside`. Throws a UserError where there is none. */
export function findPod(text: string, { pods }: World, defaultNamespace: string): TracePod | undefined {
  const found = podNamedBy(text, pods, defaultNamespace);
  if (found === undefined && text !== OUTSIDE) throw noSuchPod('pod', text, pods, defaultNamespace);
  return found;
}

/** An address, and how it was found where that is worth a word. */
export interface ResolvedAddress {
  readonly ip: string;
  readonly port: number;
  readonly note?: string;
}

/** The address of names that nothing is known of; its range is for documentation. */
const UNKNOWN_ADDRESS = '198.51.100.1';

/** What a client's resolver says for a host: the address of a Service, of a pod, of the table's names. */
export function resolveHost(host: string, port: number, client: TracePod | undefined, mesh: Mesh, world: World): ResolvedAddress {
  if (isIpAddress(host)) return { ip: host, port };
  const known = world.dns.get(host);
  if (known !== undefined) return { ip: known, port };
  const namespace = client?.namespace ?? 'default';
  const service = findService(host, namespace, mesh.registry.services, mesh.domainSuffix);
  if (service !== undefined) {
    const address = [service.address, ...service.addresses, service.autoAllocatedAddress].find(
      (ip) => ip !== '' && ip !== '0.0.0.0',
    );
    if (address !== undefined) return { ip: address.replace(/\/\d+$/, ''), port };
    const pod = podOf(service, host, mesh);
    if (pod !== undefined) return { ip: pod, port, note: `${host} has no address of its own: one of its pods` };
  }
  return { ip: UNKNOWN_ADDRESS, port, note: `no address of ${host} is known: ${UNKNOWN_ADDRESS} stands for it` };
}

/** The service that a name means, by the search list of a pod. */
function findService(host: string, namespace: string, services: readonly Service[], domain: string): Service | undefined {
  const lower = host.toLowerCase().replace(/\.$/, '');
  const names = [lower, `${lower}.${namespace}.svc.${domain}`, `${lower}.svc.${domain}`, `${lower}.${domain}`];
  for (const name of names) {
    const found = services.filter(
      ({ hostname }) => hostname === name || (name.endsWith(`.${hostname}`) && hostname.endsWith(`.svc.${domain}`)),
    );
    const best = found.find((service) => service.namespace === namespace) ?? found[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/** A pod behind a headless service: the one that the name begins with, else the first. */
function podOf(service: Service, host: string, mesh: Mesh): string | undefined {
  const selector = Object.entries(service.selector ?? {});
  if (selector.length === 0) return undefined;
  const pods = mesh.registry.workloads.filter(
    (workload) =>
      workload.kind === 'Pod' &&
      workload.namespace === service.namespace &&
      selector.every(([key, value]) => own(workload.labels, key) === value),
  );
  return (pods.find(({ name }) => host.startsWith(`${name}.`)) ?? pods[0])?.ips[0];
}

/** Where a client outside enters for a host and port: a gateway that has routes or TLS for it, else any that listens. */
export function findEntrance(host: string, port: number, mesh: Mesh, world: World): ResolvedAddress {
  const entrances = world.pods.flatMap((pod) => {
    if (pod.proxy !== 'gateway') return [];
    const proxy = mesh.proxies.find((candidate) => podKey(candidate) === podKey(pod));
    const targets = (proxy?.targets ?? []).filter((target) => target.port.port === port).map(({ targetPort }) => targetPort);
    const listeners = world.snapshotOf(pod)?.listeners ?? [];
    return [...targets, port].flatMap((candidate) => {
      const listener = listeners.find(({ address }) => address?.socketAddress?.portValue === candidate);
      return listener === undefined ? [] : [{ pod, port: candidate, isNamed: mentions(world, pod, candidate, host) }];
    });
  });
  const [best] = entrances.sort((a, b) => Number(b.isNamed) - Number(a.isNamed));
  if (best === undefined) throw usageError(`no gateway listens for port ${port}; name an address with --address`);
  return { ip: best.pod.ips[0] ?? '', port: best.port, note: `enters at ${podKey(best.pod)}:${best.port}` };
}

/** Whether the routes or filter chains of a gateway's port name a host. */
function mentions(world: World, pod: TracePod, port: number, host: string): boolean {
  const snapshot = world.snapshotOf(pod);
  const listener = snapshot?.listeners.find(({ address }) => address?.socketAddress?.portValue === port);
  const text = JSON.stringify([listener, snapshot?.routes.filter(({ name = '' }) => name.includes(String(port)))]);
  const names = [host, ...host.split('.').map((_, index, labels) => `*.${labels.slice(index + 1).join('.')}`)];
  return names.some((name) => text.includes(JSON.stringify(name)));
}
