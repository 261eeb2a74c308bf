import { authorizationFormats } from '../../src/output/authz/formats.ts';
import { describeFormats } from '../../src/output/describe/formats.ts';
import { diffFormats } from '../../src/output/diff/formats.ts';
import { findingFormats } from '../../src/output/findings/formats.ts';
import { formatNames } from '../../src/output/format-table.ts';
import { graphFormats } from '../../src/output/graph/formats.ts';
import { proveFormats } from '../../src/output/prove/formats.ts';
import { proxyConfigFormats } from '../../src/output/proxy-config/formats.ts';
import { sidecarAdviceFormats } from '../../src/output/recommend/formats.ts';
import { testFormats } from '../../src/output/test/formats.ts';
import { traceFormats } from '../../src/output/trace/formats.ts';
import { upgradeFormats } from '../../src/output/upgrade/formats.ts';
import { validateFormats } from '../../src/output/validate/formats.ts';
import { ztunnelConfigFormats } from '../../src/output/ztunnel-config/formats.ts';
import { releaseNames } from '../../src/releases/index.ts';
import { type Names, writeCalls, writeRegistry, writeStatements, writeTable } from './companions.ts';
import { nastyText } from './dictionary.ts';
import { writeJson } from './input.ts';
import type { Random } from './random.ts';
import { chooseVariable } from './surroundings.ts';
import type { Trial } from './trial.ts';

type CommandTrial = Extract<Trial, { type: 'command' }>;

/** Every command in some way, about names that an input has; those of pods only where there are some. */
export function commandsFor(names: Names, random: Random): readonly CommandTrial[] {
  const service =
    names.services.length === 0 ? 'reviews.default.svc.cluster.local' : random.pick(names.services).replace('*', 'any');
  return [
    ...commandsOfMeshes(names, random),
    ...commandsOfClusters(names, random),
    ...commandsOfServices(service, random),
    ...commandsOfPods(names, service, random),
  ];
}

function command(...argv: readonly string[]): CommandTrial {
  return { type: 'command', argv };
}

/** `-o` and one of the formats of a table. */
function anyOf(formats: Readonly<Record<string, unknown>>, random: Random): readonly string[] {
  return ['-o', random.pick(formatNames(formats))];
}

const STATEMENTS = 'all.mesh-policy.yaml';
const TABLE = 'calls.mesh-test.yaml';
const CALLS = 'calls.prom';
const REGISTRY = 'registry.yaml';

function commandsOfMeshes(names: Names, random: Random): readonly CommandTrial[] {
  const namespace = names.namespaces.length === 0 ? 'default' : random.pick(names.namespaces);
  return [
    command('translate', '-o', random.pick(['yaml', 'json'])),
    command('translate', '--stage', random.pick(['documents', 'view'])),
    command('analyze', ...anyOf(findingFormats, random), ...random.pick([[], ['--partial']])),
    command('validate', ...anyOf(validateFormats, random)),
    command('graph', ...anyOf(graphFormats, random)),
    command('upgrade-check', ...anyOf(upgradeFormats, random), ...upgradeOf(random, [])),
    command('__complete', random.pick(['pod', 'client', 'service', 'namespace', 'code', 'analyzer']), '--', 'graph'),
    command(
      'explain',
      random.pick([`MESH${1000 + random.below(3000)}`, `IST0${100 + random.below(80)}`, 'MESH0008', nastyText(random)]),
    ),
    command('diff', 'before', 'manifests', ...anyOf(diffFormats, random)),
    command('diff', 'manifests', 'before', ...anyOf(diffFormats, random)),
    command('diff', ...random.shuffle(['before', 'manifests']), '--equal', ...anyOf(diffFormats, random)),
    command('diff', 'manifests', '--ambient-namespace', namespace, ...anyOf(diffFormats, random)),
    command(
      'diff',
      'manifests',
      ...upgradeOf(random, ['--to-istio-version', releaseNames[0] ?? '']),
      ...anyOf(diffFormats, random),
    ),
    command(
      'ztunnel-config',
      random.pick(ztunnelParts),
      ...anyOf(ztunnelConfigFormats, random),
      ...random.pick([[], ['--ambient']]),
    ),
    command('waypoint', random.pick(['list', 'status']), ...random.pick([['-A'], ['-n', namespace]])),
    command(
      'waypoint',
      'generate',
      '-n',
      namespace,
      '--name',
      random.pick(['way', nastyText(random)]),
      '--for',
      random.pick(['service', 'all', 'x']),
    ),
    command('prove', '--suggest'),
    {
      type: 'command',
      argv: ['prove', STATEMENTS, ...anyOf(proveFormats, random)],
      files: { [STATEMENTS]: writeStatements(names, random) },
    },
    {
      type: 'command',
      argv: ['test', TABLE, '--coverage', ...anyOf(testFormats, random)],
      files: { [TABLE]: writeTable(names, random) },
    },
    ...(['sidecar', 'authorization'] as const).map((kind): CommandTrial => {
      const how = [...random.pick([[], ['--complete']]), ...random.pick([[], ['--per', 'namespace']])];
      return {
        type: 'command',
        argv: ['recommend', kind, '--requests', TABLE, '--calls', CALLS, ...how, ...anyOf(sidecarAdviceFormats, random)],
        files: { [TABLE]: writeTable(names, random), [CALLS]: writeCalls(names, random) },
      };
    }),
    ...[['translate'], ['analyze', '-o', 'json'], ['graph', '-o', 'json']].map(
      (argv): CommandTrial => ({
        type: 'command',
        argv: [...argv, '--registry', REGISTRY],
        files: { [REGISTRY]: writeRegistry(names, random) },
      }),
    ),
  ];
}

