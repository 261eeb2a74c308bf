import type { Listener, StringMatcher } from '../../envoy/api.gen.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { matchesString } from '../../trace/strings.ts';
import { memo } from '../../util/memo.ts';
import { isObject } from '../../util/object.ts';

/** What proxies ask about who calls them. */
export interface IdentityQuestions {
  /** What the listeners of a pod ask. */
  questionsAt(pod: TracePod): readonly Questions[];
  /** What they find of a client, as a text; the same for clients that they do not tell apart. */
  answersAt(place: string, identity: string): string;
}

/** The same for all statements about a mesh. */
export function createIdentityQuestions(dataPlane: DataPlane): IdentityQuestions {
  const asked = memo(questionsOf);
  const { compile } = dataPlane.lookups;
  const answersOf = memo((questions: Questions, identity: string): string =>
    [...questions.matchers.values()].map((matcher) => Number(matchesString(matcher, identity, compile))).join(''),
  );
  const questionsAt = memo((pod: TracePod) => (dataPlane.snapshotOf(pod)?.listeners ?? []).map(asked));
  return {
    questionsAt,
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

/** What a listener asks about a client, as far as it may. */
export interface Questions {
  /** All tests of texts, by their own text. */
  readonly matchers: ReadonlyMap<string, StringMatcher>;
  readonly isAddressAsked: boolean;
}

function questionsOf(listener: Listener): Questions {
  const text = JSON.stringify(listener);
  const matchers = new Map<string, StringMatcher>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (isObject(part)) {
      if (isMatcher(part)) matchers.set(JSON.stringify(part), part);
      Object.values(part).forEach(visit);
    }
  };
  visit(listener);
  const asksFor = ['"remoteIp"', '"directRemoteIp"', '"sourceIp"', 'ourcePrefixRanges"', 'x-forwarded-client-cert'];
  return { matchers, isAddressAsked: asksFor.some((sign) => text.includes(sign)) };
}

function isMatcher(part: Readonly<Record<string, unknown>>): part is StringMatcher & Record<string, unknown> {
  const { exact, prefix, suffix, contains, safeRegex } = part;
  return [exact, prefix, suffix, contains].some((value) => typeof value === 'string') || isObject(safeRegex);
}
