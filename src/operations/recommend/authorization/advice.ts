import type { Rule } from '../../../api/istio.gen.ts';
import type { CallSource } from '../call.ts';
import type { CommonReason, CommonReport, WrittenResource } from '../report.ts';

/** Where policies are decided: at the proxies or ztunnels of workloads, at the waypoint of a service, in all of a namespace. */
export type Guarded =
  | { readonly kind: 'workload'; readonly workloads: readonly string[]; readonly by: 'sidecar' | 'ztunnel' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'namespace'; readonly namespace: string };

/** An AuthorizationPolicy, and what it rests on. */
export interface AuthorizationAdvice {
  readonly manifest: WrittenResource;
  readonly guarded: Guarded;
  readonly callers: readonly KnownCaller[];
  /** Whether clients without mutual TLS are listened to: they have no principal, so that the policy refuses them. */
  readonly takesPlainText: boolean;
  /** What is let in without a principal, since the kubelet has none. */
  readonly probes: readonly ProbedPort[];
  /** Whether methods and paths were left out, for a request would have ended otherwise. */
  readonly isCoarse: boolean;
  /** A request that nothing declares, let in before and refused afterwards; undefined where none was found. */
  readonly refused: RefusedExample | undefined;
}

/** A principal that is let in, and what says that it calls. */
export interface KnownCaller {
  readonly principal: string;
  readonly sources: readonly CallSource[];
}

/** A port that the kubelet asks for the health of a container. */
export interface ProbedPort {
  readonly port: number;
  readonly path: string;
  readonly method: 'GET' | 'POST';
}

/** A request that nothing declares. */
export interface RefusedExample {
  readonly caller: string;
  readonly method: string;
  readonly url: string;
  /** HTTP status, 0 for a connection that ends without an answer. */
  readonly before: number;
  readonly after: number;
  /** Whether it gets nowhere afterwards. */
  readonly isRefused: boolean;
}

/** A workload, service or namespace for which no policy is recommended. */
export interface WithoutPolicy {
  readonly subject: string;
  readonly reason: AuthorizationReason;
}

/** Why no AuthorizationPolicy is recommended. */
export type AuthorizationReason =
  | CommonReason
  /** Whoever comes from outside has no identity. */
  | { readonly kind: 'gateway' }
  | { readonly kind: 'no proxy' }
  /** These call in plain text, so that nothing tells who they are. */
  | { readonly kind: 'plain text callers'; readonly callers: readonly string[] }
  /** These policies, `namespace/name`, allow requests already; another one could only let in more. */
  | {
      readonly kind: 'has policies';
      readonly policies: readonly string[];
      /** A request that nothing declares and that they let in. */
      readonly letsIn: RefusedExample | undefined;
    }
  /** A policy without a selector would be for this gateway, too. */
  | { readonly kind: 'gateway in namespace'; readonly gateway: string }
  | { readonly kind: 'root namespace' };

/** The answer. */
export type AuthorizationReport = CommonReport<AuthorizationAdvice, WithoutPolicy>;

/** The rules of a policy, as they are written. */
export type WrittenRules = readonly Rule[];
