/**
 * What istiod tells every ztunnel, in protobuf JSON: zero values are absent and bytes are in base64. Istio pkg/workloadapi/workload.proto
 * and pkg/workloadapi/security/authorization.proto. Values remember their origins.
 */
export interface ZtunnelMessages {
  /** Services by namespace and host, then workloads by uid. */
  readonly addresses: readonly AddressMessage[];
  readonly policies: readonly PolicyMessage[];
}

/** istio.workload.Address. */
export interface AddressMessage {
  readonly service?: ServiceMessage;
  readonly workload?: WorkloadMessage;
}

/** istio.workload.NetworkAddress; a range has a length. */
export interface NetworkAddressMessage {
  readonly network?: string;
  readonly address?: string;
  readonly length?: number;
}

/** istio.workload.GatewayAddress: where a waypoint is reached, or the gateway of a network. */
export interface GatewayMessage {
  readonly hostname?: { readonly namespace?: string; readonly hostname?: string };
  readonly address?: NetworkAddressMessage;
  readonly hboneMtlsPort?: number;
}

/** istio.workload.Port. */
export interface PortMessage {
  readonly servicePort?: number;
  readonly targetPort?: number;
  readonly appProtocol?: string;
}

/** istio.workload.Service. */
export interface ServiceMessage {
  readonly name?: string;
  readonly namespace?: string;
  readonly hostname?: string;
  readonly addresses?: readonly NetworkAddressMessage[];
  readonly ports?: readonly PortMessage[];
  readonly waypoint?: GatewayMessage;
  readonly loadBalancing?: BalancingMessage;
  readonly subjectAltNames?: readonly string[];
  readonly ipFamilies?: string;
  readonly canonical?: boolean;
  readonly ingressUseWaypoint?: boolean;
}

/** istio.workload.LoadBalancing. */
export interface BalancingMessage {
  readonly routingPreference?: readonly string[];
  readonly mode?: string;
  readonly healthPolicy?: string;
}

/** istio.workload.Workload. */
export interface WorkloadMessage {
  readonly uid?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly addresses?: readonly string[];
  readonly hostname?: string;
  readonly network?: string;
  readonly tunnelProtocol?: string;
  readonly trustDomain?: string;
  readonly serviceAccount?: string;
  /** Through which other networks reach its own. */
  readonly networkGateway?: GatewayMessage;
  readonly waypoint?: GatewayMessage;
  readonly node?: string;
  readonly canonicalName?: string;
  readonly canonicalRevision?: string;
  readonly workloadType?: string;
  readonly workloadName?: string;
  readonly nativeTunnel?: boolean;
  readonly applicationTunnel?: { readonly protocol?: string; readonly port?: number };
  readonly services?: Readonly<Record<string, { readonly ports?: readonly PortMessage[] }>>;
  readonly authorizationPolicies?: readonly string[];
  readonly status?: string;
  readonly clusterId?: string;
  readonly locality?: { readonly region?: string; readonly zone?: string; readonly subzone?: string };
  readonly networkMode?: string;
  readonly capacity?: number;
}

/** istio.security.Authorization. */
export interface PolicyMessage {
  readonly name?: string;
  readonly namespace?: string;
  readonly scope?: string;
  readonly action?: string;
  readonly groups?: readonly GroupMessage[];
  /** Whether it is only tried out. */
  readonly dryRun?: boolean;
}

/** istio.security.Group: a rule of a policy, of which each clause must hold. */
export interface GroupMessage {
  readonly rules?: readonly { readonly matches?: readonly MatchMessage[] }[];
}

/** istio.security.StringMatch. */
interface TextMessage {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly presence?: object;
}

/** istio.security.ServiceAccountMatch. */
interface AccountMessage {
  readonly namespace?: string;
  readonly serviceAccount?: string;
}

/** istio.security.Address. */
export interface RangeMessage {
  readonly address?: string;
  readonly length?: number;
}

/** istio.security.Match. */
export interface MatchMessage {
  readonly namespaces?: readonly TextMessage[];
  readonly notNamespaces?: readonly TextMessage[];
  readonly principals?: readonly TextMessage[];
  readonly notPrincipals?: readonly TextMessage[];
  readonly serviceAccounts?: readonly AccountMessage[];
  readonly notServiceAccounts?: readonly AccountMessage[];
  readonly sourceIps?: readonly RangeMessage[];
  readonly notSourceIps?: readonly RangeMessage[];
  readonly destinationIps?: readonly RangeMessage[];
  readonly notDestinationIps?: readonly RangeMessage[];
  readonly destinationPorts?: readonly number[];
  readonly notDestinationPorts?: readonly number[];
}
