import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TextTest } from '../../../src/request-space/formula.ts';
import { USUAL_LIMITS, within } from '../../../src/request-space/limits.ts';
import { classesOfTexts } from '../../../src/request-space/text/classes.ts';
import { automatonOfTests } from '../../../src/request-space/text/tests.ts';
import { type WorldPart, worldProgram } from '../../../src/request-space/text/worlds.ts';
import { passes, someExpression, someText, someTextTest } from '../../support/request-space.ts';

/** The tests that a text passes, by the automaton. */
function passedBy(tests: readonly TextTest[], text: string): readonly number[] {
  const automaton = automatonOfTests(tests, () => undefined);
  const end = Array.from(text).reduce((state, letter) => automaton.next(state, letter.codePointAt(0) ?? 0), automaton.start);
  return automaton.passed(end);
}

/** The tests that a text passes, by the matchers of traces. */
function expectedOf(tests: readonly TextTest[], text: string): readonly number[] {
  return tests.flatMap((test, place) => (passes(test, text) ? [place] : []));
}

const regex = (expression: string): TextTest => ({ kind: 'regex', expression });

describe('an automaton of tests', () => {
  test('says of any text what the matchers of traces say', () => {
    fc.assert(
      fc.property(fc.array(someTextTest, { maxLength: 6 }), fc.array(someText, { maxLength: 8 }), (tests, texts) => {
        for (const text of texts) expect(passedBy(tests, text)).toEqual(expectedOf(tests, text));
      }),
      { numRuns: 80 },
    );
  });

  test('reads expressions as RE2 does', () => {
    fc.assert(
      fc.property(someExpression, fc.array(someText, { maxLength: 10 }), (expression, texts) => {
        for (const text of texts) expect(passedBy([regex(expression)], text)).toEqual(expectedOf([regex(expression)], text));
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['(?i)straSSe', 'STRAẞE', 'strasse', 'STRASSE', 'ſtraſſe'],
    ['(?i)θ+', 'Θϑθϴ', 'θ', 't'],
    ['.*', '', 'a b', '\t'],
    ['[^a]', 'b', '😀', 'a'],
    ['(?i)[k-m]x', 'KX', '\u212ax', 'lX', 'nx'],
    ['a(', 'a', 'a('],
    ['\\bcat\\b.*', 'cat', 'cats', 'cat s'],
    ['.*\\B', 'a', '', '-'],
  ])('reads %s as RE2 does', (expression, ...texts) => {
    for (const text of texts) expect(passedBy([regex(expression)], text)).toEqual(expectedOf([regex(expression)], text));
  });

  test.each([
    [0n, 10n],
    [-5n, 5n],
    [95n, 1005n],
    [-1000n, -95n],
    [7n, 7n],
    [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  ])('knows the decimal numbers from %s to before %s', (start, end) => {
    const numbers = [...Array(1200).keys()].map((value) => value - 100);
    const texts = [
      '',
      '+',
      '-',
      '-0',
      '+0',
      '007',
      '1e3',
      ' 1',
      '+-1',
      '9223372036854775807',
      ...numbers.map(String),
      '-1000',
      '-995',
    ];
    const integer: TextTest = { kind: 'integer', start, end };
    for (const text of texts) expect([text, passedBy([integer], text)]).toEqual([text, expectedOf([integer], text)]);
  });
});

describe('the classes of texts', () => {
  const anyOf = (of: string): WorldPart => ({ least: 0, of });
  const world = worldProgram([[anyOf('a-z./')]]);
  const all = worldProgram([[anyOf('^')]]);
  const queries = worldProgram([['/', anyOf('a-z?=')]]);
  const paths = worldProgram([['/', anyOf('^ \t?#')]]);
  const classesOf = (tests: readonly TextTest[], testsWithoutQuery: readonly TextTest[] = [], [usual, every] = [world, world]) =>
    classesOfTexts({ tests, testsWithoutQuery, usual, all: every, samples: ['/'] }, USUAL_LIMITS, () => undefined);

  test('have witnesses that pass the tests of their class', () => {
    fc.assert(
      fc.property(fc.array(someTextTest, { maxLength: 5 }), (tests) => {
        const classes = within(() => classesOf(tests, [], [world, all]));
        if ('kind' in classes) return;
        expect(new Set(classes.map(({ passed }) => passed.join())).size).toBe(classes.length);
        for (const { passed, witness } of classes) expect([witness, expectedOf(tests, witness)]).toEqual([witness, passed]);
      }),
      { numRuns: 40 },
    );
  });

  test('are all that there are: each text is in one of them', () => {
    fc.assert(
      fc.property(fc.array(someTextTest, { maxLength: 5 }), fc.array(someText, { maxLength: 10 }), (tests, texts) => {
        const classes = within(() => classesOf(tests, [], [world, all]));
        if ('kind' in classes) return;
        const known = new Set(classes.map(({ passed }) => passed.join()));
        for (const text of texts) expect(known).toContain(expectedOf(tests, text).join());
      }),
      { numRuns: 100 },
    );
  });

  test('are named by the shortest text of usual characters, or by one that everybody knows', () => {
    const witnesses = classesOf([
      { kind: 'prefix', text: '/api' },
      { kind: 'exact', text: '/api/admin' },
      { kind: 'suffix', text: '.css' },
      regex('/users/[^/]+/items'),
    ]).map(({ witness }) => witness);
    expect(witnesses).toEqual(['/', '.css', '/api', '/api.css', '/api/admin', '/users/a/items']);
  });

  test('leave out what lies outside of the world', () => {
    expect(classesOf([{ kind: 'exact', text: '/API' }]).map(({ witness }) => witness)).toEqual(['/']);
  });

  test('know a catch-all, however it is written', () => {
    for (const expression of ['.*', '/.*', '^/.*$', '(/|/.+)', '/[^\\n]*', '(?s)/.*', '/?.*', '\\S*']) {
      const classes = classesOf([regex(expression)], [], [paths, paths]);
      expect([expression, classes.map(({ passed }) => passed)]).toEqual([expression, [[0]]]);
    }
    expect(classesOf([regex('^/.+$')], [], [paths, paths]).map(({ witness }) => witness)).toEqual(['/', '/a']);
  });

  test('of a path with its query, some tests of which look at the path alone', () => {
    const found = classesOf([{ kind: 'contains', text: 'b' }], [{ kind: 'exact', text: '/a' }], [queries, queries]);
    expect(found).toEqual([
      { passed: [], witness: '/' },
      { passed: [1], witness: '/a' },
      { passed: [0], witness: '/b' },
      { passed: [0, 1], witness: '/a?b' },
    ]);
  });

  test('are given up where they are too many', () => {
    const tests = [regex('.*a.{30}'), regex('.*b.{30}')];
    const classes = within(() =>
      classesOfTexts({ tests, usual: world, all: world, samples: [] }, { ...USUAL_LIMITS, states: 500 }, () => undefined),
    );
    expect(classes).toEqual({ kind: 'gaveUp', at: 'states', limit: 500 });
  });
});
