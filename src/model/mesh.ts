import type { MeshConfig } from '../api/istio.gen.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Release } from '../releases/release.ts';
import type { Resource, ResourceOf } from '../resource/resource.ts';
import type { Cidr } from '../util/cidr.ts';
import type { Ambient } from './ambient/ambient.ts';
import type { EnvoyFilterIndex } from './extensions/envoy-filters.ts';
import type { ExtensionIndex } from './extensions/traffic-extensions.ts';
import type { GatewayIndex } from './gateways/gateways.ts';
import type { Proxy } from './proxies/proxy.ts';
import type { ClusterLocal } from './registry/cluster-local.ts';
import type { ServiceRegistry } from './registry/service.ts';
import type { PeerAuthenticationIndex } from './security/peer-authentication.ts';
import type { PolicyIndex } from './security/policies.ts';
import type { TelemetryIndex } from './telemetry/telemetry.ts';
import type { DestinationRuleIndex } from './traffic/destination-rules.ts';
import type { VirtualServiceIndex } from './traffic/virtual-services.ts';

/**
 * Everything that istiod knows and that needs no proxy: merged, indexed, never changed afterwards.
 * istio: model.PushContext with its Environment. Each index has its own file beside this one.
 */
export interface Mesh {
  /** Of istiod; what it does otherwise than other releases is in its behaviours. */
  readonly release: Release;
  /** MeshConfig with istiod's defaults filled in (model/mesh-config.ts). */
  readonly config: MeshConfig;
  /** `istio-system` unless MeshConfig says otherwise. */
  readonly rootNamespace: string;
  /** `cluster.local`. */
  readonly domainSuffix: string;
  /** All resources of the input, in input order, and those derived from Ingress and Gateway API resources. */
  readonly resources: readonly Resource[];
  readonly registry: ServiceRegistry;
  /** What ambient mode adds; undefined where it is off. */
  readonly ambient: Ambient | undefined;
  /** What gateways take for internal clients; empty unless MeshNetworks names ranges. */
  readonly internalRanges: readonly Cidr[];
  /** Whether the endpoints of a host are only for clients of their own cluster. */
  readonly isClusterLocal: ClusterLocal;
  readonly peerAuthentications: PeerAuthenticationIndex;
  readonly policies: PolicyIndex;
  readonly telemetry: TelemetryIndex;
  readonly extensions: ExtensionIndex;
  /** Those that this istiod configures, by namespace and name (and cluster); waypoints are among them in ambient mode alone. */
  readonly proxies: readonly Proxy[];
  readonly virtualServices: VirtualServiceIndex;
  readonly destinationRules: DestinationRuleIndex;
  readonly sidecars: readonly ResourceOf<'Sidecar'>[];
  readonly gateways: GatewayIndex;
  readonly envoyFilters: EnvoyFilterIndex;
  /** What a user should know about how the resources were read: parts that have no effect, or that are not supported. */
  readonly notes: readonly Diagnostic[];
}
