import type { Absent, Diagnostic, Location, Path, Related, ResourceRef, Severity } from './diagnostic.ts';

/** What a problem is about. */
export interface Subject {
  readonly location?: Location;
  readonly resource?: ResourceRef;
  readonly path?: Path;
  readonly related?: readonly Related[];
  readonly reference?: string;
  readonly missingHost?: string;
  readonly absent?: Absent;
}

/** What is to be known of a kind of problem without an input that has it: what `mesh explain`, SARIF and docs/findings.md tell. */
export interface Definition {
  /**
   * Never reused. `IST....` are Istio's own; MESH00xx reading and decoding, MESH01xx schemas, MESH1xxx what Istio leaves out,
   * MESH2xxx what is valid and does not do what it says, MESH3xxx what a mesh does that statements beside it forbid.
   */
  readonly code: string;
  /** A short name in words with hyphens, as unique as the code. */
  readonly name: string;
  /** Unless what is known of the input says otherwise (findings/policy.ts). */
  readonly severity: Severity;
  /** What it means, in one or two sentences. */
  readonly about: string;
  /** What brings it about, in words; in backticks what would be written so. */
  readonly cause?: string;
  /** Manifests that bring it about, where no more than manifests is needed; there is this or a cause. */
  readonly example?: string;
  /** What to do about it. */
  readonly fix: string;
}

/** A kind of problem: call it with its subject and the arguments of its message. */
export interface Problem<A extends readonly unknown[]> {
  (subject: Subject, ...args: A): Diagnostic;
  readonly code: string;
  readonly definition: Definition;
}

/** Defines a problem: all there is to say of it, with the sentence that is said of one input. */
export function defineProblem<A extends readonly unknown[]>({
  message,
  ...definition
}: Definition & { readonly message: (...args: A) => string }): Problem<A> {
  const { code, severity } = definition;
  const make = (subject: Subject, ...args: A): Diagnostic => ({ code, severity, message: message(...args), ...subject });
  return Object.assign(make, { code, definition });
}
