import { describe, expect, test } from 'vitest';
import { type Input, loadInput } from '../../../src/input/load.ts';
import { watchInput } from '../../../src/input/watching.ts';
import { originOf } from '../../../src/util/origin.ts';
import { openCheckedWorkbench } from '../../../src/workbench/checked.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { type RegistryEdit, registryEdits, registryWorld } from '../../support/registry-world.ts';

type Files = Readonly<Record<string, string>>;

/** All that is made of an input, as text: what each proxy and ztunnel gets, what made it, and what is found. */
function madeOf(input: Input): readonly string[] {
  const bench = openCheckedWorkbench(input);
  const found = bench.findings({ verification: 'always', now: 0 });
  const proxies = bench.proxies.map((name) => {
    const snapshot = bench.snapshotOf(name);
    const { listeners = [], routes = [], clusters = [], endpoints = [], extensionConfigs = [], ...rest } = snapshot ?? {};
    const places = [...listeners, ...routes, ...clusters].map((one) => {
      const origin = originOf(one);
      return origin && [origin.resource.kind, origin.resource.name, origin.path];
    });
    return JSON.stringify([name, rest, listeners, routes, clusters, endpoints, extensionConfigs, places], undefined, 1);
  });
  const messages = found.map(({ code, message, location, path, resource, severity }) =>
    JSON.stringify([code, severity, message, location, path, resource]),
  );
  return [...proxies, JSON.stringify(bench.session.ztunnel(), undefined, 1), ...messages];
}

async function fresh(files: Files): Promise<readonly string[]> {
  return madeOf(await loadInput({}, [], createFakeIo({ files }), { asksApiServer: true }));
}

function withChange(files: Files, { changes }: RegistryEdit): Files {
  return Object.fromEntries(
    Object.entries({ ...files, ...changes }).flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])),
  );
}

/** The change that leads from one state to another. */
function between(before: Files, after: Files): Readonly<Record<string, string | null>> {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries([...paths].filter((path) => before[path] !== after[path]).map((path) => [path, after[path] ?? null]));
}

/** What is made in each state of a watch. */
async function watched(states: readonly Files[]): Promise<readonly (readonly string[])[]> {
  const [world = {}, ...others] = states;
  const io = createFakeIo({ files: world, changes: others.map((state, index) => between(states[index] ?? {}, state)) });
  const made: (readonly string[])[] = [];
  await watchInput(io, io.watcher(), new Set(), async (files) => {
    made.push(madeOf(await loadInput({}, [], { ...io, ...files }, { asksApiServer: true })));
  });
  return made;
}

/** Compares what is made in each state of a watch, and on the way back, with what is made of that state alone. */
async function compare(world: Files, edits: readonly RegistryEdit[]): Promise<void> {
  const states = [world, ...edits.map((edit) => withChange(world, edit))];
  const there = await watched(states);
  const back = (await watched(states.toReversed())).toReversed();
  for (const [index, state] of states.entries()) {
    const alone = await fresh(state);
    const edit = `after ${edits[index - 1]?.name ?? 'nothing'}`;
    expect(there[index], edit).toEqual(alone);
    expect(back[index], edit).toEqual(alone);
  }
}

/** Whatever speaks of ambient mode, which is on then unless somebody says that it is not. */
const isAmbient = (text: string | null): boolean => text !== null && /waypoint|ambient/.test(text);
const sidecars = Object.fromEntries(Object.entries(registryWorld).filter(([, text]) => !isAmbient(text)));
const editsOfSidecars = registryEdits.filter(({ changes }) =>
  Object.entries(changes).every(([path, text]) => !isAmbient(text) && !isAmbient(registryWorld[path] ?? '')),
);
const manifests: Files = { '/work/mesh.config.yaml': 'manifests: [manifests]\n' };

describe('after each edit of services and workloads, a watch makes what is made of that state alone', () => {
  test('of a mesh of sidecars', { timeout: 240_000 }, () => compare({ ...sidecars, ...manifests }, editsOfSidecars));

  test('in ambient mode', { timeout: 240_000 }, () => compare({ ...registryWorld, ...manifests }, registryEdits));
});
