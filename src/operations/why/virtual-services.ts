import type { HTTPRoute } from '../../api/istio.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { expandShortName, hostCovers, hostsForNamespace } from '../../model/traffic/host.ts';
import { mergeDelegate } from '../../model/traffic/virtual-service-delegates.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { nearestNames } from '../../util/nearest.ts';
import { namespacedName, placeOfField } from './destinations.ts';
import type { RuleKind, WhyNot } from './reason.ts';

type VirtualService = ResourceOf<'VirtualService'>;

/** Why a proxy has no rules of this kind for a host: what became of each VirtualService that is for it. */
export function whyNoRules(mesh: Mesh, proxy: Proxy, host: string, needs: RuleKind): readonly WhyNot[] {
  const all = resourcesOf(mesh.resources, 'VirtualService');
  const matching = all.filter(({ spec, namespace }) =>
    (spec.hosts ?? []).some((written) => hostCovers(expandShortName(written, namespace, mesh.domainSuffix), host)),
  );
  if (matching.length > 0) return matching.flatMap((virtualService) => whyUnused(mesh, proxy, virtualService, host, needs));
  if (proxy.role !== 'gateway') return [];
  const hosts = all.flatMap(({ spec, namespace }) =>
    (spec.hosts ?? []).map((written) => expandShortName(written, namespace, mesh.domainSuffix)),
  );
  return [{ kind: 'no virtual service', host, near: nearestNames(host, new Set(hosts)) }];
}

function whyUnused(mesh: Mesh, proxy: Proxy, resource: VirtualService, host: string, needs: RuleKind): readonly WhyNot[] {
  const { spec, namespace } = resource;
  const virtualService = namespacedName(resource);
  const client = proxy.workload.namespace;
  if (!isVisible(visibilityOf(spec.exportTo, namespace, mesh.config.defaultVirtualServiceExportTo), client)) {
    return [{ kind: 'virtual service not exported', virtualService, client, at: placeOfField(resource, ['spec', 'exportTo']) }];
  }
  const elsewhere = whyNotBound(mesh, proxy, resource, host);
  if (elsewhere.length > 0) return elsewhere;
  const kinds = (['http', 'tls', 'tcp'] as const).filter((kind) => (spec[kind] ?? []).length > 0);
  if (!kinds.includes(needs)) {
    return [
      {
        kind: 'rules of another kind',
        virtualService,
        has: kinds,
        needs,
        at: placeOfField(resource, ['spec', kinds[0] ?? 'http']),
      },
    ];
  }
  return (spec.http ?? []).flatMap((rule, index) => whyNotDelegated(mesh, resource, rule, index));
}

/** Why none of the gateways that a VirtualService names leads it to the proxy. */
function whyNotBound(mesh: Mesh, proxy: Proxy, resource: VirtualService, host: string): readonly WhyNot[] {
  const { namespace } = resource;
  const virtualService = namespacedName(resource);
  const place = placeOfField(resource, ['spec', 'gateways']);
  const named = gatewaysOf(resource);
  if (proxy.role !== 'gateway') {
    return named.includes(MESH_GATEWAY)
      ? []
      : [{ kind: 'virtual service for others', virtualService, gateways: named, at: place }];
  }
  const names = named.filter((name) => name !== MESH_GATEWAY).map((name) => (name.includes('/') ? name : `${namespace}/${name}`));
  const known = new Map(mesh.gateways.all.map((gateway) => [namespacedName(gateway), gateway]));
  const unknown = names.find((name) => !known.has(name));
  const selected = mesh.gateways.select(proxy.workload.ownLabels, proxy.targets).map(({ gateway }) => gateway);
  const bound = selected.filter((gateway) => names.includes(namespacedName(gateway)));
  if (bound.length === 0) {
    return unknown === undefined
      ? [{ kind: 'virtual service for others', virtualService, gateways: named, at: place }]
      : [{ kind: 'no such gateway', virtualService, gateway: unknown, near: nearestNames(unknown, known.keys()), at: place }];
  }
  const hostsOf = (gateway: ResourceOf<'Gateway'>): readonly string[] =>
    (gateway.spec.servers ?? []).flatMap(({ hosts = [] }) => hosts);
  if (
    bound.some((gateway) =>
      hostsForNamespace(
        hostsOf(gateway).map((own) => ownNamespace(own, gateway.namespace)),
        namespace,
      ).some((own) => hostCovers(own, host)),
    )
  ) {
    return [];
  }
  return bound.map((gateway) => ({
    kind: 'server does not take the host',
    virtualService,
    gateway: namespacedName(gateway),
    hosts: hostsOf(gateway),
    at: placeOfField(gateway, ['spec', 'servers']),
  }));
}

/** A host of a server with `.` as the namespace of its Gateway. */
function ownNamespace(host: string, namespace: string): string {
  return host.startsWith('./') ? `${namespace}${host.slice(1)}` : host;
}

/** Why a rule that delegates is dropped. */
function whyNotDelegated(mesh: Mesh, root: VirtualService, rule: HTTPRoute, index: number): readonly WhyNot[] {
  if (rule.delegate === undefined) return [];
  const { name = '', namespace } = rule.delegate;
  const delegate = `${namespace || root.namespace}/${name}`;
  const all = resourcesOf(mesh.resources, 'VirtualService');
  const found = all.find((candidate) => namespacedName(candidate) === delegate);
  const dropped = (
    because: 'missing' | 'has hosts' | 'not exported' | 'does not join',
    near: readonly string[] = [],
  ): WhyNot => ({
    kind: 'delegate dropped',
    virtualService: namespacedName(root),
    delegate,
    because,
    near,
    at: placeOfField(root, ['spec', 'http', index, 'delegate']),
  });
  if (found === undefined) {
    const delegates = all.filter(({ spec }) => (spec.hosts ?? []).length === 0).map(namespacedName);
    return [dropped('missing', nearestNames(delegate, delegates))];
  }
  if ((found.spec.hosts ?? []).length > 0) return [dropped('has hosts')];
  const visibility = visibilityOf(found.spec.exportTo, found.namespace, mesh.config.defaultVirtualServiceExportTo);
  if (!isVisible(visibility, root.namespace)) return [dropped('not exported')];
  const rules = found.spec.http ?? [];
  return mergeDelegate(rule, rules).length < rules.length ? [dropped('does not join')] : [];
}
