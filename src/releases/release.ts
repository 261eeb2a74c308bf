import type { KnownAnnotation } from './annotations.ts';
import type { KindInfo } from './kinds.ts';
import type { Switches } from './switches.ts';

/** A release of Istio: what mesh knows of it that is not the same in every release. Only data; rules stand where they belong. */
export interface Release {
  /** Its name among users, as in `--istio-version`: major and minor number. */
  readonly name: string;
  /** Of istiod, istioctl and, where they say nothing else, of the proxies. */
  readonly version: string;
  /** The build of Envoy that its proxies report (istio.deps). */
  readonly proxySha: string;
  /** Istio's kinds and those of the Gateway API, as their definitions serve them. */
  readonly kinds: readonly KindInfo[];
  /** The version of the Gateway API that it is built with. */
  readonly gatewayApi: string;
  /** The oldest version of the Gateway API from which on istiod reads a kind, by the name of its definition. */
  readonly minimumGatewayApi: Readonly<Record<string, string>>;
  /** The newest version of the Gateway API up to which istiod reads a kind, where there is one. */
  readonly maximumGatewayApi: Readonly<Record<string, string>>;
  /** The messages and enums of Istio's API, in the form that util/descriptors.ts reads. The types in src/api are those of all releases. */
  readonly istioDescriptors: string;
  /** How the messages and enums of Envoy's API that its istiod knows differ from those in envoy/descriptors.gen.ts, in that form. */
  readonly envoyDescriptorChanges?: string;
  /** Fields (`message.jsonName`) and values of enums (`enum.VALUE`) that later releases add, with the release that brought each. */
  readonly laterMembers: Readonly<Record<string, string>>;
  /** Kinds that later releases add, with the release that brought each. */
  readonly laterKinds: Readonly<Record<string, string>>;
  readonly annotations: ReadonlyMap<string, KnownAnnotation>;
  /** The codes of istioctl's analyzers. */
  readonly codes: ReadonlySet<string>;
  /** Those among them that mesh never reports, and why. */
  readonly retiredCodes: Readonly<Record<string, string>>;
  /** Where its documentation begins; ends in a slash. */
  readonly docsUrl: string;
  readonly behaviours: Behaviours;
}

/**
 * What istiod does otherwise in some releases, or when its environment says so. A behaviour is named for the flag or for the change;
 * the rule that it belongs to reads it as `release.behaviours.NAME`, and nobody asks for the version.
 */
