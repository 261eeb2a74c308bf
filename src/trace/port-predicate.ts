import type { ListenerFilterChainMatchPredicate } from '../envoy/api.gen.ts';

/** Whether a predicate holds for a connection to a port; envoy.config.listener.v3.ListenerFilterChainMatchPredicate. */
export type PortPredicate = (port: number) => boolean;

/** A predicate that was taken apart once: it may name a range for each of thousands of ports. */
export function createPortPredicate(predicate: ListenerFilterChainMatchPredicate): PortPredicate {
  const { orMatch, andMatch, notMatch, destinationPortRange, anyMatch = false } = predicate;
  if (orMatch !== undefined) {
    const rules = orMatch.rules ?? [];
    const single = new Set(rules.flatMap((rule) => singlePort(rule) ?? []));
    const others = rules.filter((rule) => singlePort(rule) === undefined).map(createPortPredicate);
    return (port) => single.has(port) || others.some((holds) => holds(port));
  }
  if (andMatch !== undefined) {
    const rules = (andMatch.rules ?? []).map(createPortPredicate);
    return (port) => rules.every((holds) => holds(port));
  }
  if (notMatch !== undefined) {
    const holds = createPortPredicate(notMatch);
    return (port) => !holds(port);
  }
  if (destinationPortRange !== undefined) {
    const { start = 0, end = 0 } = destinationPortRange;
    return (port) => port >= start && port < end;
  }
  return () => anyMatch;
}

/** The port of a predicate that says nothing else. */
function singlePort({
  orMatch,
  andMatch,
  notMatch,
  destinationPortRange,
}: ListenerFilterChainMatchPredicate): number | undefined {
  if (orMatch !== undefined || andMatch !== undefined || notMatch !== undefined) return undefined;
  const { start = 0, end = 0 } = destinationPortRange ?? {};
  return end === start + 1 ? start : undefined;
}
