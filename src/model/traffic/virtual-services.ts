import type { Destination, HTTPRoute, MeshConfig, TCPRoute, TLSRoute, VirtualService } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { originOf, withOrigin } from '../../util/origin.ts';
import { sortByCreation } from '../order.ts';
import { expandShortName, hostCovers, hostsOverlap, isWildcard } from './host.ts';
import { mergeDelegate } from './virtual-service-delegates.ts';
import { isVisible, type Visibility, visibilityOf } from './visibility.ts';

/** The reserved name of the gateway that stands for all sidecars. */
export const MESH_GATEWAY = 'mesh';

/** The annotation by which virtual services made from other kinds say how they are to be read; istio constants.InternalRouteSemantics. */
export const ROUTE_SEMANTICS_ANNOTATION = 'internal.istio.io/route-semantics';

/** Where a virtual service stands for a proxy's namespace: exported to it alone, to it among others, or to all. */
export interface VirtualServiceGroups {
  /** Of the namespace itself and exported to it (`.`), not to everyone. */
  readonly private: readonly ResourceOf<'VirtualService'>[];
  /** Of other namespaces, exported to this one by name. */
  readonly exported: readonly ResourceOf<'VirtualService'>[];
  /** Exported everywhere. */
  readonly public: readonly ResourceOf<'VirtualService'>[];
}

/**
 * All virtual services of the mesh, resolved: full host names, delegates merged in, gateways as `namespace/name`.
 * Every http, tcp and tls rule carries its origin. Delegates themselves are not in it.
 */
export interface VirtualServiceIndex {
  /** Oldest first. */
  readonly all: readonly ResourceOf<'VirtualService'>[];
  /** Those bound to a gateway (`mesh` or `namespace/name`) that a namespace may see, by visibility. */
  groups(namespace: string, gateway: string): VirtualServiceGroups;
  /** Those bound to a gateway that a namespace may see, in order of precedence (istio PushContext.VirtualServicesForGateway). */
  forGateway(namespace: string, gateway: string): readonly ResourceOf<'VirtualService'>[];
}

/** What the hosts of an egress listener import from one namespace (`*` being all); istio hostClassification. */
export interface ImportedHosts {
  /** The hosts without a wildcard. */
  readonly exact: ReadonlySet<string>;
  /** All hosts, exact ones too, as they are listed. */
  readonly all: readonly string[];
  /** Hosts that are left out of what is imported, wildcards among them; none in releases without. */
  readonly excluded?: readonly string[];
}

/**
 * Resolves and indexes virtual services. Resources that are not virtual services must not be given; ones made from
 * Gateway API routes and Ingresses may be (see ROUTE_SEMANTICS_ANNOTATION).
 * As istio model/virtualservice_controller.go and push_context.go initVirtualServices.
 */
export function buildVirtualServices(
  resources: readonly ResourceOf<'VirtualService'>[],
  config: MeshConfig,
  domainSuffix: string,
  resolve: typeof resolveVirtualService = resolveVirtualService,
): VirtualServiceIndex {
  const defaultExportTo = config.defaultVirtualServiceExportTo;
  const sorted = sortByCreation(resources);
  const delegates = new Map<string, { readonly resource: ResourceOf<'VirtualService'>; readonly visibility: Visibility }>();
  for (const resource of sorted) {
    if (hostsOf(resource).length > 0) continue;
    delegates.set(key(resource.namespace, resource.name), {
      resource: resolve(resource, domainSuffix),
      visibility: visibilityOf(resource.spec.exportTo, resource.namespace, defaultExportTo),
    });
  }
  const findDelegate = (rule: HTTPRoute, rootNamespace: string): readonly HTTPRoute[] => {
    const reference = rule.delegate;
    const found = delegates.get(key(reference?.namespace || rootNamespace, reference?.name ?? ''));
    if (found === undefined || !isExported(found.visibility, rootNamespace)) return [];
    return found.resource.spec.http ?? [];
  };
  const all = sorted
    .filter((resource) => hostsOf(resource).length > 0)
    .map((resource) => {
      if (routeSemantics(resource) === 'gateway') return noteOrigins(resource);
      const resolved = resolve(resource, domainSuffix);
      const rules = resolved.spec.http ?? [];
      if (routeSemantics(resource) === 'ingress' || !rules.some((rule) => rule.delegate !== undefined)) return resolved;
      const http = rules.flatMap((rule) =>
        rule.delegate === undefined ? [rule] : mergeDelegate(rule, findDelegate(rule, resource.namespace)),
      );
      return { ...resolved, spec: { ...resolved.spec, http } };
    });
  return indexVirtualServices(all, defaultExportTo);
}

