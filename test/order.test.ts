import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSeedCases, type SeedCase } from '../scripts/fuzz/cases.ts';
import { everythingShuffled, filesShuffled, inOrder, withoutOrderOfFiles, withoutPlaces } from '../scripts/fuzz/order.ts';
import { createRandom, type Random } from '../scripts/fuzz/random.ts';
import { type Files, runMesh } from '../scripts/fuzz/run.ts';

const ROUNDS = 200;
const SEED = 20260101;

const cases = readSeedCases(resolve(import.meta.dirname, '../fixtures')).filter(({ name }) => !name.startsWith('fuzz/'));

describe('the order of files, documents and fields has no influence', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = createRandom(SEED, round);
    const manifests = chooseManifests(round, random);
    test(`round ${round}: ${manifests.name}`, async () => {
      const given = inOrder(manifests);
      const { pods, services } = await namesOf(given.files, given.flags);
      for (const command of chooseCommands(pods, services, random)) {
        const expected = await runMesh([...command, ...given.flags], given.files);
        expect(expected.errors).not.toMatch(/^\s+at /m);
        const files = filesShuffled(manifests, random);
        const named = await runMesh([...command, ...files.flags], files.files);
        const [name = ''] = command;
        expect(withoutOrderOfFiles(name, named), `${command.join(' ')}: files`).toEqual(withoutOrderOfFiles(name, expected));
        const shuffled = everythingShuffled(manifests, random);
        const moved = await runMesh([...command, ...shuffled.flags], shuffled.files);
        expect(withoutPlaces(moved), `${command.join(' ')}: documents and fields`).toEqual(withoutPlaces(expected));
      }
    });
  }
});

/** A case of the fixtures, or some of them thrown together. */
function chooseManifests(round: number, random: Random): SeedCase {
  const own = cases[round % cases.length];
  if (own === undefined) throw new Error('there are no fixtures');
  if (round < cases.length) return own;
  const chosen = [own, random.pick(cases), random.pick(cases)];
  const byName = new Map(chosen.flatMap(({ documents }) => documents).map((document) => [nameOf(document), document]));
  return { ...own, name: chosen.map(({ name }) => name).join(' + '), documents: [...byName.values()] };
}

function nameOf(document: unknown): string {
  const { kind, metadata } = document as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  return JSON.stringify([kind, metadata?.name, metadata?.namespace]);
}

async function namesOf(files: Files, flags: readonly string[]): Promise<{ pods: string[]; services: string[] }> {
  const { status, output } = await runMesh(['translate', '--stage', 'model', ...flags], files);
  if (status !== 0) return { pods: [], services: [] };
  const model = JSON.parse(output) as { proxies: { namespace: string; name: string }[]; services: { hostname: string }[] };
  return {
    pods: model.proxies.map(({ namespace, name }) => `${namespace}/${name}`),
    services: model.services.map(({ hostname }) => hostname),
  };
}

function chooseCommands(pods: readonly string[], services: readonly string[], random: Random): string[][] {
  const always = [
    ['translate'],
    ['analyze', '-o', 'json', '--verify', 'always'],
    random.pick([
      ['translate', '--stage', 'model'],
      ['translate', '--stage', 'view'],
      ['test', '--scaffold'],
      ['validate'],
      ['graph', '-o', random.pick(['json', 'table', 'mermaid'])],
      ['analyze', '-o', random.pick(['log', 'markdown']), '--partial'],
    ]),
  ];
  if (pods.length === 0) return always;
  const pod = random.pick(pods);
  const ofPod = [
    ['proxy-config', random.pick(['listeners', 'routes', 'clusters', 'endpoints', 'bootstrap', 'secret']), pod],
    ['translate', '-o', random.pick(['config-dump', 'envoy', 'yaml']), '--proxy', pod],
    ['describe', 'pod', pod],
    ['authz', 'check', pod],
    ...(services.length === 0 ? [] : [['trace', '--from', pod, `http://${random.pick(services).replace('*', 'any')}/`, '-v']]),
  ];
  return [...always, random.pick(ofPod)];
}
