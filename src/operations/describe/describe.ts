import type { PodSpec } from '../../api/kubernetes.ts';
import { selects } from '../../model/labels.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { memo } from '../../util/memo.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import { noSuchPod, podNamedBy } from '../../workbench/pods.ts';
import { serviceNamedBy } from '../../workbench/services.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { describeAmbientPod } from './ambient.ts';
import { type DescribeContext, isSelected, nameOf } from './context.ts';
import {
  type AmbientPod,
  type DescribedContainerPort,
  type EffectivePeerAuthentication,
  type PodDescription,
  type PodsOfCluster,
  type PodWarning,
  PROXY_USER,
  type ServiceDescription,
} from './description.ts';
import { describeIngress } from './ingress.ts';
import { describeServiceOfPod } from './services.ts';

/**
 * A pod, with a proxy or without, and what of Istio's configuration affects it: its Services, their DestinationRules and
 * VirtualServices, policies, mutual TLS, and the gateways that expose it. As `istioctl experimental describe pod`.
 * Throws a UserError where no pod has the name.
 */
export function describePod(bench: Workbench, name: string): PodDescription {
  return describePodAmong([bench], name);
}

/** The same of a pod in one of several clusters, with the Services of its own cluster and the configuration of its primary. */
export function describePodAmong(benches: Benches, name: string): PodDescription {
  const places = placesOfDescription(benches);
  const { namespace } = benches[0].input;
  const pods = places.flatMap((place) =>
    podsAt(place).map((pod) => ({ ...pod, ...(place.cluster !== undefined && { cluster: place.cluster }), pod, place })),
  );
  const found = podNamedBy(name, pods, namespace);
  if (found === undefined) throw noSuchPod('pod', name, pods, namespace);
  const { pod, place } = found;
  const { context, cluster } = place;
  const proxy = context.mesh.proxies.find(({ workload }) => workload === pod);
  const ambient = describeAmbientPod(context, pod, proxy);
  const services = context
    .servicesAround(pod)
    .filter((service) => service.namespace === pod.namespace && isSelected(service.spec, pod));
  const labels = [pod.ownLabels];
  return {
    kind: 'Pod',
    ...nameOf(pod),
    ...(cluster !== undefined && { cluster }),
    revision: pod.annotations['istio.io/rev'] ?? pod.ownLabels['istio.io/rev'] ?? (pod.injected ? 'default' : ''),
    ports: containerPorts(pod),
    phase: phaseOf(pod),
    warnings: [...warningsOf(pod, ambient), ...(services.length === 0 ? (['no-service'] as const) : [])],
    ...(ambient && { ambient }),
    services: services.map((service) => describeServiceOfPod(context, service, pod, labels, proxy)),
    peerAuthentication: peerAuthenticationOf(context, pod),
    ingress: describeIngress(context, services, labels),
  };
}

/**
 * A Service, as the first of its pods sees it. As `istioctl experimental describe service`. Throws a UserError where no Service has the
 * name.
 */
export function describeService(bench: Workbench, name: string): ServiceDescription {
  return describeServiceAmong([bench], name);
}

/**
 * The same over several clusters: `cluster/namespace/name` as it is there, other names as in the first cluster by name where it has pods in
 * the mesh.
 */
export function describeServiceAmong(benches: Benches, name: string): ServiceDescription {
  const places = placesOfDescription(benches);
  const { namespace } = benches[0].input;
  const [prefix = '', ...rest] = name.split('/');
  const inCluster = places.filter(({ cluster }) => cluster === prefix);
  const [among, asked] = rest.length > 1 && inCluster.length > 0 ? [inCluster, rest.join('/')] : [places, name];
  const named = serviceNamedBy(
    asked,
    among.flatMap(({ services }) => services),
    namespace,
  );
  const own = places.flatMap((place) => {
    const service = place.services.find((one) => one.namespace === named.namespace && one.name === named.name);
    return service === undefined ? [] : [{ place, service, ...podsBehind(place, service) }];
  });
  const candidates = own.filter(({ place }) => among.includes(place));
  const chosen = candidates.find(({ inMesh }) => inMesh.length > 0) ?? candidates[0];
  if (chosen === undefined) throw new TypeError('a service is of a cluster');
  const { service, pods, inMesh, place } = chosen;
  const { context, cluster } = place;
  // One with a proxy tells more.
  const first = inMesh.find(({ proxy }) => proxy !== undefined) ?? inMesh[0];
  const labels = inMesh.map(({ pod }) => pod.ownLabels);
  return {
    kind: 'Service',
    ...nameOf(service),
    ...(cluster !== undefined && { cluster, clusters: own.map(podsOfCluster) }),
    pods: pods.length,
    podsInMesh: inMesh.length,
    services: first ? [describeServiceOfPod(context, service, first.pod, labels, first.proxy)] : [],
    ingress: describeIngress(context, first ? [service] : [], labels),
  };
}

