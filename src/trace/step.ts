import type { Origin } from '../util/origin.ts';
import type { LeftAlone } from './interception.ts';

/** One thing that a proxy or server did with a request, and what in the configuration made it do so. */
export type Step = Fact & {
  /** What was passed over is told only when asked for. */
  readonly isDetail: boolean;
  readonly origin?: Origin;
};

/**
 * What happened in a step, as data: `kind` and `event` say what, the rest with which values. `name` is that of the Envoy resource
 * or of its part. Sentences are made of it in output/trace/words.ts and nowhere else.
 */
export type Fact = { readonly name: string } & (
  | ListenerFact
  | FilterChainFact
  | TlsFact
  | FilterFact
  | PolicyFact
  | RouteFact
  | UpstreamFact
  | ResponseFact
  | NoteFact
  | NameFact
  | ServiceFact
  | ZtunnelFact
  | TunnelFact
  | ServerFact
);

type HttpVersion = 'HTTP/1.1' | 'HTTP/2';

/** What filter chains are chosen by. */
export interface ConnectionFacts {
  readonly port: number;
  readonly isTls: boolean;
  readonly serverName: string;
  readonly applicationProtocols: readonly string[];
}

type ListenerFact =
  | {
      readonly kind: 'listener';
      readonly event: 'takes the connection';
      readonly destination: string;
      /** The listener that handed the connection over. */
      readonly handedOverBy?: string;
    }
  | { readonly kind: 'listener filter'; readonly event: 'off'; readonly port: number }
  | {
      readonly kind: 'listener filter';
      readonly event: 'finds TLS';
      readonly serverName: string;
      readonly applicationProtocols: readonly string[];
    }
  | { readonly kind: 'listener filter'; readonly event: 'finds HTTP'; readonly version: HttpVersion }
  /** It needs the first bytes of a client that waits for the server's; 0 seconds are for ever. */
  | { readonly kind: 'listener filter'; readonly event: 'waits for the client'; readonly seconds: number }
  | { readonly kind: 'listener filter'; readonly event: 'not simulated' };

type FilterChainFact =
  | { readonly kind: 'filter chain'; readonly event: 'passed over'; readonly condition: string }
  | { readonly kind: 'filter chain'; readonly event: 'none fits'; readonly connection: ConnectionFacts }
  | { readonly kind: 'filter chain'; readonly event: 'fits'; readonly connection: ConnectionFacts }
  | { readonly kind: 'filter chain'; readonly event: 'default' };

type TlsFact =
  | { readonly kind: 'tls'; readonly event: 'client speaks none' }
  | { readonly kind: 'tls'; readonly event: 'client refuses'; readonly reason: string }
  /** The proxy has no certificate to show, or no authority to check the client's with. */
  | { readonly kind: 'tls'; readonly event: 'secret missing'; readonly secret: string }
  | { readonly kind: 'tls'; readonly event: 'proxy refuses'; readonly reason: string }
  | { readonly kind: 'tls'; readonly event: 'established'; readonly isMutual: boolean; readonly identities: readonly string[] };

type FilterFact = { readonly kind: 'filter' } & (
  | { readonly event: 'expects HTTP'; readonly got: 'TLS' | 'something else' }
  /** An upgrade over HTTP/2 is a CONNECT, which the connection manager does not take. */
  | { readonly event: 'no upgrade over HTTP/2' }
  | { readonly event: 'name not resolved'; readonly host: string }
  | { readonly event: 'CORS policy not enforced' }
  | { readonly event: 'CORS preflight answered'; readonly requestOrigin: string; readonly isAllowed: boolean }
  | { readonly event: 'CORS origin checked'; readonly requestOrigin: string; readonly isAllowed: boolean }
  | { readonly event: 'delay'; readonly seconds: number }
  | { readonly event: 'abort'; readonly httpStatus?: number; readonly grpcStatus?: number }
  | { readonly event: 'token refused'; readonly problem: string }
  | { readonly event: 'token accepted'; readonly issuers: readonly string[] }
  | { readonly event: 'token absent' }
  | { readonly event: 'authorizer not asked' }
  | { readonly event: 'authorizer allows' }
  | { readonly event: 'authorizer denies'; readonly status: number }
  | { readonly event: 'authorizer fails'; readonly isAllowed: boolean; readonly of: 'request' | 'connection' }
  | { readonly event: 'cluster by server name'; readonly serverName: string }
);

