import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

/** The Envoy to test with: $ENVOY, the one that `npm run envoy` installs, or the one on the PATH; undefined when there is none. */
export function findEnvoy(): string | undefined {
  const installed = resolve(import.meta.dirname, '../../.envoy/bin/envoy');
  const isThere = (path: string): boolean =>
    path.includes('/') ? existsSync(path) : spawnSync(path, ['--version']).status === 0;
  return [process.env.ENVOY ?? '', installed, 'envoy'].find((path) => path !== '' && isThere(path));
}

/** What Envoy says against a bootstrap; undefined when it takes it. */
export async function envoyRefusal(envoy: string, file: string): Promise<string | undefined> {
  try {
    // Through a pipe: access logs open /dev/stdout, which Node makes a socket that cannot be opened.
    const script = 'set -o pipefail; "$0" --mode validate -c "$1" --log-level error 2>&1 | cat';
    await promisify(execFile)('bash', ['-c', script, envoy, file]);
    return undefined;
  } catch (error) {
    return (error as { stdout?: string }).stdout?.slice(0, 500) ?? String(error);
  }
}
