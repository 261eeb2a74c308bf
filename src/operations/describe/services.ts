import type { KubernetesServicePort } from '../../api/kubernetes.ts';
import { accessRules } from '../../envoy/access-rules.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Workload } from '../../model/registry/service.ts';
import { portProtocol } from '../../model/registry/service-ports.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { type DescribeContext, findResource, nameOf } from './context.ts';
import type { DescribedService, PortConfiguration } from './description.ts';
import { describeDestinationRule, subsetsOf } from './destination-rule.ts';
import { destinationRuleBehind, type Maker, type ServiceAtPort, virtualServiceBehind } from './metadata-config.ts';
import { describeVirtualService, type RouteTarget } from './virtual-service.ts';

/** The resources that stand behind one port of a service, as a proxy has it. */
interface PortResources {
  readonly destinationRule: ResourceOf<'DestinationRule'> | undefined;
  readonly virtualService: ResourceOf<'VirtualService'> | undefined;
  /** What made the routes, where it is no VirtualService: an HTTPRoute, an Ingress. */
  readonly otherMaker: Maker | undefined;
}

/** A service of a pod; istioctl describePodServices. Without a snapshot, nothing is known of what stands behind its ports. */
export function describeServiceOfPod(
  context: DescribeContext,
  service: ResourceOf<'Service'>,
  pod: Workload,
  pods: readonly Labels[],
  snapshot: XdsSnapshot | undefined,
): DescribedService {
  return {
    ...nameOf(service),
    ports: (service.spec.ports ?? []).map((port) => {
      const podPort = targetPort(port, pod);
      return {
        port: port.port,
        name: port.name ?? '',
        transport: port.protocol ?? 'TCP',
        protocol: protocolOf(port),
        target: port.targetPort ?? port.port,
        ...(podPort !== undefined && { podPort }),
        ...(snapshot && { configuration: configurationOf(context, service, port.port, podPort, pods, snapshot) }),
      };
    }),
  };
}

function configurationOf(
  context: DescribeContext,
  service: ResourceOf<'Service'>,
  port: number,
  podPort: number | undefined,
  pods: readonly Labels[],
  snapshot: XdsSnapshot,
): PortConfiguration {
  const { destinationRule, virtualService, otherMaker } = resourcesBehind(context, service, port, snapshot);
  return {
    ...(destinationRule && { destinationRule: describeDestinationRule(destinationRule, pods) }),
    ...(virtualService && {
      virtualService: describeVirtualService(context, virtualService, routeTarget(context, service, destinationRule, pods)),
    }),
    ...(otherMaker && { routesOf: otherMaker }),
    policies: policiesAt(snapshot, podPort),
  };
}

/** A service and its pods, as what routes may lead to. */
export function routeTarget(
  context: DescribeContext,
  service: ResourceOf<'Service'>,
  destinationRule: ResourceOf<'DestinationRule'> | undefined,
  pods: readonly Labels[],
): RouteTarget {
  return {
    hostname: hostnameOf(context, service),
    subsets: subsetsOf(destinationRule, pods),
    destinationRule: destinationRule && nameOf(destinationRule),
  };
}

/** The DestinationRule and VirtualService behind one port of a service. */
export function resourcesBehind(
  context: DescribeContext,
  service: ResourceOf<'Service'>,
  port: number,
  snapshot: XdsSnapshot,
): PortResources {
  const at: ServiceAtPort = { hostname: hostnameOf(context, service), port };
  const rule = destinationRuleBehind(snapshot, at);
  const routes = virtualServiceBehind(snapshot, at);
  const virtualService =
    routes?.kind === 'virtual-service' ? findResource(context, 'VirtualService', routes.name, routes.namespace) : undefined;
  return {
    destinationRule: rule && findResource(context, 'DestinationRule', rule.name, rule.namespace),
    virtualService,
    otherMaker: virtualService === undefined ? routes : undefined,
  };
}

/** The host name of a Kubernetes Service. */
function hostnameOf({ mesh }: DescribeContext, { name, namespace }: ResourceOf<'Service'>): string {
  return `${name}.${namespace}.svc.${mesh.domainSuffix}`;
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
