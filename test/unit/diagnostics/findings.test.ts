import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { allProblems } from '../../../src/diagnostics/problems/index.ts';
import { analyzers } from '../../../src/findings/analyzers/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/findings.md'), 'utf8');
const problems = allProblems().filter(({ code }) => code.startsWith('MESH2'));

test('every finding of mesh stands in docs/findings.md with its level, and nothing else does', () => {
  const rows = [...page.matchAll(/^\| (MESH\d{4}) +\| (\w+) +\|/gm)].map(([, code, level]) => `${code} ${level}`);
  expect(rows).toEqual(problems.map(({ code, severity }) => `${code} ${severity}`).sort());
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
