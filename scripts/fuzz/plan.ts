import { releaseNames } from '../../src/releases/index.ts';
import { commandsFor } from './commands.ts';
import type { Names } from './companions.ts';
import { type FuzzInput, filesOf } from './input.ts';
import { chooseNames } from './names.ts';
import type { Random } from './random.ts';
import { runMesh } from './run.ts';
import { argvOf, type Trial } from './trial.ts';

/** How much is tried with an input. */
export interface Effort {
  /** Everything, instead of some of it. */
  readonly all?: boolean;
  readonly envoy?: string | undefined;
}

/** What to try with an input, first of all whether it can be read. */
export async function planTrials(input: FuzzInput, random: Random, { all = false, envoy }: Effort): Promise<Trial[]> {
  const names = await namesIn(input);
  const pod = names.pods.length === 0 ? undefined : random.pick(names.pods);
  const some: readonly Trial[] = [
    ...commandsFor(names, random),
    { type: 'same', argv: random.pick([[], ['--equal']]) },
    { type: 'scaffold' },
    { type: 'suggested' },
    ...(pod === undefined ? [] : [{ type: 'drift', pod } as const]),
    ...namesTrials(input, random),
  ];
  const orders = [['translate'], ['analyze', '-o', 'json', '--verify', 'always'], random.pick(ordered)].map(
    (argv): Trial => ({ type: 'order', argv, seed: random.below(1e9) }),
  );
  return [
    { type: 'command', argv: ['translate', '--stage', 'model'] },
    { type: 'command', argv: ['translate'] },
    { type: 'command', argv: ['analyze', '-o', 'json', '--verify', 'always'] },
    ...(all ? [...some, ...orders] : [...random.shuffle(some).slice(0, 6), random.pick(orders)]),
    ...(pod === undefined || envoy === undefined ? [] : [{ type: 'envoy', pod, envoy } as const]),
  ];
}

function namesTrials(input: FuzzInput, random: Random): readonly Trial[] {
  const chosen = chooseNames(input, random);
  const argv = random.pick([
    ['translate'],
    ['analyze', '-o', 'json', '--verify', 'always'],
    ['graph', '-o', 'json'],
    ['validate'],
  ]);
  return chosen === undefined ? [] : [{ type: 'names', argv, ...chosen }];
}

const ordered: readonly (readonly string[])[] = [
  ['translate', '--stage', 'view'],
  ['graph', '-o', 'json'],
  ['validate'],
  ['test', '--scaffold'],
  ['prove', '--suggest'],
  ['recommend', 'sidecar', '-o', 'json'],
  ['recommend', 'authorization', '-o', 'json'],
  ['upgrade-check', '-o', 'json', '--to-istio-version', releaseNames[0] ?? ''],
  ['ztunnel-config', 'all', '--ambient', '-o', 'json'],
  ['waypoint', 'status', '-A'],
];

async function namesIn(input: FuzzInput): Promise<Names> {
  const { status, output } = await runMesh(argvOf(['translate', '--stage', 'model'], input), filesOf(input));
  if (status !== 0) return { pods: [], services: [], namespaces: [] };
  const model = JSON.parse(output) as {
    readonly proxies: readonly { readonly namespace: string; readonly name: string }[];
    readonly services: readonly { readonly hostname: string; readonly namespace: string }[];
  };
  return {
    pods: model.proxies.map(({ namespace, name }) => `${namespace}/${name}`),
    services: model.services.map(({ hostname }) => hostname),
    namespaces: [...new Set([...model.proxies, ...model.services].map(({ namespace }) => namespace))],
  };
}
