import { releaseNames } from '../../src/releases/index.ts';
import { type FuzzInput, filesOf } from './input.ts';
import { chooseNames } from './names.ts';
import type { Random } from './random.ts';
import { runMesh } from './run.ts';
import { chooseVariable } from './surroundings.ts';
import { argvOf, type Trial } from './trial.ts';

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
    ['describe', 'service', `${name}.${home}`, '-o', random.pick(['text', 'json', 'yaml'])],
    ['upgrade-check', '-o', random.pick(['text', 'json', 'markdown']), ...upgradeOf(random)],
    ['__complete', random.pick(['pod', 'client', 'service', 'namespace', 'code', 'analyzer']), '--', 'graph'],
    ...(pod === undefined || other === undefined
      ? []
      : [
          ['describe', 'pod', pod, '-o', random.pick(['text', 'json', 'yaml'])],
          ['authz', 'check', pod, '-o', random.pick(['table', 'json', 'yaml'])],
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
    ...namesTrials(input, random),
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

/** What becomes different with the upgrade. */
function upgradeOf(random: Random): readonly string[] {
  return random.pick([
    [],
    ['--to-istio-version', random.pick(releaseNames)],
    ['--to-istiod-env', chooseVariable(random)],
    ['--to-istio-version', random.pick(releaseNames), '--to-istiod-env', chooseVariable(random)],
  ]);
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
