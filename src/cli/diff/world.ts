import type { Mesh } from '../../model/mesh.ts';
import type { Workload } from '../../model/service.ts';
import type { TracePod, World } from '../../trace/world.ts';
import type { ManifestSide } from './side.ts';

/** The cluster that requests travel through, as manifests make it; what lies outside answers 200. */
export function worldOf({ mesh, snapshotOf }: ManifestSide): World {
  const intercepted = new Set(
    mesh.proxies.filter(({ interceptionMode }) => interceptionMode !== 'NONE').map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return {
    pods: mesh.registry.workloads.map((workload) => podOf(workload, mesh, intercepted)),
    snapshotOf: ({ namespace, name }) => snapshotOf(`${namespace}/${name}`),
    dns: new Map(
      mesh.registry.services.flatMap(({ hostname, addresses: [address] }) => (address === undefined ? [] : [[hostname, address] as const])),
    ),
    servers: 'unknown',
    now: 0,
  };
}

function podOf(workload: Workload, mesh: Mesh, intercepted: ReadonlySet<string>): TracePod {
  const { name, namespace, ips, containerPorts, serviceAccount, injected, proxyType, workloadName, nodeName } = workload;
  return {
    name,
    namespace,
    ips,
    ports: containerPorts.map(({ port }) => port),
    sockets: [],
    identity: `spiffe://${mesh.config.trustDomain ?? mesh.domainSuffix}/ns/${namespace}/sa/${serviceAccount}`,
    proxy: injected ? proxyType : 'none',
    isIntercepted: intercepted.has(`${namespace}/${name}`),
    workloadName,
    nodeName,
  };
}
