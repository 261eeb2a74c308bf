import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/impossible');
const inputs = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

async function mesh(argv: readonly string[], files: Readonly<Record<string, string>>) {
  const placed = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text]));
  const io = createFakeIo({ files: placed });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors(), written: Object.keys(io.written()) };
}

/** The first thing that is wrong with each, as a line of output begins. */
const first: Readonly<Record<string, string>> = {
  'dots-in-namespace.yaml': '8:32: error [MESH0110] Pod a.b/c: metadata.namespace: Invalid value: "a.b": must not contain dots',
  'path-in-namespace.yaml': '3:35: error [MESH0110] Pod ../../x/evil: metadata.namespace: Invalid value: "../../x": a lowercase',
  'service-and-pod.yaml': '3:18: error [MESH0110] Service a/w 2: metadata.name: Invalid value: "w 2": a DNS-1035 label must',
  'service-dup-port.yaml': '119:13: error [MESH0110] Service a/w2: spec.ports[1].name: Duplicate value: "http"',
  'service-ip-odd.yaml':
    '108:16: error [MESH0110] Service a/w2: spec.clusterIPs[0]: Invalid value: "10.96.0.999": must be a valid',
  'service-port-70000.yaml': '115:13: error [MESH0110] Service a/w2: spec.ports[0].port: Invalid value: 70000: must be between',
  'service-port-neg.yaml': '115:13: error [MESH0110] Service a/w2: spec.ports[0].port: Invalid value: -1: must be between',
  'service-target-70000.yaml': '116:19: error [MESH0110] Service a/w2: spec.ports[0].targetPort: Invalid value: 70000: must be',
};

