import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FuzzInput, filesOf } from './input.ts';
import { judge } from './judge.ts';
import { everythingShuffled, filesShuffled, inOrder, withoutOrderOfFiles, withoutPlaces } from './order.ts';
import { createRandom, type Random } from './random.ts';
import { type Files, type Outcome, runMesh } from './run.ts';

/** One thing that is tried with an input. It is plain data, so that it can be kept and tried again. */
export type Trial =
  /** A command. Its flags for the input are added. */
  | { readonly type: 'command'; readonly argv: readonly string[] }
  /** A command whose files come in other orders, where nothing may change. */
  | { readonly type: 'order'; readonly argv: readonly string[]; readonly seed: number }
  /** The table that `test --scaffold` writes, which must hold. */
  | { readonly type: 'scaffold' }
  /** The dump of a proxy against the manifests that it is from, which must be equal. */
  | { readonly type: 'drift'; readonly pod: string }
  /** The manifests against themselves, which must be equal. */
  | { readonly type: 'same' }
  /** What Envoy says of the configuration of a proxy; it must not refuse what no finding tells of. */
  | { readonly type: 'envoy'; readonly pod: string; readonly envoy: string };

/** What is wrong. Faults of one kind, command and detail have one cause, as far as can be told. */
export interface Fault {
  readonly kind: 'crash' | 'status' | 'format' | 'characters' | 'words' | 'order' | 'difference' | 'slow' | 'memory' | 'envoy';
  readonly trial: Trial;
  readonly detail: string;
  /** All that is known, for people. */
  readonly text: string;
}

/** The flags that name the manifests of an input. */
function flagsOf({ meshConfig }: FuzzInput, folder = 'manifests'): readonly string[] {
  return ['-f', folder, ...(meshConfig === undefined ? [] : ['--mesh-config', 'mesh.yaml'])];
}

/** Tries it; undefined where all is well. */
export async function tryOut(trial: Trial, input: FuzzInput): Promise<Fault | undefined> {
  const files = filesOf(input);
  const all = Object.values(files).join('\n');
  const run = async (argv: readonly string[], given: Files = files): Promise<{ outcome: Outcome; fault: Fault | undefined }> => {
    const outcome = await runMesh(argv, given);
    const found = judge(argv, outcome, all);
    return { outcome, fault: found && { ...found, trial } };
  };
  switch (trial.type) {
    case 'command':
      return (await run(argvOf(trial.argv, input))).fault;
    case 'order':
      return tryOrders(trial, input);
    case 'scaffold': {
      const { outcome, fault } = await run(['test', '--scaffold', ...flagsOf(input)]);
      if (fault !== undefined || outcome.status !== 0) return fault;
      const table = { ...files, 'table.mesh-test.yaml': outcome.output };
      const tested = await run(['test', 'table.mesh-test.yaml', '--coverage', ...flagsOf(input)], table);
      if (tested.fault !== undefined || tested.outcome.status === 0) return tested.fault;
      return { kind: 'difference', trial, detail: 'scaffold', text: tested.outcome.output + tested.outcome.errors };
    }
    case 'drift': {
      const { outcome, fault } = await run(['translate', '-o', 'config-dump', '--proxy', trial.pod, ...flagsOf(input)]);
      if (fault !== undefined || outcome.status !== 0) return fault;
      const compared = await run(['drift', 'dump.json', '--pod', trial.pod, ...flagsOf(input)], {
        ...files,
        'dump.json': outcome.output,
      });
      if (compared.fault !== undefined || compared.outcome.status === 0) return compared.fault;
      return { kind: 'difference', trial, detail: 'drift', text: compared.outcome.output + compared.outcome.errors };
    }
    case 'same': {
      const { outcome, fault } = await run(['diff', 'manifests', 'manifests', ...flagsOf(input).slice(2)]);
      if (fault !== undefined || outcome.status !== 1) return fault;
      return { kind: 'difference', trial, detail: 'diff', text: outcome.output + outcome.errors };
    }
    case 'envoy':
      return tryEnvoy(trial, input);
  }
}

/** The arguments of a command with those that name its input. */
export function argvOf(argv: readonly string[], input: FuzzInput): readonly string[] {
  return argv[0] === 'diff' ? [...argv, ...flagsOf(input).slice(2)] : [...argv, ...flagsOf(input)];
}

