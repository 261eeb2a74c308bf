import { boundariesOf, charactersOf, lowerCharacter, type TextAutomaton } from './automaton.ts';

/** A text that others are compared with: that all of it is theirs, or that they begin with it. */
export interface Beginning {
  readonly test: number;
  readonly text: string;
  readonly isWhole: boolean;
}

interface TreeNode {
  readonly children: Map<number, number>;
  readonly whole: number[];
  /** The tests of beginnings that end here or before. */
  begun: readonly number[];
  /** The last node up to here in which a beginning ends. */
  home: number;
}

/** Finds the texts that others are, or begin with, in a tree of all of them. */
export function beginningsAutomaton(beginnings: readonly Beginning[], isIgnoringCase: boolean): TextAutomaton {
  const nodes: TreeNode[] = [{ children: new Map(), whole: [], begun: [], home: 0 }];
  const at = (id: number): TreeNode => nodes[id] ?? { children: new Map(), whole: [], begun: [], home: 0 };
  const begun = new Map<number, number[]>();
  for (const { test, text, isWhole } of beginnings) {
    let id = 0;
    for (const read of charactersOf(text)) {
      const character = isIgnoringCase ? lowerCharacter(read) : read;
      const known = at(id).children.get(character);
      const child = known ?? nodes.push({ children: new Map(), whole: [], begun: [], home: 0 }) - 1;
      if (known === undefined) at(id).children.set(character, child);
      id = child;
    }
    if (isWhole) at(id).whole.push(test);
    else begun.set(id, [...(begun.get(id) ?? []), test]);
  }
  // Children come after their parents.
  nodes.forEach((node, id) => {
    const own = begun.get(id);
    if (own !== undefined) {
      node.begun = [...node.begun, ...own];
      node.home = id;
    }
    for (const child of node.children.values()) Object.assign(at(child), { begun: node.begun, home: node.home });
  });
  // Who has left the tree is at its last beginning, whose number comes after those of all nodes.
  const left = nodes.length;
  const boundaries = nodes.map(({ children }) => boundariesOf(children.keys(), isIgnoringCase));
  return {
    start: 0,
    passed: (state) => (state >= left ? at(state - left).begun : [...at(state).begun, ...at(state).whole]),
    boundaries: (state) => boundaries[state] ?? [],
    next(state, character) {
      if (state >= left) return state;
      const node = at(state);
      return node.children.get(isIgnoringCase ? lowerCharacter(character) : character) ?? left + node.home;
    },
    isSettled: (state) => state >= left,
  };
}
