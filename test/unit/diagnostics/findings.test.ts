import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fillIn, generatedParts } from '../../../scripts/docs/findings.ts';
import { pages } from '../../../scripts/docs/main.ts';
import { allProblems } from '../../../src/diagnostics/problems/index.ts';
import { analyzers } from '../../../src/findings/analyzers/index.ts';

const root = resolve(import.meta.dirname, '../../..');
const problems = allProblems().filter(({ code }) => code.startsWith('MESH2'));

test.each(pages)('%s says what the program defines (npm run generate writes it)', (page) => {
  const text = readFileSync(resolve(root, page), 'utf8');
  expect(fillIn(text, generatedParts())).toBe(text);
});

test('every finding is that of one analyzer, or of the checks that compile', () => {
  const compiled = /^MESH(2010|209\d|2110)$/;
  const declared = analyzers.flatMap(({ codes }) => codes).filter((code) => code.startsWith('MESH2'));
  expect(declared.sort()).toEqual(
    problems
      .map(({ code }) => code)
      .filter((code) => !compiled.test(code))
      .sort(),
  );
});
