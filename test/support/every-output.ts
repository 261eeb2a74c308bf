import { run } from '../../src/cli/main.ts';
import { createFakeIo } from './fake-io.ts';
import { HOSTILE_NAME } from './hostile.ts';
import { statementsWith } from './shop.ts';

/** What the text that a command prints is. */
export type OutputKind = 'text' | 'json' | 'yaml' | 'xml' | 'html' | 'markdown' | 'github' | 'mermaid' | 'dot' | 'script';

/** One call of mesh. Manifests are in `old` and `new`, a request table in `table.mesh-test.yaml`, statements in
 * `shop.mesh-policy.yaml`, a dump of the pod in `dump.json`, a Secret in `secret.yaml`. */
export interface Call {
  readonly argv: readonly string[];
  readonly kind: OutputKind;
}

/** All that a call wrote. */
export interface Written extends Call {
  readonly output: string;
  readonly errors: string;
  readonly files: Readonly<Record<string, string>>;
  readonly exitCode: number;
}

const POD = 'shop/web-0';
const from = ['-f', 'new'];

const call = (kind: OutputKind, ...argv: readonly string[]): Call => ({ kind, argv });

const proxyConfigSubjects = ['listeners', 'routes', 'clusters', 'endpoints', 'all', 'bootstrap', 'secret', 'ecds', 'eds'];

