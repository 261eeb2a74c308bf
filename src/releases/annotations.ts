/** An annotation that Istio knows. */
export interface KnownAnnotation {
  /** The kinds on which it means something; `Any` for all. */
  readonly kinds: readonly string[];
  readonly isDeprecated: boolean;
  readonly isAlpha: boolean;
}

/** An annotation in a table of annotations: its name, its kinds with spaces between them, and what is special. */
export type AnnotationRow = readonly [name: string, kinds: string, ...flags: readonly ('alpha' | 'deprecated')[]];

/** Annotations by name. */
export function annotationsByName(rows: readonly AnnotationRow[]): ReadonlyMap<string, KnownAnnotation> {
  return new Map(
    rows.map(([name, kinds, ...flags]) => [
      name,
      { kinds: kinds.split(' '), isDeprecated: flags.includes('deprecated'), isAlpha: flags.includes('alpha') },
    ]),
  );
}
