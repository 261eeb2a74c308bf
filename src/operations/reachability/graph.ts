import type { ExplorationLimit } from '../../exploration/exploration-limit.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import type { Decision } from '../../trace/decision.ts';
import type { Fact } from '../../trace/step.ts';

/** What becomes of requests from one workload to one port of a host. */
export type Access =
  /** All requests that were tried get there. */
  | 'allowed'
  /** Some do; policies tell them apart. */
  | 'partly'
  /** A policy refuses them. */
  | 'denied'
  /** The client's proxy knows no way to it, or the connection fails. */
  | 'unreachable'
  /** The client's proxy does not know the host and lets the bytes pass as they are. */
  | 'passthrough';

/** Why requests get to a server, or why they do not. */
export type Reason =
  /** A rule (from 1) of an ALLOW policy, `namespace/name`, matches. */
  | { readonly kind: 'allowed'; readonly policy: string; readonly rule: number }
  | Exclude<Decision, { readonly kind: 'nobody allows' }>
  /** None of these policies allows it; those of the server, where they are known. */
  | { readonly kind: 'not allowed'; readonly policies: readonly string[] }
  /** The proxy of the caller does not know the host; with REGISTRY_ONLY it lets nothing through. */
  | { readonly kind: 'unknown host'; readonly isBlocked: boolean }
  | { readonly kind: 'no healthy endpoints' }
  | { readonly kind: 'missing cluster' }
  | { readonly kind: 'no route'; readonly proxy: string }
  | { readonly kind: 'no filter chain'; readonly proxy: string }
  | { readonly kind: 'connection fails' }
  /** The last that happened. */
  | { readonly kind: 'last step'; readonly fact: Fact }
  | { readonly kind: 'status'; readonly status: number };

/** How a connection is secured. */
export type Security = 'mutual TLS' | 'TLS' | 'TLS of the caller' | 'plain';

/** A party of the graph. */
export interface GraphNode {
  /** `[cluster/]namespace/workload`, or the host outside the mesh. */
  readonly id: string;
  /** Its cluster, where there are several. */
  readonly cluster?: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: 'workload' | 'gateway' | 'ambient' | 'without sidecar' | 'external' | 'outside';
  /** How many pods it has. */
  readonly pods: number;
}

/** A way from one party to one port of a host. */
export interface GraphEdge {
  readonly from: string;
  /** Who serves the host: those that requests reached, else those that would. */
  readonly to: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly access: Access;
  /** How the last connection is secured, in all the ways that occur; empty where there is none. */
  readonly tls: readonly Security[];
  /** Policies that decide, and other reasons. */
  readonly because: readonly Reason[];
  /** Requests that get there and that do not, as far as they differ. */
  readonly passing: readonly string[];
  readonly failing: readonly string[];
  /** What all requests over the way that get there have in common, where not all do, and what those that do not. */
  readonly demands?: Demands;
  /** What is not simulated on the way and is taken to make no difference. */
  readonly assumptions?: readonly string[];
  /** Where it was too much to tell of all requests. */
  readonly gaveUp?: WayLimit;
}

/** Which of all requests over a way get through. */
export interface Demands {
  /** Undefined where it takes too many words. */
  readonly passing?: SetDescription;
  readonly refused: readonly { readonly because: readonly Reason[]; readonly which?: SetDescription }[];
}

/** What was too much: so many of something, after so many classes of requests. */
export interface WayLimit {
  readonly at: ExplorationLimit['at'] | 'classes of all ways';
  readonly limit: number;
  readonly tried: number;
}

/** Who can call whom. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly notes: readonly GraphNote[];
}

/** In which respect a graph is less than all. */
export type GraphNote =
  /** A pod stands for many that are alike; each would be a party by itself. */
  | { readonly kind: 'alike'; readonly id: string; readonly pods: number }
  /** There are more callers than ways can be tried for. */
  | { readonly kind: 'callers left out'; readonly shown: number; readonly callers: number }
  /** These, which are not simulated, may stop so many of the ways that are shown as allowed. */
  | { readonly kind: 'network policies'; readonly policies: readonly string[]; readonly ways: number };

/** What became of one request. */
export interface Attempt {
  /** For people. */
  readonly request: string;
  readonly end: 'delivered' | 'denied' | 'unreachable' | 'passthrough';
  readonly to: readonly string[];
  /** Undefined where there was no connection. */
  readonly tls: Security | undefined;
  /** The policy that refused or let it pass, or why it ended. */
  readonly because: readonly Reason[];
}

/** What all requests over one way do, as far as that is asked. */
export interface ExploredWay extends Pick<GraphEdge, 'demands' | 'gaveUp'> {
  /** An attempt for each class of requests, on each of its ways. */
  readonly attempts: readonly Attempt[];
  readonly assumptions: readonly string[];
}

/** What attempts over one way make of an edge, whoever it begins at; `servers` are those that should answer. */
export function wayOf(
  way: Pick<GraphEdge, 'host' | 'port' | 'protocol'>,
  servers: readonly string[],
  tried: readonly Attempt[],
  explored: ExploredWay | undefined,
): Omit<GraphEdge, 'from'> {
  const attempts = explored === undefined ? tried : withOtherEndings(tried, explored.attempts);
  const passing = attempts.filter(({ end }) => end === 'delivered');
  const failing = attempts.filter(({ end }) => end !== 'delivered');
  const access = accessOf(attempts);
  // Who has a host outside of the mesh has no other name.
  const outside = servers.length === 1 && servers[0] === way.host ? servers : [];
  const reached = unique(passing.flatMap(({ to }) => (to.length > 0 ? to : outside)));
  const isMixed = passing.length > 0 && failing.length > 0;
  return {
    ...way,
    to: reached.length > 0 ? reached : servers,
    access,
    tls: unique(passing.flatMap(({ tls }) => tls ?? [])),
    because: [...new Map(attempts.flatMap(({ because }) => because).map((reason) => [JSON.stringify(reason), reason])).values()],
    passing: isMixed ? unique(passing.map(({ request }) => request)) : [],
    failing: isMixed ? unique(failing.map(({ request }) => request)) : [],
    ...(explored?.demands !== undefined && { demands: explored.demands }),
    ...(explored !== undefined && explored.assumptions.length > 0 && { assumptions: explored.assumptions }),
    ...(explored?.gaveUp !== undefined && { gaveUp: explored.gaveUp }),
  };
}

/** Attempts with those of others that end in another way than all of them. */
function withOtherEndings(attempts: readonly Attempt[], others: readonly Attempt[]): readonly Attempt[] {
  const known = new Set(attempts.map(endingKey));
  const fresh = new Map(others.filter((one) => !known.has(endingKey(one))).map((one) => [endingKey(one), one]));
  return [...attempts, ...fresh.values()];
}

function endingKey({ end, to, tls, because }: Attempt): string {
  return JSON.stringify([end, to, tls, because]);
}

function accessOf(attempts: readonly Attempt[]): Access {
  const ends = new Set(attempts.map(({ end }) => end));
  if (ends.has('delivered')) return ends.size === 1 ? 'allowed' : 'partly';
  if (ends.has('denied')) return 'denied';
  return ends.has('passthrough') ? 'passthrough' : 'unreachable';
}

function unique<T extends string>(texts: readonly T[]): readonly T[] {
  return [...new Set(texts)];
}