/** A cluster, with what descriptions of what stands there are made from. */
interface DescribedPlace {
  /** Undefined where clusters have no names. */
  readonly cluster: string | undefined;
  readonly services: readonly ResourceOf<'Service'>[];
  readonly context: DescribeContext;
}

/** The one cluster that there is, or each of several by name. */
function placesOfDescription(benches: Benches): readonly DescribedPlace[] {
  const joined = joinedClusters(benches);
  const snapshots = memo(({ session }: Workbench) => memo(session.compile));
  if (joined.length === 0) {
    const [bench] = benches;
    const services = resourcesOf(bench.mesh.resources, 'Service');
    const { cluster } = bench.input;
    const context = { mesh: bench.mesh, servicesAround: () => services, snapshotOf: snapshots(bench) };
    return [{ cluster: cluster?.name, services, context }];
  }
  const services = new Map(joined.map(({ name, local }) => [name, resourcesOf(local.resources, 'Service')]));
  return joined.map(({ name, bench: { mesh }, primary }) => {
    const bench = benches.find(({ meshInput }) => meshInput.clusters[0].name === primary);
    if (bench === undefined) throw new TypeError('there is a workbench for each primary');
    const servicesAround: DescribeContext['servicesAround'] = ({ clusterId }) => services.get(clusterId) ?? [];
    return { cluster: name, services: services.get(name) ?? [], context: { mesh, servicesAround, snapshotOf: snapshots(bench) } };
  });
}

function podsAt({ cluster, context: { mesh } }: DescribedPlace): readonly Workload[] {
  return mesh.registry.workloads.filter(
    ({ kind, clusterId }) => kind === 'Pod' && (cluster === undefined || clusterId === cluster),
  );
}

/** A pod in the mesh: with a proxy of its own, or ztunnel before it. */
interface MeshPod {
  readonly pod: Workload;
  readonly proxy: Proxy | undefined;
}

/** The pods that a Service selects in its cluster, and those of them in the mesh. */
function podsBehind(
  place: DescribedPlace,
  { namespace, spec }: ResourceOf<'Service'>,
): { readonly pods: readonly Workload[]; readonly inMesh: readonly MeshPod[] } {
  const { ambient, proxies } = place.context.mesh;
  const pods = podsAt(place).filter((workload) => workload.namespace === namespace && isSelected(spec, workload));
  const inMesh = pods
    .map((pod) => ({ pod, proxy: proxies.find(({ workload }) => workload === pod) }))
    .filter(({ pod, proxy }) => proxy !== undefined || ambient?.captures(pod) === true);
  return { pods, inMesh };
}

function podsOfCluster({
  place,
  pods,
  inMesh,
}: {
  readonly place: DescribedPlace;
  readonly pods: readonly unknown[];
  readonly inMesh: readonly unknown[];
}): PodsOfCluster {
  return { cluster: place.cluster ?? '', pods: pods.length, podsInMesh: inMesh.length };
}

function specOf({ resource }: Workload): PodSpec {
  return resource.kind === 'Pod' ? resource.spec : {};
}

function phaseOf({ resource }: Workload): string {
  return (resource.kind === 'Pod' ? resource.status?.phase : undefined) ?? 'Running';
}

function containerPorts(pod: Workload): readonly DescribedContainerPort[] {
  return (specOf(pod).containers ?? []).flatMap(({ name = '', ports = [] }) =>
    ports.map(({ containerPort, protocol = 'TCP' }) => ({ port: containerPort, protocol, container: name })),
  );
}

function warningsOf(pod: Workload, ambient: AmbientPod | undefined): readonly PodWarning[] {
  const { containers = [], securityContext } = specOf(pod);
  const isReserved = containers.some(
    (container) => container.name !== 'istio-proxy' && container.securityContext?.runAsUser === PROXY_USER,
  );
  const ofContainers: readonly PodWarning[] = isReserved ? ['container-runs-as-proxy-user'] : [];
  // The rest is of no interest while the pod does not run.
  if (phaseOf(pod) !== 'Running') return ofContainers;
  return [
    ...ofContainers,
    ...(pod.ready ? [] : (['not-ready'] as const)),
    ...(pod.injected || ambient !== undefined ? [] : (['no-sidecar'] as const)),
    ...(securityContext?.runAsUser === PROXY_USER ? (['pod-runs-as-proxy-user'] as const) : []),
  ];
}

function peerAuthenticationOf(context: DescribeContext, { namespace, ownLabels }: Workload): EffectivePeerAuthentication {
  const { mode, byPort } = context.mesh.peerAuthentications.forWorkload(namespace, ownLabels);
  const { rootNamespace } = context.mesh;
  const policies = [rootNamespace, ...(namespace === rootNamespace ? [] : [namespace])].flatMap((home) =>
    resourcesOf(context.mesh.resources, 'PeerAuthentication').filter(
      (policy) => policy.namespace === home && selects(policy.spec.selector?.matchLabels ?? {}, ownLabels),
    ),
  );
  return { mode, ports: [...byPort].map(([port, own]) => ({ port, mode: own })), policies: policies.map(nameOf) };
}
