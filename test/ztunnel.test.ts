import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { ambientArguments, casesIn, ambientCases as folder } from './support/recorded-case.ts';

const work = mkdtempSync(join(tmpdir(), 'mesh-ztunnel-'));
const quiet = { ...createNodeIo(), err: () => {} };
afterAll(() => rmSync(work, { recursive: true, force: true }));

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

async function translated(name: string, ...flags: readonly string[]): Promise<string> {
  const out = join(work, name + flags.join(''));
  expect(await run(['translate', ...ambientArguments(join(folder, name)), ...flags, '--out-dir', out], quiet)).toBe(0);
  return out;
}

describe('what istiod 1.30.3 tells ztunnel, recorded', () => {
  test.each(casesIn(folder))('%s', async (name) => {
    const out = await translated(name);
    expect(readJson(join(out, 'ztunnel.json'))).toEqual(readJson(join(folder, name, 'expected/ztunnel.json')));
  });

  test('is nothing where ambient mode is off', async () => {
    const [name = ''] = casesIn(folder);
    const out = await translated(name, '--no-ambient');
    expect(() => readJson(join(out, 'ztunnel.json'))).toThrow('ENOENT');
  });
});
