import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const web = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: app}]}
`;
const telemetry = `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traces, namespace: shop}
spec: {tracing: [{providers: [{name: collector}]}]}
`;
const filter = (namespace: string): string => `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: idle, namespace: ${namespace}}
spec:
  configPatches:
  - applyTo: CLUSTER
    match: {cluster: {service: nobody.example.com}}
    patch: {operation: REMOVE}
`;
const policy = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {rules: [{when: [{key: request.nonsense, values: [a]}]}]}
`;
const ambient = `---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
`;
const misspelt = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], htttp: []}
`;

/** What a command says: `severity code Kind namespace/name`. */
async function saidBy(command: string, files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string[]> {
  const io = createFakeIo({ files: { ...files, '/work/empty/m.yaml': web } });
  const config = '/work/mesh.yaml' in files ? ['--mesh-config', 'mesh.yaml'] : [];
  const paths = command === 'diff' ? ['empty', 'm'] : ['m'];
  await run([command, ...args, ...config, ...paths], io);
  // An error in the input ends a diff before it has an answer.
  if (command === 'translate' || io.output() === '') {
    return [...io.errors().matchAll(/(\w+) \[(\w+)\] (?:(\w+ \S+\/\S+): )?/g)].map(
      ([, severity, code, resource = '']) => `${severity} ${code} ${resource}`,
    );
  }
  interface Said {
    readonly code: string;
    readonly level: string;
    readonly origin?: string;
    readonly resource?: { readonly kind: string; readonly namespace: string; readonly name: string };
  }
  const nameOf = ({ origin, resource }: Said): string =>
    origin ?? (resource && `${resource.kind} ${resource.namespace}/${resource.name}`) ?? '';
  const answer = JSON.parse(io.output());
  if (command === 'validate') {
    const levels = { errors: 'error', warnings: 'warning', notes: 'info' } as const;
    return answer.files.flatMap((file: Readonly<Record<keyof typeof levels, readonly Said[]>>) =>
      (['errors', 'warnings', 'notes'] as const).flatMap((key) =>
        file[key].map((one) => `${levels[key]} ${one.code} ${nameOf(one)}`),
      ),
    );
  }
  const list: readonly (Said & { readonly severity?: string })[] = command === 'diff' ? answer.findings.introduced : answer;
  return list.map((one) => `${(one.level ?? one.severity ?? '').toLowerCase()} ${one.code} ${nameOf(one)}`);
}

/** What all commands say of an input, and the codes of resources to which they give different levels. */
async function compare(text: string, meshConfig?: string) {
  const files = { '/work/m/m.yaml': web + text, ...(meshConfig !== undefined && { '/work/mesh.yaml': meshConfig }) };
  const said = await Promise.all([
    saidBy('translate', files),
    saidBy('analyze', files, ['-o', 'json']),
    saidBy('diff', files, ['-o', 'json']),
    saidBy('validate', files, ['-o', 'json']),
  ]);
  const levels = new Map<string, Set<string>>();
  for (const one of said.flat()) {
    const [level = '', ...key] = one.split(' ');
    levels.set(key.join(' '), (levels.get(key.join(' ')) ?? new Set()).add(level));
  }
  const disagreed = [...levels].filter(([, { size }]) => size > 1).map(([key, found]) => `${key}: ${[...found].join(', ')}`);
  const [translate = [], analyze = [], diff = [], validate = []] = said;
  return { translate, analyze, diff, validate, disagreed };
}

describe('every command gives a code the same level for the same input', () => {
  test('a provider that cannot be known without MeshConfig is a hint', async () => {
    const { translate, analyze, diff, disagreed } = await compare(telemetry);
    for (const said of [translate, analyze, diff]) expect(said).toContain('info MESH1401 Telemetry shop/traces');
    expect(disagreed).toEqual([]);
  });

  test('a provider that MeshConfig does not define is a warning', async () => {
    const { translate, analyze, disagreed } = await compare(telemetry, 'enableTracing: true\n');
    for (const said of [translate, analyze]) expect(said).toContain('warning MESH1401 Telemetry shop/traces');
    expect(disagreed).toEqual([]);
  });

  test('a patch that changes nothing is a warning in the namespace of the proxies, and a hint in the root namespace', async () => {
    const { translate, analyze, diff, disagreed } = await compare(filter('shop') + filter('istio-system'));
    for (const said of [translate, analyze, diff]) {
      expect(said).toContain('warning MESH1603 EnvoyFilter shop/idle');
      expect(said).toContain('info MESH1603 EnvoyFilter istio-system/idle');
    }
    expect(disagreed).toEqual([]);
  });

  test('what mesh does not compute is no mistake of the manifests', async () => {
    const { translate, analyze, disagreed } = await compare(ambient);
    for (const said of [translate, analyze]) expect(said.join()).toContain('info MESH1501');
    expect(disagreed).toEqual([]);
  });

  test('a condition that means nothing, a field that does not exist', async () => {
    const { translate: denied, ...others } = await compare(policy);
    expect(denied).toContain('warning MESH1301 AuthorizationPolicy shop/web');
    expect(others.disagreed).toEqual([]);
    const { translate, validate, disagreed } = await compare(misspelt);
    for (const said of [translate, validate]) expect(said).toContain('error MESH0012 VirtualService shop/web');
    expect(disagreed).toEqual([]);
  });
});
