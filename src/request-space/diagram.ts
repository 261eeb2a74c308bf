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

/** A diagram with nodes of its own. */
export function createDiagram(sizes: readonly number[], limits: SpaceLimits): Diagram {
  let count = 0;
  let size = 0;
  const buckets = new Map<number, RequestSet[]>();
  const leaf = (): RequestSet => ({ id: count++, variable: sizes.length, children: [] });
  const [nothing, all] = [leaf(), leaf()];
  const results: Record<Operation, Map<number, RequestSet>[]> = { union: [], intersection: [], difference: [] };

  function node(variable: number, children: readonly RequestSet[]): RequestSet {
    const [first = nothing] = children;
    if (children.every((child) => child === first)) return first;
    let hash = variable;
    for (const child of children) hash = (Math.imul(hash, 31) + child.id) | 0;
    const bucket = buckets.get(hash) ?? [];
    const known = bucket.find(
      (other) => other.variable === variable && other.children.every((child, value) => child === children[value]),
    );
    if (known !== undefined) return known;
    size += children.length + 1;
    if (size > limits.size) giveUp('size', limits.size);
    const made = { id: count++, variable, children };
    bucket.push(made);
    buckets.set(hash, bucket);
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
    results[operation][left.id] ??= new Map();
    const known = results[operation][left.id]?.get(right.id);
    if (known !== undefined) return known;
    if (++size > limits.size) giveUp('size', limits.size);
    const variable = Math.min(left.variable, right.variable);
    const [isLeft, isRight] = [left.variable === variable, right.variable === variable];
    const children = (isLeft ? left : right).children.map((child, value) =>
      join(operation, isLeft ? child : left, isRight ? (right.children[value] ?? nothing) : right),
    );
    const result = node(variable, children);
    results[operation][left.id]?.set(right.id, result);
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
