import { expect, test } from 'vitest';
import { findWritten } from '../../../../src/findings/compiled/refusals/written.ts';

const wanted = { value: 'cart.shop', words: new Set<string>() };

test('of several fields that a value may come from, the same is told in whatever order the document has them', () => {
  const spec = { selector: { app: 'cart.sh' } };
  const [one, other] = [
    { metadata: { name: 'cart.s' }, spec },
    { spec, metadata: { name: 'cart.s' } },
  ];
  expect(findWritten(one, [], wanted)?.path).toEqual(['metadata', 'name']);
  expect(findWritten(other, [], wanted)?.path).toEqual(['metadata', 'name']);
});

test('the very value is told before a part of it, wherever they stand', () => {
  const document = { metadata: { name: 'cart.s' }, spec: { host: 'cart.shop' } };
  expect(findWritten(document, [], wanted)?.path).toEqual(['spec', 'host']);
});
