import type { ResourceRef } from '../diagnostics/diagnostic.ts';
import type { Mesh } from '../model/mesh.ts';
import { UNSPECIFIED_ADDRESS } from '../model/registry/kubernetes-services.ts';
import type { Service, ServiceRegistry } from '../model/registry/service.ts';
import { type DataPlane, podKey } from '../trace/data-plane.ts';
import type { UnresolvedName } from '../trace/outcome.ts';
import type { TracePod } from '../trace/pod.ts';
import { isIpAddress, isIpv6Text } from '../util/ip-address.ts';
import { nearest, nearestMeant } from '../util/nearest.ts';
import { entrancesFor, type Visit } from './entrances.ts';
import { firstOfOneCluster, noSuchPod, type PodNames, podNamedBy } from './pods.ts';

/** A client outside of the mesh, which comes in through a gateway. */
export const OUTSIDE = 'outside';

/** The client that a name stands for (workbench/pods.ts); undefined for `outside`. Throws a UserError where there is none. */
export function findPod(text: string, { pods }: DataPlane, defaultNamespace: string): TracePod | undefined {
  const found = podNamedBy(text, pods, defaultNamespace);
  if (found === undefined && text !== OUTSIDE) throw noSuchPod('pod', text, pods, defaultNamespace);
  return found;
}

/** An address, and how it was found where that is worth a word. */
export interface ResolvedAddress {
  readonly ip: string;
  readonly port: number;
  readonly note?: AddressNote;
  /** The gateway whose address it is, for who comes from outside (TraceRequest). */
  readonly entersAt?: string;
}

/** How an address was found. */
export type AddressNote =
  /** The name of a headless Service is answered with those of its pods. */
  | { readonly kind: 'pod of a headless service'; readonly host: string }
  /** istiod allocates the address to the host of a ServiceEntry. */
  | { readonly kind: 'allocated'; readonly host: string }
  /** Nothing is known of a name, so that `address` stands for what it resolves to; names of services that may be meant. */
  | { readonly kind: 'unknown'; readonly host: string; readonly address: string; readonly near: readonly string[] }
  /** A Service is another name; `standIn` stands for the address of that where it is not known. */
  | { readonly kind: 'alias'; readonly service: ResourceRef; readonly externalName: string; readonly standIn?: string }
  /** Where a client from outside comes in, and the gateways that would take the request too. */
  | { readonly kind: 'entrance'; readonly gateway: string; readonly port: number; readonly others: readonly string[] };

/** A mesh as a resolver knows it. */
export interface Names extends Pick<Mesh, 'resources' | 'domainSuffix'> {
  readonly registry: Pick<ServiceRegistry, 'services' | 'servicesOf' | 'endpointsOf' | 'workloads'>;
  /** The clusters that have a Service which this one has not, where there are several, by host name. */
  readonly otherClusters?: ReadonlyMap<string, readonly string[]>;
}

/** The addresses of names that nothing is known of; their ranges are for documentation. */
const UNKNOWN_ADDRESSES: readonly [string, string] = ['198.51.100.1', '2001:db8::1'];

/** The address of a name that nothing is known of, of a family that its client has. */
export function unknownAddress(client: Pick<TracePod, 'ips'> | undefined): string {
  return reachable(UNKNOWN_ADDRESSES, client) ?? UNKNOWN_ADDRESSES[0];
}

/** The first address of a family that a client has, else the first of all. */
function reachable(addresses: readonly string[], client: Pick<TracePod, 'ips'> | undefined): string | undefined {
  return addresses.find((address) => client?.ips.some((ip) => isIpv6Text(ip) === isIpv6Text(address))) ?? addresses[0];
}

/**
 * What a client's resolver says for a host: the address of a Service, of a pod, of the table's names. Names that could only be the
 * cluster's and are not do not resolve; others are taken to lie outside.
 */
