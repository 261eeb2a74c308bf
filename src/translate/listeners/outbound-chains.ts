import type { DestinationRule, L4MatchAttributes, MeshConfig, TLSMatchAttributes } from '../../api/istio.gen.ts';
import type { NetworkFilter } from '../../envoy/api.gen.ts';
import { isTls } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { nothingElse } from '../../util/fields.ts';
import { memo } from '../../util/memo.ts';
import { originOf } from '../../util/origin.ts';
import { compareText } from '../../util/text.ts';
import { configMetadata } from '../naming/config-metadata.ts';
import { subsetKey } from '../naming/names.ts';
import { buildStatName, kubernetesNames } from '../naming/stat-names.ts';
import { isDynamicWildcard } from '../network-filters/network-filters.ts';
import {
  type ListenerPort,
  type OutboundContext,
  routeDestinationFilters,
  rulesWithRoute,
  singleDestinationFilters,
} from '../network-filters/outbound.ts';
import { alternateForms } from '../routes/domains.ts';
import type { TcpTraits } from '../traits/traits.ts';
import type { ChainPlan } from './filter-chain.ts';

/** The client side of a sidecar's connections: all that its outbound chains without HTTP depend on. */
export interface OutboundClient extends OutboundContext {
  /** The traits for connections to a service whose hosts are resolved on the way. */
  readonly traitsTowards: (service: Service) => TcpTraits;
  /** The chain for a service itself, which clients of other namespaces share. */
  readonly serviceChain: ServiceChainBuilder;
  readonly namespace: () => string;
  /** Whether the client has all of these labels. */
  readonly carries: (labels: Labels) => boolean;
  readonly domainSuffix: string;
}

/** A service behind a listener. */
export interface OutboundTarget {
  readonly service: Service;
  /** The port of the listener, which a Sidecar can choose. */
  readonly port: ListenerPort;
  /** Whether its listener is for an address that stands for no other service. */
  readonly hasOwnAddress: boolean;
  /** Ranges that the service stands for, where the listener does not listen on its address. */
  readonly destinations: readonly string[];
  /** Virtual services with TCP or TLS routes, in order of precedence. */
  readonly virtualServices: readonly ResourceOf<'VirtualService'>[];
}

/**
 * The chains that carry connections to a service without looking into them: by TLS routes for TLS ports, else by TCP routes.
 * As istio pilot/pkg/networking/core/listener.go buildSidecarOutboundTCPListenerOpts.
 */
export function buildConnectionChains(client: OutboundClient, target: OutboundTarget): ChainPlan[] {
  const virtualServices = target.virtualServices.filter(({ spec }) =>
    spec.hosts?.some((host) => hostsOverlap(host, target.service.hostname)),
  );
  return isTls(target.port.protocol)
    ? buildTlsChains(client, target, virtualServices)
    : buildTcpChains(client, target, virtualServices);
}

/**
 * A chain for every TLS match that can hold for this client; where there is none, one for the service itself.
 * As istio pilot/pkg/networking/core/tls.go buildSidecarOutboundTLSFilterChainOpts.
 */
function buildTlsChains(
  client: OutboundClient,
  target: OutboundTarget,
  virtualServices: readonly ResourceOf<'VirtualService'>[],
): ChainPlan[] {
  const { port } = target;
  const chains: ChainPlan[] = [];
  // Of matches that Envoy could not tell apart, only the first can ever be reached.
  const handled = new Set<string>();
  // istiod keeps the subnets of a match for those matches after it that have none.
  let destinations = target.destinations;
  for (const virtualService of virtualServices) {
    for (const route of rulesWithRoute(virtualService.spec.tls)) {
      for (const match of route.match ?? []) {
        if (!matchesClient(match, client, port.port)) continue;
        const { sniHosts = [], destinationSubnets = [] } = match;
        // A port 0 is a unix domain socket, where there are no addresses to match.
        if (destinationSubnets.length > 0 && port.port > 0) destinations = destinationSubnets;
        const key = `${sniHosts.join(',')}|${destinationSubnets.join(',')}`;
        if (handled.has(key)) continue;
        handled.add(key);
        chains.push({
          match: { serverNames: sniHosts, destinations },
          metadata: configMetadata(virtualService),
          content: {
            kind: 'tcp',
            filters: routeDestinationFilters(client, { routes: route.route ?? [], port, virtualService }),
          },
          origin: originOf(route),
        });
      }
    }
  }
  if (handled.size > 0) return chains;
  return [defaultChain(client, target, serverNamesOf(client, target))];
}

/**
 * The names by which a TLS service is told from others on its listener, where the address does not tell: for ranges, for listeners
 * on any address, and for wildcards whose hosts are resolved by name.
 */
function serverNamesOf(client: OutboundClient, target: OutboundTarget): readonly string[] {
  const { service, hasOwnAddress, destinations } = target;
  const isOnlyName = destinations.length > 0 || !hasOwnAddress || isDynamicWildcard(service, client.traits.behaviours);
  if (!isOnlyName) return [];
  const aliases = service.aliases.flatMap(({ hostname }) => [
    hostname,
    ...alternateForms(hostname, { ...client, namespace: client.namespace(), behaviours: client.traits.behaviours }),
  ]);
  return [service.hostname, ...aliases];
}

