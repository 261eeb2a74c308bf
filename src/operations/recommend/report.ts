import type { Location } from '../../diagnostics/diagnostic.ts';
import type { UserError } from '../../diagnostics/user-error.ts';
import type { Labels } from '../../resource/resource.ts';
import type { ChangedRequest } from './follow-calls.ts';
import type { UnknownObservation } from './observed/resolve.ts';

/** A resource as it is to be written. */
export interface WrittenResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

/** How much istiod sends to a proxy: bytes of it as JSON, and listeners, routes (virtual hosts), clusters and endpoints. */
export interface ConfigurationSize {
  readonly bytes: number;
  readonly resources: number;
}

/** What was compared to say that nothing changes. */
export interface Proof {
  /** The calls, by caller and port of a host. */
  readonly calls: number;
  /** Those of which every request is known to meet the same configuration, whatever its path, method and headers. */
  readonly whole: number;
  /** Those of all calls that end as before only if what is taken for granted holds. */
  readonly assuming: number;
  /** What is taken for granted of these: what is not simulated, by name. */
  readonly assumptions: readonly string[];
  /** The requests that were followed before and after. */
  readonly requests: number;
}

/** What recommendations of all kinds tell beside themselves. */
export interface CommonReport<Advice, Skipped> {
  readonly advice: readonly Advice[];
  readonly skipped: readonly Skipped[];
  readonly proof: Proof;
  readonly unused: UnusedSources;
}

/** Sources that could not be used. */
export interface UnusedSources {
  readonly strangers: readonly { readonly location: Location; readonly error: UserError }[];
  readonly unknown: readonly UnknownObservation[];
}

/** Why nothing is recommended where something is asked for, whichever kind it is. */
export type CommonReason =
  /** Nothing says what it calls, or who calls it. */
  | { readonly kind: 'nothing declared' }
  /** Of a namespace: nothing is declared for these of its workloads. */
  | { readonly kind: 'some undeclared'; readonly workloads: readonly string[] }
  /** No labels select its pods alone. */
  | { readonly kind: 'no labels of its own' }
  /** Requests would end otherwise. */
  | { readonly kind: 'would change'; readonly requests: readonly ChangedRequest[] };

/** Labels that select workloads; none for all of a namespace. */
export type Selector = Labels | undefined;
