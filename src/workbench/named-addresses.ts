import type { CidrRange } from '../envoy/api.gen.ts';
import type { Mesh } from '../model/mesh.ts';
import { indexRanges } from '../trace/address-ranges.ts';
import type { Interception } from '../trace/pod.ts';
import { rangeOfText } from '../trace/strings.ts';
import { isIpv6Text } from '../util/ip-address.ts';
import { visitObjects, visitTexts } from '../util/object.ts';

/**
 * Tells addresses of pods apart as far as resources may: the same text for those that lie in the same of all ranges that resources name, and
 * are of one family. `interceptions` are what annotations of pods say.
 */
export function createAddressKinds(
  { resources }: Pick<Mesh, 'resources'>,
  interceptions: readonly (Interception | undefined)[],
): (ip: string) => string {
  const texts = new Set<string>();
  const note = (text: string): void => void texts.add(text);
  for (const resource of resources) for (const part of partsNamingAddresses(resource)) visitNames(part, note);
  for (const interception of interceptions)
    for (const text of [...(interception?.includeOutboundRanges ?? []), ...(interception?.excludeOutboundRanges ?? [])])
      note(text);
  const ranges = new Map<string, CidrRange>();
  for (const text of texts) {
    const range = rangeOfText(text);
    if (range !== undefined) ranges.set(text, range);
  }
  // Of two ranges one lies in the other or they do not meet, so that the longest tells all that an address lies in.
  const index = indexRanges([...ranges.values()], (range) => [range]);
  return (ip) => {
    const [range] = index.around(ip);
    return `${isIpv6Text(ip) ? 'IPv6' : 'IPv4'} ${range === undefined ? '' : `${range.addressPrefix}/${range.prefixLen}`}`;
  };
}

/** What of a resource may name addresses of pods, so that those of one workload are told apart. */
function partsNamingAddresses(resource: Mesh['resources'][number]): readonly unknown[] {
  if (resource.kind === 'AuthorizationPolicy') return [resource.spec.rules];
  if (resource.kind === 'VirtualService') return [resource.spec.tcp, resource.spec.tls];
  if (resource.kind === 'ServiceEntry') return [resource.spec.addresses, resource.spec.endpoints];
  return resource.kind === 'Sidecar' || resource.kind === 'EnvoyFilter' ? [resource.spec] : [];
}

/** All texts in a value, and ranges that Envoy writes in two fields. */
function visitNames(value: unknown, note: (text: string) => void): void {
  visitTexts(value, note);
  visitObjects(value, (object) => {
    const prefix = object.addressPrefix ?? object.address_prefix;
    const length = object.prefixLen ?? object.prefix_len;
    if (typeof prefix === 'string') note(`${prefix}/${typeof length === 'number' ? length : 0}`);
  });
}