/** What a policy decides. Without a policy that matches, the name is that of the filter. */
interface PolicyFact {
  readonly kind: 'policy';
  readonly event: 'decides' | 'would decide';
  readonly of: 'request' | 'connection';
  /** ALLOW, DENY or LOG. */
  readonly action: string;
  /** Whether one of the policies matches. */
  readonly isMatch: boolean;
  readonly isAllowed: boolean;
  /** What the connection lacks, where the policy is made of a PeerAuthentication. */
  readonly demands?: 'mutual TLS';
}

type RouteFact =
  | { readonly kind: 'virtual host'; readonly event: 'chosen'; readonly routeConfiguration: string; readonly domain: string }
  | { readonly kind: 'virtual host'; readonly event: 'none fits'; readonly authority: string }
  | { readonly kind: 'route'; readonly event: 'chosen anew' }
  | { readonly kind: 'route'; readonly event: 'no configuration' }
  | { readonly kind: 'route'; readonly event: 'passed over'; readonly condition: string }
  | { readonly kind: 'route'; readonly event: 'none matches' }
  | { readonly kind: 'route'; readonly event: 'matches' }
  | {
      readonly kind: 'route';
      readonly event: 'weight';
      readonly weight: number;
      readonly total: number;
      readonly cluster: string;
    }
  | {
      readonly kind: 'route';
      readonly event: 'limits';
      /** In seconds. */
      readonly timeout?: number;
      readonly retries?: { readonly most: number; readonly on: string };
    }
  | { readonly kind: 'rewrite'; readonly event: 'path' | 'host'; readonly before: string; readonly after: string }
  | { readonly kind: 'headers'; readonly event: 'changed'; readonly changes: readonly HeaderChange[] };

/** What is done to a header on the way. */
export interface HeaderChange {
  readonly operation: 'remove' | 'set' | 'add';
  readonly header: string;
  readonly value?: string;
}

type UpstreamFact =
  | { readonly kind: 'cluster'; readonly event: 'missing'; readonly status?: number }
  | { readonly kind: 'cluster'; readonly event: 'takes the request'; readonly type: string; readonly loadBalancing?: string }
  | { readonly kind: 'cluster'; readonly event: 'takes the connection' }
  | { readonly kind: 'endpoint'; readonly event: 'none'; readonly of: 'request' | 'connection' }
  | {
      readonly kind: 'endpoint';
      readonly event: 'chosen';
      readonly security: ConnectionSecurity;
      readonly version?: HttpVersion;
    }
  | { readonly kind: 'mirror'; readonly event: 'copied' | 'cluster missing' }
  | {
      readonly kind: 'retry';
      readonly event: 'fails';
      readonly attempt: number;
      readonly attempts: number;
      /** Envoy's response code details. */
      readonly details: string;
    };

/** How a connection of a proxy to an endpoint is secured. */
export interface ConnectionSecurity {
  readonly hasProxyProtocol: boolean;
  /** Whether it leads to a listener of the proxy itself, which opens a tunnel. */
  readonly isInternal?: boolean;
  /** Undefined for plain text. */
  readonly tls?: {
    readonly isMutual: boolean;
    readonly serverName: string;
    readonly applicationProtocols: readonly string[];
  };
}

type ResponseFact = { readonly kind: 'response' } & (
  | { readonly event: 'redirect to TLS'; readonly location: string }
  | { readonly event: 'redirect'; readonly location: string; readonly status: number }
  | { readonly event: 'direct'; readonly status: number }
  | { readonly event: 'timeout'; readonly seconds: number }
  | { readonly event: 'no tunnel' }
  | { readonly event: 'no upgrade'; readonly upgrade: string }
  | { readonly event: 'no connection'; readonly reason: string }
);

