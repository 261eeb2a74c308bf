import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import { expandShortName, hostCovers, isWildcard } from '../../model/traffic/host.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { nearestNames } from '../../util/nearest.ts';
import type { Origin } from '../../util/origin.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { WhyNot } from './reason.ts';

/** The proxy that lacks something, and what it has. */
export interface Asker {
  readonly proxy: Proxy;
  readonly snapshot: XdsSnapshot;
  /** Whether the request comes from the ztunnel of its client. */
  readonly isThroughZtunnel: boolean;
}

/** Why a proxy has not the cluster of that name (`outbound|port|subset|host`). */
export function whyNoCluster(bench: Workbench, asker: Asker, cluster: string): readonly WhyNot[] {
  const [direction, port = '', subset = '', host = ''] = cluster.split('|');
  if (direction !== 'outbound') return [];
  const ofService = whyNoService(bench, asker, host, Number(port));
  if (ofService.length > 0 || subset === '') return ofService;
  const { mesh } = bench;
  const client = asker.proxy.namespace;
  return mesh.registry
    .servicesOf(host)
    .filter(({ visibility }) => isVisible(visibility, client))
    .slice(0, 1)
    .flatMap((service) => whyNoSubset(mesh, client, service, subset));
}

/** Why a proxy knows no service of that host at the port; empty where it does. */
export function whyNoService(
  { mesh, session }: Workbench,
  { proxy, snapshot }: Asker,
  host: string,
  port: number,
): readonly WhyNot[] {
  const client = proxy.namespace;
  const services = mesh.registry.servicesOf(host);
  if (services.length === 0) return [unknownHost(mesh, host)];
  const visible = services.filter(({ visibility }) => isVisible(visibility, client));
  if (visible.length === 0) {
    return services.map((service) => ({
      kind: 'service not exported',
      service: namespacedName(service.resource),
      client,
      at: placeOfField(service.resource, service.registry === 'Kubernetes' ? ['metadata', 'annotations'] : ['spec', 'exportTo']),
    }));
  }
  const ports = [...new Set(visible.flatMap((service) => service.ports.map((own) => own.port)))];
  const [first] = visible;
  if (!ports.includes(port)) {
    return [{ kind: 'no such port', host, port, ports, ...(first && { at: placeOfField(first.resource, ['spec', 'ports']) }) }];
  }
  if (snapshot.clusters.some(({ name }) => name === `outbound|${port}||${host}`)) return [];
  const { sidecar } = session.view(proxy).scope;
  if (first === undefined || sidecar === undefined) return [];
  const service = namespacedName(first.resource);
  return [
    { kind: 'service not imported', service, sidecar: namespacedName(sidecar), at: placeOfField(sidecar, ['spec', 'egress']) },
  ];
}

function unknownHost({ registry }: Mesh, host: string): WhyNot {
  const wildcard = registry.services.find(({ hostname }) => isWildcard(hostname) && hostCovers(hostname, host));
  if (wildcard !== undefined) {
    return {
      kind: 'host only by wildcard',
      host,
      wildcard: wildcard.hostname,
      at: placeOfField(wildcard.resource, ['spec', 'hosts']),
    };
  }
  return { kind: 'no such host', host, near: nearestNames(host, new Set(registry.services.map(({ hostname }) => hostname))) };
}

/** What became of each DestinationRule that could define the subset. */
function whyNoSubset(mesh: Mesh, client: string, service: Service, subset: string): readonly WhyNot[] {
  const used = mesh.destinationRules.rulesFor(client, service).flatMap(({ from }) => from.map(namespacedName));
  const rules = resourcesOf(mesh.resources, 'DestinationRule').filter(({ spec, namespace }) =>
    hostCovers(expandShortName(spec.host ?? '', namespace, mesh.domainSuffix), service.hostname),
  );
  const defining = rules.filter(({ spec }) => spec.subsets?.some(({ name }) => name === subset));
  const reasons = defining.flatMap((rule) => whyUnused(mesh, client, service, rule, used));
  const inUse = rules.find((rule) => used.includes(namespacedName(rule)));
  if (inUse !== undefined && !defining.includes(inUse)) {
    const subsets = (inUse.spec.subsets ?? []).map(({ name = '' }) => name);
    reasons.unshift({
      kind: 'subset not defined',
      rule: namespacedName(inUse),
      subset,
      subsets,
      at: placeOfField(inUse, ['spec', 'subsets']),
    });
  }
  return reasons.length > 0 ? reasons : [{ kind: 'no rule defines subset', host: service.hostname, subset }];
}

function whyUnused(
  mesh: Mesh,
  client: string,
  service: Service,
  resource: ResourceOf<'DestinationRule'>,
  used: readonly string[],
): WhyNot[] {
  const { namespace, spec } = resource;
  const rule = namespacedName(resource);
  const visibility = visibilityOf(spec.exportTo, namespace, mesh.config.defaultDestinationRuleExportTo);
  if (used.includes(rule)) {
    return spec.workloadSelector === undefined
      ? []
      : [{ kind: 'destination rule for other workloads', rule, at: placeOfField(resource, ['spec', 'workloadSelector']) }];
  }
  if (!isVisible(visibility, client))
    return [{ kind: 'destination rule not exported', rule, client, at: placeOfField(resource, ['spec', 'exportTo']) }];
  if (![client, service.namespace, mesh.rootNamespace].includes(namespace)) {
    const root = mesh.rootNamespace;
    const place = placeOfField(resource, ['metadata', 'namespace']);
    return [{ kind: 'destination rule of a stranger', rule, client, service: service.namespace, root, at: place }];
  }
  const [by] = used;
  return by === undefined ? [] : [{ kind: 'destination rule replaced', rule, by, at: placeOfField(resource, ['spec', 'host']) }];
}

/** The name of a resource as people write it. */
export function namespacedName({ namespace, name }: Pick<Resource, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** A place in a resource. */
export function placeOfField(resource: Resource, path: Origin['path']): Origin {
  return { resource, path };
}
