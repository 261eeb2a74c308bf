/** How bad a finding is; the words of istioctl's levels in lower case. */
export type Severity = 'error' | 'warning' | 'info';

/** A range of a file; lines and columns count from 1, the end is exclusive. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** Names a resource for people: kind, name and namespace (empty for cluster-wide or where none is written). */
export interface ResourceRef {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** A path inside a document: field names and list indices, from the document's root. */
export type Path = readonly (string | number)[];

/** Something a user should know about the input. Mistakes of users are diagnostics; exceptions are bugs of ours. */
export interface Diagnostic {
  /** A code of problems/: `IST....` are Istio's, `MESH....` ours. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what is wrong, what follows, and the fix where it is known. */
  readonly message: string;
  readonly location?: Location;
  readonly resource?: ResourceRef;
  /** The field that the message is about, from the document's root. */
  readonly path?: Path;
  readonly related?: readonly Related[];
  /** The host that it misses, as written, where it misses one. */
  readonly missingHost?: string;
  /** What is looked for and not there, where something is. */
  readonly absent?: Absent;
  /** The answer of the API server that this stands for, where it stands for one. */
  readonly apiServer?: ApiServerAnswer;
  /** The place as istioctl names it, `file:line`; its lines are not always those of `location` (source/reference-lines.ts). */
  readonly reference?: string;
}

/** An object that is looked for. */
export interface Absent {
  /** Where it would be; empty where it could be anywhere. */
  readonly namespace: string;
  /** The kinds that would do. */
  readonly kinds: readonly string[];
  /** Its name, or the labels that it would have (`app: web`); empty where any would do. */
  readonly names: readonly string[];
}

/** What Kubernetes' API server says of an object. */
export interface ApiServerAnswer {
  /** The field as it names it, which is not always where the cause is written; undefined where it names none. */
  readonly field: string | undefined;
  /** Its words after the name of the field. */
  readonly message: string;
}

/** Another place that belongs to a diagnostic. */
export interface Related {
  readonly message: string;
  readonly location: Location;
}

/** Collects diagnostics while the work goes on. */
export type Report = (diagnostic: Diagnostic) => void;
