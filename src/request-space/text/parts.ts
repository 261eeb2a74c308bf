import { boundariesOf, charactersOf, createStateTable, lowerCharacter, type TextAutomaton } from './automaton.ts';

/** A text that others are searched for: anywhere, or at their end. */
export interface Part {
  readonly test: number;
  readonly text: string;
  readonly isAtEnd: boolean;
}

interface TreeNode {
  readonly children: Map<number, number>;
  /** The longest end of this node's text that is another node's. */
  fallback: number;
  /** The tests of parts that end here. */
  atEnd: readonly number[];
  anywhere: readonly number[];
}

/** Finds parts of texts; the automaton of Aho and Corasick. */
export function partsAutomaton(parts: readonly Part[], isIgnoringCase: boolean): TextAutomaton {
  const nodes: TreeNode[] = [emptyNode()];
  const at = (id: number): TreeNode => nodes[id] ?? emptyNode();
  for (const { test, text, isAtEnd } of parts) {
    let id = 0;
    for (const read of charactersOf(text)) {
      const character = isIgnoringCase ? lowerCharacter(read) : read;
      const known = at(id).children.get(character);
      const child = known ?? nodes.push(emptyNode()) - 1;
      if (known === undefined) at(id).children.set(character, child);
      id = child;
    }
    const node = at(id);
    if (isAtEnd) node.atEnd = [...node.atEnd, test];
    else node.anywhere = [...node.anywhere, test];
  }
  const step = (id: number, character: number): number => {
    for (let node = id; ; node = at(node).fallback) {
      const child = at(node).children.get(character);
      if (child !== undefined) return child;
      if (node === 0) return 0;
    }
  };
  const characters: number[][] = [];
  const queue = [0];
  for (let place = 0; place < queue.length; place++) {
    const id = queue[place] ?? 0;
    const node = at(id);
    characters[id] = [...node.children.keys(), ...(id === 0 ? [] : (characters[node.fallback] ?? []))];
    for (const [character, child] of node.children) {
      const inner = at(child);
      inner.fallback = id === 0 ? 0 : step(node.fallback, character);
      queue.push(child);
    }
  }
  for (const id of queue.slice(1)) {
    const { fallback, ...node } = at(id);
    nodes[id] = {
      ...node,
      fallback,
      atEnd: [...node.atEnd, ...at(fallback).atEnd],
      anywhere: [...node.anywhere, ...at(fallback).anywhere],
    };
  }
  const total = new Set(parts.filter(({ isAtEnd }) => !isAtEnd).map(({ test }) => test)).size;
  const hasEnds = parts.some(({ isAtEnd }) => isAtEnd);
  const states = createStateTable<{ readonly node: number; readonly found: readonly number[] }>();
  const stateOf = (node: number, before: readonly number[]): number => {
    const found = [...new Set([...before, ...at(node).anywhere])].sort((a, b) => a - b);
    // When all is found that can be, the place no longer matters.
    const place = !hasEnds && found.length === total ? 0 : node;
    return states.idOf(`${place} ${found.join()}`, () => ({ node: place, found }));
  };
  const boundaries = characters.map((list) => boundariesOf(new Set(list), isIgnoringCase));
  return {
    start: stateOf(0, []),
    passed: (state) => [...states.at(state).found, ...at(states.at(state).node).atEnd],
    boundaries: (state) => boundaries[states.at(state).node] ?? [],
    next(state, character) {
      const { node, found } = states.at(state);
      return stateOf(step(node, isIgnoringCase ? lowerCharacter(character) : character), found);
    },
    isSettled: (state) => !hasEnds && states.at(state).found.length === total,
  };
}

function emptyNode(): TreeNode {
  return { children: new Map(), fallback: 0, atEnd: [], anywhere: [] };
}
