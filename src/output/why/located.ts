import type { LocatedReason } from '../../operations/why/located.ts';
import { whyNotWords } from './words.ts';

/** A reason with its place, on one line. */
export function locatedReasonWords({ location, ...fact }: LocatedReason): string {
  return `${whyNotWords(fact)}${location === undefined ? '' : ` (${location.file}:${location.line})`}`;
}

/** The same for programs: the fact beside its words. */
export function reasonAsJson({ location, ...fact }: LocatedReason): object {
  return { ...fact, text: whyNotWords(fact), location };
}
