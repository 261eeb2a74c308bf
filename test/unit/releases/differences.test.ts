import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { behaviourNotes } from '../../../src/releases/behaviour-notes.ts';
import { loadReleases } from '../../../src/releases/index.ts';
import type { Behaviours } from '../../../src/releases/release.ts';

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('releases'))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n');
const names = Object.keys(behaviourNotes) as (keyof Behaviours)[];
const releases = await loadReleases();

describe('behaviours of releases', () => {
  test.each(names)('%s differs between two releases', (name) => {
    expect(new Set(releases.map(({ behaviours }) => JSON.stringify(behaviours[name]))).size).toBeGreaterThan(1);
  });

  test.each(names)('%s is read where its rule lives', (name) => {
    expect(source).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