/** Every command in every format (test/unit/cli/every-output.test.ts sees to it). */
export const calls: readonly Call[] = [
  call('json', 'translate', 'new', '-o', 'json'),
  call('yaml', 'translate', 'new', '-o', 'yaml'),
  call('json', 'translate', 'new', '-o', 'json', '--out-dir', 'out'),
  call('json', 'translate', '--cluster', 'east=new', '--cluster', 'west=old', '-o', 'json'),
  call('json', 'translate', '--cluster', 'east=new', '--cluster', 'west=old', '-o', 'config-dump', '--out-dir', 'out'),
  call('json', 'analyze', '--cluster', 'east=new', '--cluster', 'west=old', '-o', 'json'),
  ...(['mermaid', 'dot', 'html'] as const).map((format) =>
    call(format, 'graph', '--cluster', 'east=new', '--cluster', 'west=old', '-o', format),
  ),
  call('text', 'describe', 'pod', `east/${POD}`, '--cluster', 'east=new', '--cluster', 'west=old'),
  call('text', 'describe', 'service', 'shop/web', '--cluster', 'east=new', '--cluster', 'west=old'),
  call('markdown', 'diff', '--cluster', 'east=new', '--old-cluster', 'west=old', '--new-cluster', 'west=new', '-o', 'markdown'),
  call('text', 'proxy-config', 'clusters', `east/${POD}`, '--cluster', 'east=new', '--cluster', 'west=old'),
  call('yaml', 'translate', 'new', '-o', 'yaml', '--out-dir', 'out'),
  call('json', 'translate', 'new', '-o', 'config-dump', '--out-dir', 'out'),
  call('json', 'translate', 'new', '-o', 'envoy', '--out-dir', 'out'),
  call('json', 'translate', 'new', '-o', 'config-dump', '--proxy', POD),
  call('json', 'translate', 'new', '-o', 'envoy', '--proxy', 'shop/edge-0'),
  ...['documents', 'model', 'view', 'xds'].map((stage) => call('json', 'translate', 'new', '--stage', stage)),
  ...proxyConfigSubjects.flatMap((subject) => [
    call('text', 'proxy-config', subject, POD, ...from, '-o', 'short'),
    call('json', 'proxy-config', subject, POD, ...from, '-o', 'json'),
    call('yaml', 'proxy-config', subject, POD, ...from, '-o', 'yaml'),
  ]),
  ...['listeners', 'routes', 'clusters', 'endpoints'].map((subject) =>
    call('text', 'proxy-config', subject, 'shop/edge-0', ...from, '--origin'),
  ),
  call('text', 'proxy-config', 'listeners', POD, ...from, '--waypoint'),
  call('json', 'proxy-config', 'all', '-f', 'dump.json', '-o', 'json'),
  call('yaml', 'proxy-config', 'all', '-f', 'dump.json', '-o', 'yaml'),
  call('text', 'proxy-config', 'listeners', '-f', 'new/mesh.yaml'),
  call('text', 'proxy-config', 'all', '-f', 'new/mesh.yaml', '-o', 'json'),
  call('text', 'proxy-config', 'all', '-f', 'new/mesh.yaml', '-o', 'yaml'),
  call('text', 'proxy-config', 'all', '-f', 'secret.yaml', '-o', 'json'),
  call('yaml', 'proxy-config', 'all', '-f', 'secret.yaml', '-o', 'yaml'),
  ...['workload', 'service', 'policy', 'certificate', 'connections', 'all'].flatMap((part) => [
    call('text', 'ztunnel-config', part, ...from, '--ambient', '-o', 'short'),
    call('json', 'ztunnel-config', part, ...from, '--ambient', '-o', 'json'),
    call('yaml', 'ztunnel-config', part, ...from, '--ambient', '-o', 'yaml'),
  ]),
  call('text', 'waypoint', 'list', ...from, '--ambient'),
  call('text', 'waypoint', 'status', ...from, '--ambient'),
  call('yaml', 'waypoint', 'generate', '-n', 'shop', '--for', 'all'),
  call('text', 'ztunnel-config', 'log'),
  call('text', 'drift', 'dump.json', ...from, '-o', 'text'),
  call('json', 'drift', 'dump.json', ...from, '-o', 'json'),
  call('text', 'drift', 'dump.json', '-f', 'old', '-o', 'text'),
  call('json', 'drift', 'dump.json', '-f', 'old', '-o', 'json'),
  call('text', 'describe', 'pod', POD, ...from),
  call('text', 'describe', 'service', 'shop/web', ...from),
  call('text', 'describe', 'service', 'shop/wob', ...from),
  call('text', 'describe', 'pod', POD, ...from, '-o', 'text'),
  call('json', 'describe', 'pod', POD, ...from, '-o', 'json'),
  call('yaml', 'describe', 'pod', POD, ...from, '-o', 'yaml'),
  call('json', 'describe', 'service', 'shop/web', ...from, '-o', 'json'),
  call('yaml', 'describe', 'service', 'shop/web', ...from, '-o', 'yaml'),
  call('text', 'authz', 'check', POD, ...from, '-o', 'table'),
  call('json', 'authz', 'check', POD, ...from, '-o', 'json'),
  call('yaml', 'authz', 'check', POD, ...from, '-o', 'yaml'),
  call('text', 'analyze', 'new', '-o', 'text', '-v'),
  call('text', 'analyze', 'new', '-o', 'text', '--color', 'never', '--partial'),
  call('text', 'analyze', 'new', '-o', 'log'),
  call('json', 'analyze', 'new', '-o', 'json'),
  call('yaml', 'analyze', 'new', '-o', 'yaml'),
  call('json', 'analyze', 'new', '-o', 'sarif'),
  call('xml', 'analyze', 'new', '-o', 'junit'),
  call('github', 'analyze', 'new', '-o', 'github'),
  call('markdown', 'analyze', 'new', '-o', 'markdown'),
  call('text', 'analyze', 'new', '-o', 'json=findings.json', '-o', 'text=findings.txt', '--write-baseline', 'baseline.json'),
  call('text', 'analyze', 'new', '--baseline', 'new/mesh.yaml'),
  call('text', 'explain'),
  call('text', 'explain', 'IST0101'),
  call('text', 'validate', 'new', '-o', 'text'),
  call('json', 'validate', 'new', '-o', 'json'),
  call('yaml', 'validate', 'new', '-o', 'yaml'),
  call('text', 'trace', '--from', 'shop/cli-0', 'http://web/', ...from, '-o', 'text', '-v'),
  call('json', 'trace', '--from', 'shop/cli-0', 'http://web/', ...from, '-o', 'json', '-v'),
  call('text', 'trace', '--from', 'outside', 'https://web.example/', ...from, '-o', 'text'),
  call('text', 'test', 'table.mesh-test.yaml', ...from, '-o', 'text', '--coverage'),
  call('json', 'test', 'table.mesh-test.yaml', ...from, '-o', 'json', '--coverage'),
  call('xml', 'test', 'table.mesh-test.yaml', ...from, '-o', 'junit', '--coverage'),
  call('github', 'test', 'table.mesh-test.yaml', ...from, '-o', 'github', '--coverage'),
  call('yaml', 'test', 'new', '--scaffold'),
  call('text', 'test', 'new/mesh.yaml', ...from),
  call('text', 'prove', 'shop.mesh-policy.yaml', ...from, '-o', 'text'),
  call('json', 'prove', 'shop.mesh-policy.yaml', ...from, '-o', 'json'),
  call('json', 'prove', 'shop.mesh-policy.yaml', ...from, '-o', 'sarif'),
  call('xml', 'prove', 'shop.mesh-policy.yaml', ...from, '-o', 'junit'),
  call('github', 'prove', 'shop.mesh-policy.yaml', ...from, '-o', 'github'),
  call('yaml', 'prove', 'new', '--suggest'),
  call('text', 'diff', 'old', 'new', '-o', 'text'),
  call('json', 'diff', 'old', 'new', '-o', 'json'),
  call('markdown', 'diff', 'old', 'new', '-o', 'markdown'),
  call('text', 'diff', 'new', 'old', '-o', 'text'),
  call('text', 'diff', 'new', '--ambient-namespace', 'shop', '-o', 'text'),
  call('json', 'diff', 'new', '--ambient-namespace', 'shop', '-o', 'json'),
  call('markdown', 'diff', 'new', '--ambient-namespace', 'shop', '-o', 'markdown'),
  ...(['text', 'json', 'markdown'] as const).map((format) => call(format, 'upgrade-check', 'new', '-o', format)),
  call('text', 'diff', 'dump.json', 'old', '-o', 'text'),
  call('json', 'diff', 'dump.json', 'old', '-o', 'json'),
  call('text', 'graph', 'new', '-o', 'table'),
  call('json', 'graph', 'new', '-o', 'json'),
  call('mermaid', 'graph', 'new', '-o', 'mermaid'),
  call('dot', 'graph', 'new', '-o', 'dot'),
  call('html', 'graph', 'new', '-o', 'html'),
  ...(['sidecar', 'authorization'] as const).flatMap((kind) => [
    call('yaml', 'recommend', kind, ...from, '--requests', 'table.mesh-test.yaml', '-o', 'text'),
    call('yaml', 'recommend', kind, ...from, '--requests', 'table.mesh-test.yaml', '--complete', '-o', 'yaml'),
    call('json', 'recommend', kind, ...from, '--requests', 'table.mesh-test.yaml', '-o', 'json'),
  ]),
  call('script', 'completion', 'bash'),
  call('script', 'completion', 'zsh'),
  call('script', 'completion', 'fish'),
  call('text', '__complete', 'pod', '--', 'pc', 'l', ...from, ''),
  call('text', '__complete', 'client', '--', 'trace', ...from, '--from', ''),
  call('text', 'version'),
  call('text', 'version', '-o', 'text'),
  call('yaml', 'version', '-o', 'yaml'),
  call('json', 'version', '-o', 'json'),
];

/** Runs every call over manifests, old and new; the dump is of the manifests that `running` gives. */
export async function everyOutput(
  before: string,
  after: string,
  table: string,
  running: string = after,
): Promise<readonly Written[]> {
  const files: Record<string, string> = {
    '/work/old/mesh.yaml': before,
    '/work/new/mesh.yaml': after,
    '/work/table.mesh-test.yaml': table,
    '/work/shop.mesh-policy.yaml': statementsWith(HOSTILE_NAME),
    '/work/secret.yaml': after.split('---\n').find((document) => document.includes('"kind":"Secret"')) ?? '{}',
  };
  const dump = createFakeIo({ files: { ...files, '/work/new/mesh.yaml': running } });
  await run(['translate', 'new', '-o', 'config-dump', '--proxy', POD], dump);
  files['/work/dump.json'] = dump.output();
  const all: Written[] = [];
  for (const one of calls) {
    const io = createFakeIo({ files });
    const exitCode = await run(one.argv, io);
    all.push({ ...one, exitCode, output: io.output(), errors: io.errors(), files: io.written() });
  }
  return all;
}
