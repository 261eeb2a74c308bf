import { own } from '../util/object.ts';
import type { Noticed, RequestChange, RequestLabel } from './report.ts';

/** A request that was sent through both configurations, and what was noticed. */
export interface ObservedRequest {
  readonly request: RequestLabel;
  readonly from: string;
  readonly before: Noticed;
  readonly after: Noticed;
}

/** Aspects that every request has; of others, the request must have reached a server on both sides. */
const ALWAYS: ReadonlySet<string> = new Set(['status', 'flags', 'policy', 'cluster', 'pods', 'mirrors', 'delay']);

/**
 * The requests that end otherwise. Those of several clients with the same change are told together, and so are those to one host
 * with the same change.
 */
export function compareRequests(observed: readonly ObservedRequest[]): readonly RequestChange[] {
  const byRequest = new Map<
    string,
    { readonly one: ObservedRequest; readonly differences: Differences; readonly from: Set<string> }
  >();
  for (const one of observed) {
    const differences = differencesBetween(one.before, one.after);
    if (Object.keys(differences).length === 0) continue;
    const key = JSON.stringify([one.request, differences]);
    const known = byRequest.get(key) ?? { one, differences, from: new Set() };
    byRequest.set(key, known);
    known.from.add(one.from);
  }
  const changes = new Map<string, RequestChange & { readonly requests: RequestLabel[] }>();
  for (const { one, differences, from } of byRequest.values()) {
    const clients = [...from];
    const key = JSON.stringify([originOfUrl(one.request.url), clients, differences]);
    const known = changes.get(key) ?? { requests: [], from: clients, differences };
    changes.set(key, known);
    known.requests.push(one.request);
  }
  return [...changes.values()];
}

type Differences = RequestChange['differences'];

function originOfUrl(url: string): string {
  return /^\w+:\/\/[^/]*/.exec(url)?.[0] ?? url;
}

function differencesBetween(before: Noticed, after: Noticed): Differences {
  const isComparable = (aspect: string): boolean => {
    if (ALWAYS.has(aspect)) return true;
    // An error has headers of its own.
    if (aspect === 'response headers') return before.status === after.status;
    return Object.hasOwn(before, aspect) && Object.hasOwn(after, aspect);
  };
  const aspects = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    aspects
      .filter((aspect) => isComparable(aspect) && (own(before, aspect) ?? '') !== (own(after, aspect) ?? ''))
      .map((aspect) => {
        const values = [own(before, aspect) ?? '', own(after, aspect) ?? ''] as const;
        const [was, is] = aspect.endsWith('headers') ? withoutCommon(values) : values;
        return [aspect, [was || 'none', is || 'none'] as const];
      }),
  );
}

/** Of two lists of headers, those that differ. */
function withoutCommon([before, after]: readonly [string, string]): readonly [string, string] {
  const [left, right] = [before.split('; '), after.split('; ')];
  const rest = (list: readonly string[], other: readonly string[]): string =>
    list.filter((text) => !other.includes(text)).join('; ');
  return [rest(left, right), rest(right, left)];
}
