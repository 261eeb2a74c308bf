import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Change } from './changes.ts';

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

/** What a client notices of one request; texts, so that they can be compared and printed. */
export type Noticed = Readonly<Record<string, string>>;

/** A request, for people. */
export interface RequestLabel {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Requests to one host that end otherwise than before. */
export interface RequestChange {
  readonly requests: readonly RequestLabel[];
  /** The clients that see the same change: workloads, or gateways that the request enters through. */
  readonly from: readonly string[];
  /** What differs: by aspect, before and after. */
  readonly differences: Readonly<Record<string, readonly [before: string, after: string]>>;
}

/** What became of the findings of analysis. */
export interface FindingChanges {
  readonly introduced: readonly Diagnostic[];
  readonly fixed: readonly Diagnostic[];
  readonly unchanged: number;
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
    /** What limits the answer, in words. */
    readonly notes: readonly string[];
  };
  readonly findings: FindingChanges;
}

/** Whether the report tells of any change; findings that were there before are none. */
export function hasChanges({ proxies, causes, requests, findings }: DiffReport): boolean {
  return (
    proxies.added.length + proxies.removed.length + causes.length + requests.changed.length > 0 ||
    findings.introduced.length + findings.fixed.length > 0
  );
}
