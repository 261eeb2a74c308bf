import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { textRefused, valueRefused } from '../../../diagnostics/problems/refusals.ts';
import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import type { Blame, Refused } from './blame.ts';
import type { Inspected } from './inspect.ts';

/** What Envoy refuses of the values of a proxy's resources: by the limits of its schema, and by rules of its code. */
export function createRefusalFinder(
  blame: (refused: Refused, snapshot: XdsSnapshot) => Blame,
): (snapshot: XdsSnapshot, resources: readonly Inspected[]) => readonly Diagnostic[] {
  return (snapshot, resources) => {
    const proxy = `${snapshot.proxy.namespace}/${snapshot.proxy.name}`;
    return resources.flatMap(({ what, refusals }) =>
      refusals.map((refusal) => {
        const { subject, field } = blame(refusal, snapshot);
        const problem = refusal.about === 'text' ? textRefused : valueRefused;
        return problem(subject, `${field} ${refusal.sense}`, what, proxy, refusal.fix);
      }),
    );
  };
}
