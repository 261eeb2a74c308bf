import type { ProxyConfig } from '../../api/istio.gen.ts';
/** What a proxy is in the mesh; istio model.NodeType without ztunnel. */
export type Role = 'sidecar' | 'gateway' | 'waypoint';

/** Where istiod's rules tell roles apart by nothing but what they are: a new role answers each of these questions. */
export interface RoleFacts {
  /** What the ID of its node starts with. */
  readonly nodeType: 'sidecar' | 'router' | 'waypoint';
  /** The injector labels its pod as one that takes mutual TLS. */
  readonly isLabelledForTls: boolean;
  /** Traffic of its pod is redirected to it, unless the pod asks for something else. */
  readonly isIntercepted: boolean;
  /** What it says of its interception, if that is fixed by the template that made it. */
  readonly reportedInterception?: 'REDIRECT';
  /** What EnvoyFilters call its parts: the one that sends to services of the mesh, and the one towards its workload if it has one. */
  readonly patchContexts: readonly ['SIDECAR_OUTBOUND' | 'GATEWAY', ...'SIDECAR_INBOUND'[]];
  /** For which of these patches add clusters; istio core/cluster.go buildClusters. */
  readonly addedClusterContexts: readonly ('SIDECAR_OUTBOUND' | 'GATEWAY' | 'SIDECAR_INBOUND')[];
  /** Its connections have an original destination of use; istio core/cluster.go convertResolution. */
  readonly keepsDestinations: boolean;
  /** It detects what clients speak, so that clusters can follow them; istio cluster_builder.go setUpstreamProtocol. */
  readonly detectsProtocols: boolean;
  /** It is handed secrets of its namespace for any DestinationRule; istio cluster_tls.go: sidecars need one with a selector. */
  readonly isTrustedWithSecrets: boolean;
  /** It starts a span of its own for what it sends on; istio core/tracing.go configureTracing. */
  readonly startsSpans: boolean;
  /** Claims of a token can choose the route; istio security/authn/policy_applier.go clearRouteCache. */
  readonly routesByClaims: boolean;
  /** It can use a network's gateway that has no port for mutual TLS, and tunnels in ambient mode; istio xds/endpoints/ep_filters.go. */
  readonly usesPortlessGateways: boolean;
  /** It reaches services through their waypoints, where these are told so; istio xds/endpoints findServiceWaypoint. */
  readonly usesWaypoints: boolean;
  /** Policies reach it by their targets alone, which can be the services behind it and its class; istio model ShouldAttachPolicy. */
  readonly isTargetedByServices: boolean;
  /** It sees the addresses that istiod allocates, whether it resolves names or not; istio model nodeUsesAutoallocatedIPs. */
  readonly seesAllocatedAddresses: boolean;
  /** It is neither client nor server of what passes it, and knows both by what the ends of tunnels say; istio node type Waypoint. */
  readonly standsBetweenPeers: boolean;
  /** It can stand at the edge of the network, with limits for clients that nobody knows; istio core/connection_settings.go. */
  readonly canBeEdge: boolean;
}

/** The facts of each role. */
export const factsOf: Readonly<Record<Role, RoleFacts>> = {
  sidecar: {
    nodeType: 'sidecar',
    isLabelledForTls: true,
    isIntercepted: true,
    patchContexts: ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'],
    addedClusterContexts: ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'],
    keepsDestinations: true,
    detectsProtocols: true,
    isTrustedWithSecrets: false,
    startsSpans: false,
    routesByClaims: false,
    usesPortlessGateways: false,
    usesWaypoints: false,
    isTargetedByServices: false,
    seesAllocatedAddresses: false,
    standsBetweenPeers: false,
    canBeEdge: false,
  },
  gateway: {
    nodeType: 'router',
    isLabelledForTls: false,
    isIntercepted: false,
    patchContexts: ['GATEWAY'],
    addedClusterContexts: ['GATEWAY'],
    keepsDestinations: false,
    detectsProtocols: false,
    isTrustedWithSecrets: true,
    startsSpans: true,
    routesByClaims: true,
    usesPortlessGateways: true,
    usesWaypoints: true,
    isTargetedByServices: false,
    seesAllocatedAddresses: false,
    standsBetweenPeers: false,
    canBeEdge: true,
  },
  waypoint: {
    nodeType: 'waypoint',
    isLabelledForTls: false,
    isIntercepted: false,
    reportedInterception: 'REDIRECT',
    patchContexts: ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'],
    addedClusterContexts: ['SIDECAR_INBOUND'],
    keepsDestinations: true,
    detectsProtocols: true,
    isTrustedWithSecrets: true,
    startsSpans: false,
    routesByClaims: true,
    usesPortlessGateways: true,
    usesWaypoints: false,
    isTargetedByServices: true,
    seesAllocatedAddresses: true,
    standsBetweenPeers: true,
    canBeEdge: false,
  },
};

/**
 * Whether a proxy of a role is told to listen for HBONE; the injector gives its pod the label for it then, as istio
 * files/injection-template.yaml.
 */
export function takesHbone(role: Role, { proxyMetadata }: ProxyConfig): boolean {
  return factsOf[role].isIntercepted && proxyMetadata?.ISTIO_META_ENABLE_HBONE === 'true';
}
