/** What `mesh explain` adds to the meaning of a code, which stands in its catalogue. */
export interface Explanation {
  /** What to do about it. */
  readonly fix: string;
  /** Manifests that bring it about. Absent where that takes more than manifests, and `cause` says what. */
  readonly example?: string;
  /** MeshConfig that the example needs. */
  readonly meshConfig?: string;
  /** What brings it about, in words. */
  readonly cause?: string;
}

/** Explanations by code. */
export type Explanations = Readonly<Record<string, Explanation>>;
