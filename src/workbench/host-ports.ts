import type { Workload } from '../model/registry/service.ts';

/** A port of a container that whoever reaches the node reaches at another of the node. */
export interface NodePortOfPod {
  readonly port: number;
  readonly hostPort: number;
}

/** The ports that a pod opens at its node (`hostPort`); in the network of its node, all that its containers name. */
export function hostPortsOf({ resource, hostNetwork, containerPorts }: Workload): readonly NodePortOfPod[] {
  if (resource.kind !== 'Pod') return [];
  if (hostNetwork) return containerPorts.map(({ port }) => ({ port, hostPort: port }));
  const ports = (resource.spec.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ containerPort: port, hostPort, protocol = 'TCP' }) =>
    hostPort === undefined || hostPort === 0 || protocol === 'UDP' ? [] : [{ port, hostPort }],
  );
}