export function resolveHost(
  host: string,
  port: number,
  client: TracePod | undefined,
  mesh: Names,
  dataPlane: DataPlane,
): ResolvedAddress | UnresolvedName {
  if (isIpAddress(host)) return { ip: host, port };
  const known = dataPlane.resolve(host);
  if (known !== undefined) return { ip: known, port };
  const namespace = client?.namespace ?? 'default';
  const service = findService(host, namespace, mesh.registry.services, mesh.domainSuffix);
  if (service !== undefined) {
    if (service.externalName !== '') return resolveAlias(service, port, client, mesh, dataPlane);
    const address = serviceAddressFor(service, client);
    if (address !== undefined) {
      const isAllocated = service.allocatedAddresses.includes(address);
      return { ip: address, port, ...(isAllocated && { note: { kind: 'allocated', host } }) };
    }
    if (service.registry === 'Kubernetes') {
      const ip = readyPodOf(service, host, client, mesh);
      if (ip === undefined) return { unresolved: host, because: 'no ready pods', near: [] };
      return { ip, port, note: { kind: 'pod of a headless service', host } };
    }
  } else {
    const others = searchedNames(host.toLowerCase().replace(/\.$/, ''), namespace, mesh.domainSuffix).flatMap(
      (name) => mesh.otherClusters?.get(name) ?? [],
    );
    if (others.length > 0) return { unresolved: host, because: 'of other clusters', near: [...new Set(others)] };
  }
  if (service === undefined && isOfCluster(host, mesh)) {
    return { unresolved: host, because: 'unknown', near: namesLike(host, namespace, mesh) };
  }
  const covering = client && dataPlane.ztunnel?.captured(client) && wildcardService(host, namespace, mesh.registry.services);
  const answered = covering && serviceAddressFor(covering, client);
  if (answered !== undefined) {
    const isAllocated = covering?.allocatedAddresses.includes(answered) === true;
    return { ip: answered, port, ...(isAllocated && { note: { kind: 'allocated', host: covering.hostname } }) };
  }
  const near = service === undefined ? namesLike(host, namespace, mesh) : [];
  const ip = unknownAddress(client);
  return { ip, port, note: { kind: 'unknown', host, address: ip, near } };
}

/** An ExternalName is another name for a host, in DNS and nowhere else. */
function resolveAlias(
  alias: Service,
  port: number,
  client: TracePod | undefined,
  mesh: Names,
  dataPlane: DataPlane,
): ResolvedAddress | UnresolvedName {
  const { externalName, resource } = alias;
  const service: ResourceRef = { kind: resource.kind, namespace: alias.namespace, name: alias.name };
  const note: AddressNote = { kind: 'alias', service, externalName };
  const known = dataPlane.resolve(externalName) ?? (isIpAddress(externalName) ? externalName : undefined);
  if (known !== undefined) return { ip: known, port, note };
  const target = mesh.registry.servicesOf(externalName).find((service) => service !== alias && service.externalName === '');
  const ip = target && (serviceAddressFor(target, client) ?? readyPodOf(target, externalName, client, mesh));
  if (ip !== undefined) return { ip, port, note };
  if (externalName.endsWith(`.${mesh.domainSuffix}`)) {
    return { unresolved: externalName, because: 'unknown', near: namesLike(externalName, alias.namespace, mesh) };
  }
  const unknown = unknownAddress(client);
  return { ip: unknown, port, note: { ...note, standIn: unknown } };
}

/** The address of its own that a service has for a client. */
export function serviceAddressFor(service: Service, client: Pick<TracePod, 'ips'> | undefined): string | undefined {
  const addresses = [service.address, ...service.addresses, ...service.allocatedAddresses];
  return reachable(
    addresses.filter((ip) => ip !== '' && ip !== UNSPECIFIED_ADDRESS),
    client,
  )?.replace(/\/\d+$/, '');
}

/** Every name of a cluster that resolvers know, and its address: those of Services that have one. */
export function serviceNames({ registry }: Pick<Names, 'registry'>): ReadonlyMap<string, string> {
  return new Map(
    registry.services.flatMap((service): readonly (readonly [string, string])[] => {
      const address =
        service.registry === 'Kubernetes' && service.externalName === '' ? serviceAddressFor(service, undefined) : undefined;
      return address === undefined ? [] : [[service.hostname, address]];
    }),
  );
}

/** Whether a name can only be one of the cluster: a single word, one under its domain, or under one of its namespaces. */
function isOfCluster(host: string, mesh: Names): boolean {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  const [, second = '', third] = labels;
  if (labels.length === 1 || host.endsWith(`.${mesh.domainSuffix}`) || third === 'svc') return true;
  const isNamespace = (name: string): boolean =>
    mesh.resources.some(({ kind, namespace, name: own }) => namespace === name || (kind === 'Namespace' && own === name));
  return labels.length === 2 && (isNamespace(second) || isMisspelt(host, mesh));
}

/** Whether a name is nearly that of a Service with its namespace. */
function isMisspelt(host: string, { registry }: Names): boolean {
  const names = registry.services
    .filter(({ registry: of }) => of === 'Kubernetes')
    .map(({ name, namespace }) => `${name}.${namespace}`);
  return nearest(host, names) !== undefined;
}

/** The names of services that are most like one that is written. */
function namesLike(host: string, namespace: string, { registry }: Names): readonly string[] {
  const spellings = new Map<string, string>();
  for (const service of registry.services) {
    const isKubernetes = service.registry === 'Kubernetes';
    const shown = isKubernetes ? `${service.name}.${service.namespace}` : service.hostname;
    spellings.set(service.hostname, shown);
    if (isKubernetes) spellings.set(shown, shown).set(`${shown}.svc`, shown);
    if (isKubernetes && (service.namespace === namespace || !spellings.has(service.name))) spellings.set(service.name, shown);
  }
  return nearestMeant(host, spellings, 6).slice(0, 3);
}

