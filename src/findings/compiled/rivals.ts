import type { DestinationRule } from '../../api/istio.gen.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import { sortByCreation } from '../../model/order.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import { gatewaysOf, routeSemantics } from '../../model/traffic/virtual-services.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';

/** Two resources of which the older may win, and what they compete for. */
export interface Rivals {
  readonly older: Resource;
  readonly younger: Resource;
  /** Hosts that they compete for; empty where it is not about hosts. */
  readonly hosts: readonly string[];
}

/** The pairs of resources of a mesh between which the time of creation may decide. Each younger one comes once, with the oldest. */
export function findRivals(mesh: Mesh): readonly Rivals[] {
  return [
    ...virtualServices(mesh),
    ...destinationRules(mesh),
    ...namespaceWide(mesh),
    ...gateways(mesh),
    ...serviceEntries(mesh),
  ];
}

/** By key, each resource after the oldest with the oldest; the hosts of all keys together. */
function pairsOf(
  claims: readonly { readonly key: string; readonly host?: string; readonly resource: Resource }[],
): readonly Rivals[] {
  const oldest = new Map<string, Resource>();
  const pairs = new Map<string, { older: Resource; younger: Resource; hosts: Set<string> }>();
  for (const { key, host, resource } of claims) {
    const older = oldest.get(key);
    if (older === undefined) {
      oldest.set(key, resource);
      continue;
    }
    if (older.namespace === resource.namespace && older.name === resource.name) continue;
    const id = `${older.namespace}/${older.name} ${resource.namespace}/${resource.name}`;
    const pair = pairs.get(id) ?? { older, younger: resource, hosts: new Set<string>() };
    pairs.set(id, pair);
    if (host !== undefined) pair.hosts.add(host);
  }
  return [...pairs.values()].map(({ older, younger, hosts }) => ({ older, younger, hosts: [...hosts] }));
}

function virtualServices(mesh: Mesh): readonly Rivals[] {
  const written = mesh.virtualServices.all.filter((resource) => routeSemantics(resource) === undefined);
  return pairsOf(
    written.flatMap((resource) =>
      gatewaysOf(resource).flatMap((gateway) =>
        (resource.spec.hosts ?? []).map((host) => ({ key: `${gateway} ${host}`, host, resource })),
      ),
    ),
  );
}

/** Only rules that say something different about the same thing compete. */
function destinationRules(mesh: Mesh): readonly Rivals[] {
  const rules = sortByCreation(resourcesOf(mesh.resources, 'DestinationRule')).filter(
    ({ spec, annotations }) =>
      spec.workloadSelector === undefined && !Object.keys(annotations).some((key) => key.startsWith('internal.istio.io/')),
  );
  const claims = rules.flatMap((resource) => {
    const host = expandShortName(resource.spec.host ?? '', resource.namespace, mesh.domainSuffix);
    return claimsOf(resource.spec).map((claim) => ({ key: `${resource.namespace}/${host} ${claim}`, host, resource }));
  });
  return pairsOf(claims);
}

function claimsOf({ trafficPolicy, subsets = [] }: DestinationRule): readonly string[] {
  return [...(trafficPolicy === undefined ? [] : ['policy']), ...subsets.map(({ name }) => `subset ${name}`)];
}

/** Kinds of which one resource holds for a whole namespace, and the oldest wins. */
function namespaceWide(mesh: Mesh): readonly Rivals[] {
  const sidecars = mesh.sidecars.filter(({ spec }) => spec.workloadSelector === undefined);
  const peers = resourcesOf(mesh.resources, 'PeerAuthentication').filter(
    ({ spec }) => Object.keys(spec.selector?.matchLabels ?? {}).length === 0,
  );
  return [sidecars, peers].flatMap((list) =>
    pairsOf(sortByCreation<Resource>(list).map((resource) => ({ key: resource.namespace, resource }))),
  );
}

/** Gateways of one proxy that serve the same host, or the same port in different ways. */
function gateways(mesh: Mesh): readonly Rivals[] {
  const proxies = mesh.proxies.filter(({ role }) => role === 'gateway');
  const workloads = [...new Map(proxies.map((proxy) => [`${proxy.namespace}/${proxy.workloadName}`, proxy])).values()];
  return workloads.flatMap((proxy) =>
    pairsOf(
      mesh.gateways.all
        .filter(
          ({ spec, annotations }) =>
            selects(spec.selector ?? {}, proxy.labels) &&
            !Object.keys(annotations).some((key) => key.startsWith('internal.istio.io/')),
        )
        .flatMap((resource) =>
          (resource.spec.servers ?? []).map(({ port, bind }) => ({ key: `${port?.number ?? 0} ${bind ?? ''}`, resource })),
        ),
    ),
  );
}

function serviceEntries(mesh: Mesh): readonly Rivals[] {
  return pairsOf(
    sortByCreation(resourcesOf(mesh.resources, 'ServiceEntry')).flatMap((resource) =>
      (resource.spec.hosts ?? []).map((host) => ({ key: host, host, resource })),
    ),
  );
}
