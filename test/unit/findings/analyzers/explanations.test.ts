import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { allProblems } from '../../../../src/diagnostics/problems/index.ts';
import { analyzers } from '../../../../src/findings/analyzers/index.ts';
import { defaultRelease, loadReleases } from '../../../../src/releases/index.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

/** The codes that `mesh analyze` reports of a text. */
async function codesOf(text: string, args: readonly string[] = []): Promise<readonly string[]> {
  const io = createFakeIo({ files: { '/work/m.yaml': text } });
  await run(['analyze', '-o', 'json', ...args, 'm.yaml'], io);
  return JSON.parse(io.output()).map(({ code }: { readonly code: string }) => code);
}

const releases = await loadReleases();

/** The flags by which a code is reported: the first release that has it, and those that nobody asks for by themselves. */
function flagsFor(code: string): readonly string[] {
  const isEverywhere = !code.startsWith('IST') || defaultRelease.codes.has(code);
  const name = releases.find(({ codes }) => codes.has(code))?.name ?? '';
  return [
    ...(isEverywhere ? [] : ['--istio-version', name]),
    // Where the API server is asked, it says why.
    ...(code === 'MESH0009' ? ['--api-server', 'none'] : []),
    ...(code === 'IST0136' ? ['--analyzer=annotations.AlphaAnalyzer'] : []),
  ];
}

const examples = allProblems().flatMap(({ code, example }) => (example === undefined ? [] : [{ code, example }]));

describe('examples of codes', () => {
  test.each(examples)('$code', async ({ code, example }) => {
    expect(await codesOf(example, flagsFor(code))).toContain(code);
  });

  test('make each analyzer of Istio report each of its codes', async () => {
    const silent: string[] = [];
    for (const { name, codes, isOfFleet = false } of analyzers) {
      // What compares clusters is shown in several-clusters.test.ts.
      if (/^(mesh|schema)\./.test(name) || isOfFleet) continue;
      for (const code of codes) {
        // One code serves several analyzers; their own examples stand in istio-analyzers.test.ts.
        if (code === 'IST0101' || code === 'IST0002') continue;
        const flags = [...flagsFor(code), `--analyzer=${name}`];
        const reported = await codesOf(examples.find((one) => one.code === code)?.example ?? '', flags);
        if (!reported.includes(code)) silent.push(`${name} ${code}`);
      }
    }
    expect(silent).toEqual([]);
  });
});

describe('mesh explain', () => {
  test('says what a code means, what brings it about and what to do', async () => {
    const io = createFakeIo();
    expect(await run(['explain', 'ist0118'], io)).toBe(0);
    expect(io.output()).toContain('IST0118 (info)');
    expect(io.output()).toContain('ports: [{name: web, port: 80}]');
    expect(io.output()).toContain('What to do:');
  });

  test('speaks of the release that is asked for', async () => {
    const explained = async (...args: readonly string[]) => {
      const io = createFakeIo();
      expect(await run(['explain', ...args], io)).toBe(0);
      return io.output();
    };
    expect(await explained('IST0101', '--istio-version', '1.29')).toContain('https://istio.io/v1.29/docs/');
    expect(await explained('IST0101', '--istio-version', '1.29')).not.toContain('does not report it');
    expect(await explained('IST0177')).toContain('Istio 1.30 does not report it: it is a code of 1.31.');
    expect(await explained('IST0177')).toContain('https://istio.io/v1.31/docs/reference/config/analysis/ist0177/');
    expect(await explained('IST0177', '--istio-version', '1.31.0')).not.toContain('does not report it');
  });

  test('lists all codes', async () => {
    const io = createFakeIo();
    expect(await run(['explain'], io)).toBe(0);
    expect(io.output().trim().split('\n')).toHaveLength(allProblems().length);
  });

  test('an unknown code is a usage error with the nearest one', async () => {
    const io = createFakeIo();
    expect(await run(['explain', 'IST1101'], io)).toBe(64);
    expect(io.errors()).toContain('IST0101');
  });
});
