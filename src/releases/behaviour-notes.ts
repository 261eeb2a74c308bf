import type { Behaviours } from './release.ts';
import type { Switches } from './switches.ts';

/** What users are told of a behaviour when an upgrade changes it. */
export interface BehaviourNote {
  /** What istiod does where the behaviour holds, or what the value decides; no sentence, so that it can follow other words. */
  readonly about: string;
  /** The change of Istio that brought it, by the number of its pull request; by release, where several changed it. */
  readonly change?: number | Readonly<Record<string, number>>;
}

/** Behaviours that only a release decides. Those of environment variables are described with the variables (environment/flags.ts). */
type OfRelease = Exclude<keyof Behaviours, keyof Switches>;

/** One note for each behaviour; the compiler demands one for a new behaviour. */
export const behaviourNotes: Readonly<Record<OfRelease, BehaviourNote>> = {
  namesEndpointsOfEntries: {
    about:
      'the telemetry of endpoints that a ServiceEntry lists, or names as its host, tells the name and the namespace of the entry',
    change: 58951,
  },
  subsetsInheritTls: {
    about: 'endpoints of a subset whose policy has no TLS settings follow those of the DestinationRule, not automatic mutual TLS',
    change: 60792,
  },
  customPoliciesByProvider: {
    about: 'rules and filters of CUSTOM AuthorizationPolicies carry the name of their provider',
    change: 58082,
  },
  translatesWasmPlugins: { about: 'WasmPlugins become TrafficExtensions, and their filters are named so', change: 59052 },
  readsWholeDefaultExports: {
    about: 'all entries of defaultServiceExportTo and defaultVirtualServiceExportTo count, and * wins over the others',
    change: 60819,
  },
  racesTcpConnects: {
    about: 'the annotation for RACE_FIRST_TCP_CONNECT makes clients try all addresses of a host at once',
    change: 59083,
  },
  ordersDnsEndpointsByLabel: { about: 'failoverPriority orders the endpoints of clusters that resolve names', change: 58674 },
  distributesByNamespace: { about: 'the annotation traffic-distribution counts on namespaces and ServiceEntries', change: 58701 },
  choosesNetworkGateways: {
    about: 'proxies of an unknown network reach other networks through gateways, and only through those of their address family',
    change: 58613,
  },
  externalSecretsBy: { about: 'what sds://NAME of a credentialName stands for', change: 60308 },
  namesSecretServer: { about: 'the server of external secrets is called by its host name', change: 61218 },
  resolvesForwardsByFamily: { about: 'dynamic forward proxies resolve hosts for the address families that the proxy has' },
  prefersNetworks: { about: 'the network label in failoverPriority is a preference, not a condition', change: 60829 },
  trustDomainsOfSources: { about: 'AuthorizationPolicies may ask for the trust domain of a source', change: 59358 },
  dynamicDnsForSidecars: {
    about: 'sidecars and gateways resolve the hosts of ServiceEntries with resolution DYNAMIC_DNS',
    change: 58688,
  },
  warnsOfPrivateKeySets: { about: 'a warning tells of private keys in the jwks of a RequestAuthentication' },
  sidecarExclusions: { about: 'egress hosts of a Sidecar that begin with ~ leave services out', change: 60581 },
  gentleWarmup: { about: 'the aggression of a warmup may be below 1' },
  limitsProxyVersions: { about: 'a proxyVersion of more than 1024 characters matches nothing' },
  stableTcpRoutes: {
    about: 'TCPRoutes, and listeners of protocol TCP, count without PILOT_ENABLE_ALPHA_GATEWAY_API',
    change: 60766,
  },
  resolvesUnknownHosts: {
    about: 'the mode ALLOW_ANY_DYNAMIC_DNS of outboundTrafficPolicy sends plain HTTP to the hosts that it asks for',
    change: 59802,
  },
  readsConnectionSettings: { about: "the connectionSettings of a proxy's configuration count" },
  ignoresAnnotatedPolicies: { about: 'the annotation ignore-policy-attachment takes a BackendTLSPolicy out' },
  ordersExportsByAge: {
    about: 'services that are exported to a namespace by name come in one order of creation with its private ones',
    change: 60819,
  },
  keepsSkippedVerification: {
    about: 'insecureSkipVerify of a DestinationRule counts for proxies with certificate files of their own',
    change: 58688,
  },
  stableTlsRoutes: {
    about: 'TLSRoutes, and listeners of protocol TLS, count without PILOT_ENABLE_ALPHA_GATEWAY_API',
    change: 59221,
  },
  mergesGrpcRoutes: { about: 'GRPCRoutes count beside HTTPRoutes of the same listener and hostname', change: 59222 },
  optionsOverFrontends: {
    about: 'the option tls-terminate-mode of a listener decides whether clients need a certificate, not its Gateway',
    change: 59098,
  },
  leavesConflictingListenersOut: {
    about: 'listeners that have the port and the hostname of an earlier one of their Gateway are left out',
    change: 60775,
  },
  passesOverListenersWithoutTls: { about: 'listeners of protocol HTTPS or TLS without tls are left out', change: 60566 },
  readsInsecureFrontends: {
    about: 'the mode AllowInsecureFallback lets clients in whose certificate is missing or cannot be trusted',
    change: 60824,
  },
  mergesBackendPolicies: {
    about:
      'a BackendTLSPolicy fills in what a DestinationRule of the same host leaves out, and no longer hides its other settings',
    change: 60432,
  },
  ordersFiltersByName: {
    about: 'EnvoyFilters of one priority and age apply in the order of their names, where one begins with the other too',
    change: 59995,
  },
  looksUpExactHosts: {
    about:
      'a Sidecar that names its hosts one by one gets the oldest service of each host and namespace, without the ports of others',
    change: 60473,
  },
  leavesForeignWaypointsAlone: {
    about: 'routes attached to a service do not count where its waypoint belongs to another controller',
    change: 60914,
  },
  redirectsByPrefixField: {
    about: 'a redirect that replaces the prefix of a path by nothing leaves the path alone in another field',
    change: 60385,
  },
  readsConditionsOfWorkloads: { about: 'the analysis looks at conditions in the status of WorkloadEntries' },
  statusWithoutBackends: {
    about: 'the status with which an HTTPRoute rule answers that has neither backends nor a redirect',
    change: { '1.30': 59445, '1.31': 60787 },
  },
};

/** The changes of Istio that gave an environment variable another default, or another meaning, in some release. */
export const changesOfSwitches: Readonly<Partial<Record<keyof Switches, number>>> = {
  autoSendUnhealthyEndpoints: 60690,
  sidecarPickBestServiceNamespace: 59486,
};
