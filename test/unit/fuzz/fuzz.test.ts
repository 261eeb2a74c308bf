import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSeedCases } from '../../../scripts/fuzz/cases.ts';
import { commandsFor } from '../../../scripts/fuzz/commands.ts';
import { type Names, writeStatements } from '../../../scripts/fuzz/companions.ts';
import { readFinding, writeFinding } from '../../../scripts/fuzz/findings.ts';
import { createInput, type FuzzInput, flagsOf, writeJson } from '../../../scripts/fuzz/input.ts';
import { judge } from '../../../scripts/fuzz/judge.ts';
import { chooseNames, ordinary, renamed, withoutNames } from '../../../scripts/fuzz/names.ts';
import { everythingShuffled, filesShuffled, inOrder, withoutPlaces } from '../../../scripts/fuzz/order.ts';
import { REMOVED, withValueAt } from '../../../scripts/fuzz/paths.ts';
import { planTrials } from '../../../scripts/fuzz/plan.ts';
import { createRandom } from '../../../scripts/fuzz/random.ts';
import { readSchemas } from '../../../scripts/fuzz/schemas.ts';
import { shrink } from '../../../scripts/fuzz/shrink.ts';
import { tryOut } from '../../../scripts/fuzz/trial.ts';
import { createProgram } from '../../../src/cli/main.ts';
import { statementsSchema } from '../../../src/operations/prove/statement-schema.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const root = resolve(import.meta.dirname, '../../..');
const stock = { cases: readSeedCases(resolve(root, 'fixtures')), schemas: readSchemas(resolve(root, 'schemas/istio')) };

describe('inputs', () => {
  test('are the same for the same seed and run, and others for others', () => {
    expect(createInput(7, 3, stock)).toEqual(createInput(7, 3, stock));
    expect(createInput(7, 3, stock)).not.toEqual(createInput(7, 4, stock));
    expect(createInput(7, 3, stock)).not.toEqual(createInput(8, 3, stock));
  });

  test('can be read, rather often', async () => {
    let accepted = 0;
    for (let run = 0; run < 40; run++) {
      const trials = await planTrials(createInput(1, run, stock), createRandom(1, run), { all: true });
      if (trials.some(({ type }) => type === 'drift')) accepted++;
    }
    expect(accepted).toBeGreaterThan(10);
  });

  test('come under other releases and environments of istiod, now and then', () => {
    const found = Array.from({ length: 60 }, (_, run) => createInput(1, run, stock)).filter(
      ({ surroundings }) => surroundings !== undefined,
    );
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(40);
    for (const input of found) expect(flagsOf(input)).toEqual(expect.arrayContaining([...(input.surroundings ?? [])]));
  });

  test('a field of the schema fits its place', () => {
    const random = createRandom(1);
    const names = Array.from(
      { length: 60 },
      () => stock.schemas.field('DestinationRule', ['spec', 'trafficPolicy'], random)?.[0],
    );
    expect(names).toContain('outlierDetection');
    expect(names).not.toContain('host');
  });
});

describe('verdicts', () => {
  const verdict = (argv: readonly string[], outcome: Partial<Parameters<typeof judge>[1]>, input = '') =>
    judge(argv, { status: 0, output: '', errors: '', ...outcome }, input)?.kind;

  test.each([
    ['a stack trace', ['translate'], { status: 1, errors: 'error: TypeError: x\n    at f (/src/a.ts:1:2)\n' }, 'crash'],
    ['a status of its own', ['translate'], { status: 64, errors: 'error: x\n' }, 'status'],
    ['JSON that is none', ['graph', '-o', 'json'], { output: '{' }, 'format'],
    ['YAML that is none', ['validate', '-o', 'yaml'], { output: 'a: [' }, 'format'],
    ['a character that commands', ['analyze', '-o', 'text'], { output: 'a\u001b[31m' }, 'characters'],
    ['a word of the language', ['analyze', '-o', 'text'], { output: 'host undefined' }, 'words'],
    ['a difference', ['diff', 'a', 'b'], { status: 1, output: 'changed\n' }, undefined],
    ['findings', ['analyze', '-o', 'json'], { status: 79, output: '[]' }, undefined],
  ] as const)('%s', (_, argv, outcome, kind) => {
    expect(verdict(argv, outcome)).toBe(kind);
  });

  test('a word that stands in the input is none of the program', () => {
    expect(verdict(['analyze', '-o', 'text'], { output: 'host undefined' }, 'hosts: [undefined]')).toBeUndefined();
  });
});

describe('commands', () => {
  const names = { pods: ['shop/web-0'], services: ['web.shop.svc.cluster.local'], namespaces: ['shop'] };
  const commandNames = (given: Names) => commandsFor(given, createRandom(1)).map(({ argv }) => argv[0] ?? '');

  test('are all that read manifests', () => {
    const { commands } = createProgram(createFakeIo({ files: {} }), () => {});
    // `drift` has a trial of its own, with a dump of the input.
    const others = ['completion', 'drift', 'version'];
    const expected = commands.map((command) => command.name()).filter((name) => !others.includes(name));
    expect([...new Set(commandNames(names))].sort()).toEqual(expected.sort());
  });

  test('about pods are left out where there is none', () => {
    const found = commandNames({ pods: [], services: [], namespaces: [] });
    expect(found).toContain('describe');
    expect(found).not.toContain('authz');
  });

  test('come with statements that name what there is, most of which can be read', () => {
    const texts = Array.from({ length: 40 }, (_, seed) => writeStatements(names, createRandom(seed)));
    const readable = texts.filter((text) => statementsSchema.safeParse(JSON.parse(text)).success);
    expect(readable.length).toBeGreaterThan(20);
    expect(texts.filter((text) => text.includes('shop')).length).toBeGreaterThan(30);
  });
});

