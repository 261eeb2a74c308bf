import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { createRandom, randomEdit } from '../../support/random-edits.ts';

const NOTE = 'Watching for changes; Ctrl-C ends it.\n';
/** Few, since each of them is also tried by a run of its own. */
const EDITS = 8;

/** A fixture as a world in memory. */
function worldOf(fixture: string): Readonly<Record<string, string>> {
  const folder = join(import.meta.dirname, '../../../fixtures', fixture);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [`/work/${path.slice(folder.length + 1)}`, readFileSync(path, 'utf8')];
    }),
  );
}

type Changes = Readonly<Record<string, string | null>>;

/** What a watch has printed last at each state of the files. */
async function watched(args: readonly string[], files: Readonly<Record<string, string>>, changes: readonly Changes[]) {
  const states: string[] = [];
  let last = '';
  let current = '';
  const io = createFakeIo({ files, changes });
  const noting: Io = {
    ...io,
    out(content) {
      current += String(content);
      return true;
    },
    err(content) {
      current += String(content);
      if (!String(content).endsWith(NOTE)) return;
      last = current.slice(0, -NOTE.length);
      current = '';
    },
    watcher() {
      const watcher = io.watcher();
      return {
        follow: watcher.follow,
        async next() {
          states.push(last);
          // A real watcher tells of a file by each name of its folder that was asked for, and of folders that come and go.
          const paths = await watcher.next();
          return paths?.flatMap((path) => [path, dirname(path), `/work/${path}`]);
        },
      };
    },
  };
  await run([...args, '--watch'], noting);
  return states;
}

/** What a run of its own prints. */
async function fresh(args: readonly string[], files: Readonly<Record<string, string>>): Promise<string> {
  let all = '';
  const io: Io = {
    ...createFakeIo({ files }),
    out(content) {
      all += String(content);
      return true;
    },
    err(content) {
      all += String(content);
    },
  };
  await run(args, io);
  return all;
}

function withChange(files: Readonly<Record<string, string>>, change: Changes): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...files, ...change }).flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])),
  );
}

const cases: readonly (readonly [fixture: string, args: readonly string[]])[] = [
  ['operations', ['analyze']],
  ['broken', ['analyze', '-A']],
  ['bookinfo', ['analyze', '-o', 'json']],
  ['ambient-mixed', ['analyze']],
  ['ambient-waypoint', ['analyze', '--namespace', 'default']],
  ['grpc-gateway', ['analyze', '--partial']],
  ['migration', ['analyze', '--group-by-folder', 'quiet', 'sidecar-client']],
  ['two-networks', ['analyze']],
  ['mixed-repository', ['analyze', '.']],
  ['helloworld', ['test']],
];

describe('after random edits, a watch prints what a run of its own prints', () => {
  test.each(cases)('%s: %j', { timeout: 120_000 }, async (fixture, args) => {
    const original = worldOf(fixture);
    const random = createRandom(fixture.length);
    const states = [original];
    const changes: Changes[] = [];
    for (let index = 0; index < EDITS; index++) {
      const files = states[index] ?? original;
      const change = randomEdit(files, original, random);
      changes.push(change);
      states.push(withChange(files, change));
    }
    const printed = await watched(args, original, changes);
    for (const [index, state] of states.entries()) {
      expect(printed[index], `after ${index} edits, the last of ${Object.keys(changes[index - 1] ?? {}).join()}`).toBe(
        await fresh(args, state),
      );
    }
  });
});
