import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import type { Path } from '../diagnostics/diagnostic.ts';

/** Offsets into a text, the end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const ABSENT = -1;

/** The parse of one chunk of YAML, kept for questions about positions. */
export interface Positions {
  readonly text: string;
  readonly events: readonly Event[];
  /** For each event, the index of the event after its whole subtree. */
  readonly next: Int32Array;
}

/** Parses a chunk that is known to be good; `maxDepth` as when its value was read. */
export function parsePositions(text: string, maxDepth: number): Positions {
  const events = parseEvents(text, { maxDepth });
  const next = new Int32Array(events.length);
  const open: number[] = [];
  events.forEach((event, index) => {
    if (event.type === EVENT_ID.POP) {
      const opener = open.pop();
      if (opener !== undefined) next[opener] = index + 1;
      next[index] = index + 1;
    } else if (event.type === EVENT_ID.SCALAR || event.type === EVENT_ID.ALIAS) next[index] = index + 1;
    else open.push(index);
  });
  return { text, events, next };
}

/**
 * Where the value (or the key) at `path` stands in the `ordinal`-th document of the chunk. For a path that does not exist:
 * its nearest existing ancestor, which is named by its key where it has one.
 */
export function rangeOf(positions: Positions, ordinal: number, path: Path, on: 'key' | 'value'): Range {
  const { events, next } = positions;
  let document = 0;
  for (let skipped = 0; skipped < ordinal; skipped++) document = next[document] ?? 0;
  let node = document + 1;
  let key = ABSENT;
  for (const segment of path) {
    const child = childOf(positions, resolveAlias(positions, node), segment);
    if (child === undefined) return key === ABSENT ? rangeOfNode(positions, node) : rangeOfNode(positions, key);
    node = child.value;
    key = child.key;
  }
  const event = events[node];
  const isEmpty = event === undefined || (event.type === EVENT_ID.SCALAR && event.valueStart === ABSENT);
  return key !== ABSENT && (on === 'key' || isEmpty) ? rangeOfNode(positions, key) : rangeOfNode(positions, node);
}

interface Child {
  readonly key: number;
  readonly value: number;
}

function childOf(positions: Positions, parent: number, segment: string | number): Child | undefined {
  const { text, events, next } = positions;
  const type = events[parent]?.type;
  let index = parent + 1;
  if (type === EVENT_ID.SEQUENCE) {
    for (let item = 0; events[index]?.type !== EVENT_ID.POP; item++) {
      if (item === Number(segment)) return { key: ABSENT, value: index };
      index = next[index] ?? events.length;
    }
    return undefined;
  }
  if (type !== EVENT_ID.MAPPING) return undefined;
  const name = String(segment);
  const merges: number[] = [];
  let sameField: Child | undefined;
  for (;;) {
    const key = events[index];
    if (key === undefined || key.type === EVENT_ID.POP) break;
    const value = next[index] ?? events.length;
    if (key.type === EVENT_ID.SCALAR) {
      const written = getScalarValue(text, key);
      if (written === name) return { key: index, value };
      if (written === '<<') merges.push(value);
      else if (written.includes('_') && toCamelCase(written) === name) sameField = { key: index, value };
    }
    index = next[value] ?? events.length;
  }
  return sameField ?? firstOf(merges, (merge) => childOfMerge(positions, merge, name));
}

/** Fields of protobuf messages can be written in either spelling; paths have the camelCase one. */
function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The child that a `<<` brings in: from one mapping, or from the first of a list that has it. */
function childOfMerge(positions: Positions, merge: number, name: string): Child | undefined {
  const source = resolveAlias(positions, merge);
  if (positions.events[source]?.type !== EVENT_ID.SEQUENCE) return childOf(positions, source, name);
  const items: number[] = [];
  for (let index = source + 1; positions.events[index]?.type !== EVENT_ID.POP; index = positions.next[index] ?? index + 1) {
    if (positions.events[index] === undefined) break;
    items.push(index);
  }
  return firstOf(items, (item) => childOf(positions, resolveAlias(positions, item), name));
}

function firstOf<T, R>(values: readonly T[], find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The node that an alias stands for: the last one before it with that anchor. Other nodes stand for themselves. */
function resolveAlias({ text, events }: Positions, node: number): number {
  const alias = events[node];
  if (alias?.type !== EVENT_ID.ALIAS) return node;
  const name = text.slice(alias.anchorStart, alias.anchorEnd);
  for (let index = node - 1; index >= 0; index--) {
    const event = events[index];
    if (event === undefined || event.type === EVENT_ID.ALIAS || !('anchorStart' in event)) continue;
    if (event.anchorStart !== ABSENT && text.slice(event.anchorStart, event.anchorEnd) === name) return index;
  }
  return node;
}

function rangeOfNode(positions: Positions, node: number): Range {
  const start = startOf(positions, node);
  return { start, end: Math.max(start, endOf(positions, node)) };
}

function startOf({ text, events }: Positions, node: number): number {
  const event = events[node];
  if (event === undefined) return 0;
  switch (event.type) {
    case EVENT_ID.SCALAR:
      if (event.valueStart === ABSENT) return Math.max(0, event.tagStart, event.anchorStart - 1);
      if (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED) return event.valueStart - 1;
      if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) {
        // The text of a block begins on the line after its indicator; the indicator is what stands for the value.
        const indicator = event.style === SCALAR_STYLE.LITERAL_BLOCK ? '|' : '>';
        const found = text.lastIndexOf(indicator, event.valueStart - 1);
        return found === -1 ? event.valueStart : found;
      }
      return event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    default:
      return 0;
  }
}

function endOf(positions: Positions, node: number): number {
  const { text, events, next } = positions;
  const event = events[node];
  if (event === undefined) return 0;
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart === ABSENT) return 0;
    if (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED) return event.valueEnd + 1;
    return event.valueStart + text.slice(event.valueStart, event.valueEnd).trimEnd().length;
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorEnd;
  if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) return 0;
  let last = (next[node] ?? node) - 1;
  while (last > node && events[last]?.type === EVENT_ID.POP) last--;
  const end = last > node ? endOf(positions, last) : event.start + 1;
  if (event.style !== COLLECTION_STYLE.FLOW) return end;
  const closing = text.indexOf(event.type === EVENT_ID.MAPPING ? '}' : ']', end);
  return closing === -1 ? end : closing + 1;
}
