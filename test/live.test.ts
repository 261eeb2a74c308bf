import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { findEnvoy } from './support/envoy.ts';
import { casesIn } from './support/recorded-case.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');
const tool = resolve(import.meta.dirname, '../../shared/tools/live.py');
const envoy = findEnvoy();
const withInternalListeners = resolve(import.meta.dirname, 'support/live-envoy.sh');
const installed = resolve(import.meta.dirname, '../.envoy/bin/python');
const python = existsSync(installed) ? installed : 'python3';
const work = mkdtempSync(join(tmpdir(), 'mesh-live-'));

/** What is missing to run proxies as real Envoys in network namespaces. */
function missing(): string | undefined {
  if (!existsSync(tool)) return 'the tool that runs a case in network namespaces';
  if (envoy === undefined) return 'an Envoy (npm run envoy)';
  if (process.getuid?.() !== 0) return 'root, for network namespaces';
  const command = ['iptables', 'ip', 'curl', 'openssl', 'setpriv'].find((name) => spawnSync('which', [name]).status !== 0);
  if (command !== undefined) return `the command ${command}`;
  if (spawnSync(python, ['-c', 'import yaml']).status !== 0) return 'PyYAML (npm run envoy)';
  if (spawnSync('ip', ['netns', 'add', 'mesh-probe']).status !== 0) return 'the right to make network namespaces';
  spawnSync('ip', ['netns', 'delete', 'mesh-probe']);
  return undefined;
}

const lacking = missing();
if (lacking !== undefined) console.warn(`No traffic was sent through real Envoys, for want of ${lacking}.`);

/** The cases of every run; LIVE=all sends the requests of all tables. */
const everyRun = ['seed-sidecar', 'seed-reviews', 'seed-grpc-gateway', 'seed-ops'];
const withRequests = casesIn(fixtures).filter((name) => existsSync(join(fixtures, name, 'requests.yaml')));
const ofIstiod = (process.env.LIVE === 'all' ? withRequests : everyRun).map((name) => join(fixtures, name));
/** Cases of our own, which istiod never saw. */
const own = resolve(import.meta.dirname, '../fixtures/live');
const cases = [...ofIstiod, ...readdirSync(own).map((name) => join(own, name))].map((folder) => [basename(folder), folder]);

const quiet = { ...createNodeIo(), err: () => {} };

describe.skipIf(lacking !== undefined)('requests through real Envoys that run our configuration are answered as recorded', () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  // A second try: on a busy machine a dozen Envoys can take longer to start than the tool waits.
  test.each(cases)('%s', { timeout: 240_000, retry: 1 }, async (name = '', folder = '') => {
    const out = join(work, name);
    rmSync(out, { recursive: true, force: true });
    const meshConfig = existsSync(join(folder, 'mesh.yaml')) ? ['--mesh-config', join(folder, 'mesh.yaml')] : [];
    expect(await run(['translate', '-f', join(folder, 'manifests'), ...meshConfig, '--out-dir', out], quiet)).toBe(0);
    const { stdout } = await promisify(execFile)(python, [tool, folder, out], {
      env: { ...process.env, ENVOY: withInternalListeners, REAL_ENVOY: envoy ?? '' },
    }).catch((error: { stdout: string }) => ({ stdout: `${error.stdout}` }));
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([expect.stringMatching(/^(\d+) of \1 as expected$/)]);
  });
});
