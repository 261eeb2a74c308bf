/** A pod, or a server that plays one, as far as a connection can tell. */
export interface TracePod {
  /** Its cluster and network, where there are several clusters; a network without a name is every one's. */
  readonly cluster?: string;
  readonly network?: string;
  readonly name: string;
  readonly namespace: string;
  /** Addresses that reach it; the first is its own. */
  readonly ips: readonly string[];
  /** Ports that its containers listen on. */
  readonly ports: readonly number[];
  /** Unix sockets that its containers listen on. */
  readonly sockets: readonly string[];
  /** SPIFFE identity of its certificate. */
  readonly identity: string;
  /** What stands in front of its containers. */
  readonly proxy: 'none' | 'sidecar' | 'gateway' | 'waypoint';
  /** Whether its traffic is led through the sidecar (interception mode REDIRECT or TPROXY). */
  readonly isIntercepted: boolean;
  /** Whether that is so of connections over IPv6 too; those over IPv4 always are. */
  readonly isIpv6Intercepted: boolean;
  /** What annotations leave to the pod all the same. */
  readonly interception?: Interception;
  readonly workloadName: string;
  readonly nodeName?: string;
  /** Pods with the same text here have the same configuration and the same server: what one does, all do. */
  readonly kin?: string;
}

/**
 * Which connections the annotations of a pod (`traffic.sidecar.istio.io/...`) leave to the pod itself, as istio
 * tools/istio-iptables/pkg/capture makes rules of them. Of what is included, undefined is all.
 */
export interface Interception {
  readonly includeInboundPorts: readonly number[] | undefined;
  /** Counts where all ports are included. */
  readonly excludeInboundPorts: readonly number[];
  readonly includeOutboundRanges: readonly string[] | undefined;
  readonly excludeOutboundRanges: readonly string[];
  /** Redirected whatever ranges are included. */
  readonly includeOutboundPorts: readonly number[];
  readonly excludeOutboundPorts: readonly number[];
}
