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

type World = Readonly<Record<string, string>>;

/** The same world with all manifests of its folder in one file. */
function inOneFile(world: World): World {
  const [manifests, others] = [true, false].map((wanted) =>
    Object.entries(world).filter(([path]) => path.startsWith('/work/manifests/') === wanted),
  );
  return {
    ...Object.fromEntries(others ?? []),
    '/work/manifests/all.yaml': (manifests ?? []).map(([, text]) => text).join('\n---\n'),
  };
}

/** Recorded answers, which nobody reads beside manifests. */
const isRecorded = (path: string): boolean => /^(?:expected|output|tables)\/|\.md$|^case\.yaml$/.test(path);

/** A fixture as a world in memory. */
function worldOf(fixture: string): World {
  const folder = join(import.meta.dirname, '../../../fixtures', fixture);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.flatMap(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const inFolder = path.slice(folder.length + 1);
      return isRecorded(inFolder) ? [] : [[`/work/${inFolder}`, readFileSync(path, 'utf8')]];
    }),
  );
}

type Changes = Readonly<Record<string, string | null>>;

/** What a watch has printed last at each state of the files. */
async function watched(args: readonly string[], files: World, changes: readonly Changes[]) {
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
async function fresh(args: readonly string[], files: World): Promise<string> {
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

function withChange(files: World, change: Changes): World {
  return Object.fromEntries(
    Object.entries({ ...files, ...change }).flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])),
  );
}

type Case = readonly [fixture: string, args: readonly string[]];

const cases: readonly Case[] = [
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
  // Pods, and what their proxies have of the same resources.
  ['istiod/seed-ops', ['analyze']],
  ['istiod/dr-merge', ['analyze']],
  ['istiod/vs-delegate', ['analyze']],
  ['istiod/vs-source-and-gateways', ['analyze']],
  ['istiod/envoyfilter-routes-sidecar', ['analyze']],
  ['istiod/sidecar-egress-listeners', ['analyze']],
  ['istiod/se-dynamic-dns', ['analyze']],
  ['istiod/telemetry-inheritance', ['analyze']],
  ['istiod-ambient/ambient-envoyfilter', ['analyze']],
  ['istiod/authz-actions-order', ['test', '--coverage']],
  ['hub-and-branch', ['test']],
  ['ambient-waypoint', ['test', '--coverage']],
  ['ambient-mixed', ['test', '-o', 'json']],
  // What requests meet on their way.
  ['istiod/vs-mirror', ['test', '-o', 'json']],
  ['istiod/vs-fault', ['test']],
  ['istiod/vs-weights-and-headers', ['test', '-o', 'json']],
  ['istiod/vs-redirect-direct-response', ['test', '--coverage']],
  ['istiod/vs-tcp-routes', ['test', '--coverage']],
  ['istiod/gateway-https-redirect', ['test', '-o', 'json']],
  ['istiod/gateway-egress-tls-origination', ['test']],
  ['istiod/se-static', ['test', '--coverage']],
  ['istiod/svc-headless', ['test', '-o', 'json']],
  ['istiod/svc-port-conflicts', ['test']],
  ['istiod/jwt-sidecar', ['test']],
  ['istiod/mtls-peer-authentication-levels', ['test']],
];

const casesInOneFile: readonly Case[] = [
  ['bookinfo', ['analyze']],
  ['istiod/seed-reviews', ['analyze']],
  ['istiod/dr-subsets', ['analyze']],
  ['istiod/seed-reviews', ['test']],
];

/** Compares what a watch prints after each of some random edits with what a run of its own prints. */
async function compare(original: World, args: readonly string[], seed: number): Promise<void> {
  const random = createRandom(seed);
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
}

/** With MeshConfig, where it lies beside the manifests of a recorded case. */
function withMeshConfig(args: readonly string[], world: World): readonly string[] {
  const isNamed = args[0] === 'analyze' && '/work/mesh.yaml' in world && !('/work/mesh.config.yaml' in world);
  return isNamed ? [...args, '--mesh-config', 'mesh.yaml'] : args;
}

describe('after random edits, a watch prints what a run of its own prints', () => {
  test.each(cases)('%s: %j', { timeout: 120_000 }, async (fixture, args) => {
    const world = worldOf(fixture);
    await compare(world, withMeshConfig(args, world), fixture.length);
  });

  test.each(casesInOneFile)('%s in one file: %j', { timeout: 120_000 }, async (fixture, args) => {
    const world = inOneFile(worldOf(fixture));
    await compare(world, withMeshConfig(args, world), fixture.length);
  });
});
