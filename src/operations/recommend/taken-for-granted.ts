import { createRecording } from '../../trace/recording/record.ts';
import type { Assumption, Chosen } from '../../trace/recording/recorder.ts';
import { traceRequest } from '../../trace/trace.ts';
import { assertNever } from '../../util/assert.ts';
import type { Call } from './call.ts';
import type { Ground } from './callers.ts';
import type { FollowedCall } from './follow-calls.ts';
import type { Proof } from './report.ts';

/** What some assumptions take for granted, by name, each once; and whether requests for which they are made end alike then. */
export function takenForGranted(assumptions: readonly Assumption[]): {
  readonly taken: readonly string[];
  readonly isWhole: boolean;
} {
  const taken = new Set<string>();
  let isWhole = true;
  for (const assumption of assumptions) {
    switch (assumption.kind) {
      case 'not simulated':
      case 'taken for granted':
        taken.add(assumption.what);
        break;
      case 'untraceable':
        isWhole = false;
        break;
      case 'under load':
      case 'unseen':
      case 'filter order':
        // Who may call is asked, not how often.
        break;
      default:
        assertNever(assumption);
    }
  }
  return { taken: [...taken], isWhole };
}

/**
 * How many of some calls, whose ends were compared, rest on what is taken for granted, and on what. `whole` are those of which all requests
 * are known, with what is taken for granted of them; of the others their requests are followed once more.
 */
export function assumptionsOf(
  calls: readonly FollowedCall[],
  whole: ReadonlyMap<Call, readonly string[]>,
  { dataPlane }: Ground,
): Pick<Proof, 'assuming' | 'assumptions'> {
  const recording = createRecording(dataPlane.lookups.compile);
  const ofRequests = ({ requests }: FollowedCall): readonly string[] => {
    const recorder = recording.begin(AS_IT_IS);
    for (const { request } of requests) traceRequest(dataPlane, request.request, recorder);
    return takenForGranted(recorder.assumptions()).taken;
  };
  const all = calls.map((call) => whole.get(call.call) ?? ofRequests(call));
  return {
    assuming: all.filter((taken) => taken.length > 0).length,
    assumptions: [...new Set(all.flat())].sort(),
  };
}

/** Nothing of the request is any. */
const AS_IT_IS: Chosen = {
  address: undefined,
  serverName: undefined,
  token: undefined,
  isForOneAuthority: true,
  issuers: [],
};
