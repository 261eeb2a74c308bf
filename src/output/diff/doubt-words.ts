import type { Doubt, LoadDifference, RequestClient } from '../../operations/diff/report.ts';
import type { UnderLoad } from '../../trace/recording/recorder.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import { gaveUpWords } from '../gave-up-words.ts';
import { clientWords } from './noticed-words.ts';
import { formatRequest } from './request-words.ts';
import { shortenList, shortLines } from './shorten-list.ts';

/** What is not proven of one place; of several clients for the same reason together. */
interface Unproven {
  readonly to: string;
  readonly clients: readonly string[];
  /** Equal for places of which the same is to be said, but for the request that shows it. */
  readonly kind: string;
  /** What is said of one place, or of several with what was found at the first. */
  readonly words: (areSeveral: boolean) => string;
}

/** What is not proven, one line for each place and reason. */
export function doubtLines(doubts: readonly Doubt[]): readonly string[] {
  return doubtful(doubts).map((one) => line([one]));
}

/** What differs only under load; one line for each place. */
export function loadLines(differences: readonly LoadDifference[]): readonly string[] {
  return underLoad(differences).map((one) => line([one]));
}

/** How many lines are told one by one, and how many of one reason where there are more. */
const MOST_LINES = 10;
const MOST_ALIKE = 3;

/** The same for people: of many places, those of which the same is to be said are told together. */
export function shortDoubtLines(doubts: readonly Doubt[], differences: readonly LoadDifference[]): readonly string[] {
  return [doubtful(doubts), underLoad(differences)].flatMap((all) => {
    const alike = all.length <= MOST_LINES ? all.map((one) => [one]) : together(all);
    return shortLines(
      shortenList(alike, MOST_LINES, ([one]) => one?.kind ?? '', MOST_ALIKE),
      (one) => [line(one)],
      (others, areAlike) => {
        const places = placesOf(others.flat());
        return `Not proven for ${count(places.length, 'more place')}${areAlike ? ' alike' : ''}: ${listed(places)}`;
      },
    );
  });
}

function together(all: readonly Unproven[]): readonly (readonly Unproven[])[] {
  return [...groupBy(all, ({ kind, clients }) => JSON.stringify([kind, clients])).values()];
}

function placesOf(all: readonly Unproven[]): readonly string[] {
  return [...new Set(all.map(({ to }) => to))];
}

/** One line on places that the same clients send to. */
function line(alike: readonly Unproven[]): string {
  const [one] = alike;
  if (one === undefined) return '';
  return `Not proven for ${listed(placesOf(alike))} from ${listed(one.clients)}${one.words(alike.length > 1)}`;
}

function doubtful(doubts: readonly Doubt[]): readonly Unproven[] {
  return [...groupBy(doubts, (doubt) => `${doubt.to} ${doubtWords(doubt, false)}`).values()].flatMap((alike) => {
    const [doubt] = alike;
    if (doubt === undefined) return [];
    const { from, to, ...reason } = doubt;
    const kind = JSON.stringify({ ...reason, request: undefined });
    return [{ to, clients: clientsOf(alike), kind, words: (areSeveral) => `: ${doubtWords(doubt, areSeveral)}` }];
  });
}

function doubtWords(doubt: Doubt, areSeveral: boolean): string {
  switch (doubt.because) {
    case 'too much':
      return gaveUpWords(doubt.at, doubt.limit, doubt.compared);
    case 'not looked at':
      return `not looked at, after ${count(doubt.after, 'class', 'classes')} of requests elsewhere`;
    case 'not known': {
      const request = formatRequest(doubt.request);
      const what = doubt.what.join(', ');
      return areSeveral
        ? `requests such as ${request} depend on what is not known: ${what}`
        : `${request} depends on what is not known: ${what}`;
    }
    case 'made otherwise': {
      const request = formatRequest(doubt.request);
      return areSeveral
        ? `requests such as ${request} end as before, but their path or headers are made by another rule`
        : `${request} ends as before, but its path or headers are made by another rule`;
    }
    case 'network policy':
      return `${doubt.policy} ${policyWords[doubt.is]}, and network policies are not simulated`;
    case 'other entrance':
      return `it is ${doubt.is}, and a controller other than Istio serves it, which is not simulated`;
    case 'not met':
      return `${doubt.by} may go there, which is not followed`;
    default:
      return assertNever(doubt);
  }
}

const policyWords: Readonly<Record<Extract<Doubt, { readonly because: 'network policy' }>['is'], string>> = {
  added: 'is added',
  removed: 'is removed',
  changed: 'is changed',
  'about others': 'covers other pods or ports than before',
};

const loadWords: Readonly<Record<UnderLoad, string>> = {
  retries: 'retries',
  limits: 'limits and outlier detection',
  'sticky requests': 'which requests stay with one host',
};

function underLoad(differences: readonly LoadDifference[]): readonly Unproven[] {
  return [...groupBy(differences, ({ to, what }) => `${to} ${what.join()}`).values()].flatMap((alike) => {
    const [one] = alike;
    if (one === undefined) return [];
    const what = one.what.map((each) => loadWords[each]).join(', ');
    const request = formatRequest(one.request);
    const words = (areSeveral: boolean): string =>
      ` where servers fail or are overloaded: ${areSeveral ? `requests such as ${request} meet` : `${request} meets`} other ${what}`;
    return [{ to: one.to, clients: clientsOf(alike), kind: what, words }];
  });
}

function clientsOf(alike: readonly { readonly from: RequestClient }[]): readonly string[] {
  return [...new Set(alike.map(({ from }) => clientWords(from)))];
}
