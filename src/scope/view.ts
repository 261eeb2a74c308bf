import type { IstioEgressListener, OutboundTrafficPolicy } from '../api/istio.gen.ts';
import type { TunnelledWorkload } from '../model/ambient/networks.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import type { ProxyExtension } from '../model/extensions/traffic-extensions.ts';
import type { MergedGateway } from '../model/gateways/gateways.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import type { Service } from '../model/registry/service.ts';
import type { WorkloadMutualTls } from '../model/security/peer-authentication.ts';
import type { AuthorizationPolicies } from '../model/security/policies.ts';
import type { WorkloadTelemetry } from '../model/telemetry/telemetry.ts';
import type { ConsolidatedDestinationRule } from '../model/traffic/destination-rules.ts';
import type { ResourceOf } from '../resource/resource.ts';
import type { Client } from './client.ts';

/** An egress listener of a Sidecar (or the one that stands for all, where no Sidecar says) with what it imports. */
export interface EgressListener {
  /** What the Sidecar says; undefined for the default listener. */
  readonly listener: IstioEgressListener | undefined;
  /** Services it imports; they can be trimmed to the listener's port. */
  readonly services: readonly Service[];
  /** Virtual services it imports (mesh gateway only), resolved, in order of precedence. */
  readonly virtualServices: readonly ResourceOf<'VirtualService'>[];
  /** For a service's hostname, the virtual service with the most specific host that matches it: `namespace/name`. */
  readonly mostSpecificVirtualService: ReadonlyMap<string, string>;
}

/** What proxies see, which may be the same for those of several namespaces. */
export interface SharedScope {
  readonly name: string;
  readonly sidecar: ResourceOf<'Sidecar'> | undefined;
  readonly egressListeners: readonly EgressListener[];
  /** Union over the listeners, one per hostname, with destinations of imported virtual services; what CDS is made from. */
  readonly services: readonly Service[];
  serviceByHostname(hostname: string): Service | undefined;
  /** Services that a hostname, which can be a wildcard, stands for (istio ServicesForHostname). */
  servicesForHostname(hostname: string): readonly Service[];
  /** The destination rules for a hostname, most relevant first; scope/destination-rule.ts chooses among them for a proxy. */
  destinationRules(hostname: string): readonly ConsolidatedDestinationRule[];
  readonly outboundTrafficPolicy: OutboundTrafficPolicy | undefined;
  /** Plain HTTP to hosts that nothing is known of goes to what they resolve to. */
  readonly resolvesUnknownHosts: boolean;
}

/**
 * What the proxies of a namespace that share a Sidecar (or have none) may see; istio model.SidecarScope.
 * Gateways have one too, without egress listeners of their own.
 */
export interface Scope extends SharedScope {
  /** The namespace of the proxies, which can differ from the Sidecar's when that one is in the root namespace. */
  readonly namespace: string;
  /** One object for all scopes that are the same but for their namespace. */
  readonly shared: SharedScope;
}

/** What istiod has chosen for a proxy by its workload alone, whatever its role. */
export interface ChosenForWorkload {
  readonly proxy: Proxy;
  /** The proxy as shared work may know it. */
  readonly client: Client;
  readonly requestAuthentications: readonly ResourceOf<'RequestAuthentication'>[];
  readonly authorizationPolicies: AuthorizationPolicies;
  /** Policies that hold for it as for any workload, by selector and namespace, where its tunnels end; undefined where none do there. */
  readonly layeredPolicies: AuthorizationPolicies | undefined;
  readonly telemetry: WorkloadTelemetry;
  readonly extensions: readonly ProxyExtension[];
  /** Of EnvoyFilters, in the order in which they apply. */
  readonly patches: readonly EnvoyPatch[];
}

/** What istiod has chosen for a proxy, whatever its role. */
interface Chosen extends ChosenForWorkload {
  /** The same object as long as nothing else is chosen. */
  readonly chosen: ChosenForWorkload;
  readonly scope: Scope;
  /** The rule that it follows as a client of a hostname. */
  destinationRule(hostname: string): ConsolidatedDestinationRule | undefined;
}

/** All that translation needs to know of a sidecar. */
export interface SidecarView extends Chosen {
  readonly role: 'sidecar';
  /** What its workload asks of clients. */
  readonly mutualTls: WorkloadMutualTls;
}

/** All that translation needs to know of a gateway. */
export interface GatewayView extends Chosen {
  readonly role: 'gateway';
  /** What it serves; undefined where no Gateway applies. */
  readonly gateway: MergedGateway | undefined;
  /** The services that it has clusters for. */
  readonly clusterServices: readonly Service[];
}

/** All that translation needs to know of a waypoint. What stands beside these fields is for the whole of it, not for one service. */
export interface WaypointView extends Chosen {
  readonly role: 'waypoint';
  /** The services that it serves, oldest first, one for each host name. */
  readonly services: readonly Service[];
  /** The service of a host name that it serves. */
  served(hostname: string): Service | undefined;
  /** The workloads that it serves by themselves, oldest first. */
  readonly workloads: readonly TunnelledWorkload[];
  /** The same view with the policies, telemetry and extensions that count for one of its services; always the same for one service. */
  forService(service: Service): WaypointView;
  /** The virtual services for one of its services, in order of precedence. */
  virtualServicesOf(service: Service): readonly ResourceOf<'VirtualService'>[];
  /** The rule for what it sends to one of its services: rules for clients that a selector chooses play no part. */
  inboundDestinationRule(hostname: string): ConsolidatedDestinationRule | undefined;
  /** The services that it has outbound clusters for. */
  readonly outboundServices: readonly Service[];
  /** What a gateway between networks serves beside tunnels; undefined where it is nothing, and for waypoints. */
  readonly gateway: MergedGateway | undefined;
}

/**
 * All that translation needs to know of one proxy: what it is and what was chosen for it. Every choice among the resources of the
 * mesh that depends on the proxy is made here.
 */
export type ProxyView = SidecarView | GatewayView | WaypointView;
