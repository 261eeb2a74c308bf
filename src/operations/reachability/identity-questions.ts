import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { matchesString } from '../../trace/strings.ts';
import { memo } from '../../util/memo.ts';
import { type ClientQuestions, clientQuestionsOf } from './questions-about-clients.ts';

/** What proxies ask about who calls them. */
export interface IdentityQuestions {
  /** What the listeners of a pod ask. */
  questionsAt(pod: TracePod): readonly ClientQuestions[];
  /** What they find of a client, as a text; the same for clients that they do not tell apart. */
  answersAt(place: string, identity: string): string;
  /** Whether they tell clients apart by their addresses, of which each has its own. */
  isAddressAsked(place: string): boolean;
}

/** What the proxies of a data plane ask. */
export function createIdentityQuestions(dataPlane: DataPlane): IdentityQuestions {
  const asked = memo(clientQuestionsOf);
  const { compile } = dataPlane.lookups;
  const answersOf = memo((questions: ClientQuestions, identity: string): string =>
    [...questions.matchers.values()].map((matcher) => Number(matchesString(matcher, identity, compile))).join(''),
  );
  const questionsAt = memo((pod: TracePod) => (dataPlane.snapshotOf(pod)?.listeners ?? []).map(asked));
  return {
    questionsAt,
    isAddressAsked(place) {
      const pod = podNamed(dataPlane, place);
      return pod !== undefined && questionsAt(pod).some((questions) => questions.isAddressAsked);
    },
    answersAt(place, identity) {
      const pod = podNamed(dataPlane, place);
      return pod === undefined
        ? ''
        : questionsAt(pod)
            .map((questions) => answersOf(questions, identity))
            .join(' ');
    },
  };
}