/** What the annotation says about how a virtual service is to be read; istio UseGatewaySemantics, UseIngressSemantics. */
export function routeSemantics(resource: Resource): 'gateway' | 'ingress' | undefined {
  const value = resource.annotations[ROUTE_SEMANTICS_ANNOTATION];
  return value === 'gateway' || value === 'ingress' ? value : undefined;
}

function indexVirtualServices(
  all: readonly ResourceOf<'VirtualService'>[],
  defaultExportTo: readonly string[] | undefined,
): VirtualServiceIndex {
  const privateByKey = new Map<string, ResourceOf<'VirtualService'>[]>();
  const exportedByKey = new Map<string, ResourceOf<'VirtualService'>[]>();
  const publicByGateway = new Map<string, ResourceOf<'VirtualService'>[]>();
  for (const resource of all) {
    const visibility = visibilityOf(resource.spec.exportTo, resource.namespace, defaultExportTo);
    for (const gateway of gatewaysOf(resource)) {
      if (visibility.everywhere) {
        append(publicByGateway, gateway, resource);
      } else if (!visibility.nowhere) {
        for (const namespace of visibility.namespaces) {
          append(namespace === resource.namespace ? privateByKey : exportedByKey, key(namespace, gateway), resource);
        }
      }
    }
  }
  const groups = (namespace: string, gateway: string): VirtualServiceGroups => ({
    private: privateByKey.get(key(namespace, gateway)) ?? [],
    exported: exportedByKey.get(key(namespace, gateway)) ?? [],
    public: publicByGateway.get(gateway) ?? [],
  });
  return {
    all,
    groups,
    forGateway: (namespace, gateway) => {
      const found = groups(namespace, gateway);
      return [...found.private, ...found.exported, ...ownRoutesFirst(found.public, namespace)];
    },
  };
}

/**
 * The virtual services that an egress listener's hosts import, in order of precedence. `hostsByNamespace` has one entry for
 * each namespace that the hosts name, `*` included. As istio model/virtualservice.go SelectVirtualServices.
 */
export function selectVirtualServices(
  index: VirtualServiceIndex,
  namespace: string,
  hostsByNamespace: ReadonlyMap<string, ImportedHosts>,
  { unifiedSidecarScope }: Behaviours,
): readonly ResourceOf<'VirtualService'>[] {
  const fromEverywhere = hostsByNamespace.get('*');
  const imports = (resource: ResourceOf<'VirtualService'>): boolean => {
    const fromNamespace = hostsByNamespace.get(resource.namespace);
    return hostsOf(resource).some(
      (host) =>
        ((fromNamespace !== undefined && importsHost(fromNamespace, host, resource)) ||
          (fromEverywhere !== undefined && importsHost(fromEverywhere, host, resource))) &&
        !excludesHost(fromNamespace, host) &&
        !excludesHost(fromEverywhere, host),
    );
  };
  const found = index.groups(namespace, MESH_GATEWAY);
  return [found.private, found.exported, found.public].flatMap((group) =>
    (unifiedSidecarScope ? ownRoutesFirst(group, namespace) : group).filter(imports),
  );
}

/** Whether a host is left out of what is imported. */
export function excludesHost(imported: ImportedHosts | undefined, host: string): boolean {
  return imported?.excluded?.some((excluded) => hostCovers(excluded, host)) ?? false;
}

// as istio model/sidecar.go VSMatches: a host overlaps with an import both ways, unless a Gateway API route made it
function importsHost(imported: ImportedHosts, host: string, resource: Resource): boolean {
  if (imported.exact.has(host)) return true;
  const wildcard = isWildcard(host);
  const covers = routeSemantics(resource) === 'gateway' ? hostCovers : hostsOverlap;
  return imported.all.some((candidate) => (wildcard || isWildcard(candidate)) && covers(candidate, host));
}