/** Commands over two clusters with networks of their own, since the pods of both have the same addresses. */
function commandsOfClusters({ pods }: Names, random: Random): readonly CommandTrial[] {
  const other = random.pick(['before', 'manifests']);
  const one = ['--cluster', 'one=one.yaml', '--cluster', 'one=manifests'];
  const both = [...one, '--cluster', 'two=two.yaml', '--cluster', `two=${other}`, ...random.pick([[], ['--no-ambient']])];
  const sides = ['--old-cluster', 'two=two.yaml', '--old-cluster', 'two=before', '--new-cluster', 'two=manifests'];
  const pod = pods.length === 0 ? [] : [`one/${random.pick(pods)}`];
  const commands = [
    ['translate', ...both],
    ['analyze', ...both, ...anyOf(findingFormats, random)],
    ['graph', ...both, ...anyOf(graphFormats, random)],
    ['test', '--scaffold', ...both],
    ['diff', ...one, ...sides, ...anyOf(diffFormats, random)],
    ...pod.flatMap((name) => [
      ['proxy-config', random.pick(proxyParts), name, ...both, ...anyOf(proxyConfigFormats, random)],
      ['describe', 'pod', name, ...both, ...anyOf(describeFormats, random)],
    ]),
  ];
  const files = { 'one.yaml': networkOf('one'), 'two.yaml': networkOf('two') };
  return commands.map((argv) => ({ type: 'command', argv, files }));
}

function networkOf(name: string): string {
  const labels = { 'topology.istio.io/network': name };
  return writeJson([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', labels } }]);
}

function commandsOfServices(service: string, random: Random): readonly CommandTrial[] {
  const [name = '', home = ''] = service.split('.');
  return [command('describe', 'service', `${name}.${home}`, ...anyOf(describeFormats, random))];
}

function commandsOfPods({ pods }: Names, service: string, random: Random): readonly CommandTrial[] {
  if (pods.length === 0) return [];
  const [pod, other] = [random.pick(pods), random.pick(pods)];
  return [
    command('describe', 'pod', pod, ...anyOf(describeFormats, random)),
    command('authz', 'check', pod, ...anyOf(authorizationFormats, random)),
    command('translate', '-o', random.pick(['config-dump', 'envoy']), '--proxy', pod),
    command('proxy-config', random.pick(proxyParts), other, ...anyOf(proxyConfigFormats, random)),
    command('proxy-config', random.pick(['listeners', 'routes', 'clusters', 'endpoints']), pod, '--origin'),
    command('ztunnel-config', 'all', other, '--ambient', ...anyOf(ztunnelConfigFormats, random)),
    command(
      'trace',
      '--from',
      random.pick([pod, other, 'outside']),
      ...callOf(service, random),
      ...anyOf(traceFormats, random),
      '-v',
    ),
    command('recommend', random.pick(['sidecar', 'authorization']), pod, ...anyOf(sidecarAdviceFormats, random)),
  ];
}

const ztunnelParts: readonly string[] = ['workload', 'service', 'policy', 'certificate', 'connections', 'all'];
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

/** What becomes different with an upgrade: `nothing` for what a command goes by when nothing is said. */
function upgradeOf(random: Random, nothing: readonly string[]): readonly string[] {
  return random.pick([
    nothing,
    ['--to-istio-version', random.pick(releaseNames)],
    ['--to-istiod-env', chooseVariable(random)],
    ['--to-istio-version', random.pick(releaseNames), '--to-istiod-env', chooseVariable(random)],
  ]);
}

/** A request to a host: its method and URL, and flags. */
function callOf(host: string, random: Random): readonly string[] {
  const scheme = random.pick(['http', 'http', 'https', 'tcp', 'tls']);
  const port = random.pick(['80', '443', '8080', '9080', '7070', '3306']);
  const path = random.pick(['/', '/api/v1?x=1', '/a//b/%2e%2e/c', '/%zz', '/reviews/1']);
  const headers = random.pick([[], ['-H', 'x-user: alice'], ['-H', 'end-user: jason', '-H', 'cookie: a=b; c=d']]);
  const method = scheme.startsWith('http') ? [random.pick(['GET', 'POST', 'OPTIONS', 'BREW'])] : [];
  return [...method, `${scheme}://${host}:${port}${scheme.startsWith('http') ? path : ''}`, ...headers];
}