export interface Behaviours extends Switches {
  /** Whether endpoints that a ServiceEntry lists, or names as its host, have its name and namespace (istio #58951). */
  readonly namesEndpointsOfEntries: boolean;
  /** Whether endpoints of a subset without TLS settings have those of the rule, not none (istio #60792). */
  readonly subsetsInheritTls: boolean;
  /**
   * Whether CUSTOM policies are told apart by their providers: in the names of their rules, in the mark that a provider looks for, and
   * in filters of their own (istio #58082). Names of providers are limited then.
   */
  readonly customPoliciesByProvider: boolean;
  /** Whether istiod makes TrafficExtensions of WasmPlugins, and names their filters so (istio #59052). */
  readonly translatesWasmPlugins: boolean;
  /** Whether all entries of a mesh's default `exportTo` count for Services and VirtualServices, not `.` and `*` alone (istio #60819). */
  readonly readsWholeDefaultExports: boolean;
  /** Whether a ServiceEntry can ask that clients try all resolved addresses at once (istio #59083). */
  readonly racesTcpConnects: boolean;
  /** Whether `failoverPriority` orders the endpoints that a DNS cluster holds itself (istio #58674). */
  readonly ordersDnsEndpointsByLabel: boolean;
  /** Whether the annotation of a namespace decides how its services spread traffic (istio #58701). */
  readonly distributesByNamespace: boolean;
  /** Whether proxies of unknown network go through gateways, and gateways of another address family are passed over (istio #58613). */
  readonly choosesNetworkGateways: boolean;
  /** Which provider of secrets `sds://NAME` means: one of that name, or the first, which is asked for NAME (istio #60308). */
  readonly externalSecretsBy: 'provider-name' | 'resource-name';
  /** Whether the server of external secrets is called by its host (istio #61218). */
  readonly namesSecretServer: boolean;
  /** Whether the host of a dynamic forward proxy is resolved for the address families that the proxy has. */
  readonly resolvesForwardsByFamily: boolean;
  /** Whether another network only comes later where `failoverPriority` begins with the network, or ends the comparison (istio #60829). */
  readonly prefersNetworks: boolean;
  /** Whether ALLOW_ANY_DYNAMIC_DNS sends plain HTTP to the hosts that it asks for; else the mode is like REGISTRY_ONLY (istio #59802). */
  readonly resolvesUnknownHosts: boolean;
  /** Whether an annotation takes a BackendTLSPolicy out of what Istio reads. */
  readonly ignoresAnnotatedPolicies: boolean;
  /** Whether the `connectionSettings` of a proxy's configuration are read, also those of a pod's annotation. */
  readonly readsConnectionSettings: boolean;
  /** Whether policies may ask for the trust domain of a source (istio #59358). */
  readonly trustDomainsOfSources: boolean;
  /** Whether sidecars and gateways resolve hosts of ServiceEntries with resolution DYNAMIC_DNS, not only waypoints (istio #58688). */
  readonly dynamicDnsForSidecars: boolean;
  /** Whether the webhook warns of private keys in a `jwks` (istio's warnPrivateJwksKeys). */
  readonly warnsOfPrivateKeySets: boolean;
  /** Whether hosts of a Sidecar that begin with `~` leave services out (istio #60581). */
  readonly sidecarExclusions: boolean;
  /** Whether the aggression of a warmup may be below one. */
  readonly gentleWarmup: boolean;
  /** Whether a `proxyVersion` of more than 1024 characters matches nothing, and is not read (istio 2e5fe20cefc). */
  readonly limitsProxyVersions: boolean;
  /** What the rule of an HTTPRoute answers that names no backend and redirects nothing (istio #59445, #60787). */
  readonly statusWithoutBackends: number;
  /** Whether TCPRoutes and listeners of protocol TCP are served without PILOT_ENABLE_ALPHA_GATEWAY_API (istio #60766). */
  readonly stableTcpRoutes: boolean;
  /** Whether services that are exported to a namespace by name are in one order of creation with its private ones (istio #60819). */
  readonly ordersExportsByAge: boolean;
  /** Whether `insecureSkipVerify` counts beside certificate files of the proxy (istio #58688). */
  readonly keepsSkippedVerification: boolean;
  /** Whether TLSRoutes and listeners of protocol TLS are served without PILOT_ENABLE_ALPHA_GATEWAY_API (istio #59221). */
  readonly stableTlsRoutes: boolean;
  /** Whether HTTPRoutes and GRPCRoutes of one listener and hostname are merged; else those of gRPC are left out (istio #59222). */
  readonly mergesGrpcRoutes: boolean;
  /** Whether the option tls-terminate-mode of a listener decides about client certificates where its Gateway does too (istio #59098). */
  readonly optionsOverFrontends: boolean;
  /**
   * Whether a listener with the port and hostname of an earlier one of its Gateway is left out, and whether routes can attach only to
   * listeners of ListenerSets that are served (istio #60775).
   */
  readonly leavesConflictingListenersOut: boolean;
  /** Whether listeners of protocol HTTPS or TLS without `tls` are left out (istio #60566). */
  readonly passesOverListenersWithoutTls: boolean;
  /** Whether the mode AllowInsecureFallback counts, with which clients need no certificate that can be trusted (istio #60824). */
  readonly readsInsecureFrontends: boolean;
  /** Whether a BackendTLSPolicy fills in what a DestinationRule of its host leaves out, not the other way round (istio #60432). */
  readonly mergesBackendPolicies: boolean;
  /** Whether EnvoyFilters of one age are ordered by their name alone, not by `name.namespace` (istio #59995). */
  readonly ordersFiltersByName: boolean;
  /**
   * Whether services that an egress listener names one by one are looked up: the oldest of a host and namespace, in the order of
   * creation (istio #60473). Else they are chosen among all that are visible, and those that are not public come first.
   */
  readonly looksUpExactHosts: boolean;
  /** Whether routes leave services alone whose waypoint is another controller's (istio #60914). */
  readonly leavesForeignWaypointsAlone: boolean;
  /** Whether a redirect has a field of its own for prefixes, in which an empty one is none (istio #60385). */
  readonly redirectsByPrefixField: boolean;
  /** Whether istioctl looks at the conditions of WorkloadEntries (istio analyzers/conditions). */
  readonly readsConditionsOfWorkloads: boolean;
}
