import type { Mesh } from '../model/mesh.ts';
import { routeSemantics } from '../model/traffic/virtual-services.ts';

/**
 * Tells the namespaces whose proxies, where no Sidecar applies to them, certainly see what those of any other such namespace see: nothing
 * is exported to them by name, and what is theirs is for everybody and means no more to them than to others.
 */
export function commonNamespaces({ registry, virtualServices, destinationRules }: Mesh): (namespace: string) => boolean {
  const special = new Set<string>();
  for (const { hostname, namespace, visibility } of registry.services) {
    // Of services of one host name, clients choose by namespace.
    if (!visibility.everywhere || registry.servicesOf(hostname).length > 1) special.add(namespace);
    for (const target of visibility.namespaces) special.add(target);
  }
  for (const resource of virtualServices.all) {
    // Routes of the Gateway API go before others for clients of their own namespace.
    if (routeSemantics(resource) === 'gateway') special.add(resource.namespace);
    for (const { match = [] } of resource.spec.http ?? []) {
      for (const { sourceNamespace } of match) if (sourceNamespace) special.add(sourceNamespace);
    }
  }
  return (namespace) => {
    if (special.has(namespace)) return false;
    const { private: own, exported } = virtualServices.groups(namespace, 'mesh');
    const isOwn = (hostname: string): boolean =>
      registry.servicesOf(hostname).every((service) => service.namespace === namespace);
    return own.length === 0 && exported.length === 0 && destinationRules.followsAsOthers(namespace, isOwn);
  };
}
