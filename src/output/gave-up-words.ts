import type { ExplorationLimit } from '../exploration/exploration-limit.ts';
import { assertNever } from '../util/assert.ts';
import { count } from './count.ts';

/** Where all requests were no longer looked at, after so many classes of them. */
export function gaveUpWords(at: ExplorationLimit['at'] | 'classes of all ways', limit: number, tried?: number): string {
  const after = tried === undefined ? '' : `, after ${count(tried, 'class', 'classes')} of requests`;
  switch (at) {
    case 'classes':
      return `gave up after ${count(limit, 'class', 'classes')} of requests`;
    case 'classes of all ways':
      return `gave up after ${count(limit, 'class', 'classes')} of requests over all ways`;
    case 'reading':
      return `gave up at what tells a request from no other${after}`;
    case 'query':
      return `gave up where one test asks for the path with its query and another for a parameter of it${after}`;
    case 'work':
      return `gave up at sets of requests that take more than ${count(limit, 'step')} of work${after}`;
    case 'states':
      return `gave up at expressions of more than ${count(limit, 'state')}${after}`;
    case 'size':
      return `gave up at sets of requests of more than ${count(limit, 'number')}${after}`;
    default:
      return assertNever(at);
  }
}
