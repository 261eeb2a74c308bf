import type { PodSpec, PodStatus } from '../../api/kubernetes.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { injectedLabels, proxyRole } from './injection.ts';
import { localityOfProxy, NETWORK_LABEL, nodeLocality, statedLocality, withPlaceLabels } from './locality.ts';
import type { ContainerPort, NetworkOf, Workload } from './service.ts';
import { workloadOwner } from './workload-owner.ts';

/** What the workloads of a mesh depend on beside their own resources. */
export interface WorkloadSettings {
  readonly behaviours: Behaviours;
  readonly clusterId: string;
  /** Whether proxies are told the network of their endpoints: of several clusters, or networks in ambient mode, whoever installs them has to. */
  readonly tellsNetworks: boolean;
  readonly networkOf: NetworkOf;
}

/** Where a pod is, as far as that is given as objects. */
export interface PodPlace {
  readonly namespace: ResourceOf<'Namespace'> | undefined;
  readonly node: ResourceOf<'Node'> | undefined;
}

/** A pod, as the registry knows it. */
export interface PodWorkload extends Workload {
  /** `region/zone/subzone`. */
  readonly localityLabel: string;
  /** Network of its endpoints: it can follow from the mesh too, as that of its proxy where ambient mode spans networks. */
  readonly endpointNetwork: string;
  /** Whether it has ended: then it serves nothing. */
  readonly terminated: boolean;
}

/** A pod as a workload of the mesh: with the labels that the injector and its place give it. */
export function podWorkload(pod: ResourceOf<'Pod'>, place: PodPlace, settings: WorkloadSettings): PodWorkload {
  const { name, namespace, annotations, spec, status } = pod;
  const workloadName = workloadOwner(pod);
  const role = proxyRole(pod, place.namespace?.labels, settings.behaviours);
  const ownLabels = injectedLabels(pod.labels, role, workloadName);
  const nodeName = spec.nodeName ?? '';
  const ips = podAddresses(status);
  const localityLabel = statedLocality(ownLabels) || nodeLocality(place.node?.labels ?? {});
  const endpointNetwork = settings.networkOf(ips[0] ?? '', ownLabels);
  const labels = withPlaceLabels(ownLabels, {
    locality: localityLabel,
    nodeName,
    clusterId: settings.clusterId,
    network: endpointNetwork,
  });
  const terminated = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return {
    kind: 'Pod',
    name,
    namespace,
    labels,
    ownLabels,
    annotations,
    ips,
    serviceAccount: spec.serviceAccountName || spec.serviceAccount || 'default',
    workloadName,
    nodeName,
    clusterId: settings.clusterId,
    locality: localityOfProxy(labels),
    localityLabel,
    network: settings.tellsNetworks ? endpointNetwork : (ownLabels[NETWORK_LABEL] ?? ''),
    endpointNetwork,
    containerPorts: containerPorts(spec),
    hostNetwork: spec.hostNetwork === true,
    injected: role !== 'none' && !terminated,
    role: role === 'none' ? 'sidecar' : role,
    ready: isReady(status),
    terminated,
    resource: pod,
  };
}

function podAddresses(status: PodStatus | undefined): readonly string[] {
  const all = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return [...new Set(all.filter((ip): ip is string => ip !== undefined && isIpAddress(ip)))];
}

/** A pod that says nothing of its state is taken for ready. */
function isReady(status: PodStatus | undefined): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return condition === undefined ? status?.phase !== 'Pending' : condition.status === 'True';
}

/** Ports of the containers, then of init containers that keep running beside them. */
function containerPorts(spec: PodSpec): readonly ContainerPort[] {
  const lasting = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec.containers ?? []), ...lasting].flatMap(({ ports = [] }) =>
    ports.map(({ name = '', containerPort, protocol = 'TCP' }) => ({ name, port: containerPort, protocol })),
  );
}

/**
 * The port of a pod that a service's `targetPort` means: the number itself, or that of the container port of this name.
 * As istio kube controller FindPort.
 */
export function resolveTargetPort(
  ports: readonly ContainerPort[],
  targetPort: number | string,
  protocol: string,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}
