import type { Workload } from '../../model/registry/service.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import { hostPortsOf } from '../../workbench/host-ports.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { type LocalMeshFinder, meshPairs } from './local-meshes.ts';
import type { Doubt } from './report.ts';
import { placeOfService } from './service-doubts.ts';

/** Doubts of workloads whose pods open other ports at their nodes (`hostPort`): who comes in there is followed no further. */
export function doubtsOfHostPorts(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
  meshesOf: LocalMeshFinder,
): readonly Doubt[] {
  return meshPairs(sides, planes, meshesOf).flatMap(({ cluster, meshes }) => {
    const [before, after] = meshes.map(({ registry }) => new Map(registry.workloads.map((pod) => [podKey(pod), pod])));
    if (before === undefined || after === undefined) return [];
    const found = new Map<string, Doubt>();
    for (const [key, pod] of after) {
      const earlier = before.get(key);
      if (earlier === undefined || textOf(earlier) === textOf(pod)) continue;
      const workload = podKey({ cluster, namespace: pod.namespace, name: pod.workloadName });
      const what = [`what nodes lead to ${workload} (hostPort)`];
      const { request } = placeOfService({ hostname: `${pod.workloadName}.${pod.namespace}`, ports: [] });
      found.set(workload, { from: { kind: 'anybody' }, to: workload, because: 'not known', what, request });
    }
    return [...found.values()];
  });
}

/** In the network of its node a pod opens whatever it listens at. */
function textOf(pod: Workload): string {
  if (pod.hostNetwork) return 'all';
  return JSON.stringify(
    hostPortsOf(pod)
      .map(({ port, hostPort }) => [port, hostPort])
      .sort(),
  );
}
