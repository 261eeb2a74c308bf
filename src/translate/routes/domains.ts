import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { addAll } from '../../util/collections.ts';
import { type AddressTraits, domainAddresses } from '../naming/service-address.ts';

/** The domains of a virtual host; `alternates` are those among them that only stand for a longer name. */
export interface Domains {
  readonly all: readonly string[];
  readonly alternates: ReadonlySet<string>;
}

/** What the forms of a name depend on. */
export interface DomainClient {
  /** Of the clients. */
  readonly namespace: string;
  readonly domainSuffix: string;
  readonly behaviours: Behaviours;
}

/** A host as a Host header writes it: IPv6 addresses in brackets; istio IPv6Compliant. */
export function hostDomain(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Host and port as a Host header writes them; istio networking/util DomainName. */
export function hostPort(host: string, port: number): string {
  return `${hostDomain(host)}:${port}`;
}

/**
 * The domains by which clients in a namespace call a service: its name and those of its aliases, each with a final dot and, for
 * Kubernetes names, in its short forms; everything below it for a headless Service; its addresses. With `port` other than 0 each
 * stands with and without the port. As istio core/httproute.go generateVirtualHostDomains.
 */
export function serviceDomains(
  service: Service,
  port: number,
  client: DomainClient & { readonly traits: AddressTraits },
): Domains {
  const alternates = new Set<string>();
  const names: string[] = [];
  for (const name of [service.hostname, ...service.aliases.map((alias) => alias.hostname)]) {
    addAll(names, withPort(name, port));
    for (const form of alternateForms(name, client)) {
      const domains = withPort(form, port);
      addAll(names, domains);
      for (const domain of domains) alternates.add(domain);
    }
  }
  const below = service.resolution === 'passthrough' && service.registry === 'Kubernetes' ? names.map((name) => `*.${name}`) : [];
  const addresses = domainAddresses(service, client.traits, port > 0).flatMap((address) => withPort(address, port));
  return { all: [...names, ...below, ...addresses], alternates };
}

/** The namespaces whose clients may call a service by its bare name: for all others the domains are the same. */
export function localNamespaces(service: Service, domainSuffix: string): ReadonlySet<string> {
  const names = [service.hostname, ...service.aliases.map((alias) => alias.hostname)];
  return new Set(names.flatMap((name) => kubernetesName(name, domainSuffix)?.namespace ?? []));
}

/**
 * Other ways to write a host name: with a final dot, and without the end that it shares with the client's domain; shorter forms
 * come in another order for clients of the same namespace. As istio core/httproute.go GenerateAltVirtualHosts.
 */
export function alternateForms(
  hostname: string,
  { namespace: clientNamespace, domainSuffix, behaviours }: DomainClient,
): readonly string[] {
  const absolute = isAddress(hostname) || !behaviours.enableAbsoluteFqdnVhostDomain ? [] : [`${hostname}.`];
  const parts = kubernetesName(hostname, domainSuffix);
  if (parts === undefined) return absolute;
  const { service, namespace } = parts;
  const scoped = `${service}.${namespace}`;
  return namespace === clientNamespace ? [...absolute, service, `${scoped}.svc`, scoped] : [...absolute, scoped, `${scoped}.svc`];
}

/** Service and namespace of `service.namespace.svc.suffix`. */
function kubernetesName(
  hostname: string,
  domainSuffix: string,
): { readonly service: string; readonly namespace: string } | undefined {
  if (!hostname.endsWith(`.svc.${domainSuffix}`)) return undefined;
  const end = hostname.indexOf('.svc.');
  const dot = hostname.indexOf('.');
  if (dot + 1 > end) return undefined;
  return { service: hostname.slice(0, dot), namespace: hostname.slice(dot + 1, end) };
}

function withPort(host: string, port: number): readonly string[] {
  return port === 0 ? [hostDomain(host)] : [hostDomain(host), hostPort(host, port)];
}

function isAddress(text: string): boolean {
  return text.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(text);
}
