import type { PodSpec, PodStatus, ServiceSpec } from '../../api/kubernetes.ts';
import { selects } from '../../model/labels.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { Resource } from '../../resource/resource.ts';
import { type DescribeContext, resourcesOf, SEPARATOR, shortName } from './context.ts';
import { describeGateways } from './gateways.ts';
import { describeServices } from './services.ts';

const PROXY_USER = 1337;

/**
 * A pod and what of Istio's configuration affects it: its Services, their DestinationRules and VirtualServices, policies, mutual TLS,
 * and the gateways that expose it. As `istioctl experimental describe pod`.
 */
export function describePod(context: DescribeContext, pod: Workload): readonly string[] {
  const proxy = context.mesh.proxies.find(({ workload }) => workload === pod);
  const services = resourcesOf(context, 'Service').filter(
    ({ namespace, spec }) => namespace === pod.namespace && isSelected(spec, pod),
  );
  const labels = [pod.ownLabels];
  return [
    ...podLines(context, pod),
    ...(services.length === 0
      ? [
          `Warning: No Kubernetes Services select pod ${shortName(context, pod)} (see https://istio.io/docs/setup/kubernetes/additional-setup/requirements/ )`,
        ]
      : []),
    SEPARATOR,
    ...describeServices(context, services, pod, labels, proxy && context.snapshotOf(proxy)),
    SEPARATOR,
    ...mutualTls(context, pod),
    ...describeGateways(context, services, labels),
  ];
}

/** A Service, as the first of its pods sees it. As `istioctl experimental describe service`. */
export function describeService(context: DescribeContext, service: Resource<ServiceSpec>): readonly string[] {
  const pods = context.mesh.registry.workloads.filter(
    (workload) => workload.kind === 'Pod' && workload.namespace === service.namespace && isSelected(service.spec, workload),
  );
  const name = shortName(context, service);
  if (pods.length === 0) return [`Service "${name}" has no pods.`];
  const proxies = context.mesh.proxies.filter(({ workload }) => pods.includes(workload));
  const [first] = proxies;
  if (first === undefined) return [`Service "${name}" has no Istio pods.  (${pods.length} pods in service).`];
  const labels = proxies.map(({ workload }) => workload.ownLabels);
  return [
    ...describeServices(context, [service], first.workload, labels, context.snapshotOf(first)),
    ...describeGateways(context, [service], labels),
  ];
}

function isSelected({ selector = {} }: ServiceSpec, { ownLabels }: Workload): boolean {
  return Object.keys(selector).length > 0 && selects(selector, ownLabels);
}

function podLines(context: DescribeContext, pod: Workload): readonly string[] {
  const { containers = [], securityContext } = (pod.resource.spec ?? {}) as PodSpec;
  const name = shortName(context, pod);
  const ports = containers.flatMap((container) =>
    (container.ports ?? []).map(
      ({ containerPort, protocol = 'TCP' }) =>
        `${containerPort}${protocol === 'TCP' ? '' : `/${protocol}`} (${container.name ?? ''})`,
    ),
  );
  const reserved = containers.some(
    (container) => container.name !== 'istio-proxy' && container.securityContext?.runAsUser === PROXY_USER,
  );
  const { phase = 'Running' } = (pod.resource.status ?? {}) as PodStatus;
  const head = [
    ...(reserved ? [`WARNING: User ID (UID) ${PROXY_USER} is reserved for the sidecar proxy.`] : []),
    `Pod: ${name}`,
    `   Pod Revision: ${pod.annotations['istio.io/rev'] ?? pod.ownLabels['istio.io/rev'] ?? (pod.injected ? 'default' : '')}`,
    ports.length > 0 ? `   Pod Ports: ${ports.join(', ')}` : '   Pod does not expose ports',
  ];
  if (phase !== 'Running') return [...head, `   Pod is not Running (${phase})`];
  return [
    ...head,
    ...(pod.ready ? [] : [`WARNING: Pod ${name} NOT READY`]),
    ...(pod.injected ? [] : [`WARNING: ${name} is not part of mesh; no Istio sidecar`]),
    ...(securityContext?.runAsUser === PROXY_USER
      ? [`   WARNING: User ID (UID) ${PROXY_USER} is reserved for the sidecar proxy.`]
      : []),
  ];
}

function mutualTls(context: DescribeContext, { namespace, ownLabels }: Workload): readonly string[] {
  const { mode, byPort } = context.mesh.peerAuthentications.forWorkload(namespace, ownLabels);
  const { rootNamespace } = context.mesh;
  const applied = [rootNamespace, ...(namespace === rootNamespace ? [] : [namespace])].flatMap((home) =>
    resourcesOf(context, 'PeerAuthentication').filter(
      (policy) => policy.namespace === home && selects(policy.spec.selector?.matchLabels ?? {}, ownLabels),
    ),
  );
  return [
    'Effective PeerAuthentication:',
    `   Workload mTLS mode: ${mode}`,
    ...(byPort.size > 0 ? ['   Port Level mTLS mode:', ...[...byPort].map(([port, own]) => `      ${port}: ${own}`)] : []),
    ...(applied.length > 0
      ? ['Applied PeerAuthentication:', `   ${applied.map((policy) => `${policy.name}.${policy.namespace}`).join(', ')}`]
      : []),
  ];
}
