import type { Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import { goSort } from '../../util/go-sort.ts';
import { isObject, own } from '../../util/object.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { describeChainMatch, describeFilters, listenerAddress, listenerType, socketPort } from './listeners.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/**
 * The table of `proxy-config listeners --waypoint`: a row for each condition under which a listener takes a chain.
 * istioctl PrintRemoteListenerSummary.
 */
export function formatListenerChains(listeners: readonly Listener[], origins?: DescribeOrigin): Printable {
  const sorted = goSort(listeners, (a, b) => {
    if (a.internalListener && b.internalListener) return (a.name ?? '') < (b.name ?? '');
    if (socketPort(a) !== socketPort(b)) return socketPort(a) < socketPort(b);
    if (listenerAddress(a) !== listenerAddress(b)) return listenerAddress(a) < listenerAddress(b);
    return listenerType(a) < listenerType(b);
  });
  const rows = sorted.flatMap((listener) => {
    const chains = chainsOf(listener);
    const full = `envoy://${listener.name ?? ''}`;
    const name = listener.internalListener && chains.length === 1 && chains[0]?.name === full ? 'internal' : full;
    return chains.flatMap((chain) => {
      const matcher = listener.filterChainMatcher;
      const conditions = isObject(matcher)
        ? conditionsOf(chain.name ?? '', matcher)
        : [describeChainMatch(chain.filterChainMatch)];
      return conditions.map((condition) => [
        name,
        chain.name ?? '',
        condition,
        describeFilters(chain.filters),
        ...originCell(origins, chain, listener),
      ]);
    });
  });
  return formatColumns([['LISTENER', 'CHAIN', 'MATCH', 'DESTINATION', ...originHead(origins)], ...rows], 1);
}

type Node = Readonly<Record<string, unknown>>;

/** The conditions under which a tree of matchers picks the chain of this name. */
function conditionsOf(chain: string, matcher: Node): readonly string[] {
  const otherwise = member(matcher, 'onNoMatch');
  const action = member(otherwise, 'action');
  if (isObject(otherwise.action) && action.name === chain) return ['UNMATCHED'];
  const tree = isObject(otherwise.matcher) ? otherwise.matcher : matcher;
  return search(chain, tree) ?? ['NONE'];
}

function search(chain: string, matcher: Node): readonly string[] | undefined {
  const otherwise = member(matcher, 'onNoMatch');
  if (isObject(otherwise.action) && otherwise.action.name === chain) return ['ANY'];
  if (isObject(otherwise.matcher)) return search(chain, otherwise.matcher) ?? ['NONE'];
  const tree = member(matcher, 'matcherTree');
  const input = String(member(tree, 'input').name ?? '');
  const sign = isObject(tree.prefixMatchMap) ? '^' : '=';
  const found = branches(tree).flatMap(([key, onMatch]) => {
    if (isObject(onMatch.action)) return onMatch.action.name === chain ? [`${input}${sign}${key}`] : [];
    const below = isObject(onMatch.matcher) ? search(chain, onMatch.matcher) : undefined;
    return (below ?? []).map((child) => `${input}${sign}${key} -> ${child}`);
  });
  return found.length > 0 ? found : undefined;
}

/** What a tree distinguishes: values, prefixes, or address ranges. */
function branches(tree: Node): readonly (readonly [string, Node])[] {
  const map = member(isObject(tree.exactMatchMap) ? tree.exactMatchMap : member(tree, 'prefixMatchMap'), 'map');
  const plain = Object.entries(map).map(([key, value]): readonly [string, Node] => [key, isObject(value) ? value : {}]);
  const custom = member(member(tree, 'customMatch'), 'typedConfig');
  const ranges = objects(custom.rangeMatchers).flatMap((rangeMatcher) =>
    objects(rangeMatcher.ranges).map((range): readonly [string, Node] => {
      const length = typeof range.prefixLen === 'number' ? range.prefixLen : 0;
      const address = String(range.addressPrefix ?? '');
      return [length === 32 || length === 128 ? address : `${address}/${length}`, member(rangeMatcher, 'onMatch')];
    }),
  );
  return [...plain, ...ranges];
}

function member(value: Node, name: string): Node {
  const found = own(value, name);
  return isObject(found) ? found : {};
}

function objects(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
