import { expect, test } from 'vitest';
import { afresh, againForEach, againOver, againWithin, createAgain, createMapping } from '../../../src/util/again.ts';

test('gives the last result again for the same inputs, lists by their members', () => {
  const again = createAgain();
  const member = {};
  const first = again('list', [[member], 1], () => ({}));
  expect(again('list', [[member], 1], () => ({}))).toBe(first);
  expect(again('other', [[member], 1], () => ({}))).not.toBe(first);
  expect(againWithin(again, 'east')('list', [[member], 1], () => ({}))).not.toBe(first);
});

test('makes it anew where an input is another one, there is one more, or their order is another', () => {
  const again = createAgain();
  const [a, b] = [{}, {}];
  let made = 0;
  const make = (): number => made++;
  for (const inputs of [[[a, b]], [[b, a]], [[a]], [[a], a], [[a], undefined], [a], [[{}]]]) again('list', inputs, make);
  expect(made).toBe(7);
});

test('a mapping asks again only about members that the last list did not have', () => {
  const asked: string[] = [];
  const lengths = createMapping((text: string) => {
    asked.push(text);
    return text.length;
  });
  const lists = [['a', 'bb', 'ccc'], ['a', 'bb', 'ccc'], ['a', 'dddd', 'ccc'], ['ccc', 'a', 'dddd'], ['a', 'a', 'ee'], [], ['a']];
  for (const list of lists) expect(lengths(list)).toEqual(list.map(({ length }) => length));
  expect(asked).toEqual(['a', 'bb', 'ccc', 'dddd', 'ee', 'a']);
});

interface Source {
  readonly read: object;
  readonly later: object;
  readonly never: object;
}

const sourceOf = (parts: Partial<Source> = {}): Source => ({ read: {}, later: {}, never: {}, ...parts });
/** Reads one part when it is created, and another when it is asked. */
const create = ({ read, ...source }: Source) => ({ read, source });
const createLazily = (source: Source) => {
  const { read } = source;
  return { read, later: () => source.later };
};

test('what is created over a source stays while the parts that it has read are the same', () => {
  const again = createAgain();
  const source = sourceOf();
  const made = againOver(again, 'maker', source, createLazily);
  expect(againOver(again, 'maker', { ...source, later: {}, never: {} }, createLazily)).toBe(made);
  expect(againOver(again, 'other', source, createLazily)).not.toBe(made);
  expect(againOver(again, 'maker', { ...source, read: {} }, createLazily)).not.toBe(made);
  expect(againOver(afresh, 'maker', source, createLazily)).not.toBe(againOver(afresh, 'maker', source, createLazily));
});

test('it sees parts of the last source, and those that it has read by then count', () => {
  const again = createAgain();
  const source = sourceOf();
  const made = againOver(again, 'maker', source, createLazily);
  const changed = { ...source, later: {} };
  expect(againOver(again, 'maker', changed, createLazily).later()).toBe(changed.later);
  expect(againOver(again, 'maker', changed, createLazily)).toBe(made);
  expect(againOver(again, 'maker', source, createLazily)).not.toBe(made);
});

test('who spreads a source reads all of it', () => {
  const again = createAgain();
  const source = sourceOf();
  const made = againOver(again, 'maker', source, create);
  expect(againOver(again, 'maker', source, create)).toBe(made);
  expect(againOver(again, 'maker', { ...source, never: {} }, create)).not.toBe(made);
});

test('it is made anew after many changes, so that what it remembers does not grow for ever', () => {
  const again = createAgain();
  const source = sourceOf();
  const made = new Set(Array.from({ length: 200 }, () => againOver(again, 'maker', source, createLazily)));
  expect(made.size).toBeGreaterThan(1);
  expect(made.size).toBeLessThan(10);
});

interface Asking {
  readonly asked: { readonly about: (one: object) => object | undefined; readonly other: object };
}

test('of a part that is asked, the steady questions go to the last one, and the rest counts by its parts', () => {
  const again = createAgain();
  const [one, answer, later, other] = [{}, {}, {}, {}];
  const sourceWith = (found: object, part: object = other): Asking => ({
    asked: { about: (about) => (about === one ? found : undefined), other: part },
  });
  const createAsking = ({ asked }: Asking) => ({ ask: () => asked.about(one), other: asked.other });
  const part = { part: 'asked', steady: ['about'] } as const;
  const made = againOver(again, 'maker', sourceWith(answer), createAsking, part);
  expect(made.ask()).toBe(answer);
  expect(againOver(again, 'maker', sourceWith(later), createAsking, part)).toBe(made);
  expect(made.ask()).toBe(later);
  expect(againOver(again, 'maker', sourceWith(later, {}), createAsking, part)).not.toBe(made);
});

test('what was made for an object is given again while the other inputs are the same', () => {
  const again = createAgain();
  const [one, other, input] = [{}, {}, {}];
  const each = againForEach<object>(again, 'thing');
  const made = each(one, [[input]], () => ({}));
  expect(againForEach<object>(again, 'thing')(one, [[input]], () => ({}))).toBe(made);
  expect(againForEach<object>(again, 'sort')(one, [[input]], () => ({}))).not.toBe(made);
  expect(each(other, [[input]], () => ({}))).not.toBe(made);
  expect(each(one, [[{}]], () => ({}))).not.toBe(made);
  expect(againForEach<object>(afresh, 'thing')(one, [[input]], () => ({}))).not.toBe(made);
});
