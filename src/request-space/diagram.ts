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
  /** Values of the variable, the smallest first, and the set that goes on for each. */
  readonly values: readonly number[];
  readonly children: readonly RequestSet[];
  /** The set that goes on for all other values: one for most of them, since mostly a test is passed by few of a great many. */
  readonly usual: RequestSet | undefined;
}

/** The first value of the variable of a set that some requests of it have, and the set that goes on for it. */
export function firstOf(
  { values, children, usual }: RequestSet,
  nothing: RequestSet,
): readonly [value: number, child: RequestSet] {
  if (usual === undefined || usual === nothing) {
    const place = children.findIndex((child) => child !== nothing);
    return [values[place] ?? 0, children[place] ?? nothing];
  }
  let value = 0;
  while (values[value] === value && children[value] === nothing) value++;
  return [value, values[value] === value ? (children[value] ?? usual) : usual];
}

/** Makes and joins sets over variables that have so many values each. */
export interface Diagram {
  readonly nothing: RequestSet;
  readonly all: RequestSet;
  /** The requests with one of some values of a variable. */
  having(variable: number, values: ReadonlySet<number>): RequestSet;
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
  function keep(
    variable: number,
    values: readonly number[],
    children: readonly RequestSet[],
    usual: RequestSet | undefined,
  ): RequestSet {
    const made = { id: nodes.length, variable, values, children, usual };
    nodes.push(made);
    return made;
  }
  const [nothing, all] = [keep(sizes.length, [], [], undefined), keep(sizes.length, [], [], undefined)];
  const buckets = new Map<number, RequestSet[]>();
  const results: Record<Operation, ResultTable> = {
    union: createResultTable(),
    intersection: createResultTable(),
    difference: createResultTable(),
  };

  /** The set that goes on in some way for these values of a variable, and in another one for all others. */
  function node(variable: number, values: readonly number[], children: readonly RequestSet[], usual: RequestSet): RequestSet {
    if (values.length === 0) return usual;
    const count = sizes[variable] ?? 0;
    if (2 * values.length < count) return kept(variable, values, children, usual);
    // For another one it may be that it goes on for most.
    const most = mostOf(children, usual, count - values.length);
    if (most === usual) return kept(variable, values, children, usual);
    const [others, theirs]: [number[], RequestSet[]] = [[], []];
    for (let value = 0, place = 0; value < count; value++) {
      const child = values[place] === value ? (children[place++] ?? usual) : usual;
      if (child === most) continue;
      others.push(value);
      theirs.push(child);
    }
    return others.length === 0 ? most : kept(variable, others, theirs, most);
  }

  /** The one of all that the most values lead to; of several the first that was made. */
  function mostOf(children: readonly RequestSet[], usual: RequestSet, others: number): RequestSet {
    const counts = new Map<RequestSet, number>(others > 0 ? [[usual, others]] : []);
    for (const child of children) counts.set(child, (counts.get(child) ?? 0) + 1);
    let [most, times] = [usual, others];
    for (const [child, count] of counts)
      if (count > times || (count === times && child.id < most.id)) [most, times] = [child, count];
    return most;
  }

  function kept(variable: number, values: readonly number[], children: readonly RequestSet[], usual: RequestSet): RequestSet {
    let hash = Math.imul(variable, 31) + usual.id;
    for (const [place, child] of children.entries())
      hash = (Math.imul(hash, 31) + Math.imul(values[place] ?? 0, 17) + child.id) | 0;
    const bucket = buckets.get(hash);
    const known = bucket?.find(
      (other) =>
        other.variable === variable &&
        other.usual === usual &&
        other.values.length === values.length &&
        other.values.every((value, place) => value === values[place]) &&
        other.children.every((child, place) => child === children[place]),
    );
    if (known !== undefined) return known;
    size += 2 * children.length + 2;
    if (size > limits.size) giveUp('size', limits.size);
    const made = keep(variable, values, children, usual);
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
    const result = joinAt(operation, variable, left, right);
    table.set(left.id, right.id, result.id);
    return result;
  }

  /** Both, by the values of a variable that comes before all others of theirs. */
  function joinAt(operation: Operation, variable: number, left: RequestSet, right: RequestSet): RequestSet {
    const [one, other] = [left.variable === variable ? left : undefined, right.variable === variable ? right : undefined];
    const [usualOfOne, usualOfOther] = [one?.usual ?? left, other?.usual ?? right];
    const [valuesOfOne, valuesOfOther] = [one?.values ?? [], other?.values ?? []];
    const usual = join(operation, usualOfOne, usualOfOther);
    const [values, children]: [number[], RequestSet[]] = [[], []];
    let [place, placeOfOther] = [0, 0];
    for (;;) {
      const value = Math.min(valuesOfOne[place] ?? Infinity, valuesOfOther[placeOfOther] ?? Infinity);
      if (value === Infinity) break;
      const child = valuesOfOne[place] === value ? one?.children[place++] : usualOfOne;
      const childOfOther = valuesOfOther[placeOfOther] === value ? other?.children[placeOfOther++] : usualOfOther;
      const joined = join(operation, child ?? nothing, childOfOther ?? nothing);
      if (joined === usual) continue;
      values.push(value);
      children.push(joined);
    }
    return node(variable, values, children, usual);
  }

  return {
    nothing,
    all,
    having(variable, values) {
      const chosen = [...values].sort((a, b) => a - b);
      return node(
        variable,
        chosen,
        chosen.map(() => all),
        nothing,
      );
    },
    union: (a, b) => join('union', a, b),
    intersection: (a, b) => join('intersection', a, b),
    difference: (a, b) => join('difference', a, b),
  };
}
