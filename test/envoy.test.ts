import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { findEnvoy } from './support/envoy.ts';
import { casesIn } from './support/recorded-case.ts';

const envoy = findEnvoy();
const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');
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

  for (const name of casesIn(fixtures)) {
    const reason = refused.get(name);
    test.concurrent(reason === undefined ? name : `${name}: refused, since ${reason}`, async () => {
      const out = join(work, name);
      const folder = join(fixtures, name);
      const meshConfig = existsSync(join(folder, 'mesh.yaml')) ? ['--mesh-config', join(folder, 'mesh.yaml')] : [];
      const argv = ['translate', '-f', join(folder, 'manifests'), ...meshConfig, '-o', 'envoy', '--out-dir', out];
      expect(await run(argv, quiet)).toBe(0);
      // One case logs to a file there.
      if (name === 'telemetry-access-logging') mkdirSync('/var/log/istio', { recursive: true });
      const rejected: string[] = [];
      for (const file of readdirSync(out)) {
        try {
          // Through a pipe: access logs open /dev/stdout, which Node makes a socket that cannot be opened.
          const script = 'set -o pipefail; "$0" --mode validate -c "$1" --log-level error 2>&1 | cat';
          await promisify(execFile)('bash', ['-c', script, envoy ?? '', join(out, file)]);
        } catch (error) {
          rejected.push(`${file}: ${(error as { stdout?: string }).stdout?.slice(0, 500)}`);
        }
      }
      if (reason === undefined) expect(rejected).toEqual([]);
      else expect(rejected).not.toEqual([]);
    });
  }
});
