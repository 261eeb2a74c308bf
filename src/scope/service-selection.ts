import type { IstioEgressListener } from '../api/istio.gen.ts';
import { parseProtocol } from '../model/protocol.ts';
import type { Service } from '../model/registry/service.ts';
import { excludesHost, type ImportedHosts } from '../model/traffic/virtual-services.ts';
import type { Behaviours } from '../releases/release.ts';
import { own } from '../util/object.ts';
import { type HostSelections, importsService } from './host-selection.ts';

/** Makes a service with only the ports of these numbers; the service itself when that is all of them. */
export type TrimService = (service: Service, ports: string) => Service | undefined;

/**
 * The service reduced to the ports of a comma separated list of numbers; undefined when it has none of them.
 * The list is text so that equal requests can share one result.
 */
export function trimService(service: Service, ports: string): Service | undefined {
  const wanted = new Set(ports.split(',').map(Number));
  const found = service.ports.filter(({ port }) => wanted.has(port));
  if (found.length === service.ports.length) return service;
  return found.length === 0 ? undefined : { ...service, ports: found };
}

/** The one port that an egress listener fixes for the services it imports; undefined when it takes all ports. */
export function listenerPort(listener: IstioEgressListener | undefined): number | undefined {
  const port = listener?.port;
  if (!port?.number || parseProtocol(port.protocol ?? '') === 'HTTP_PROXY') return undefined;
  return port.number;
}

/**
 * The services that an egress listener imports for proxies of `namespace`, in the order given: one namespace per hostname, the
 * proxies' own first, Kubernetes before ServiceEntry otherwise. As istio pilot/pkg/model/sidecar.go selectServices.
 */
export function selectServices(
  services: readonly Service[],
  namespace: string,
  selections: HostSelections,
  port: number | undefined,
  trim: TrimService,
  { unifiedSidecarScope }: Behaviours,
): readonly Service[] {
  const everywhere = selections.get('*');
  const imported: Service[] = [];
  for (const service of services) {
    const own = selections.get(service.namespace);
    if (excludesHost(own, service.hostname) || excludesHost(everywhere, service.hostname)) continue;
    const selected = (own && pick(service, own, port, trim)) ?? (everywhere && pick(service, everywhere, port, trim));
    if (selected) imported.push(selected);
  }

  const winners = new Map<string, Service>();
  for (const service of imported) {
    const winner = winners.get(service.hostname);
    if (winner === undefined || service.namespace === namespace) {
      winners.set(service.hostname, service);
    } else if (
      unifiedSidecarScope &&
      winner.registry !== 'Kubernetes' &&
      service.registry === 'Kubernetes' &&
      winner.namespace !== namespace
    ) {
      winners.set(service.hostname, service);
    }
  }
  return imported.filter((service) => winners.get(service.hostname)?.namespace === service.namespace);
}

/** The service as the selection imports it, with only the aliases that it imports too. */
function pick(service: Service, hosts: ImportedHosts, port: number | undefined, trim: TrimService): Service | undefined {
  if (!importsService(hosts, service.hostname)) return undefined;
  const trimmed = port === undefined ? service : trim(service, String(port));
  if (trimmed === undefined) return undefined;
  const aliases = trimmed.aliases.filter((alias) => importsService(hosts, alias.hostname));
  return aliases.length === trimmed.aliases.length ? trimmed : { ...trimmed, aliases };
}

/**
 * Collects services, one per hostname: a Kubernetes service replaces others, services of one kind and namespace join their ports,
 * else the first stays. As istio pilot/pkg/model/sidecar.go appendSidecarServices.
 */
export function createServiceCollector(): { add(service: Service | undefined): void; readonly services: Map<string, Service> } {
  const services = new Map<string, Service>();
  return {
    services,
    add(service) {
      if (service === undefined) return;
      const existing = services.get(service.hostname);
      if (existing === undefined) services.set(service.hostname, service);
      else if (existing !== service) services.set(service.hostname, join(existing, service));
    },
  };
}

function join(existing: Service, incoming: Service): Service {
  if (existing.registry !== incoming.registry) return existing.registry === 'Kubernetes' ? existing : incoming;
  if (samePorts(existing, incoming) || !canJoin(existing, incoming)) return existing;
  const numbers = new Set(existing.ports.map(({ port }) => port));
  return { ...existing, ports: [...existing.ports, ...incoming.ports.filter(({ port }) => !numbers.has(port))] };
}

function samePorts(a: Service, b: Service): boolean {
  return (
    a.ports.length === b.ports.length &&
    a.ports.every((port, i) => {
      const other = b.ports[i];
      return other !== undefined && port.name === other.name && port.port === other.port && port.protocol === other.protocol;
    })
  );
}

function canJoin(a: Service, b: Service): boolean {
  return (
    a.namespace === b.namespace &&
    a.resolution === b.resolution &&
    sameRecord(a.labels, b.labels) &&
    sameRecord(a.selector ?? {}, b.selector ?? {}) &&
    a.visibility.everywhere === b.visibility.everywhere &&
    a.visibility.nowhere === b.visibility.nowhere &&
    a.visibility.explicit === b.visibility.explicit &&
    a.visibility.namespaces.size === b.visibility.namespaces.size &&
    [...a.visibility.namespaces].every((namespace) => b.visibility.namespaces.has(namespace))
  );
}

function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => own(a, key) === own(b, key));
}
