import type { PodStatus, ServiceSpec } from '../api/kubernetes.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { addressesExhausted } from '../diagnostics/problems/objects.ts';
import { type Again, afresh, againForEach } from '../util/again.ts';
import { extended } from '../util/object.ts';
import { clusterFamilies, familiesOfService, type IpFamily } from './address-families.ts';
import { type Resource, refOf } from './resource.ts';
import { resourcesOf } from './select.ts';

/** The numbers of the pools of made-up addresses; those of further clusters lie below and above. */
const POD_POOL = 244;
const SERVICE_POOL = 96;
/** For so many clusters there are pools that do not meet. */
const MOST_CLUSTERS = 70;
/** Hosts of a /16 without its first and last address. */
const POOL_SIZE = 65_534;

/**
 * The resources with an address for each pod (`status.podIP`) and service (`spec.clusterIP`, not for ExternalName) that
 * has none. An address follows from namespace and name alone; only where two meet, or a manifest has it already, the next
 * free one is taken, in the order of names. A pod on the network of its node has the node's address, where that is known. Pods have one
 * of each family of the cluster, Services of those that they ask for. Clusters of one mesh have different pools.
 */
export function assignAddresses(
  resources: readonly Resource[],
  report: Report,
  clusterIndex = 0,
  again: Again = afresh,
): Resource[] {
  const step = clusterIndex % MOST_CLUSTERS;
  const podPools = poolsOf(POD_POOL - step);
  const servicePools = poolsOf(SERVICE_POOL + step);
  const used = usedAddresses(resources);
  const made = new Map<Resource, readonly string[]>();
  const ofCluster = clusterFamilies(resources);
  const nodeAddresses = new Map(
    resourcesOf(resources, 'Node').map(({ name, status }) => [
      name,
      status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    ]),
  );
  const inOrder = resources.filter(needsAddress).sort(compareNames);
  for (const resource of inOrder) {
    const ofNode =
      resource.kind === 'Pod' && resource.spec.hostNetwork ? nodeAddresses.get(resource.spec.nodeName ?? '') : undefined;
    if (ofNode !== undefined) {
      made.set(resource, [ofNode]);
      continue;
    }
    const pools = resource.kind === 'Pod' ? podPools : servicePools;
    const families = resource.kind === 'Service' ? familiesOfService(resource.spec, ofCluster) : ofCluster;
    const name = `${resource.namespace}/${resource.name}`;
    const addresses = families.map((family) => nextFree(family, pools[family], name, used));
    const found = addresses.filter((address) => address !== undefined);
    if (found.length < addresses.length) {
      const pool = families.includes('IPv4') ? `${pools.IPv4}0.0/16` : `${pools.IPv6}/112`;
      report(addressesExhausted({ location: resource.document.locate([]), resource: refOf(resource) }, pool));
      break;
    }
    made.set(resource, found);
  }
  const completed = againForEach<Resource>(again, 'addressed');
  return resources.map((resource) => {
    const addresses = made.get(resource);
    return completed(resource, [addresses], () => withAddresses(resource, addresses));
  });
}

/** Pools of addresses, /16 of IPv4 and /112 of IPv6: the text before the part that tells hosts apart. */
function poolsOf(number: number): Readonly<Record<IpFamily, string>> {
  return { IPv4: `10.${number}.`, IPv6: `fd00:10:${number}::` };
}

function compareNames(a: Resource, b: Resource): number {
  const [nameA, nameB] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

function needsAddress(resource: Resource): boolean {
  if (resource.kind === 'Pod') return addressesOfPod(resource.status).length === 0;
  if (resource.kind !== 'Service') return false;
  return resource.spec.type !== 'ExternalName' && addressesOfService(resource.spec).length === 0;
}

function addressesOfPod(status: PodStatus | undefined): string[] {
  const addresses = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return addresses.filter((address): address is string => address !== undefined && address !== '');
}

function addressesOfService(spec: ServiceSpec): string[] {
  return [spec.clusterIP, ...(spec.clusterIPs ?? [])].filter(
    (address): address is string => address !== undefined && address !== '',
  );
}

function withAddresses(resource: Resource, made: readonly string[] = []): Resource {
  if (resource.kind === 'Pod') {
    const { status } = resource;
    const podIP = made[0] ?? addressesOfPod(status)[0];
    if (podIP === undefined || podIP === status?.podIP) return resource;
    const podIPs = made.length > 1 ? { podIPs: made.map((ip) => ({ ip })) } : {};
    return extended(resource, { status: extended(status ?? {}, { podIP, ...podIPs }) });
  }
  if (resource.kind === 'Service') {
    const { spec } = resource;
    const clusterIP = made[0] ?? addressesOfService(spec)[0];
    if (clusterIP === undefined) return resource;
    const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : made.length > 0 ? made : [clusterIP];
    return { ...resource, spec: extended(spec, { clusterIP, clusterIPs }) };
  }
  return resource;
}

/** The addresses that stand in the manifests, of whatever they are. */
function usedAddresses(resources: readonly Resource[]): Set<string> {
  const used = new Set<string>();
  const add = (addresses: readonly (string | undefined)[]): void => {
    for (const address of addresses) if (address !== undefined) used.add(address);
  };
  for (const resource of resources) {
    if (resource.kind === 'Pod') add(addressesOfPod(resource.status));
    else if (resource.kind === 'Service') add(addressesOfService(resource.spec));
    else if (resource.kind === 'EndpointSlice') add((resource.spec.endpoints ?? []).flatMap((one) => one.addresses));
    else if (resource.kind === 'Endpoints') {
      for (const subset of resource.spec.subsets ?? []) {
        add([...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])].map(({ ip }) => ip));
      }
    } else if (resource.kind === 'WorkloadEntry') add([resource.spec.address]);
  }
  return used;
}

/** The address of a pool that a name stands for, or the next one that is not used; it is used then. */
function nextFree(family: IpFamily, pool: string, name: string, used: Set<string>): string | undefined {
  const first = fnv1a(name) % POOL_SIZE;
  for (let step = 0; step < POOL_SIZE; step++) {
    const host = ((first + step) % POOL_SIZE) + 1;
    const address = `${pool}${family === 'IPv4' ? `${host >> 8}.${host & 255}` : host.toString(16)}`;
    if (!used.has(address)) {
      used.add(address);
      return address;
    }
  }
  return undefined;
}

/** The 32-bit FNV-1a hash of a text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