/** Gateway API routes of the client's own namespace go before all others: the consumer overrides the producer. */
function ownRoutesFirst(
  group: readonly ResourceOf<'VirtualService'>[],
  namespace: string,
): readonly ResourceOf<'VirtualService'>[] {
  const isOwn = (resource: Resource): boolean => resource.namespace === namespace && routeSemantics(resource) === 'gateway';
  if (!group.some(isOwn)) return group;
  return [...group.filter(isOwn), ...group.filter((resource) => !isOwn(resource))];
}

/**
 * For each hostname, the virtual service (`namespace/name`) with the most specific host that covers it; hostnames that none
 * covers are absent. Of virtual services with the same host the first counts, so `virtualServices` must be in order of precedence.
 * As istio model/sidecar.go computeWildcardHostVirtualServiceIndex and config.go MostSpecificHostMatch.
 */
export function mostSpecificVirtualServices(
  virtualServices: readonly ResourceOf<'VirtualService'>[],
  hostnames: Iterable<string>,
): ReadonlyMap<string, string> {
  const byHost = new Map<string, string>();
  let hasWildcards = false;
  for (const resource of virtualServices) {
    for (const host of hostsOf(resource)) {
      if (!byHost.has(host)) byHost.set(host, key(resource.namespace, resource.name));
      hasWildcards ||= isWildcard(host);
    }
  }
  const out = new Map<string, string>();
  for (const hostname of hostnames) {
    const found = byHost.get(hostname) ?? (hasWildcards ? longestWildcard(byHost, hostname) : undefined);
    if (found !== undefined) out.set(hostname, found);
  }
  return out;
}

