import { expect, test } from 'vitest';
import {
  appended,
  constant,
  inPlaceOf,
  made,
  orElse,
  sourceKey,
  type TextSource,
} from '../../../../src/trace/recording/source.ts';

const header = (name: string): TextSource => ({ kind: 'request', dimension: { kind: 'header', name } });

test('a header that something is added to many times has a text that grows with the additions', () => {
  const added = (count: number): TextSource =>
    Array.from({ length: count }).reduce<TextSource>((before) => appended(before, constant('1'), '1'), header('x'));
  expect(sourceKey(added(1_000)).length).toBeLessThan(20_000);
  expect(sourceKey(added(40))).toBe(sourceKey(added(40)));
  expect(sourceKey(added(40))).not.toBe(sourceKey(added(41)));
});

test('headers that are made of one another, each twice, have a text that grows with the headers, however deep', () => {
  const nested = (count: number, first: string): TextSource =>
    Array.from({ length: count }).reduce<TextSource>((of) => made('twice', [of, of], undefined), header(first));
  expect(sourceKey(nested(60, 'x')).length).toBeLessThan(5_000);
  expect(sourceKey(nested(20_000, 'x'))).not.toBe(sourceKey(nested(20_000, 'y')));
});

test('what is set only where nothing is, or only where something is, follows no longer way than needed', () => {
  expect(orElse(orElse(header('x'), 'a'), 'b')).toEqual(orElse(header('x'), 'a'));
  expect(inPlaceOf(inPlaceOf(header('x'), 'a'), 'b')).toEqual(inPlaceOf(header('x'), 'b'));
  expect(inPlaceOf(orElse(header('x'), 'a'), 'b')).toEqual(constant('b'));
  expect(orElse(constant(undefined), 'a')).toEqual(constant('a'));
  expect(inPlaceOf(constant(undefined), 'a')).toEqual(constant(undefined));
});
