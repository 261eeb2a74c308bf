import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { envoyRefusal, findEnvoy } from './support/envoy.ts';
import { casesIn, istiodEnvironment } from './support/recorded-case.ts';

const envoy = findEnvoy();
const fixtures = resolve(import.meta.dirname, '../fixtures');
const work = mkdtempSync(join(tmpdir(), 'mesh-envoy-'));

/** Cases in which istiod itself sends what Envoy refuses; mesh warns of it. */
const refused = new Map([
  ['envoyfilter-http-filters', 'a filter stands after the router'],
  ['jwt-gateway-claim-routing', 'a claim match has no value'],
]);

if (envoy === undefined) console.warn('No Envoy: nothing was loaded into one. Install it with `npm run envoy`.');

const quiet = { ...createNodeIo(), err: () => {} };

describe.skipIf(envoy === undefined)('a stock Envoy accepts the static bootstrap of every proxy', () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const cases = [
    ...casesIn(join(fixtures, 'istiod')).map((name) => ({ name, folder: join(fixtures, 'istiod', name), flags: [] })),
    ...casesIn(join(fixtures, 'istiod-ambient')).map((name) => ({
      name,
      folder: join(fixtures, 'istiod-ambient', name),
      flags: ['--ambient', ...istiodEnvironment(join(fixtures, 'istiod-ambient', name))],
    })),
  ];
  for (const { name, folder, flags } of cases) {
    const reason = refused.get(name);
    test.concurrent(reason === undefined ? name : `${name}: refused, since ${reason}`, async () => {
      const out = join(work, name);
      const meshConfig = existsSync(join(folder, 'mesh.yaml')) ? ['--mesh-config', join(folder, 'mesh.yaml')] : [];
      const argv = ['translate', '-f', join(folder, 'manifests'), ...meshConfig, ...flags, '-o', 'envoy', '--out-dir', out];
      expect(await run(argv, quiet)).toBe(0);
      // One case logs to a file there.
      if (name === 'telemetry-access-logging') mkdirSync('/var/log/istio', { recursive: true });
      const rejected: string[] = [];
      for (const file of readdirSync(out).filter((each) => each !== 'ztunnel.json')) {
        const refusal = await envoyRefusal(envoy ?? '', join(out, file));
        if (refusal !== undefined) rejected.push(`${file}: ${refusal}`);
      }
      if (reason === undefined) expect(rejected).toEqual([]);
      else expect(rejected).not.toEqual([]);
    });
  }
});
