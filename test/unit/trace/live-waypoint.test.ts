import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const live = resolve(import.meta.dirname, '../../../fixtures/live');

test.each([
  ['a waypoint', 'waypoint'],
  ['a waypoint, to the address of a pod', 'waypoint-direct'],
  ['the gateway of another network', 'between-networks'],
])('requests through %s are answered as real Envoys answer them', async (_, name) => {
  const folder = join(live, name);
  const files = ['manifests/mesh.yaml', 'requests.yaml', 'mesh.yaml'].filter((file) => existsSync(join(folder, file)));
  const io = createFakeIo({
    files: Object.fromEntries(files.map((file) => [`/work/${file}`, readFileSync(join(folder, file), 'utf8')])),
  });
  const meshConfig = files.includes('mesh.yaml') ? ['--mesh-config', '/work/mesh.yaml'] : [];
  expect(await run(['test', '-f', '/work/manifests', ...meshConfig, '/work/requests.yaml'], io)).toBe(0);
  expect(io.output()).toMatch(/\n(\d+) of \1 requests as expected\n$/);
});
