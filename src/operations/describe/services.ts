import type { KubernetesServicePort } from '../../api/kubernetes.ts';
import { accessRules } from '../../envoy/access-rules.ts';
import type { FilterChain } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Workload } from '../../model/registry/service.ts';
import { portProtocol } from '../../model/registry/service-ports.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { waypointOfService } from './ambient.ts';
import { type DescribeContext, findResource, hostnameOf, nameOf } from './context.ts';
import type { DescribedService, PortConfiguration } from './description.ts';
import { describeDestinationRule, subsetsOf } from './destination-rule.ts';
import {
  chainsAtWaypoint,
  destinationRuleAtWaypoint,
  destinationRuleBehind,
  type Maker,
  makerOfRoutesAtWaypoint,
  type ServiceAtPort,
  virtualServiceBehind,
} from './metadata-config.ts';
import { describeVirtualService, type RouteTarget } from './virtual-service.ts';

/** The resources that stand behind one port of a service, as a proxy has it. */
interface PortResources {
  readonly destinationRule: ResourceOf<'DestinationRule'> | undefined;
  readonly virtualService: ResourceOf<'VirtualService'> | undefined;
  /** What made the routes, where it is no VirtualService: an HTTPRoute, an Ingress. */
  readonly otherMaker: Maker | undefined;
}

/**
 * A service of a pod; istioctl describePodServices. What stands behind its ports is what the proxy of the pod says, or of a pod without one
 * the waypoint of the service.
 */
export function describeServiceOfPod(
  context: DescribeContext,
  service: ResourceOf<'Service'>,
  pod: Workload,
  pods: readonly Labels[],
  proxy: Proxy | undefined,
): DescribedService {
  const waypoint = waypointOfService(context, service);
  // A waypoint has nothing to say of its own Service.
  const seenBy = proxy ?? (context.mesh.ambient?.captures(pod) === true ? waypoint?.proxy : undefined);
  const snapshot =
    seenBy === undefined || (seenBy === proxy && proxy.role === 'waypoint') ? undefined : context.snapshotOf(seenBy);
  return {
    ...nameOf(service),
    ...(waypoint && { waypoint: waypoint.name }),
    ports: (service.spec.ports ?? []).map((port) => {
      const podPort = targetPort(port, pod);
      return {
        port: port.port,
        name: port.name ?? '',
        transport: port.protocol ?? 'TCP',
        protocol: protocolOf(port),
        target: port.targetPort ?? port.port,
        ...(podPort !== undefined && { podPort }),
        ...(snapshot && {
          configuration: configurationOf(context, service, port.port, podPort, pods, {
            snapshot,
            isWaypoint: seenBy?.role === 'waypoint',
          }),
        }),
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
  { snapshot, isWaypoint }: { readonly snapshot: XdsSnapshot; readonly isWaypoint: boolean },
): PortConfiguration {
  const at: ServiceAtPort = { hostname: hostnameOf(context, service), port };
  const { destinationRule, virtualService, otherMaker } = isWaypoint
    ? resourcesAtWaypoint(context, at, snapshot)
    : resourcesBehind(context, at, snapshot);
  return {
    ...(destinationRule && { destinationRule: describeDestinationRule(destinationRule, pods) }),
    ...(virtualService && {
      virtualService: describeVirtualService(context, virtualService, routeTarget(context, service, destinationRule, pods)),
    }),
    ...(otherMaker && { routesOf: otherMaker }),
    policies: isWaypoint ? policyNames(chainsAtWaypoint(snapshot, at)) : policiesAt(snapshot, podPort),
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
export function resourcesBehind(context: DescribeContext, at: ServiceAtPort, snapshot: XdsSnapshot): PortResources {
  return resourcesOfMakers(context, destinationRuleBehind(snapshot, at), virtualServiceBehind(snapshot, at), 'virtual-service');
}

/** The same, as the waypoint of the service has it. */
function resourcesAtWaypoint(context: DescribeContext, at: ServiceAtPort, snapshot: XdsSnapshot): PortResources {
  return resourcesOfMakers(
    context,
    destinationRuleAtWaypoint(snapshot, at),
    makerOfRoutesAtWaypoint(snapshot, at),
    'VirtualService',
  );
}

function resourcesOfMakers(
  context: DescribeContext,
  rule: Maker | undefined,
  routes: Maker | undefined,
  kindOfVirtualService: string,
): PortResources {
  const virtualService =
    routes?.kind === kindOfVirtualService ? findResource(context, 'VirtualService', routes.name, routes.namespace) : undefined;
  return {
    destinationRule: rule && findResource(context, 'DestinationRule', rule.name, rule.namespace),
    virtualService,
    otherMaker: virtualService === undefined ? routes : undefined,
  };
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
  return policyNames(own.length > 0 ? own : chains);
}

function policyNames(chains: readonly FilterChain[]): readonly string[] {
  const names = accessRules(chains).flatMap(({ rules, shadowRules }) =>
    [rules, shadowRules].flatMap((rule) => Object.keys(rule?.policies ?? {})),
  );
  return [...new Set(names)].sort();
}