async function tryOrders(trial: Extract<Trial, { type: 'order' }>, { values }: FuzzInput): Promise<Fault | undefined> {
  if (values === undefined) return undefined;
  const random = createRandom(trial.seed);
  const run = ({ files, flags }: ReturnType<typeof inOrder>): Promise<Outcome> => runMesh([...trial.argv, ...flags], files);
  const given = await run(inOrder(values));
  const differs = (what: string, expected: Outcome, got: Outcome): Fault | undefined => {
    if (JSON.stringify(expected) === JSON.stringify(got)) return undefined;
    return { kind: 'order', trial, detail: `${trial.argv[0]} ${what}`, text: firstDifference(expected, got) };
  };
  const [name = ''] = trial.argv;
  const named = await run(filesShuffled(values, random));
  const fault = differs('files', withoutOrderOfFiles(name, given), withoutOrderOfFiles(name, named));
  // Of two objects of one name the first counts, so that their places matter.
  if (fault !== undefined || /MESH0008/.test(given.output + given.errors)) return fault;
  return differs('places', withoutPlaces(given), withoutPlaces(await run(everythingShuffled(values, random))));
}

function firstDifference(expected: Outcome, got: Outcome): string {
  const lines = ({ status, output, errors }: Outcome): string[] => [
    `status ${status}`,
    ...output.split('\n'),
    ...errors.split('\n'),
  ];
  const [one, other] = [lines(expected), lines(got)];
  const only = (from: readonly string[], than: readonly string[]): string[] => {
    const known = new Set(than);
    return from.filter((line) => !known.has(line)).slice(0, 5);
  };
  const moved = one.findIndex((line, index) => line !== other[index]);
  return [
    ...only(one, other).map((line) => `- ${line}`),
    ...only(other, one).map((line) => `+ ${line}`),
    `first difference in line ${moved + 1}: ${one[moved]} | ${other[moved]}`,
  ].join('\n');
}

async function tryEnvoy(trial: Extract<Trial, { type: 'envoy' }>, input: FuzzInput): Promise<Fault | undefined> {
  const files = filesOf(input);
  const { status, output } = await runMesh(argvOf(['translate', '-o', 'envoy', '--proxy', trial.pod], input), files);
  if (status !== 0) return undefined;
  const refusal = refusalOf(output, trial.envoy);
  if (refusal === undefined) return undefined;
  const analyzed = await runMesh(argvOf(['analyze', '-o', 'json', '--verify', 'always'], input), files);
  const findings = JSON.parse(analyzed.output || '[]') as readonly { readonly level: string; readonly message: string }[];
  if (findings.some(({ level, message }) => level === 'Error' || /refuse/.test(message))) return undefined;
  return { kind: 'envoy', trial, detail: shapeOfRefusal(refusal), text: refusal };
}

/** What tells causes apart: not names, numbers and places. */
function shapeOfRefusal(refusal: string): string {
  const [, reason = refusal] = /error initializing configuration '[^']*': (.*)/s.exec(refusal) ?? [];
  return reason
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/"[^"]*"|'[^']*'|[\w.-]*\d[\w.-]*/g, '_')
    .slice(0, 160);
}

