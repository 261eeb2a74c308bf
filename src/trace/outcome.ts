import type { TextSource } from './recording/source.ts';
import type { Step } from './step.ts';

/** A host whose name nobody knows, so that there is no connection. */
export interface UnresolvedName {
  readonly unresolved: string;
  /** Nobody has the name, or the pods that it would stand for are not ready. */
  readonly because: 'unknown' | 'no ready pods' | 'of other clusters';
  /** Names that may be meant; of a Service of other clusters, these. */
  readonly near: readonly string[];
}

/** What an HTTP client speaks: gRPC over HTTP/2, WebSocket over HTTP/1.1. */
export type ClientProtocol = 'HTTP/1.1' | 'HTTP/2' | 'gRPC' | 'WebSocket';

/** A certificate that a client's own TLS shows. */
export interface ShownCertificate {
  /** Its names, URIs and DNS names. Without any it has those of a pod's identity; of a client outside it has a subject alone. */
  readonly subjectAltNames?: readonly string[];
  /** Whether who asks for it trusts the authority that has signed it; it does unless this is false. */
  readonly isTrusted?: boolean;
}

/** What a client asks for. */
export interface TraceRequest {
  /** The pod that asks, `namespace/name`. */
  readonly from: string;
  /** Where its connection goes. */
  readonly address: { readonly ip: string; readonly port: number } | UnresolvedName;
  /** The gateway whose address that is, for a client outside of several clusters in which it may be somebody's else. */
  readonly entersAt?: string;
  /** Whether addresses of Services lead nowhere by themselves, as where no node has kube-proxy: only proxies know where they go. */
  readonly isWithoutNodes?: boolean;
  /** What the connection carries: HTTP, HTTP in TLS, bytes of another protocol, such bytes in TLS. */
  readonly scheme: 'http' | 'https' | 'tcp' | 'tls';
  /** What an HTTP client speaks; HTTP/1.1 unless given. */
  readonly speaks?: ClientProtocol;
  /** Whether the client waits for the server to speak first, as those of MySQL and SMTP do. */
  readonly isServerFirst?: boolean;
  readonly method: string;
  /** The request target: a path, or an absolute URL as for a proxy. */
  readonly target: string;
  readonly authority: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Server name of its TLS; undefined for none. */
  readonly serverName?: string;
  /** What its TLS says is in it (ALPN), where that is not what its scheme and protocol are. */
  readonly applicationProtocols?: readonly string[];
  /** Whether its TLS shows a certificate where one is asked for, and which. */
  readonly clientCertificate?: boolean | ShownCertificate;
  /** Its address, where it is not the pod's own. */
  readonly sourceIp?: string;
  /** Tokens whose signature counts as valid. */
  readonly trustedTokens?: readonly string[];
  /** How long the client waits, in seconds. */
  readonly patience?: number;
  /** Whether steps that are details are left out; where many requests are tried, telling all that was passed over takes most of the time. */
  readonly isBrief?: boolean;
  /**
   * Whether ways on which the same bytes come to a proxy for a second time are left out, unless all do: where gateways hand connections
   * back and forth there are hundreds, and all that follows has been followed from the first time on. Shares are then those of all ways.
   */
  readonly isWithoutCircles?: boolean;
  /** Whether copies that are mirrored are left out: they change nothing for the request itself. */
  readonly isWithoutCopies?: boolean;
}

/** What a proxy writes into its access log. */
export interface AccessLogLine {
  /** The proxy, `namespace/name`. */
  readonly proxy: string;
  readonly side: 'INBOUND' | 'OUTBOUND' | '';
  readonly isHttp: boolean;
  readonly status: number;
  /** Response flags, `-` for none. */
  readonly flags: string;
  readonly details: string | null;
  readonly cluster: string | null;
  readonly route: string | null;
  readonly path: string | null;
  readonly authority: string | null;
  /** The address that the connection was for. */
  readonly local: string;
}

/** A proxy or server on the way. */
export interface Hop {
  readonly place: string;
  readonly side:
    | 'client'
    | 'outbound'
    | 'inbound'
    | 'gateway'
    | 'waypoint'
    | 'ztunnel outbound'
    | 'ztunnel inbound'
    | 'service'
    | 'server';
  readonly steps: readonly Step[];
  readonly log?: AccessLogLine;
}

/** A request that reached a server. */
export interface Delivery {
  readonly pod: string;
  /** Pods that the same request reaches in the same way, as often as this one, and that answer the same. */
  readonly kin?: readonly string[];
  readonly port: number | string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly isMirror: boolean;
  /** What the TLS asks for and shows that the server itself ends; absent without. */
  readonly tls?: NonNullable<OtherDelivery['tls']>;
  /** Where the headers come from, and the server name, that are not as they were sent; of requests that are recorded. */
  readonly sources?: ReadonlyMap<string, TextSource>;
}

/** What came to a server that is no pod's, or that got something else than HTTP. */
export interface OtherDelivery {
  /** The pod; where it is none's, the address or name with its port. */
  readonly place: string;
  readonly isOutside: boolean;
  /** The port of a pod. */
  readonly port?: number | string;
  /** As of a `Delivery`. */
  readonly kin?: readonly string[];
  readonly isMirror: boolean;
  /** The request, of HTTP. */
  readonly request?: Pick<Delivery, 'method' | 'path' | 'headers'>;
  /** What its TLS asks for and shows; absent without. */
  readonly tls?: { readonly serverName: string; readonly isMutual: boolean };
  /** Where all this comes from that is not as it was sent; of requests that are recorded. */
  readonly sources?: ReadonlyMap<string, TextSource>;
}

/** A copy of a request that a route mirrors. */
export interface Copy {
  /** Its way, from the client on; the copies that are made of it are not on it. */
  readonly hops: readonly Hop[];
  /** How many of the hops are those of the request, too; the last of these makes the copy. */
  readonly shared: number;
  readonly deliveries: readonly Delivery[];
  readonly otherDeliveries: readonly OtherDelivery[];
}

/** How a request ends, one of the ways it can go. */
export interface Outcome {
  /** How often it goes this way, 0 to 1. */
  readonly share: number;
  /** HTTP status that the client gets, 0 for none. */
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Seconds until the client has its answer. */
  readonly seconds: number;
  readonly hops: readonly Hop[];
  readonly logs: readonly AccessLogLine[];
  readonly deliveries: readonly Delivery[];
  /** What came to other servers than those of deliveries; absent where nothing did. */
  readonly otherDeliveries?: readonly OtherDelivery[];
  /** Those that are mirrored, with what also stands among the deliveries; absent where there are none. */
  readonly copies?: readonly Copy[];
  /** Where headers of the answer come from that are made of the request; of one that is recorded. */
  readonly headerSources?: ReadonlyMap<string, TextSource>;
}
