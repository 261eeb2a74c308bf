import { selects } from '../../model/labels.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { portProtocol } from '../../model/registry/service-ports.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { type DescribeContext, findResource, hostnameOf, isSelected, nameOf } from './context.ts';
import type { ExposedAddress, Exposure, Ingress } from './description.ts';
import { resourcesBehind, routeTarget } from './services.ts';
import { describeVirtualService } from './virtual-service.ts';

/** The gateways that expose services, with the VirtualServices through which they do; istioctl printIngressInfo. */
export function describeIngress(
  context: DescribeContext,
  services: readonly ResourceOf<'Service'>[],
  pods: readonly Labels[],
): Ingress {
  const gateways = context.mesh.proxies.filter(({ role }) => role === 'gateway');
  const told = new Set<string>();
  const exposures = gateways.flatMap((proxy) =>
    services.flatMap((service) =>
      (service.spec.ports ?? []).flatMap(({ port }) => {
        const at = { hostname: hostnameOf(context, service), port };
        const { destinationRule, virtualService } = resourcesBehind(context, at, context.snapshotOf(proxy));
        if (virtualService === undefined) return [];
        return (virtualService.spec.gateways ?? []).flatMap((reference): readonly Exposure[] => {
          if (reference === '' || reference === MESH_GATEWAY) return [];
          const [namespace, name] = reference.includes('/')
            ? [reference.slice(0, reference.indexOf('/')), reference.slice(reference.indexOf('/') + 1)]
            : [virtualService.namespace, reference];
          const gateway = findResource(context, 'Gateway', name, namespace);
          if (gateway === undefined || !selects(gateway.spec.selector ?? {}, proxy.labels)) return [];
          const key = `${namespace}/${name} ${service.namespace}/${service.name}`;
          if (told.has(key)) return [];
          told.add(key);
          const target = routeTarget(context, service, destinationRule, pods);
          return [
            {
              service: nameOf(service),
              proxy: nameOf(proxy),
              addresses: addressesOf(context, proxy),
              gateway: { ...nameOf(gateway), hosts: hostsOf(gateway) },
              virtualService: describeVirtualService(context, virtualService, target),
            },
          ];
        });
      }),
    ),
  );
  return { gatewayPods: gateways.length, exposures };
}

function hostsOf({ spec }: ResourceOf<'Gateway'>): readonly string[] {
  return [...new Set((spec.servers ?? []).flatMap(({ hosts = [] }) => hosts))];
}

/** Where the gateway's HTTP ports can be reached; istioctl printIngressService. */
function addressesOf(context: DescribeContext, proxy: Proxy): readonly ExposedAddress[] {
  const inFront = context
    .servicesAround(proxy)
    .filter(({ namespace, spec }) => namespace === proxy.namespace && isSelected(spec, proxy.workload));
  return inFront.flatMap((service) => {
    const ports = (service.spec.ports ?? []).filter(({ name }) => name === 'http' || name === 'http2');
    return ports.map((port) => ({
      scheme: portProtocol(port).startsWith('HTTP') ? 'http' : '',
      address: addressOf(service, proxy),
      port: port.port,
    }));
  });
}

function addressOf({ status }: ResourceOf<'Service'>, proxy: Proxy): string {
  const [first] = status?.loadBalancer?.ingress ?? [];
  const { resource } = proxy.workload;
  return first?.ip ?? first?.hostname ?? (resource.kind === 'Pod' ? resource.status?.hostIP : undefined) ?? '';
}
