import { compareText } from '../util/text.ts';
import type { Diagnostic, Location } from './diagnostic.ts';

/** The order of places: by the names of files, then as they stand in these. */
export function compareLocations(a: Location, b: Location): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}

/** Diagnostics without those that say the same again. */
export function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}
