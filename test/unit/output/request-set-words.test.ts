import { describe, expect, test } from 'vitest';
import { setWords } from '../../../src/output/request-set-words.ts';
import type { TextTest } from '../../../src/request-space/formula.ts';

const path = { kind: 'path' } as const;

function words(...answers: readonly (readonly [test: TextTest, is: boolean])[]): readonly string[] {
  const traits = answers.map(([one, is]) => ({ test: { kind: 'text', dimension: path, test: one }, is }) as const);
  return setWords({ anyOf: [traits], isWhole: true }, '');
}

const rewritten = (inner: TextTest): TextTest => ({ kind: 'replaced', prefix: '/api', by: '/', test: inner });

describe('the words for a set of requests', () => {
  test('say what becomes of a path by its beginning in terms of the path, where it is known to begin so', () => {
    expect(words([{ kind: 'prefix', text: '/api' }, true], [rewritten({ kind: 'prefix', text: '/admin' }), false])).toEqual([
      'requests where path begins with /api but does not begin with /apiadmin',
    ]);
    expect(words([{ kind: 'prefix', text: '/api' }, true], [rewritten({ kind: 'exact', text: '/x' }), true])).toEqual([
      'requests where path is /apix',
    ]);
  });

  test('name the rewrite where the path may begin otherwise, or its end is asked for', () => {
    expect(words([rewritten({ kind: 'prefix', text: '/admin' }), true])).toEqual([
      'requests where path with / for /api at its beginning begins with /admin',
    ]);
    expect(words([{ kind: 'prefix', text: '/api' }, true], [rewritten({ kind: 'suffix', text: 'i.json' }), true])).toEqual([
      'requests where path begins with /api and with / for /api at its beginning ends with i.json',
    ]);
    expect(words([{ kind: 'prefix', text: '/ap' }, true], [rewritten({ kind: 'prefix', text: '/admin' }), true])).toEqual([
      'requests where path begins with /ap and with / for /api at its beginning begins with /admin',
    ]);
  });

  test('name what proxies look for in paths, not the expression', () => {
    const trouble: TextTest = { kind: 'regex', expression: '.*//.*', meaning: 'not in normal form' };
    expect(words([trouble, false])).toEqual(['requests where path is in normal form']);
    expect(words([rewritten(trouble), true])).toEqual([
      'requests where path with / for /api at its beginning is not in normal form',
    ]);
  });
});
