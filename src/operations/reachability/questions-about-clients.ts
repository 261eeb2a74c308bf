import type { Listener, StringMatcher } from '../../envoy/api.gen.ts';
import { type Fields, isObject, visitObjects } from '../../util/object.ts';

/** What a listener asks about a client, as far as it may. */
export interface ClientQuestions {
  /** All tests of texts, by their own text. */
  readonly matchers: ReadonlyMap<string, StringMatcher>;
  /** Each client has an address of its own, and who forwards a request writes into it whose it is. */
  readonly isAddressAsked: boolean;
}

/** All that a listener may ask about who connects to it. */
export function clientQuestionsOf(listener: Listener): ClientQuestions {
  const text = JSON.stringify(listener);
  const matchers = new Map<string, StringMatcher>();
  visitObjects(listener, (part) => {
    if (isMatcher(part)) matchers.set(JSON.stringify(part), part);
  });
  const asksFor = [
    '"remoteIp"',
    '"directRemoteIp"',
    '"sourceIp"',
    'SourceIPInput"',
    'ourcePrefixRanges"',
    'x-forwarded-client-cert',
  ];
  return { matchers, isAddressAsked: asksFor.some((sign) => text.includes(sign)) };
}

function isMatcher(part: Fields): part is StringMatcher & Fields {
  const { exact, prefix, suffix, contains, safeRegex } = part;
  return [exact, prefix, suffix, contains].some((value) => typeof value === 'string') || isObject(safeRegex);
}