describe('shuffling', () => {
  const manifests = { documents: [{ a: 1, b: { c: 1, d: [1, 2, 3] } }, { e: 1 }, { f: 1 }], meshConfig: { g: 1, h: 2 } };

  test('of files changes only in which order they are named', () => {
    const [given, shuffled] = [inOrder(manifests), filesShuffled(manifests, createRandom(4))];
    expect(shuffled.files).toEqual(given.files);
    expect([...shuffled.flags].sort()).toEqual([...given.flags].sort());
    expect(shuffled.flags).not.toEqual(given.flags);
  });

  test('of everything leaves lists as they are', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { files } = everythingShuffled(manifests, createRandom(seed));
      expect(Object.values(files).join()).toContain('[1,2,3]');
    }
  });

  test('compares what is printed without places, in any order', () => {
    const outcome = { status: 0, errors: '', output: 'document-001.json:3:4: b\ndocument-002.json: a\n' };
    expect(withoutPlaces(outcome).output).toBe('FILE: a\nFILE: b');
  });
});

describe('names that every object of JavaScript has', () => {
  const documents = [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart', labels: { tier: 'front' } } }];
  const input: FuzzInput = { manifests: { 'a.yaml': writeJson(documents) }, before: {}, values: { documents } };

  test('take the place of a word of the manifests', () => {
    const words = new Set(Array.from({ length: 50 }, (_, seed) => chooseNames(input, createRandom(seed))?.word));
    expect([...words].sort()).toEqual(['cart', 'front', 'tier']);
    expect(renamed(input, 'cart', '__proto__').manifests['a.yaml']).toContain('"name":"__proto__"');
  });

  test('have neighbours that are as long and mean nothing', () => {
    expect(['constructor', '__proto__', 'toString'].map(ordinary)).toEqual(['constructos', '__protp__', 'toStrinh']);
  });

  test('are told when a command takes them for another', () => {
    const said = (output: string) => withoutNames({ status: 0, output, errors: '' }, 'constructor');
    expect(said('b\nconstructor 240.240.0.1,\n')).toEqual(said('constructos 240.240.3.4\nb\n'));
    expect(said('constructor: known')).not.toEqual(said('constructos: unknown'));
  });
});

test('a value is taken out of a copy', () => {
  const value = { a: [{ b: 1 }, { b: 2 }] };
  expect(withValueAt(value, ['a', 1, 'b'], REMOVED)).toEqual({ a: [{ b: 1 }, {}] });
  expect(withValueAt(value, ['a', 0], REMOVED)).toEqual({ a: [{ b: 2 }] });
  expect(withValueAt(value, ['c'], 3)).toEqual({ a: [{ b: 1 }, { b: 2 }], c: 3 });
});

describe('shrinking', () => {
  const input = (documents: readonly unknown[]): FuzzInput => ({
    manifests: { 'a.yaml': writeJson(documents) },
    before: { 'a.yaml': 'x' },
    values: { documents },
  });
  const bad = { kind: 'B', spec: { list: [{ x: 1 }, { bad: true, y: 2 }], other: 'text' } };

  test('leaves what the fault needs', async () => {
    const small = await shrink(input([{ kind: 'A' }, bad, { kind: 'C' }]), async ({ manifests }) =>
      Object.values(manifests).join().includes('"bad"'),
    );
    expect(small.before).toEqual({});
    expect(JSON.parse(small.manifests['a.yaml'] ?? '')).toEqual({ kind: 'B', spec: { bad: true } });
  });

  test('of a text that is no YAML takes lines and letters away', async () => {
    const { values: _, ...broken } = input([]);
    const small = await shrink({ ...broken, manifests: { 'a.yaml': 'a: 1\nb: [!\nc: 2\n' } }, async ({ manifests }) =>
      Object.values(manifests).join().includes('!'),
    );
    expect(small.manifests).toEqual({ 'a.yaml': '!' });
  });
});

describe('a finding', () => {
  const trial = { type: 'order', argv: ['validate'], seed: 1 } as const;
  const kept = (input: FuzzInput): FuzzInput => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-finding-'));
    try {
      writeFinding(folder, input, { kind: 'order', trial, detail: '', text: '' }, '');
      return readFinding(folder).input;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('is read with the values that other orders are tried of', () => {
    const documents = [{ kind: 'B' }, { kind: 'A', spec: { b: 1, a: 2 } }];
    const input = { manifests: { 'a.yaml': writeJson(documents) }, meshConfig: 'a: 1', before: {} };
    expect(kept(input).values).toEqual({ documents, meshConfig: { a: 1 } });
  });

  test('whose text is broken has none', () => {
    expect(kept({ manifests: { 'a.yaml': 'a: [' }, before: {} }).values).toBeUndefined();
  });

  test('is tried while it gets smaller as it is read again', async () => {
    const documents = [undefined, { kind: 'A', spec: { b: Number.NaN, a: -0 } }];
    const tried: FuzzInput[] = [];
    const small = await shrink(
      { manifests: { 'a.yaml': writeJson(documents) }, before: {}, values: { documents } },
      async (input) => {
        tried.push(input);
        return true;
      },
    );
    expect(kept(small).values).toEqual(small.values);
    expect(JSON.stringify(tried)).not.toContain('NaN');
  });
});

test('a fault is told with the trial that shows it', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart' }, spec: { ports: [{ port: 80 }] } };
  const fault = await tryOut(
    { type: 'command', argv: ['translate', '--proxy', 'nobody'] },
    { manifests: { 'a.yaml': writeJson([service]) }, before: {} },
  );
  expect(fault).toMatchObject({ kind: 'status', trial: { type: 'command' }, detail: 'translate --proxy: 64' });
});
