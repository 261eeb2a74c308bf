import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allProblems } from '../src/diagnostics/problems/index.ts';
import { analyzers } from '../src/findings/analyzers/index.ts';
import { defaultRelease, loadReleases } from '../src/releases/index.ts';

const root = resolve(import.meta.dirname, '..');

function textsOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

describe('analyzers', () => {
  const known = new Set(allProblems().map(({ code }) => code));

  test('have unique names and say what they look for', () => {
    const names = analyzers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(analyzers.filter(({ about, reads, codes }) => about === '' || reads.length === 0 || codes.length === 0)).toEqual([]);
  });

  test('report codes that a catalogue defines', () => {
    expect(analyzers.flatMap(({ codes }) => codes).filter((code) => !known.has(code))).toEqual([]);
  });

  test('report every code of Istio, or the code is retired with a reason', () => {
    const reported = new Set(analyzers.flatMap(({ codes }) => codes));
    const istio = [...known].filter((code) => code.startsWith('IST'));
    expect(istio.filter((code) => !reported.has(code) && defaultRelease.retiredCodes[code] === undefined)).toEqual([]);
    expect(istio.filter((code) => reported.has(code) && defaultRelease.retiredCodes[code] !== undefined)).toEqual([]);
  });

  test('of mesh itself have a test for each of their codes', () => {
    const tests = textsOf('test/unit');
    const own = analyzers.filter(({ name }) => name.startsWith('mesh.')).flatMap(({ codes }) => codes);
    expect(own.filter((code) => !tests.includes(code))).toEqual([]);
  });
});

describe('releases', () => {
  test('know no code of istioctl that the catalogue does not define, and retire none that they do not know', async () => {
    const istio = allProblems().flatMap(({ code }) => (code.startsWith('IST') ? [code] : []));
    const releases = await loadReleases();
    const known = new Set(releases.flatMap(({ codes }) => [...codes]));
    expect([...known].filter((code) => !istio.includes(code))).toEqual([]);
    expect(istio.filter((code) => !known.has(code))).toEqual([]);
    for (const { codes, retiredCodes } of releases) {
      expect(Object.keys(retiredCodes).filter((code) => !codes.has(code))).toEqual([]);
    }
  });
});

describe('codes', () => {
  test('are unique', () => {
    const codes = allProblems().map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('are all used in the program, apart from the retired ones', () => {
    const sources = textsOf('src');
    const unused = allProblems()
      .filter(({ code }) => defaultRelease.retiredCodes[code] === undefined)
      .map(({ code }) => ({
        code,
        name: new RegExp(`const (\\w+):[^=]*=\\s*defineProblem\\(\\s*\\{\\s*code: '${code}'`).exec(sources)?.[1] ?? '',
      }))
      .filter(({ name }) => name === '' || (sources.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length < 2);
    expect(unused).toEqual([]);
  });

  test('have names of their own, in words with hyphens', () => {
    const names = allProblems().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z0-9]+)+$/.test(name))).toEqual([]);
  });

  test('are all explained: what brings them about and what to do', () => {
    const poor = allProblems().filter(({ fix, example, cause }) => fix === '' || (example ?? cause ?? '') === '');
    expect(poor.map(({ code }) => code)).toEqual([]);
  });

  test('are defined in files that the list of areas names', () => {
    const defined = textsOf('src').matchAll(/defineProblem\(\s*\{\s*code: '(\w+)'/g);
    expect([...defined].map(([, code]) => code).sort()).toEqual(allProblems().map(({ code }) => code));
  });
});
