import { allocateAddresses, allocatesAddresses } from '../model/registry/address-allocation.ts';
import { isWildcard } from '../model/traffic/host.ts';
import type { Resource, ResourceOf } from '../resource/resource.ts';
import type { Input } from './load.ts';

/**
 * In ambient mode, the input with an address for each host of a ServiceEntry to which istiod's controller allocates one while it runs, and of
 * which no status tells. ztunnel answers DNS with it, so that requests to the host are known as such, and go through its waypoint. It is for
 * what follows requests; what istiod sends is computed of what is written.
 * As istio pilot/pkg/controllers/ipallocate and networking/serviceentry ShouldV2AutoAllocateIP.
 */
export function withAssumedAddresses(input: Input): Input {
  const { enableAmbient, enableIpAutoallocate } = input.release.behaviours;
  if (!enableAmbient || !enableIpAutoallocate) return input;
  const wanting = new Map(
    input.resources.flatMap((resource) => {
      const hosts = resource.kind === 'ServiceEntry' ? hostsWithout(resource) : [];
      return hosts.length === 0 ? [] : [[resource, hosts] as const];
    }),
  );
  if (wanting.size === 0) return input;
  const keys = [...wanting].flatMap(([{ namespace }, hosts]) => hosts.map((host) => `${namespace}/${host}`));
  const allocated = allocateAddresses(keys);
  const complete = (resource: Resource): Resource => {
    const hosts = wanting.get(resource);
    if (resource.kind !== 'ServiceEntry' || hosts === undefined) return resource;
    const added = hosts.flatMap((host) => {
      // Clients of both families are rare, and one address is enough to be known by.
      const [value] = allocated.get(`${resource.namespace}/${host}`) ?? [];
      return value === undefined ? [] : [{ host, value }];
    });
    return { ...resource, status: { ...resource.status, addresses: [...(resource.status?.addresses ?? []), ...added] } };
  };
  return { ...input, resources: input.resources.map(complete) };
}

/** The hosts that will have an address, and have none yet. */
function hostsWithout({ spec, status, labels }: ResourceOf<'ServiceEntry'>): readonly string[] {
  if (!allocatesAddresses(spec, labels)) return [];
  const { resolution, hosts = [] } = spec;
  const known = new Set((status?.addresses ?? []).map(({ host }) => host));
  return hosts.filter((host) => !known.has(host) && (!isWildcard(host) || resolution === 'DYNAMIC_DNS'));
}
