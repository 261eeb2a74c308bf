import type { HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import { own } from '../../util/object.ts';

/** Whether one request may fit both matches; where that is hard to tell, it may. A match that is absent takes every request. */
export function mayOverlap(a: HTTPMatchRequest | undefined, b: HTTPMatchRequest | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if ((a.port ?? 0) !== 0 && (b.port ?? 0) !== 0 && a.port !== b.port) return false;
  const ignoresCase = a.ignoreUriCase === true || b.ignoreUriCase === true;
  if (areDisjoint(a.uri, b.uri, ignoresCase)) return false;
  if (
    [
      [a.method, b.method],
      [a.scheme, b.scheme],
      [a.authority, b.authority],
    ].some(([left, right]) => areDisjoint(left, right))
  )
    return false;
  return ![
    [a.headers, b.headers],
    [a.queryParams, b.queryParams],
  ].some(([left, right]) => Object.entries(left ?? {}).some(([name, match]) => areDisjoint(match, own(right, name))));
}

/** Whether no text fits both. */
function areDisjoint(a: StringMatch | undefined, b: StringMatch | undefined, ignoresCase = false): boolean {
  const read = (match: StringMatch | undefined): StringMatch | undefined =>
    match && ignoresCase
      ? {
          ...(match.exact !== undefined && { exact: match.exact.toLowerCase() }),
          ...(match.prefix !== undefined && { prefix: match.prefix.toLowerCase() }),
        }
      : match;
  const [left, right] = [read(a), read(b)];
  if (left?.exact !== undefined && right?.exact !== undefined) return left.exact !== right.exact;
  if (left?.exact !== undefined && right?.prefix !== undefined) return !left.exact.startsWith(right.prefix);
  if (left?.prefix !== undefined && right?.exact !== undefined) return !right.exact.startsWith(left.prefix);
  if (left?.prefix === undefined || right?.prefix === undefined) return false;
  return !left.prefix.startsWith(right.prefix) && !right.prefix.startsWith(left.prefix);
}
