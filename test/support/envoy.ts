import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The Envoy to test with: $ENVOY, the one that `npm run envoy` installs, or the one on the PATH; undefined when there is none. */
export function findEnvoy(): string | undefined {
  const installed = resolve(import.meta.dirname, '../../.envoy/bin/envoy');
  const isThere = (path: string): boolean =>
    path.includes('/') ? existsSync(path) : spawnSync(path, ['--version']).status === 0;
  return [process.env.ENVOY ?? '', installed, 'envoy'].find((path) => path !== '' && isThere(path));
}
