import type { ResourceOf } from '../../../resource/resource.ts';
import type { CallingWorkload } from '../callers.ts';
import type { CommonReason, CommonReport, ConfigurationSize, WrittenResource } from '../report.ts';
import type { EgressHost } from './egress-hosts.ts';

/** A Sidecar, for whom it is, and what it saves. */
export interface SidecarAdvice {
  readonly manifest: WrittenResource;
  /** `namespace/workload`. */
  readonly workloads: readonly string[];
  readonly hosts: readonly EgressHost[];
  /** Whether the manifests have a Sidecar of that name, in whose place it is. */
  readonly replaces: boolean;
  readonly savings: readonly Saving[];
}

/** What one proxy of a workload gets, before and after. */
export interface Saving {
  readonly workload: string;
  readonly proxies: number;
  readonly before: ConfigurationSize;
  readonly after: ConfigurationSize;
}

/** A workload or namespace for which no Sidecar is recommended. */
export interface WithoutSidecar {
  readonly subject: string;
  readonly reason: SidecarReason;
}

/** Why no Sidecar is recommended. */
export type SidecarReason =
  | CommonReason
  /** Sidecars are for sidecars alone. */
  | { readonly kind: 'no sidecar'; readonly is: Exclude<CallingWorkload['kind'], 'workload'> }
  /** A Sidecar with egress listeners of its own, `namespace/name`, is more than a list of hosts. */
  | { readonly kind: 'egress listeners'; readonly sidecar: string }
  /** Of two that select a pod the older counts, and this one selects other workloads too. */
  | { readonly kind: 'selected together'; readonly sidecar: string }
  /** What is there sends no more. */
  | { readonly kind: 'nothing to save' }
  /** A Sidecar without a selector in the root namespace is for the whole mesh. */
  | { readonly kind: 'root namespace' };

/** The answer. */
export type SidecarReport = CommonReport<SidecarAdvice, WithoutSidecar>;

/** A Sidecar among the manifests. */
export type SidecarResource = ResourceOf<'Sidecar'>;
