import { assertNever } from '../util/assert.ts';
import { giveUp, type SpaceLimits } from './limits.ts';

/**
 * A set of requests: a node of a decision diagram. The same set is the same object, of the vocabulary that made it.
 * The last two nodes are nothing and everything; each other one asks for the value of one variable.
 */
export interface RequestSet {
  readonly id: number;
  /** The place of the variable in their order; after all of them for nothing and everything. */
  readonly variable: number;
  /** The set that goes on for each value of the variable. */
  readonly children: readonly RequestSet[];
}

/** Makes and joins sets over variables that have so many values each. */
export interface Diagram {
  readonly nothing: RequestSet;
  readonly all: RequestSet;
  /** The requests with one of some values of a variable. */
  having(variable: number, isValue: (value: number) => boolean): RequestSet;
  union(a: RequestSet, b: RequestSet): RequestSet;
  intersection(a: RequestSet, b: RequestSet): RequestSet;
  difference(a: RequestSet, b: RequestSet): RequestSet;
}

type Operation = 'union' | 'intersection' | 'difference';

/** What became of two sets, by their ids. */
interface ResultTable {
  /** The id of what became of them; -1 where it is not known. */
  get(left: number, right: number): number;
  /** For two that are not known yet. */
  set(left: number, right: number, result: number): void;
}

/** A table without objects: there are so many results that collecting garbage among them would take most of the time. */
function createResultTable(): ResultTable {
  let count = 0;
  // Of each place left, right and the result plus one, so that zero is an empty place.
  let cells = new Int32Array(3 * 64);

  function placeOf(left: number, right: number): number {
    const mask = cells.length / 3 - 1;
    const hash = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    let place = (hash ^ (hash >>> 15)) & mask;
    while (cells[3 * place + 2] !== 0 && (cells[3 * place] !== left || cells[3 * place + 1] !== right))
      place = (place + 1) & mask;
    return 3 * place;
  }

  function put(left: number, right: number, stored: number): void {
    const place = placeOf(left, right);
    cells[place] = left;
    cells[place + 1] = right;
    cells[place + 2] = stored;
  }

  return {
    get: (left, right) => (cells[placeOf(left, right) + 2] ?? 0) - 1,
    set(left, right, result) {
      put(left, right, result + 1);
      if (++count * 6 < cells.length) return;
      const before = cells;
      cells = new Int32Array(2 * before.length);
      for (let place = 0; place < before.length; place += 3) {
        const stored = before[place + 2] ?? 0;
        if (stored !== 0) put(before[place] ?? 0, before[place + 1] ?? 0, stored);
      }
    },
  };
}

/** A diagram with nodes of its own. */
export function createDiagram(sizes: readonly number[], limits: SpaceLimits): Diagram {
  const nodes: RequestSet[] = [];
  let size = 0;
  function keep(variable: number, children: readonly RequestSet[]): RequestSet {
    const made = { id: nodes.length, variable, children };
    nodes.push(made);
    return made;
  }
  const [nothing, all] = [keep(sizes.length, []), keep(sizes.length, [])];
  const buckets = new Map<number, RequestSet[]>();
  const results: Record<Operation, ResultTable> = {
    union: createResultTable(),
    intersection: createResultTable(),
    difference: createResultTable(),
  };

  function node(variable: number, children: readonly RequestSet[]): RequestSet {
    const [first = nothing] = children;
    if (children.every((child) => child === first)) return first;
    let hash = variable;
    for (const child of children) hash = (Math.imul(hash, 31) + child.id) | 0;
    const bucket = buckets.get(hash);
    const known = bucket?.find(
      (other) => other.variable === variable && other.children.every((child, value) => child === children[value]),
    );
    if (known !== undefined) return known;
    size += children.length + 1;
    if (size > limits.size) giveUp('size', limits.size);
    const made = keep(variable, children);
    if (bucket === undefined) buckets.set(hash, [made]);
    else bucket.push(made);
    return made;
  }

  /** What needs no look at the children. */
  function plain(operation: Operation, a: RequestSet, b: RequestSet): RequestSet | undefined {
    switch (operation) {
      case 'union':
        return a === all || b === all ? all : a === nothing || a === b ? b : b === nothing ? a : undefined;
      case 'intersection':
        return a === nothing || b === nothing ? nothing : a === all || a === b ? b : b === all ? a : undefined;
      case 'difference':
        return a === nothing || b === all || a === b ? nothing : b === nothing ? a : undefined;
      default:
        return assertNever(operation);
    }
  }

  function join(operation: Operation, a: RequestSet, b: RequestSet): RequestSet {
    const quick = plain(operation, a, b);
    if (quick !== undefined) return quick;
    const isTurned = operation !== 'difference' && a.id > b.id;
    const [left, right] = isTurned ? [b, a] : [a, b];
    const table = results[operation];
    const known = nodes[table.get(left.id, right.id)];
    if (known !== undefined) return known;
    if (++size > limits.size) giveUp('size', limits.size);
    const variable = Math.min(left.variable, right.variable);
    const [isLeft, isRight] = [left.variable === variable, right.variable === variable];
    const children = (isLeft ? left : right).children.map((child, value) =>
      join(operation, isLeft ? child : left, isRight ? (right.children[value] ?? nothing) : right),
    );
    const result = node(variable, children);
    table.set(left.id, right.id, result.id);
    return result;
  }

  return {
    nothing,
    all,
    having(variable, isValue) {
      return node(
        variable,
        Array.from({ length: sizes[variable] ?? 0 }, (_, value) => (isValue(value) ? all : nothing)),
      );
    },
    union: (a, b) => join('union', a, b),
    intersection: (a, b) => join('intersection', a, b),
    difference: (a, b) => join('difference', a, b),
  };
}
