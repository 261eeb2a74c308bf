import type { Location } from '../../diagnostics/diagnostic.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { WhyNot, WhyNotFact } from './reason.ts';

/** A reason with its place in the manifests. */
export type LocatedReason = WhyNotFact & { readonly location: Location | undefined };

/** The reason with the place of the field that is to blame. */
export function located({ at, ...fact }: WhyNot): LocatedReason {
  return { ...fact, location: at && locateOrigin(at) };
}
