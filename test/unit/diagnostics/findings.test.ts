import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fillIn, generatedParts } from '../../../scripts/docs/findings.ts';
import { pages } from '../../../scripts/docs/main.ts';
import { allProblems } from '../../../src/diagnostics/problems/index.ts';
import { namedChecks } from '../../../src/findings/checks.ts';

const root = resolve(import.meta.dirname, '../../..');
const problems = allProblems().filter(({ code }) => code.startsWith('MESH2'));

test.each(pages)('%s says what the program defines (npm run generate writes it)', (page) => {
  const text = readFileSync(resolve(root, page), 'utf8');
  expect(fillIn(text, generatedParts())).toBe(text);
});

test('every finding is that of one analyzer, or of the checks that compile', () => {
  const declared = namedChecks().flatMap(({ codes }) => codes);
  expect(declared.filter((code) => code.startsWith('MESH2')).sort()).toEqual(problems.map(({ code }) => code));
});
