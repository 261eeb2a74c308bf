import type { IstioEgressListener, OutboundTrafficPolicy } from '../api/istio.gen.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Service } from '../model/registry/service.ts';
import { hostsOverlap, isWildcard } from '../model/traffic/host.ts';
import {
  destinationsOfVirtualService,
  mostSpecificVirtualServices,
  selectVirtualServices,
} from '../model/traffic/virtual-services.ts';
import { isVisible } from '../model/traffic/visibility.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { memo } from '../util/memo.ts';
import { extended } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import { commonNamespaces } from './common-namespaces.ts';
import { hostSelections, namesEachHost } from './host-selection.ts';
import { createServiceCollector, listenerPort, selectServices, type TrimService, trimService } from './service-selection.ts';
import type { EgressListener, Scope, SharedScope } from './view.ts';

const DEFAULT_NAME = 'default-sidecar';

/** Makes the scopes of a mesh; each is computed once. */
export interface ScopeBuilder {
  /** The scope of sidecars in `namespace` to which this Sidecar (or none) applies. */
  forSidecars(sidecar: ResourceOf<'Sidecar'> | undefined, namespace: string): Scope;
  /** The scope of gateways in `namespace`: every service that is visible there, whatever Sidecars say. */
  forGateways(namespace: string): Scope;
}

/**
 * Scopes: which services, virtual services and destination rules the proxies of a namespace see.
 * As istio pilot/pkg/model/sidecar.go convertToSidecarScope and DefaultSidecarScopeForGateway.
 */
export function createScopeBuilder(mesh: Mesh): ScopeBuilder {
  const visibleServices = memo((namespace: string) => servicesVisibleTo(mesh, namespace));
  const trim: TrimService = memo(trimService);
  const isCommon = memo(commonNamespaces(mesh));
  /** Makes what is the same for all common namespaces for one of them. */
  const shared = (build: (namespace: string) => Scope): ((namespace: string) => Scope) => {
    let common: SharedScope | undefined;
    return (namespace) => {
      if (!isCommon(namespace)) return build(namespace);
      common ??= build(namespace).shared;
      return scopeOf(common, namespace);
    };
  };
  const withoutSidecar = shared((namespace) => buildScope(mesh, undefined, namespace, visibleServices(namespace), trim));
  const forGateways = shared((namespace) => {
    const collector = createServiceCollector();
    for (const service of visibleServices(namespace).all) collector.add(service);
    const listener: EgressListener = {
      listener: undefined,
      services: [],
      virtualServices: mesh.virtualServices.forGateway(namespace, 'mesh'),
      mostSpecificVirtualService: new Map(),
    };
    return finishScope(mesh, undefined, namespace, [listener], collector.services);
  });
  return {
    forSidecars: memo((sidecar: ResourceOf<'Sidecar'> | undefined, namespace: string) =>
      sidecar === undefined ? withoutSidecar(namespace) : buildScope(mesh, sidecar, namespace, visibleServices(namespace), trim),
    ),
    forGateways: memo(forGateways),
  };
}

/** The services that a namespace may see. */
interface VisibleServices {
  /** Those exported to it by name first, in some releases its own before others, then the public ones. As istio servicesExportedToNamespace. */
  readonly all: readonly Service[];
  /** Of each host and namespace the one that stands for it, in the order of creation. As istio servicesForExactHosts. */
  readonly owners: readonly Service[];
}

function servicesVisibleTo(mesh: Mesh, namespace: string): VisibleServices {
  const visible = mesh.registry.services.filter(({ visibility }) => isVisible(visibility, namespace));
  const named = visible.filter(({ visibility }) => !visibility.everywhere);
  const isOwn = (service: Service): boolean => service.namespace === namespace;
  return {
    all: [
      ...(mesh.release.behaviours.ordersExportsByAge
        ? named
        : [...named.filter(isOwn), ...named.filter((service) => !isOwn(service))]),
      ...visible.filter(({ visibility }) => visibility.everywhere),
    ],
    owners: visible.filter((service) => mesh.registry.service(service.hostname, service.namespace) === service),
  };
}

function buildScope(
  mesh: Mesh,
  sidecar: ResourceOf<'Sidecar'> | undefined,
  namespace: string,
  services: VisibleServices,
  trim: TrimService,
): Scope {
  const egress = sidecar?.spec.egress?.length ? sidecar.spec.egress : [{ hosts: ['*/*'] }];
  const listeners = egress.map((listener) => buildEgressListener(mesh, listener, namespace, services, trim));

  const collector = createServiceCollector();
  for (const listener of listeners) {
    for (const service of listener.services) collector.add(service);
    // Destinations of virtual services are reachable too; they never replace what a listener imports by itself.
    const port = listenerPort(listener.listener);
    for (const virtualService of listener.virtualServices) {
      for (const [hostname, ports] of destinationsOfVirtualService(virtualService.spec, namespace)) {
        const service = serviceForDestination(mesh, hostname, namespace);
        if (service === undefined) continue;
        if (port !== undefined) collector.add(trim(service, String(port)));
        else collector.add(ports.has(0) ? service : trim(service, [...ports].join(',')));
      }
    }
  }
  return finishScope(mesh, sidecar, namespace, listeners, collector.services);
}

