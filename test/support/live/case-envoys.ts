import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { createNodeIo } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';
import { findEnvoy } from '../envoy.ts';

const tool = resolve(import.meta.dirname, '../../../../shared/tools/live.py');
const envoy = findEnvoy();
const withInternalListeners = resolve(import.meta.dirname, '../live-envoy.sh');
const installed = resolve(import.meta.dirname, '../../../.envoy/bin/python');
const python = existsSync(installed) ? installed : 'python3';

/** What is missing to run proxies as real Envoys in network namespaces. */
export function missing(): string | undefined {
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

const quiet = { ...createNodeIo(), err: () => {} };

/** Runs the proxies of a case as real Envoys in network namespaces, sends the requests of its table, and gives a line for each. */
export async function answersOf(folder: string): Promise<readonly string[]> {
  const work = mkdtempSync(join(tmpdir(), 'mesh-live-'));
  const out = join(work, basename(folder));
  const meshConfig = existsSync(join(folder, 'mesh.yaml')) ? ['--mesh-config', join(folder, 'mesh.yaml')] : [];
  try {
    const code = await run(['translate', '-f', join(folder, 'manifests'), ...meshConfig, '--out-dir', out], quiet);
    if (code !== 0) throw new Error(`translate gives ${code}`);
    const { stdout } = await promisify(execFile)(python, [tool, folder, out], {
      env: { ...process.env, ENVOY: withInternalListeners, REAL_ENVOY: envoy ?? '' },
    }).catch((error: { stdout: string }) => ({ stdout: `${error.stdout}` }));
    return stdout.trim().split('\n');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
