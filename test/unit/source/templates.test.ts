import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPlaceholder, mayHoldPlaceholders } from '../../../src/source/templates.ts';

const PIECES = [
  '{{',
  '}}',
  ' .name ',
  '${',
  '$(',
  ')',
  '}',
  '$$',
  '__',
  '_',
  '<',
  '>',
  '.',
  '-',
  'A',
  'a',
  '1',
  'REPLACE',
  'ME',
  'CHANGE',
  'PLACEHOLDER',
  'placeholder',
];

it('every text with a placeholder is one that is asked for placeholders', () => {
  const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (name) => {
      fc.pre(isPlaceholder(name));
      expect(mayHoldPlaceholders(`metadata: {name: ${name}}`)).toBe(true);
    }),
    { numRuns: 2000, maxSkipsPerRun: 1000 },
  );
});
