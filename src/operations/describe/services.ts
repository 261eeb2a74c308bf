import type { DestinationRule, VirtualService } from '../../api/istio.gen.ts';
import type { KubernetesServicePort, ServiceSpec } from '../../api/kubernetes.ts';
import { accessRules } from '../../envoy/access-rules.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Workload } from '../../model/registry/service.ts';
import { portProtocol } from '../../model/registry/service-ports.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { type DescribeContext, findResource, indent, SEPARATOR, shortName } from './context.ts';
import { describeDestinationRule, subsetsOf } from './destination-rule.ts';
import { destinationRuleOf, type Maker, type ServiceAtPort, virtualServiceOf } from './makers.ts';
import { describeVirtualService } from './virtual-service.ts';

/** What of Istio's configuration stands behind one port of a service, as a proxy has it. */
export interface PortConfiguration {
  readonly destinationRule: Resource<DestinationRule> | undefined;
  readonly virtualService: Resource<VirtualService> | undefined;
  /** What made the routes, where it is no VirtualService: an HTTPRoute, an Ingress. */
  readonly otherMaker: Maker | undefined;
}

/** Services of a pod, one after the other; istioctl describePodServices. */
export function describeServices(
  context: DescribeContext,
  services: readonly Resource<ServiceSpec>[],
  pod: Workload,
  pods: readonly Labels[],
  snapshot: XdsSnapshot | undefined,
): readonly string[] {
  return services.flatMap((service, index) => [
    ...(index > 0 ? [SEPARATOR] : []),
    `Service: ${shortName(context, service)}`,
    ...(service.spec.ports ?? []).flatMap((port) => describePort(port, pod)),
    ...(snapshot === undefined ? [] : describeRouting(context, service, pod, pods, snapshot)),
  ]);
}

function describeRouting(
  context: DescribeContext,
  service: Resource<ServiceSpec>,
  pod: Workload,
  pods: readonly Labels[],
  snapshot: XdsSnapshot,
): readonly string[] {
  const ports = service.spec.ports ?? [];
  const several = ports.length > 1;
  return ports.flatMap((port) => {
    const { destinationRule, virtualService, otherMaker } = configurationOf(context, service, port.port, snapshot);
    const target = {
      hostname: hostnameOf(context, service),
      subsets: subsetsOf(destinationRule, pods),
      destinationRule: destinationRule && shortName(context, destinationRule),
    };
    const policies = policiesAt(snapshot, targetPort(port, pod));
    return [
      ...(several ? [`${port.port}:`] : []),
      ...indent(several ? 3 : 0, [
        ...(destinationRule ? describeDestinationRule(context, destinationRule, pods) : []),
        ...(virtualService ? describeVirtualService(context, virtualService, target) : []),
        ...(otherMaker ? [`Routes of ${otherMaker.kind}: ${shortName(context, otherMaker)}`] : []),
      ]),
      ...(policies.length > 0 ? [`${several ? `${port.port} ` : ''}RBAC policies: ${policies.join(', ')}`] : []),
    ];
  });
}

/** The DestinationRule and VirtualService behind one port of a service. */
export function configurationOf(
  context: DescribeContext,
  service: Resource<ServiceSpec>,
  port: number,
  snapshot: XdsSnapshot,
): PortConfiguration {
  const { name, namespace } = service;
  const at: ServiceAtPort = { name, namespace, hostname: hostnameOf(context, service), port };
  const rule = destinationRuleOf(snapshot, at);
  const routes = virtualServiceOf(snapshot, at);
  const virtualService =
    routes?.kind === 'virtual-service' ? findResource(context, 'VirtualService', routes.name, routes.namespace) : undefined;
  return {
    destinationRule: rule && findResource(context, 'DestinationRule', rule.name, rule.namespace),
    virtualService,
    otherMaker: virtualService === undefined ? routes : undefined,
  };
}

/** The host name of a Kubernetes Service. */
export function hostnameOf({ mesh }: DescribeContext, { name, namespace }: Resource<ServiceSpec>): string {
  return `${name}.${namespace}.svc.${mesh.domainSuffix}`;
}

function describePort(port: KubernetesServicePort, pod: Workload): readonly string[] {
  // Other transports are none of Istio's business.
  if ((port.protocol ?? 'TCP') !== 'TCP') return [];
  const number = targetPort(port, pod);
  const name = port.name ?? '';
  if (number === undefined)
    return [
      `   WARNING: Port ${name} ${port.port} targets ${port.targetPort}, and no container of the pod has a port of this name`,
    ];
  return [`   Port: ${name} ${port.port}/${protocolOf(port)} targets pod port ${number}`];
}

function protocolOf(port: KubernetesServicePort): string {
  if (!port.name && port.appProtocol === undefined) return 'auto-detect';
  const protocol = portProtocol(port);
  return protocol === 'Unsupported' ? 'UnsupportedProtocol' : protocol;
}

function targetPort({ port, targetPort: target = port }: KubernetesServicePort, pod: Workload): number | undefined {
  if (typeof target === 'number') return target;
  return pod.containerPorts.find(({ name }) => name === target)?.port;
}

/** The names of the policies in the inbound chains of a port, else in those for all other ports. */
function policiesAt({ listeners }: XdsSnapshot, port: number | undefined): readonly string[] {
  const chains = listeners.find(({ name }) => name === 'virtualInbound')?.filterChains ?? [];
  const own = chains.filter(({ filterChainMatch }) => port !== undefined && filterChainMatch?.destinationPort === port);
  const names = accessRules(own.length > 0 ? own : chains).flatMap(({ rules, shadowRules }) =>
    [rules, shadowRules].flatMap((rule) => Object.keys(rule?.policies ?? {})),
  );
  return [...new Set(names)].sort();
}
