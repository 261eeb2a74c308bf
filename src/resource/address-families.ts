import type { ServiceSpec } from '../api/kubernetes.ts';
import { isIpAddress, isIpv6Text } from '../util/ip-address.ts';
import type { Resource } from './resource.ts';

/** An IP family, as Services name it. */
export type IpFamily = 'IPv4' | 'IPv6';

/**
 * The IP families of a cluster, its first one first: both where something can only be in a cluster of both; IPv6 where every address of a
 * pod or Service, and every family that a Service names, is of IPv6; else IPv4.
 */
export function clusterFamilies(resources: readonly Resource[]): readonly IpFamily[] {
  let seen: IpFamily | 'both' | undefined;
  let first: IpFamily = 'IPv4';
  for (const resource of resources) {
    const { stated, needsBoth } = statedFamilies(resource);
    const [own] = stated;
    if ((needsBoth || stated.length > 1) && seen !== 'both') [seen, first] = ['both', own ?? 'IPv4'];
    else if (own !== undefined && seen !== 'both') seen = seen === undefined || seen === own ? own : 'IPv4';
  }
  if (seen !== 'both') return [seen ?? 'IPv4'];
  return first === 'IPv4' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
}

/** The families that a Service without addresses gets some of: those it names, and the others that its policy asks for. */
export function familiesOfService(
  { ipFamilies = [], ipFamilyPolicy }: ServiceSpec,
  ofCluster: readonly IpFamily[],
): readonly IpFamily[] {
  const named = ipFamilies.length > 0 ? ipFamilies : ofCluster.slice(0, 1);
  const isDual = ipFamilyPolicy === 'RequireDualStack' || ipFamilyPolicy === 'PreferDualStack';
  return [...new Set(isDual ? [...named, ...ofCluster] : named)];
}

interface Stated {
  readonly stated: readonly IpFamily[];
  readonly needsBoth: boolean;
}

const NOTHING: Stated = { stated: [], needsBoth: false };

function statedFamilies(resource: Resource): Stated {
  if (resource.kind === 'Pod') {
    const { podIP = '', podIPs = [] } = resource.status ?? {};
    return { stated: familiesOf([podIP, ...podIPs.map(({ ip = '' }) => ip)]), needsBoth: false };
  }
  if (resource.kind !== 'Service') return NOTHING;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = resource.spec;
  const stated = ipFamilies.length > 0 ? ipFamilies : familiesOf([clusterIP, ...clusterIPs]);
  // A Service that only prefers both families can name them in a cluster of one.
  return {
    stated: ipFamilyPolicy === 'PreferDualStack' ? stated.slice(0, 1) : stated,
    needsBoth: ipFamilyPolicy === 'RequireDualStack',
  };
}

function familiesOf(addresses: readonly string[]): readonly IpFamily[] {
  return [...new Set(addresses.filter(isIpAddress).map((ip): IpFamily => (isIpv6Text(ip) ? 'IPv6' : 'IPv4')))];
}
