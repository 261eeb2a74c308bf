import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change } from '../../diff/changes.ts';
import type { ExplorationLimit } from '../../exploration/exploration-limit.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import type { UnderLoad } from '../../trace/recording/recorder.ts';
import type { LocatedReason } from '../why/located.ts';
import type { Noticed } from './noticed.ts';

/** An edit of a resource of the input. */
export interface Edit {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** The field, for people; empty for the resource as a whole. */
  readonly where: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Where it stands: on the new side, of something removed on the old one. */
  readonly file: string;
  readonly line?: number;
}

/** A resource of the input that differs between the sides and so changes what proxies get. */
export interface Cause {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly file: string;
  readonly line?: number;
  readonly edits: readonly Edit[];
}

/** Changes that the same proxies get. */
export interface ChangeGroup {
  /** `namespace/name`. */
  readonly proxies: readonly string[];
  readonly changes: readonly Change[];
}

/** All that has the same cause; several resources where only together they make the change, none where nothing explains it. */
export interface CauseGroup {
  readonly causes: readonly Cause[];
  readonly groups: readonly ChangeGroup[];
}

/** A request, for people. */
export interface RequestLabel {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The names of the certificate that its client shows; absent without one, empty where any will do. */
  readonly clientCertificate?: readonly string[];
}

/** Who sends requests: pods of a workload, the outside through a workload that is a gateway, a pod that has no sidecar, whoever it is. */
export type RequestClient =
  | { readonly kind: 'workload' | 'gateway'; readonly workload: string }
  | { readonly kind: 'without-sidecar' | 'anybody' };

/** Requests to one host that end otherwise than before. */
export interface RequestChange {
  readonly requests: readonly RequestLabel[];
  /** The clients that see the same change. */
  readonly from: readonly RequestClient[];
  /** What differs: by aspect, before and after. */
  readonly differences: {
    readonly [Aspect in keyof Noticed]?: readonly [before: Known<Noticed[Aspect]>, after: Known<Noticed[Aspect]>];
  };
  /** All requests from there that end otherwise in this way, where that is known. */
  readonly which?: ChangedRequests;
  /** Why they reach nobody afterwards, where the move to ambient mode or back makes them. */
  readonly why?: readonly LocatedReason[];
}

/** Requests that end otherwise in one way. */
export interface ChangedRequests extends SetDescription {
  /** Set where some that are rarely sent, of which nothing is said here, end otherwise in another way. */
  readonly areOthersUnusual?: true;
}

type Known<T> = Exclude<T, undefined>;

/** Requests that nobody sends as a rule: for a tunnel, another protocol or leave to ask, or with a path that proxies make another of. */
export interface UnusualRequests {
  readonly classes: number;
  readonly example: RequestLabel;
}

/** Whether all requests, not only those that were tried, end as before or in one of the ways that are told. */
export interface RequestProof {
  /** So many classes of requests were looked at. */
  readonly classes: number;
  /** What both sides do alike and is not simulated: it is taken to make no difference. */
  readonly assumptions: readonly string[];
  /** Where it is not proven; nowhere if it is. */
  readonly doubts: readonly Doubt[];
  /** What differs only where servers fail or many requests come; all else is said of servers that are well. */
  readonly underLoad: readonly LoadDifference[];
  /** Of which requests it was not asked, since others end otherwise: of these nothing is said. */
  readonly unasked: readonly UnaskedRequests[];
}

/**
 * Rare requests of pods without a sidecar, to ports that no Service, policy or container names, and of bytes or TLS of their own; those to
 * addresses of pods that ztunnel stands before.
 */
export type UnaskedRequests = 'ports that nothing names' | 'addresses of pods' | 'other protocols without a sidecar';

/** Requests that end alike as long as servers are well and requests few. */
export interface LoadDifference {
  readonly from: RequestClient;
  readonly to: string;
  readonly what: readonly UnderLoad[];
  readonly request: RequestLabel;
}