/**
 * Chains of TCP routes up to the first that takes everything; without such, one for the service itself comes last.
 * As istio tls.go buildSidecarOutboundTCPFilterChainOpts.
 */
function buildTcpChains(
  client: OutboundClient,
  target: OutboundTarget,
  virtualServices: readonly ResourceOf<'VirtualService'>[],
): ChainPlan[] {
  const { port, destinations } = target;
  const chains: ChainPlan[] = [];
  let serviceIsCovered = false;
  for (const virtualService of virtualServices) {
    for (const route of rulesWithRoute(virtualService.spec.tcp)) {
      const matches = (route.match ?? []).filter((match) => matchesClient(match, client, port.port));
      const origin = originOf(route);
      const content = (): ChainPlan['content'] => ({
        kind: 'tcp',
        filters: routeDestinationFilters(client, { routes: route.route ?? [], port, virtualService }),
      });
      const isUnconditional = !route.match?.length;
      const isTerminal = matches.some(({ destinationSubnets }) => !destinationSubnets?.length || port.port === 0);
      if (isUnconditional || isTerminal) {
        const metadata = configMetadata(virtualService);
        chains.push({ match: { destinations }, metadata, content: content(), origin });
        return chains;
      }
      const subnets = matches.flatMap(({ destinationSubnets = [] }) => destinationSubnets);
      if (subnets.length === 0) continue;
      chains.push({ match: { destinations: subnets }, content: content(), origin });
      serviceIsCovered ||= sortedText(subnets) === sortedText(destinations);
    }
  }
  if (!serviceIsCovered) chains.push(defaultChain(client, target, []));
  return chains;
}

function sortedText(texts: readonly string[]): string {
  return [...texts].sort(compareText).join();
}

/** What of a match does not depend on the connection: gateway, labels, port and namespace. istio matchTLS and matchTCP. */
function matchesClient(match: TLSMatchAttributes & L4MatchAttributes, client: OutboundClient, port: number): boolean {
  const { gateways = [], sourceLabels, port: matched, sourceNamespace, ...ofConnection } = match;
  // Istio does not read the subnet of the source.
  const { sniHosts, destinationSubnets, sourceSubnet, ...rest } = ofConnection;
  nothingElse(rest);
  return (
    (gateways.length === 0 || gateways.includes(MESH_GATEWAY)) &&
    (sourceLabels === undefined || client.carries(sourceLabels)) &&
    (!matched || matched === port) &&
    (!sourceNamespace || sourceNamespace === client.namespace())
  );
}

/** The chain for the service itself. */
function defaultChain(client: OutboundClient, target: OutboundTarget, serverNames: readonly string[]): ChainPlan {
  const { service, port, destinations } = target;
  const traits = isDynamicWildcard(service, client.traits.behaviours) ? client.traitsTowards(service) : client.traits;
  return client.serviceChain(traits, service, port, client.destinationRule(service.hostname), serverNames, destinations);
}

/** Builds the chain that carries connections to a service as such, by no route of a virtual service. */
export type ServiceChainBuilder = (
  traits: TcpTraits,
  service: Service,
  port: ListenerPort,
  destinationRule: DestinationRule | undefined,
  serverNames: readonly string[],
  destinations: readonly string[],
) => ChainPlan;

/** A builder that makes each chain once. */
export function createServiceChainBuilder(config: MeshConfig): ServiceChainBuilder {
  const build = memo(
    (
      port: ListenerPort,
      service: Service,
      traits: TcpTraits,
      destinationRule: DestinationRule | undefined,
      names: string,
    ): ChainPlan => {
      const [serverNames, destinations] = JSON.parse(names) as [string[], string[]];
      return {
        match: { serverNames, destinations },
        content: { kind: 'tcp', filters: serviceFilters(config, traits, service, port, destinationRule) },
        origin: { resource: service.resource, path: ['spec', 'ports'] },
      };
    },
  );
  return (traits, service, port, destinationRule, serverNames, destinations) => {
    const isPlain = serverNames.length === 0 && destinations.length === 0;
    return build(port, service, traits, destinationRule, isPlain ? '[[],[]]' : JSON.stringify([serverNames, destinations]));
  };
}

function serviceFilters(
  config: MeshConfig,
  traits: TcpTraits,
  service: Service,
  port: ListenerPort,
  destinationRule: DestinationRule | undefined,
): readonly NetworkFilter[] {
  // The port of a Sidecar's listener need not be one of the service: then its only one is meant.
  const servicePort = service.ports.length === 1 ? (service.ports[0]?.port ?? port.port) : port.port;
  const cluster = subsetKey('outbound', '', service.hostname, servicePort);
  const pattern = config.outboundClusterStatName;
  const statPrefix = pattern
    ? buildStatName(pattern, {
        hostname: service.hostname,
        subset: '',
        port: servicePort,
        portName: '',
        targetPort: 0,
        kubernetes: kubernetesNames(service),
      })
    : cluster;
  return singleDestinationFilters(traits, { statPrefix, cluster, subset: '', port, destinationRule, service });
}