describe('objects that no API server takes', () => {
  test.each(Object.entries(inputs))('%s is not valid', async (name, text) => {
    const { code, out } = await mesh(['validate', name], { [name]: text });
    expect(code).toBe(79);
    // validate says of each error who refuses it.
    expect(out).toContain(`${name}:${first[name]?.replace(/(?<= (?:Pod|Service) [^:]+:)/, ' API server:')}`);
  });

  test.each(Object.entries(inputs))('%s is a finding', async (name, text) => {
    const { code, out } = await mesh(['analyze', name], { [name]: text });
    expect(code).toBe(79);
    expect(out).toContain(`${name}:${first[name]}`);
  });

  test.each(Object.entries(inputs))('%s is not translated', async (name, text) => {
    const { code, err, written } = await mesh(['translate', '-f', name, '--out-dir', 'out'], { [name]: text });
    expect(code).toBe(65);
    expect(err).toContain(`${name}:${first[name]}`);
    expect(written).toEqual([]);
  });

  const requests = 'requests:\n- {from: a/cli-0, url: "http://web.a/", expect: {status: 200}}\n';

  test.each([
    [['trace', '-f', 'in.yaml', '--from', 'a/cli-0', 'http://web.a/']],
    [['test', '-f', 'in.yaml', 'requests.yaml']],
    [['graph', '-f', 'in.yaml']],
    [['describe', 'pod', 'web-0', '-n', 'a', '-f', 'in.yaml']],
    [['proxy-config', 'clusters', 'web-0', '-n', 'a', '-f', 'in.yaml']],
    [['authz', 'check', 'web-0', '-n', 'a', '-f', 'in.yaml']],
    [['diff', 'in.yaml', 'in.yaml']],
  ])('%j stops with status 65', async (argv) => {
    const { code, err } = await mesh(argv, { 'in.yaml': inputs['service-port-70000.yaml'] ?? '', 'requests.yaml': requests });
    expect(err).toContain('115:13: error [MESH0110]');
    expect(code).toBe(65);
  });

  test.each([
    ['YAML', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {x: "\\ud800"}}\n', '3:39'],
    ['JSON', '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "annotations": {"x": "\\ud800\\u0041"}}}', '1:85'],
  ])('half of a character in %s is none', async (_, text, place) => {
    for (const argv of [
      ['validate', 'in.yaml'],
      ['analyze', 'in.yaml'],
      ['translate', '-f', 'in.yaml'],
    ]) {
      const { code, out, err } = await mesh(argv, { 'in.yaml': text });
      expect(out + err).toContain(`in.yaml:${place}: error [MESH0003]`);
      expect(code).toBe(65);
    }
  });

  test.each([
    ['an apiVersion', 'apiVersion: {toString: 1}\nkind: CustomResourceDefinition\nmetadata: {name: x}\n'],
    ['an apiVersion of Kubernetes', 'apiVersion: {toString: 1}\nkind: Pod\nmetadata: {name: x}\n'],
    ['a kind', 'apiVersion: networking.istio.io/v1\nkind: {toString: 1}\nmetadata: {name: x}\nspec: {tag: a}\n'],
    [
      'a label of an installed gateway',
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: x}\nspec: {components: {ingressGateways: [{name: gw, label: {app: {toString: 1}}}]}}\n',
    ],
  ])('%s that no text can be made of is told like any other object', async (_, text) => {
    for (const command of ['validate', 'analyze']) {
      const found = await mesh([command, 'in.yaml'], { 'in.yaml': text });
      const plain = await mesh([command, 'in.yaml'], { 'in.yaml': text.replace('toString', 'noString') });
      expect(found.code).toBe(plain.code);
      expect((found.out + found.err).replaceAll('toString', 'noString')).toBe(plain.out + plain.err);
    }
  });

  test('validate tells API server and webhook apart, and `valid` stays the verdict of istioctl', async () => {
    const text = (name: string, hosts: string) =>
      `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ${name}}\nspec: {hosts: [${hosts}], resolution: DNS, ports: [{number: 80, name: http}]}\n`;
    const files = {
      'a.yaml': text('BACKEND', 'a.com'),
      'b.yaml': text('BACKEND', 'a.com').replace('http}', 'http, protocol: X}'),
      'c.yaml': text('backend', 'a.com'),
    };
    const { code, out } = await mesh(['validate', '-o', 'json', 'a.yaml', 'b.yaml', 'c.yaml'], files);
    expect(code).toBe(79);
    const named = {
      layer: 'api-server',
      code: 'MESH0110',
      path: 'metadata.name',
      message: expect.stringMatching(/^Invalid value: "BACKEND": a lowercase RFC 1123 subdomain must consist of /),
      line: 3,
      column: 18,
    };
    expect(JSON.parse(out).files).toMatchObject([
      { file: 'a.yaml', valid: true, accepted: false, errors: [named] },
      {
        file: 'b.yaml',
        valid: false,
        accepted: false,
        errors: [named, { layer: 'webhook', code: 'IST0106', path: 'spec.ports[0].protocol' }],
      },
      { file: 'c.yaml', valid: true, accepted: true, errors: [] },
    ]);
  });

  test('a namespace from outside of the manifests is none either', async () => {
    const files = {
      'in.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web-0}\nspec: {containers: [{name: a, image: b}]}\n',
    };
    const flag = await mesh(['translate', '-f', 'in.yaml', '-n', '../../x'], files);
    expect(flag.code).toBe(64);
    expect(flag.err).toContain('--namespace "../../x": a lowercase RFC 1123 label must consist of');
    const config = { ...files, 'mesh.config.yaml': 'manifests: in.yaml\nnamespace: ../../x\n' };
    const file = await mesh(['translate'], config);
    expect(file.code).toBe(65);
    expect(file.err).toContain('mesh.config.yaml:2:12: error [MESH0011] namespace is the text "../../x"; it must be');
  });

  test('the registry file', async () => {
    const text = `services:
- {name: "w 2", ports: ["http:70000", 80], clusterIP: 10.0.0.999}
- {name: db, ports: [tcp:5432], endpoints: [10.0.0.1, {address: nonsense}]}
workloads:
- {name: ../web, labels: {app: "a b"}, replicas: 3, addresses: [10.1.1.1, nope, 10.1.1.3]}
`;
    const { code, err } = await mesh(['translate', '--registry', 'registry.yaml'], { 'registry.yaml': text });
    expect(code).toBe(65);
    const found = err.split('\n').filter((line) => line.startsWith('registry.yaml:'));
    expect(found.map((line) => line.replace(/: (Invalid value: [^:]*):.*/, ': $1'))).toEqual([
      'registry.yaml:2:10: error [MESH0110] Service default/w 2: metadata.name: Invalid value: "w 2"',
      'registry.yaml:2:25: error [MESH0110] Service default/w 2: spec.ports[0].port: Invalid value: 70000',
      'registry.yaml:2:25: error [MESH0110] Service default/w 2: spec.ports[0].targetPort: Invalid value: 70000',
      'registry.yaml:2:55: error [MESH0110] Service default/w 2: spec.clusterIPs[0]: Invalid value: "10.0.0.999"',
      'registry.yaml:3:65: error [MESH0110] EndpointSlice default/db-registry: endpoints[1].addresses[0]: Invalid value: "nonsense"',
      'registry.yaml:5:10: error [MESH0110] Pod default/../web-0: metadata.name: Invalid value: "../web-0"',
      'registry.yaml:5:32: error [MESH0110] Pod default/../web-0: metadata.labels: Invalid value: "a b"',
      'registry.yaml:5:75: error [MESH0110] Pod default/../web-1: status.podIPs[0]: Invalid value: "nope"',
    ]);
  });

  test('of the registry file, only what is written counts, not what is made up from it', async () => {
    const text = `workloads:
- {name: web.v1, locality: us-East/Zone 1, replicas: 2}
services:
- {name: v6, ports: [tcp:5432], endpoints: ["fd00::1"]}
`;
    const { code } = await mesh(['translate', '--registry', 'registry.yaml'], { 'registry.yaml': text });
    expect(code).toBe(0);
  });
});
