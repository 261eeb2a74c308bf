/**
 * Says which of some tests a text passes, one character after the other. States are numbers; they are made when they are first reached,
 * and the same state has the same number.
 */
export interface TextAutomaton {
  readonly start: number;
  /** The tests that a text passes which ends here; some may be named twice. */
  passed(state: number): readonly number[];
  /** The characters (code points) at which the next state may become another one than for the character before. */
  boundaries(state: number): readonly number[];
  next(state: number, character: number): number;
  /** Whether no text leads to another state. */
  isSettled(state: number): boolean;
}

/** Keeps states as numbers. */
export interface StateTable<T> {
  idOf(key: string, make: () => T): number;
  at(id: number): T;
  readonly size: number;
}

/** An empty table of states. */
export function createStateTable<T>(): StateTable<T> {
  const ids = new Map<string, number>();
  const states: T[] = [];
  return {
    idOf(key, make) {
      const known = ids.get(key);
      if (known !== undefined) return known;
      ids.set(key, states.length);
      return states.push(make()) - 1;
    },
    at(id) {
      const state = states[id];
      if (state === undefined) throw new RangeError(`there is no state ${id}`);
      return state;
    },
    get size() {
      return states.length;
    },
  };
}

/** Numbers for lists of numbers, the same for equal lists; cheaper than a text of each. */
export function createListNumbers(): (list: readonly number[]) => number {
  const next: Map<number, number>[] = [new Map()];
  return (list) => {
    let at = 0;
    for (const item of list) {
      const known = next[at]?.get(item);
      const place = known ?? next.push(new Map()) - 1;
      if (known === undefined) next[at]?.set(item, place);
      at = place;
    }
    return at;
  };
}

/** The code points of a text. */
export function charactersOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** The code point in lower case where it is a letter of ASCII. */
export function lowerCharacter(character: number): number {
  return character >= 65 && character <= 90 ? character + 32 : character;
}

/** Where a class of characters begins and ends that holds one character alone, in both cases if case counts for nothing. */
export function boundariesOf(characters: Iterable<number>, isIgnoringCase: boolean): readonly number[] {
  const found: number[] = [];
  for (const character of characters) {
    found.push(character, character + 1);
    if (isIgnoringCase && character >= 97 && character <= 122) found.push(character - 32, character - 31);
  }
  return found;
}