function finishScope(
  mesh: Mesh,
  sidecar: ResourceOf<'Sidecar'> | undefined,
  namespace: string,
  egressListeners: readonly EgressListener[],
  byHostname: ReadonlyMap<string, Service>,
): Scope {
  const rules = memo((hostname: string) => {
    const service = byHostname.get(hostname);
    return service === undefined ? [] : mesh.destinationRules.rulesFor(namespace, service);
  });
  const outboundTrafficPolicy = sidecar?.spec.outboundTrafficPolicy ?? meshPolicy(mesh);
  const shared: SharedScope = {
    name: sidecar?.name ?? DEFAULT_NAME,
    sidecar,
    egressListeners,
    ...servicesByHostname(byHostname),
    destinationRules: rules,
    outboundTrafficPolicy,
    resolvesUnknownHosts:
      mesh.release.behaviours.resolvesUnknownHosts &&
      sidecar?.spec.outboundTrafficPolicy === undefined &&
      mesh.config.outboundTrafficPolicy?.mode === 'ALLOW_ANY_DYNAMIC_DNS',
  };
  return scopeOf(shared, namespace);
}

/** The services of a scope, and how they are found. */
export function servicesByHostname(
  byHostname: ReadonlyMap<string, Service>,
): Pick<SharedScope, 'services' | 'serviceByHostname' | 'servicesForHostname'> {
  const services = [...byHostname.values()];
  return {
    services,
    serviceByHostname: (hostname) => byHostname.get(hostname),
    servicesForHostname(hostname) {
      if (isWildcard(hostname)) return services.filter((service) => hostsOverlap(hostname, service.hostname));
      const service = byHostname.get(hostname);
      return service === undefined ? [] : [service];
    },
  };
}

/** The scope of a namespace whose proxies see this. */
export function scopeOf(shared: SharedScope, namespace: string): Scope {
  return extended(shared, { namespace, shared });
}

/** A mode that is not written is REGISTRY_ONLY, the zero value. */
function meshPolicy(mesh: Mesh): OutboundTrafficPolicy | undefined {
  const policy = mesh.config.outboundTrafficPolicy;
  return policy && { mode: policy.mode === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY' };
}

function buildEgressListener(
  mesh: Mesh,
  listener: IstioEgressListener,
  namespace: string,
  visible: VisibleServices,
  trim: TrimService,
): EgressListener {
  const { behaviours } = mesh.release;
  const selections = hostSelections(listener.hosts ?? [], namespace, behaviours);
  const virtualServices = selectVirtualServices(mesh.virtualServices, namespace, selections, behaviours);
  const candidates = behaviours.looksUpExactHosts && namesEachHost(selections) ? visible.owners : visible.all;
  const services = selectServices(candidates, namespace, selections, listenerPort(listener), trim, behaviours);
  return {
    listener,
    services,
    virtualServices,
    mostSpecificVirtualService: mostSpecificVirtualServices(
      virtualServices,
      services.map(({ hostname }) => hostname),
    ),
  };
}

/**
 * The service that a destination host means for clients in `namespace`: that of their namespace, else a visible Kubernetes one,
 * else the oldest visible one; or, as it was before, that of the first namespace by name.
 * As istio pilot/pkg/model/sidecar.go pickBestVisibleNamespace and pickFirstVisibleNamespace.
 */
function serviceForDestination(mesh: Mesh, hostname: string, namespace: string): Service | undefined {
  const own = mesh.registry.service(hostname, namespace);
  if (own !== undefined) return own;
  const visible = mesh.registry.servicesOf(hostname).filter(({ visibility }) => isVisible(visibility, namespace));
  if (!mesh.release.behaviours.sidecarPickBestServiceNamespace) {
    const [first] = visible.map((service) => service.namespace).sort(compareText);
    return first === undefined ? undefined : mesh.registry.service(hostname, first);
  }
  const best =
    visible.find(({ registry }) => registry === 'Kubernetes') ??
    [...visible].sort((a, b) =>
      a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : compareText(a.namespace, b.namespace),
    )[0];
  return best && mesh.registry.service(hostname, best.namespace);
}
