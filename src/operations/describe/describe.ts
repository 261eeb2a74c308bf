import type { PodSpec } from '../../api/kubernetes.ts';
import { selects } from '../../model/labels.ts';
import type { Workload } from '../../model/registry/service.ts';
import { resourcesOf } from '../../resource/select.ts';
import { memo } from '../../util/memo.ts';
import { noSuchPod, podNamedBy } from '../../workbench/pods.ts';
import { serviceNamedBy } from '../../workbench/services.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { type DescribeContext, isSelected, nameOf } from './context.ts';
import {
  type DescribedContainerPort,
  type EffectivePeerAuthentication,
  type PodDescription,
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
  const context = contextOf(bench);
  const { mesh } = context;
  const pods = mesh.registry.workloads.filter(({ kind }) => kind === 'Pod');
  const pod = podNamedBy(name, pods, bench.input.namespace);
  if (pod === undefined) throw noSuchPod('pod', name, pods, bench.input.namespace);
  const proxy = mesh.proxies.find(({ workload }) => workload === pod);
  const snapshot = proxy && context.snapshotOf(proxy);
  const services = resourcesOf(context.mesh.resources, 'Service').filter(
    ({ namespace, spec }) => namespace === pod.namespace && isSelected(spec, pod),
  );
  const labels = [pod.ownLabels];
  return {
    kind: 'Pod',
    ...nameOf(pod),
    revision: pod.annotations['istio.io/rev'] ?? pod.ownLabels['istio.io/rev'] ?? (pod.injected ? 'default' : ''),
    ports: containerPorts(pod),
    phase: phaseOf(pod),
    warnings: [...warningsOf(pod), ...(services.length === 0 ? (['no-service'] as const) : [])],
    services: services.map((service) => describeServiceOfPod(context, service, pod, labels, snapshot)),
    peerAuthentication: peerAuthenticationOf(context, pod),
    ingress: describeIngress(context, services, labels),
  };
}

/**
 * A Service, as the first of its pods sees it. As `istioctl experimental describe service`. Throws a UserError where no Service has the
 * name.
 */
export function describeService(bench: Workbench, name: string): ServiceDescription {
  const context = contextOf(bench);
  const { mesh } = context;
  const service = serviceNamedBy(name, resourcesOf(context.mesh.resources, 'Service'), bench.input.namespace);
  const pods = mesh.registry.workloads.filter(
    (workload) => workload.kind === 'Pod' && workload.namespace === service.namespace && isSelected(service.spec, workload),
  );
  const proxies = mesh.proxies.filter(({ workload }) => pods.includes(workload));
  const [first] = proxies;
  const labels = proxies.map(({ workload }) => workload.ownLabels);
  return {
    kind: 'Service',
    ...nameOf(service),
    pods: pods.length,
    podsInMesh: proxies.length,
    services: first ? [describeServiceOfPod(context, service, first.workload, labels, context.snapshotOf(first))] : [],
    ingress: describeIngress(context, first ? [service] : [], labels),
  };
}

function contextOf({ mesh, session }: Workbench): DescribeContext {
  return { mesh, snapshotOf: memo(session.compile) };
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

function warningsOf(pod: Workload): readonly PodWarning[] {
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
    ...(pod.injected ? [] : (['no-sidecar'] as const)),
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