/** What Envoy says against a bootstrap; undefined when it loads it. */
function refusalOf(bootstrap: string, envoy: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-fuzz-'));
  try {
    const file = join(folder, 'envoy.json');
    writeFileSync(file, bootstrap);
    // Through a pipe: access logs open /dev/stdout, which Node makes a socket that cannot be opened.
    const script = 'set -o pipefail; "$0" --mode validate -c "$1" --log-level error 2>&1 | cat';
    const { status, stdout } = spawnSync('bash', ['-c', script, envoy, file], { encoding: 'utf8', timeout: 60_000 });
    return status === 0 ? undefined : stdout.replaceAll(folder, '').slice(0, 3000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How much is tried with an input. */
export interface Effort {
  /** Everything, instead of some of it. */
  readonly all?: boolean;
  readonly envoy?: string | undefined;
}

/** What to try with an input, first of all whether it can be read. */
export async function planTrials(input: FuzzInput, random: Random, { all = false, envoy }: Effort): Promise<Trial[]> {
  const { pods, services } = await namesIn(input);
  const [pod, other] = pods.length === 0 ? [] : [random.pick(pods), random.pick(pods)];
  const service = services.length === 0 ? 'reviews.default.svc.cluster.local' : random.pick(services).replace('*', 'any');
  const [name = '', home = ''] = service.split('.');
  const commands = [
    ['translate', '-o', random.pick(['yaml', 'json'])],
    ['translate', '--stage', random.pick(['documents', 'view'])],
    [
      'analyze',
      '-o',
      random.pick(['text', 'log', 'yaml', 'sarif', 'junit', 'github', 'markdown']),
      ...random.pick([[], ['--partial']]),
    ],
    ['validate', '-o', random.pick(['text', 'json', 'yaml'])],
    ['graph', '-o', random.pick(['table', 'json', 'mermaid', 'dot', 'html'])],
    ['diff', 'before', 'manifests', '-o', random.pick(['text', 'json', 'markdown'])],
    ['diff', 'manifests', 'before', '-o', random.pick(['text', 'json', 'markdown'])],
    ['describe', 'service', `${name}.${home}`],
    ...(pod === undefined || other === undefined
      ? []
      : [
          ['describe', 'pod', pod],
          ['authz', 'check', pod],
          ['translate', '-o', random.pick(['config-dump', 'envoy']), '--proxy', pod],
          ['proxy-config', random.pick(proxyParts), other, '-o', random.pick(['short', 'json', 'yaml'])],
          [
            'trace',
            '--from',
            random.pick([pod, other, 'outside']),
            ...callOf(service, random),
            '-o',
            random.pick(['text', 'json']),
            '-v',
          ],
        ]),
  ];
  const [first, ...more]: Trial[] = [
    ...commands.map((argv): Trial => ({ type: 'command', argv })),
    { type: 'same' },
    { type: 'scaffold' },
    ...(pod === undefined ? [] : [{ type: 'drift', pod } as const]),
  ];
  const orders = [['translate'], ['analyze', '-o', 'json', '--verify', 'always'], random.pick(ordered)].map(
    (argv): Trial => ({ type: 'order', argv, seed: random.below(1e9) }),
  );
  const others = all ? [first, ...more, ...orders] : [...random.shuffle([first, ...more]).slice(0, 4), random.pick(orders)];
  return [
    { type: 'command', argv: ['translate', '--stage', 'model'] },
    { type: 'command', argv: ['translate'] },
    { type: 'command', argv: ['analyze', '-o', 'json', '--verify', 'always'] },
    ...others.filter((trial) => trial !== undefined),
    ...(pod === undefined || envoy === undefined ? [] : [{ type: 'envoy', pod, envoy } as const]),
  ];
}

const proxyParts: readonly string[] = [
  'listeners',
  'routes',
  'clusters',
  'endpoints',
  'eds',
  'ecds',
  'bootstrap',
  'secret',
  'all',
];
const ordered: readonly (readonly string[])[] = [
  ['translate', '--stage', 'view'],
  ['graph', '-o', 'json'],
  ['validate'],
  ['test', '--scaffold'],
];

/** A request to a host: its method and URL, and flags. */
function callOf(host: string, random: Random): readonly string[] {
  const scheme = random.pick(['http', 'http', 'https', 'tcp', 'tls']);
  const port = random.pick(['80', '443', '8080', '9080', '7070', '3306']);
  const path = random.pick(['/', '/api/v1?x=1', '/a//b/%2e%2e/c', '/%zz', '/reviews/1']);
  const headers = random.pick([[], ['-H', 'x-user: alice'], ['-H', 'end-user: jason', '-H', 'cookie: a=b; c=d']]);
  const method = scheme.startsWith('http') ? [random.pick(['GET', 'POST', 'OPTIONS', 'BREW'])] : [];
  return [...method, `${scheme}://${host}:${port}${scheme.startsWith('http') ? path : ''}`, ...headers];
}

async function namesIn(input: FuzzInput): Promise<{ readonly pods: readonly string[]; readonly services: readonly string[] }> {
  const { status, output } = await runMesh(argvOf(['translate', '--stage', 'model'], input), filesOf(input));
  if (status !== 0) return { pods: [], services: [] };
  const model = JSON.parse(output) as {
    readonly proxies: readonly { readonly namespace: string; readonly name: string }[];
    readonly services: readonly { readonly hostname: string }[];
  };
  return {
    pods: model.proxies.map(({ namespace, name }) => `${namespace}/${name}`),
    services: model.services.map(({ hostname }) => hostname),
  };
}
