import type { Labels, ResourceOf } from '../../../resource/resource.ts';
import { hostInNamespace } from './hosts.ts';
import type { Reader } from './reader.ts';

/** A service that a route or DestinationRule can lead to. */
export interface KnownService {
  readonly ports: readonly number[];
  /** Of a ServiceEntry that selects workloads. */
  readonly workloadSelector?: Labels;
}

/** Looks for the service of a host, as a resource of `namespace` with this `exportTo` writes it. */
export type ServiceLookup = (host: string, namespace: string, exportTo?: readonly string[]) => KnownService | undefined;

const EVERYWHERE = '*';

/**
 * A lookup over all ServiceEntries and Services, by host and the namespaces that see it. A host that no service has is looked for
 * among wildcards. istio analyzers/util/service_lookup.go InitServiceEntryHostMap, GetDestinationHost.
 */
export function createServiceLookup({ clusterDomain, routable, list, again }: Reader): ServiceLookup {
  const [entries, services] = [list('ServiceEntry'), [...routable, ...list('Service')]];
  return again('service lookup', [entries, services, clusterDomain], () => lookupOf(entries, services, clusterDomain));
}

function lookupOf(
  entries: readonly ResourceOf<'ServiceEntry'>[],
  services: readonly ResourceOf<'Service'>[],
  clusterDomain: string,
): ServiceLookup {
  const known = new Map<string, KnownService>();
  for (const entry of entries) addServiceEntry(known, entry, clusterDomain);
  for (const { namespace, name, annotations, spec } of services) {
    const service: KnownService = { ports: (spec.ports ?? []).map(({ port }) => port) };
    for (const scope of exportScopes(annotations['networking.istio.io/exportTo'] ?? '', namespace)) {
      known.set(`${scope}/${hostInNamespace(name, namespace, clusterDomain)}`, service);
    }
  }
  const wildcards = [...known].flatMap(([key, service]) => {
    const slash = key.indexOf('/');
    const host = key.slice(slash + 1);
    return host.startsWith('*') ? [{ scope: key.slice(0, slash), suffix: host.slice(1), service }] : [];
  });
  return (host, namespace, exportTo = []) => {
    const full = hostInNamespace(host, namespace, clusterDomain);
    const scopes = exportTo.length === 0 ? [namespace] : exportTo.map((scope) => (scope === '.' ? namespace : scope));
    for (const scope of [EVERYWHERE, ...scopes]) {
      const found = known.get(`${scope}/${full}`);
      if (found !== undefined) return found;
    }
    const tail = host.startsWith('*') ? host.slice(1) : host;
    return wildcards.find(({ scope, suffix }) => (scope === EVERYWHERE || scope === namespace) && tail.endsWith(suffix))?.service;
  };
}

function addServiceEntry(
  known: Map<string, KnownService>,
  { namespace, spec }: ResourceOf<'ServiceEntry'>,
  domain: string,
): void {
  const labels = spec.workloadSelector?.labels;
  const service: KnownService = {
    ports: (spec.ports ?? []).map(({ number }) => number ?? 0),
    ...(labels !== undefined && { workloadSelector: labels }),
  };
  const exportTo = spec.exportTo ?? [];
  const everywhere = exportTo.indexOf(EVERYWHERE);
  const scopes = exportTo.length === 0 ? [EVERYWHERE] : everywhere === -1 ? exportTo : exportTo.slice(0, everywhere + 1);
  for (const host of spec.hosts ?? []) {
    for (const scope of scopes)
      known.set(`${scope === '.' ? namespace : scope}/${hostInNamespace(host, namespace, domain)}`, service);
  }
}

function exportScopes(annotation: string, namespace: string): readonly string[] {
  if (annotation === '') return [EVERYWHERE];
  return annotation.split(',').map((scope) => (scope.trim() === '.' ? namespace : scope.trim()));
}
