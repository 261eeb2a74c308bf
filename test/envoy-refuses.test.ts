import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { envoyRefusal, findEnvoy } from './support/envoy.ts';
import { bootstrapWith, languages } from './support/envoy-texts.ts';
import { refusedCases } from './support/refused-cases.ts';

const envoy = findEnvoy();
const fixtures = resolve(import.meta.dirname, '../fixtures/refused');
const work = mkdtempSync(join(tmpdir(), 'mesh-refused-'));
const quiet = { ...createNodeIo(), err: () => {} };

/** What a stock Envoy says against the proxies of one side of a case. */
async function refusalsOf(name: string, side: 'refused' | 'accepted'): Promise<readonly string[]> {
  const out = join(work, name, side);
  const manifests = [join(fixtures, 'base.yaml'), join(fixtures, name, `${side}.yaml`)].filter((file) => existsSync(file));
  const meshConfig = join(fixtures, name, `${side}.mesh.yaml`);
  const argv = ['translate', ...manifests.flatMap((file) => ['-f', file]), '-o', 'envoy', '--out-dir', out];
  expect(await run(existsSync(meshConfig) ? [...argv, '--mesh-config', meshConfig] : argv, quiet)).toBe(0);
  const refusals: string[] = [];
  for (const file of readdirSync(out)) {
    const refusal = await envoyRefusal(envoy ?? '', join(out, file));
    if (refusal !== undefined) refusals.push(`${file}: ${refusal}`);
  }
  return refusals;
}

describe.skipIf(envoy === undefined)('a stock Envoy refuses what mesh calls refused', () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test.concurrent.each(refusedCases)('$name', async ({ name }) => {
    expect(await refusalsOf(name, 'refused')).not.toEqual([]);
    expect(await refusalsOf(name, 'accepted')).toEqual([]);
  });

  test.concurrent.each(languages)('$name', async ({ name, taken, refused, configuration }) => {
    const folder = join(work, name);
    mkdirSync(folder);
    const file = join(folder, 'bootstrap.json');
    const isRefused = async (text: string): Promise<boolean> => {
      writeFileSync(file, JSON.stringify(bootstrapWith(configuration(text))));
      return (await envoyRefusal(envoy ?? '', file)) !== undefined;
    };
    for (const text of taken) expect(await isRefused(text), text).toBe(false);
    for (const text of refused) expect(await isRefused(text), text).toBe(true);
  });
});
