import { compareText } from '../util/text.ts';
import type { Location } from './diagnostic.ts';

/** The order of places: by the names of files, then as they stand in these. */
export function compareLocations(a: Location, b: Location): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}