/** Requests of which it is not proven how they end. */
export type Doubt = {
  readonly from: RequestClient;
  readonly to: string;
} /** There are too many classes of them, or too much to work out. */ & (
  | { readonly because: 'too much'; readonly at: ExplorationLimit['at']; readonly limit: number; readonly compared: number }
  /** So many classes were looked at elsewhere, where others ended otherwise or were too much. */
  | { readonly because: 'not looked at'; readonly after: number }
  /** What is not simulated differs, or decides by what cannot be told of the request. */
  | { readonly because: 'not known'; readonly what: readonly string[]; readonly request: RequestLabel }
  /** This one ends as before, but what it becomes is made by another rule. */
  | { readonly because: 'made otherwise'; readonly request: RequestLabel }
  /** What the network itself lets through differs, or whom that is about. */
  | { readonly because: 'network policy'; readonly policy: string; readonly is: 'added' | 'removed' | 'changed' | 'about others' }
  /** What a controller that is not Istio's leads in differs. */
  | { readonly because: 'other entrance'; readonly is: 'added' | 'removed' | 'changed' }
  /** These clusters differ, and something that is not followed may ask them: the filter, field or other part that does. */
  | { readonly because: 'not met'; readonly by: string }
);

/** A request that is refused as before, by another policy of authorization. */
export interface OtherRefusal {
  readonly request: RequestLabel;
  readonly from: RequestClient;
  readonly before: Known<Noticed['policy']>;
  readonly after: Known<Noticed['policy']>;
}

/** What became of the findings of analysis. */
export interface FindingChanges {
  readonly introduced: readonly Diagnostic[];
  readonly fixed: readonly Diagnostic[];
  readonly unchanged: number;
}

/** A resource that stops deciding in ambient mode, or decides something else. */
export interface SilentResource {
  /** What is wrong, with its place. */
  readonly finding: Diagnostic;
  readonly fix: string;
  /** A request that shows it; without differences where it meets the resource before and not afterwards. */
  readonly witness?: RequestChange;
}

/** What a move between sidecars and ambient mode does. */
export interface Migration {
  /** The workloads, `namespace/name`, that have sidecars before and ztunnel afterwards. */
  readonly toAmbient: readonly string[];
  /** The other way round. */
  readonly toSidecars: readonly string[];
  /** The proxies that the mode of istiod changes by itself; these changes are not among the others. */
  readonly switched: readonly string[];
  readonly silent: readonly SilentResource[];
}

/** All that differs between two configurations of a mesh. */
export interface DiffReport {
  readonly before: string;
  readonly after: string;
  readonly proxies: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly unchanged: number;
  };
  readonly causes: readonly CauseGroup[];
  readonly requests: {
    readonly changed: readonly RequestChange[];
    /** How many requests were tried. */
    readonly tried: number;
    /** Whether there are more kinds of requests than were tried. */
    readonly isCut: boolean;
    /** Those that end otherwise beside `changed`, which are not told one by one. */
    readonly unusual?: UnusualRequests;
    /** Refusals that come from another policy than before, one of each pair of policies; such requests end as before. */
    readonly refusedByOthers?: readonly OtherRefusal[];
    /** What is known of all requests; absent where none were tried, and where no request meets what has changed. */
    readonly proof?: RequestProof;
    /** What that proves of all requests: that they end as before, or that all but those that are told do; absent where it proves neither. */
    readonly proven?: 'all as before' | 'all others as before';
  };
  readonly findings: FindingChanges;
  /** Where workloads move, or istiod changes its mode. */
  readonly migration?: Migration;
}

/** Whether it is proven that every request ends as before, and no proxy comes or goes. */
export function endsAllEqual({
  requests: { proven, proof },
  proxies,
}: Pick<DiffReport, 'proxies'> & { readonly requests: Pick<DiffReport['requests'], 'proven' | 'proof'> }): boolean {
  const isUnderLoad = proof !== undefined && proof.underLoad.length > 0;
  return proven === 'all as before' && !isUnderLoad && proxies.added.length + proxies.removed.length === 0;
}

/** Whether there is something to tell: a change, or that it is not proven of all requests that they end as before. */
export function isWorthTelling(report: DiffReport): boolean {
  const { doubts = [], underLoad = [] } = report.requests.proof ?? {};
  return hasChanges(report) || doubts.length + underLoad.length > 0;
}

/** Whether the report tells of any change; findings that were there before are none. */
export function hasChanges({ proxies, causes, requests, findings, migration }: DiffReport): boolean {
  return (
    migration !== undefined ||
    proxies.added.length + proxies.removed.length + causes.length + requests.changed.length > 0 ||
    findings.introduced.length + findings.fixed.length > 0
  );
}