function longestWildcard(byHost: ReadonlyMap<string, string>, hostname: string): string | undefined {
  for (let start = isWildcard(hostname) ? 1 : 0; start <= hostname.length; start++) {
    const found = byHost.get(`*${hostname.slice(start)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The hosts that the rules of a resolved virtual service send to, each with the ports named; port 0 stands for a destination
 * that names none. Rules whose matches are all for other source namespaces do not count, unless `sourceNamespace` is empty.
 * As istio push_context.go virtualServiceDestinationsFilteredBySourceNamespace.
 */
export function destinationsOfVirtualService(
  spec: VirtualService,
  sourceNamespace: string,
): ReadonlyMap<string, ReadonlySet<number>> {
  const out = new Map<string, Set<number>>();
  const add = (destination: Destination | undefined): void => {
    if (destination === undefined) return;
    const host = destination.host ?? '';
    const ports = out.get(host) ?? new Set();
    out.set(host, ports.add(destination.port?.number ?? 0));
  };
  for (const rule of spec.http ?? []) {
    if (sourceNamespace !== '' && !concernsNamespace(rule, sourceNamespace)) continue;
    for (const route of rule.route ?? []) add(route.destination);
    add(rule.mirror);
    for (const mirror of rule.mirrors ?? []) add(mirror.destination);
  }
  for (const rule of [...(spec.tcp ?? []), ...(spec.tls ?? [])]) {
    for (const route of rule.route ?? []) add(route.destination);
  }
  return out;
}

function concernsNamespace(rule: HTTPRoute, namespace: string): boolean {
  const named = (rule.match ?? []).map((match) => match.sourceNamespace ?? '').filter((source) => source !== '');
  return named.length === 0 || named.includes(namespace);
}

/**
 * The virtual service with full host names and gateways as `namespace/name`, each rule with its origin.
 * As istio model/virtualservice.go ResolveVirtualServiceShortnames.
 */
export function resolveVirtualService(
  resource: ResourceOf<'VirtualService'>,
  domainSuffix: string,
): ResourceOf<'VirtualService'> {
  const expand = (host: string): string => expandShortName(host, resource.namespace, domainSuffix);
  const destination = <T extends Destination>(value: T): T =>
    value.host === undefined ? value : { ...value, host: expand(value.host) };
  const withDestination = <T extends { readonly destination?: Destination }>(value: T): T =>
    value.destination === undefined ? value : { ...value, destination: destination(value.destination) };
  const gateways = (names: readonly string[]): string[] => names.map((name) => resolveGatewayName(name, resource.namespace));
  const withGateways = <T extends { readonly gateways?: readonly string[] }>(value: T): T =>
    value.gateways === undefined ? value : { ...value, gateways: gateways(value.gateways) };

  const spec = resource.spec;
  const httpRule = (rule: HTTPRoute): HTTPRoute => ({
    ...rule,
    ...(rule.match && { match: rule.match.map(withGateways) }),
    ...(rule.route && { route: rule.route.map(withDestination) }),
    ...(rule.mirror && { mirror: destination(rule.mirror) }),
    ...(rule.mirrors && { mirrors: rule.mirrors.map(withDestination) }),
  });
  const tcpRule = (rule: TCPRoute): TCPRoute => ({
    ...rule,
    ...(rule.match && { match: rule.match.map(withGateways) }),
    ...(rule.route && { route: rule.route.map(withDestination) }),
  });
  const tlsRule = (rule: TLSRoute): TLSRoute => ({
    ...rule,
    ...(rule.match && { match: rule.match.map(withGateways) }),
    ...(rule.route && { route: rule.route.map(withDestination) }),
  });
  return noteOrigins({
    ...resource,
    spec: {
      ...spec,
      ...(spec.hosts && { hosts: spec.hosts.map(expand) }),
      ...(spec.gateways && { gateways: gateways(spec.gateways) }),
      ...(spec.http && { http: spec.http.map(httpRule) }),
      ...(spec.tcp && { tcp: spec.tcp.map(tcpRule) }),
      ...(spec.tls && { tls: spec.tls.map(tlsRule) }),
    },
  });
}

/** Notes on each rule, and on each of its matches, the field of the resource that it stands in; what is noted already stays. */
function noteOrigins(resource: ResourceOf<'VirtualService'>): ResourceOf<'VirtualService'> {
  const noteOne = <T extends object>(value: T, path: readonly (string | number)[]): T =>
    originOf(value) === undefined ? withOrigin(value, resource, path) : value;
  const note = <T extends { readonly match?: readonly object[] }>(rules: readonly T[], list: string): T[] =>
    rules.map((rule, i) => {
      const path = ['spec', list, i];
      const match = rule.match?.map((value, j) => noteOne(value, [...path, 'match', j]));
      return noteOne(match === undefined ? rule : { ...rule, match }, path);
    });
  const { http, tcp, tls } = resource.spec;
  return {
    ...resource,
    spec: {
      ...resource.spec,
      ...(http && { http: note(http, 'http') }),
      ...(tcp && { tcp: note(tcp, 'tcp') }),
      ...(tls && { tls: note(tls, 'tls') }),
    },
  };
}

// as istio model/config.go resolveGatewayName: `./name`, a bare name, and the old form `name.namespace[.svc...]`
function resolveGatewayName(name: string, namespace: string): string {
  if (name === MESH_GATEWAY) return name;
  const slash = name.indexOf('/');
  if (slash !== -1) return name.slice(0, slash) === '.' ? `${namespace}${name.slice(slash)}` : name;
  const dot = name.indexOf('.');
  if (dot === -1) return key(namespace, name);
  const end = name.indexOf('.', dot + 1);
  return key(name.slice(dot + 1, end === -1 ? undefined : end), name.slice(0, dot));
}

// as istio virtualservice_controller.go mergeVirtualServices, where, unlike elsewhere, `~` beside a namespace hides nothing
function isExported(visibility: Visibility, namespace: string): boolean {
  return isVisible({ ...visibility, nowhere: false }, namespace);
}

/** The gateways that a virtual service is bound to, as it names them: the mesh, unless it says otherwise. */
export function gatewaysOf(resource: ResourceOf<'VirtualService'>): readonly string[] {
  const gateways = resource.spec.gateways ?? [];
  return gateways.length === 0 ? [MESH_GATEWAY] : gateways;
}

function hostsOf(resource: ResourceOf<'VirtualService'>): readonly string[] {
  return resource.spec.hosts ?? [];
}

function key(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
