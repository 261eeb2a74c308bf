import type { IstioEgressListener, OutboundTrafficPolicy, Sidecar, VirtualService } from '../api/istio.gen.ts';
import type { ConsolidatedDestinationRule } from '../model/destination-rules.ts';
import type { MergedGateway } from '../model/gateways.ts';
import type { Proxy } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';
import type { Resource } from '../resource/resource.ts';

/** An egress listener of a Sidecar (or the one that stands for all, where no Sidecar says) with what it imports. */
export interface EgressListener {
  /** What the Sidecar says; undefined for the default listener. */
  readonly listener: IstioEgressListener | undefined;
  /** Services it imports; they can be trimmed to the listener's port. */
  readonly services: readonly Service[];
  /** Virtual services it imports (mesh gateway only), resolved, in order of precedence. */
  readonly virtualServices: readonly Resource<VirtualService>[];
  /** For a service's hostname, the virtual service with the most specific host that matches it: `namespace/name`. */
  readonly mostSpecificVirtualService: ReadonlyMap<string, string>;
}

/**
 * What the proxies of a namespace that share a Sidecar (or have none) may see; istio model.SidecarScope.
 * Gateways have one too, without egress listeners of their own.
 */
export interface Scope {
  readonly name: string;
  /** The namespace of the proxies, which can differ from the Sidecar's when that one is in the root namespace. */
  readonly namespace: string;
  readonly sidecar: Resource<Sidecar> | undefined;
  readonly egressListeners: readonly EgressListener[];
  /** Union over the listeners, one per hostname, with destinations of imported virtual services; what CDS is made from. */
  readonly services: readonly Service[];
  serviceByHostname(hostname: string): Service | undefined;
  /** Services that a hostname, which can be a wildcard, stands for (istio ServicesForHostname). */
  servicesForHostname(hostname: string): readonly Service[];
  /** The destination rules for a hostname, most relevant first; scope/destination-rule.ts chooses among them for a proxy. */
  destinationRules(hostname: string): readonly ConsolidatedDestinationRule[];
  readonly outboundTrafficPolicy: OutboundTrafficPolicy | undefined;
}

/** All that translation needs to know of one proxy: what it is and what it sees. All choice per proxy is made here. */
export interface ProxyView {
  readonly proxy: Proxy;
  readonly scope: Scope;
  /** What a gateway serves; undefined for sidecars and for gateways to which no Gateway applies. */
  readonly gateway: MergedGateway | undefined;
}
