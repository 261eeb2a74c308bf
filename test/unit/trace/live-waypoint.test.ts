import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/live/waypoint');

test('requests through a waypoint are answered as real Envoys answer them', async () => {
  const files = ['manifests/mesh.yaml', 'requests.yaml'].map((name) => [
    `/work/${name}`,
    readFileSync(join(folder, name), 'utf8'),
  ]);
  const io = createFakeIo({ files: Object.fromEntries(files) });
  expect(await run(['test', '-f', '/work/manifests', '/work/requests.yaml'], io)).toBe(0);
  expect(io.output()).toMatch(/\n(\d+) of \1 requests as expected\n$/);
});
