import { expect, test } from 'vitest';
import { againWithin, createAgain, createMapping } from '../../../src/util/again.ts';

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
