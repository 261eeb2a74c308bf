import type { Route, VirtualHost } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Resource } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { withOrigin } from '../../util/origin.ts';
import { compareText } from '../../util/text.ts';
import type { AddressTraits } from '../naming/service-address.ts';
import { type Domains, hostDomain, hostPort, localNamespaces, serviceDomains } from './domains.ts';
import { statefulSession } from './stateful-session.ts';

/** Virtual hosts that have the same routes on a port; istio core/route VirtualHostWrapper. */
export interface VirtualHostGroup {
  readonly port: number;
  readonly services: readonly Service[];
  /** Hosts of a virtual service that are no services. */
  readonly hosts: readonly string[];
  readonly routes: readonly Route[];
  /** The virtual service, or the service that none is for. */
  readonly resource: Resource;
}

/** For whom virtual hosts are built. */
export interface VirtualHostClient {
  readonly namespace: string;
  /** The port of the listener, 0 for one that serves all ports. */
  readonly listenPort: number;
  readonly includeRequestAttemptCount: boolean;
  readonly traits: AddressTraits;
}

/** Makes the virtual hosts of a listener from its groups, sorted by name. */
export type VirtualHostBuilder = (groups: readonly VirtualHostGroup[], client: VirtualHostClient) => readonly VirtualHost[];

/**
 * Makes virtual hosts. Of two with one name the first counts, and of two with one domain the first keeps it; short forms give way
 * to services that really have that name. Virtual hosts that come out equal for several clients are one object.
 * As istio core/httproute.go BuildSidecarOutboundVirtualHosts, dedupeDomains and mergeAllVirtualHosts.
 */
export function createVirtualHostBuilder({
  domainSuffix,
  release: { behaviours },
}: Pick<Mesh, 'domainSuffix' | 'release'>): VirtualHostBuilder {
  const localTo = memo((service: Service) => localNamespaces(service, domainSuffix));
  const domainsOf = memo(
    (service: Service, port: number, namespace: string, traits: AddressTraits): Domains =>
      serviceDomains(service, port, { namespace, domainSuffix, traits, behaviours }),
  );
  const domainsFor = (service: Service, port: number, { namespace, listenPort, traits }: VirtualHostClient): Domains =>
    // Ports are not looked at in host matching, but where one listener serves several of them.
    domainsOf(service, listenPort === 0 ? port : 0, localTo(service).has(namespace) ? namespace : '', traits);
  const virtualHost = memo(
    (
      name: string,
      domains: readonly string[],
      routes: readonly Route[],
      attempts: boolean,
      resource: Resource,
      filters: ReturnType<typeof statefulSession>,
    ): VirtualHost =>
      withOrigin(
        {
          name,
          domains,
          routes,
          ...(attempts && { includeRequestAttemptCount: true }),
          ...(filters && { typedPerFilterConfig: filters }),
        },
        resource,
      ),
  );
  const sessionsOf = memo((service: Service) => statefulSession(service, behaviours));
  const plainDomains = memo((host: string): Domains => ({ all: [hostDomain(host)], alternates: new Set() }));

  return (groups, client) => {
    const known = knownNames(groups);
    const names = new Set<string>();
    const taken = new Set<string>();
    const out: VirtualHost[] = [];
    for (const group of groups) {
      const add = (host: string, domainsOfHost: () => Domains, service?: Service): void => {
        const name = hostPort(host, group.port);
        if (names.has(name)) return;
        names.add(name);
        const free = freeDomains(domainsOfHost(), taken, known);
        const domains = client.listenPort === 0 && group.port !== 80 ? withExplicitPort(free) : free;
        if (domains.length === 0) return;
        out.push(
          virtualHost(
            name,
            domains,
            group.routes,
            client.includeRequestAttemptCount,
            group.resource,
            service && sessionsOf(service),
          ),
        );
      };
      for (const host of group.hosts) {
        const lowered = host.toLowerCase();
        add(lowered, () => plainDomains(lowered));
      }
      for (const service of group.services) add(service.hostname, () => domainsFor(service, group.port, client), service);
    }
    return out.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  };
}

function knownNames(groups: readonly VirtualHostGroup[]): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { services, port } of groups) {
    for (const { hostname } of services) known.add(hostname).add(hostPort(hostname, port));
  }
  return known;
}

/** The domains that nobody has yet, which are noted as taken; the very list when all are free. */
function freeDomains({ all, alternates }: Domains, taken: Set<string>, known: ReadonlySet<string>): readonly string[] {
  const free = all.filter((domain) => {
    const lowered = domain.toLowerCase();
    if (taken.has(lowered) || (known.has(domain) && alternates.has(domain))) return false;
    taken.add(lowered);
    return true;
  });
  return free.length === all.length ? all : free;
}

/** Where one listener serves all ports, a domain without a port means port 80. */
function withExplicitPort(domains: readonly string[]): readonly string[] {
  return domains.filter((domain) => domain.includes(':'));
}