/** The service that a name means, by the search list of a pod. */
function findService(host: string, namespace: string, services: readonly Service[], domain: string): Service | undefined {
  for (const name of searchedNames(host.toLowerCase().replace(/\.$/, ''), namespace, domain)) {
    const found = services.filter(
      ({ hostname }) => hostname === name || (name.endsWith(`.${hostname}`) && hostname.endsWith(`.svc.${domain}`)),
    );
    const best = found.find((service) => service.namespace === namespace) ?? found[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/**
 * The service with an address whose wildcard covers a name, the longest first: ztunnel answers DNS for these too.
 * As ztunnel src/dns/server.rs find_server and get_wildcards.
 */
function wildcardService(host: string, namespace: string, services: readonly Service[]): Service | undefined {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  for (let start = 1; start < labels.length; start++) {
    const wildcard = `*.${labels.slice(start).join('.')}`;
    const found = services.filter(
      (service) => service.hostname === wildcard && serviceAddressFor(service, undefined) !== undefined,
    );
    const best = found.find((service) => service.namespace === namespace) ?? found[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The names that a resolver tries for one, by the search list of a pod. */
export function searchedNames(host: string, namespace: string, domain: string): readonly string[] {
  return [host, `${host}.${namespace}.svc.${domain}`, `${host}.svc.${domain}`, `${host}.${domain}`];
}

/** A ready pod behind a headless service: the one that the name begins with, else the first. */
function readyPodOf(service: Service, host: string, client: TracePod | undefined, { registry }: Names): string | undefined {
  const addresses = service.ports
    .flatMap((port) => registry.endpointsOf(service, port))
    .filter(({ health, address }) => health === 'healthy' && isIpAddress(address))
    .map(({ address }) => address);
  const named = registry.workloads.find(({ name, namespace, ips }) => {
    return namespace === service.namespace && host.startsWith(`${name}.`) && ips.some((ip) => addresses.includes(ip));
  });
  return reachable(named?.ips ?? addresses, client);
}

/**
 * Where a client outside enters: at the gateway that its `gateway` names, else at the one that fits best (workbench/entrances.ts);
 * undefined where none listens. Other gateways that fit as well are named.
 */
export function findEntrance(
  visit: Visit & { readonly gateway?: string | undefined },
  mesh: Pick<Mesh, 'proxies'>,
  dataPlane: DataPlane,
  namespace: string,
): ResolvedAddress | undefined {
  const wanted = gatewayOf(visit.gateway, dataPlane, namespace);
  const [best, ...others] = entrancesFor(visit, mesh, dataPlane).filter(
    ({ pod }) => wanted === undefined || isOfSame(pod, wanted),
  );
  if (best === undefined) return undefined;
  const fitting = others.filter(({ pod, fit }) => fit > 0 && !isOfSame(pod, best.pod)).map(({ pod }) => nameOfWorkload(pod));
  return {
    ip: best.pod.ips[0] ?? '',
    port: best.port,
    note: { kind: 'entrance', gateway: podKey(best.pod), port: best.port, others: [...new Set(fitting)] },
    ...(best.pod.cluster !== undefined && { entersAt: podKey(best.pod) }),
  };
}

/** The gateway of a name among the pods of a data plane, as `gatewayNamed` finds it. */
export function gatewayOf(name: string | undefined, { pods }: DataPlane, namespace: string): TracePod | undefined {
  return gatewayNamed(
    name,
    pods.filter(({ proxy }) => proxy === 'gateway'),
    namespace,
  );
}

/** The gateway of a name (workbench/pods.ts), in whatever namespace a bare name is; undefined without a name. Throws a UserError. */
export function gatewayNamed<T extends PodNames>(
  name: string | undefined,
  gateways: readonly T[],
  namespace: string,
): T | undefined {
  if (name === undefined) return undefined;
  const found =
    podNamedBy(name, gateways, namespace) ??
    firstOfOneCluster(
      name,
      gateways.filter((pod) => [pod.name, pod.workloadName].includes(name)),
    );
  if (found === undefined) throw noSuchPod('gateway', name, gateways, namespace);
  return found;
}

function isOfSame(a: TracePod, b: TracePod): boolean {
  return nameOfWorkload(a) === nameOfWorkload(b);
}

function nameOfWorkload({ cluster, namespace, workloadName }: TracePod): string {
  return podKey({ cluster, namespace, name: workloadName });
}
