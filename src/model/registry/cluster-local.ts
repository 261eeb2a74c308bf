import type { MeshConfig } from '../../api/istio.gen.ts';
import { hostCovers, isWildcard, moreSpecific } from '../traffic/host.ts';

const LOCAL_NAMESPACE = 'kube-system';
const LOCAL_SERVICE = 'kubernetes.default.svc';

/** Tells whether the endpoints of a host are only for clients of their own cluster. */
export type ClusterLocal = (hostname: string) => boolean;

/**
 * The hosts that stay in their cluster: what every cluster has of its own and istiod itself, unless `serviceSettings` take that back, and
 * what these name; of several that cover a host, the most specific decides.
 * As istio pilot/pkg/model/cluster_local.go.
 */
export function buildClusterLocal({ serviceSettings = [], defaultConfig }: MeshConfig, domainSuffix: string): ClusterLocal {
  const isLocal = new Map<string, boolean>();
  for (const { settings, hosts = [] } of serviceSettings) {
    for (const host of hosts) isLocal.set(host, settings?.clusterLocal ?? false);
  }
  const takenBack = serviceSettings.flatMap(({ settings, hosts = [] }) => (settings?.clusterLocal ? [] : hosts));
  const usual = [
    `*.${LOCAL_NAMESPACE}.svc.${domainSuffix}`,
    `${LOCAL_SERVICE}.${domainSuffix}`,
    ...discoveryHost(defaultConfig?.discoveryAddress ?? '', domainSuffix),
  ];
  for (const host of usual) {
    const isTakenBack = takenBack.some((other) => other === host || (isWildcard(host) && other.endsWith(host.slice(1))));
    if (!isTakenBack) isLocal.set(host, true);
  }
  const wildcards = [...isLocal.keys()].filter(isWildcard).sort((a, b) => (moreSpecific(a, b) ? -1 : 1));
  return (hostname) => {
    const exact = isLocal.get(hostname);
    if (exact !== undefined) return exact;
    const covering = wildcards.find((wildcard) => hostCovers(wildcard, hostname));
    return covering !== undefined && isLocal.get(covering) === true;
  };
}

/** The host of istiod's address, in full; nothing where the address has no port. */
function discoveryHost(address: string, domainSuffix: string): readonly string[] {
  const [, host] = /^(.+):\d+$/.exec(address) ?? [];
  if (host === undefined) return [];
  return [host.endsWith(domainSuffix) ? host : `${host}.${domainSuffix}`];
}