/** What is not simulated, and how it is taken to go. */
type NoteFact = { readonly kind: 'note' } & (
  | { readonly event: 'HTTP filter not simulated'; readonly does?: 'rate limits' | 'Lua' | 'WebAssembly' }
  | { readonly event: 'network filter not simulated' }
  | { readonly event: 'authorizer unknown'; readonly of: 'request' | 'connection' }
  | { readonly event: 'tunnel not simulated' }
  /** Formats make it longer than any server takes. */
  | { readonly event: 'header cut' }
  /** The same of what is noted for others, and of names of tunnels. */
  | { readonly event: 'text cut' }
  /** The rules of a sidecar redirect IPv4 alone, and the connection is over IPv6; or annotations of the pod leave it out. */
  | { readonly event: 'past the sidecar'; readonly pod: string; readonly because: LeftAlone }
  /** The manifests hold no Secrets at all. */
  | { readonly event: 'secret unknown'; readonly secret: string }
);

/** The client's resolver does not know the name. */
interface NameFact {
  readonly kind: 'name';
  readonly event: 'does not resolve';
  readonly because: 'unknown' | 'no ready pods' | 'of other clusters';
  /** Names that may be meant; of a Service of other clusters, these. */
  readonly near: readonly string[];
}

/** What the nodes make of a connection to the address of a Service (kube-proxy); the name is `namespace/name:port`. */
type ServiceFact = { readonly kind: 'service' } & (
  | { readonly event: 'forwards'; readonly to: string }
  | { readonly event: 'no endpoints' }
  | { readonly event: 'no such port'; readonly port: number }
);

/** What ztunnel does with a connection that leaves a pod, or that arrives at one. */
type ZtunnelFact = { readonly kind: 'ztunnel' } & (
  | { readonly event: 'takes the connection' | 'takes plain text'; readonly destination: string }
  | { readonly event: 'finds the service'; readonly port: number }
  | { readonly event: 'no endpoint' | 'no such port'; readonly port: number }
  | { readonly event: 'goes to the waypoint'; readonly of: 'service' | 'workload' }
  | { readonly event: 'no waypoint'; readonly of: 'service' | 'workload'; readonly because: 'unknown' | 'no endpoint' }
  | { readonly event: 'passes through'; readonly because: 'unknown' | 'passthrough' }
  | { readonly event: 'sends plainly' }
  | { readonly event: 'opens a tunnel'; readonly target: string; readonly identity: string }
  | { readonly event: 'no tunnel' | 'takes no tunnel'; readonly reason: string }
  | { readonly event: 'takes the tunnel'; readonly target: string; readonly identity: string }
  /** The name of the workload is not known to any resolver. */
  | { readonly event: 'no address' }
  /** The tunnel is for somebody else. */
  | { readonly event: 'not meant for it' }
  /** A port of ztunnel's own. */
  | { readonly event: 'own port'; readonly port: number }
  /** A tunnel within a tunnel, to another network. */
  | { readonly event: 'opens two tunnels'; readonly target: string; readonly identity: string; readonly network: string }
  /** To another network, whose name is that of the fact. */
  | { readonly event: 'no network gateway'; readonly because: 'none' | 'unknown' | 'no endpoint' }
);

/** A tunnel (HBONE) that Envoy opens or ends; the name is where it ends, or the cluster that gets what was in it. */
type TunnelFact = { readonly kind: 'tunnel' } & (
  | { readonly event: 'opens'; readonly target: string; readonly security: ConnectionSecurity }
  /** It ends here, and what was in it goes on to a listener of the proxy itself. */
  | { readonly event: 'ends'; readonly target: string }
  | { readonly event: 'fails'; readonly reason: string }
);

type ServerFact = { readonly kind: 'server' } & (
  | { readonly event: 'request'; readonly method: string; readonly path: string }
  | { readonly event: 'no HTTP' }
  /** A connection of another protocol. */
  | { readonly event: 'connection' }
  | { readonly event: 'outside' }
  /** A pod, `cluster/namespace/name`, has the address, on a network that is not reached; or a Service of another cluster. */
  | { readonly event: 'on another network' | 'of another cluster'; readonly owner: string; readonly within: string }
  /** A Service, `namespace/name`, has the address on the other side of a comparison alone. */
  | { readonly event: 'of the other side'; readonly owner: string }
  /** A server ends the TLS of the proxy, and finds that of the client where it looks for a request. */
  | { readonly event: 'TLS in TLS' }
);
