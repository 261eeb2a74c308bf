import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web, image: web}]}\n';

/** What a command says about the files, and its exit status. */
async function mesh(args: readonly string[], files: Readonly<Record<string, string>>) {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])) });
  const status = await run([...args], io);
  return { status, output: io.output(), errors: io.errors(), all: io.output() + io.errors() };
}

describe('every command finds the same mistakes', () => {
  const commands = [['translate'], ['validate'], ['analyze'], ['graph'], ['proxy-config', 'routes', 'web.shop']];

  test.each(commands)('in the registry file: mesh %s %s', async (...command) => {
    const registry = 'services:\n- name: 5\n  prots: [http:80]\n';
    const { status, all } = await mesh([...command, '--registry', 'r.yaml'], { 'r.yaml': registry });
    expect([65, 79]).toContain(status);
    expect(all).toContain('r.yaml:2:9: error [MESH0007] services[0].name must be a text, not the number 5');
    expect(all).toContain('r.yaml:3:3: error [MESH0012] unknown field "services[0].prots" (did you mean "ports"?)');
  });

  test.each(commands)('a registry file that is missing, or no YAML: mesh %s %s', async (...command) => {
    const missing = await mesh([...command, '--registry', 'nix.yaml'], {});
    expect([missing.status, missing.all]).toEqual([65, expect.stringContaining('cannot read nix.yaml: no such file or folder')]);
    const broken = await mesh([...command, '--registry', 'r.yaml'], { 'r.yaml': 'services: [' });
    expect([broken.status, broken.all]).toEqual([65, expect.stringContaining('r.yaml:1:12: error [MESH0003]')]);
  });

  test('mistakes in the registry file are of no webhook', async () => {
    const { output } = await mesh(['validate', '--registry', 'r.yaml', '-o', 'json'], {
      'r.yaml': 'services:\n- name: 5\n  prots: [http:80]\n',
    });
    const { files } = JSON.parse(output) as { files: { errors: { layer: string }[] }[] };
    expect(files.flatMap(({ errors }) => errors.map(({ layer }) => layer))).toEqual(['mesh', 'mesh']);
  });

  test('a good registry file is valid', async () => {
    const { status, output } = await mesh(['validate', '--registry', 'r.yaml'], {
      'r.yaml': 'services: [{name: web, ports: [http:80]}]\n',
    });
    expect([status, output]).toEqual([0, 'r.yaml is valid\n']);
  });

  const config = 'accessLogFile: /dev/stdout\nconnectTimeout: 0s\n';
  const configMap = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    accessLogFile: /dev/stdout\n    connectTimeout: 0s\n`;

  test('MeshConfig that breaks a rule is an error of validate and analyze', async () => {
    const files = { 'pod.yaml': pod, 'mesh.yaml': config };
    for (const command of ['validate', 'analyze']) {
      const fromFile = await mesh([command, '--mesh-config', 'mesh.yaml', 'pod.yaml'], files);
      // validate says who refuses.
      const refuses = command === 'validate' ? 'webhook: ' : '';
      const message = `error [IST0106] ${refuses}connectTimeout: duration must be greater than 1ms`;
      expect([command, fromFile.status, fromFile.output]).toEqual([
        command,
        79,
        expect.stringContaining(`mesh.yaml:2:17: ${message}`),
      ]);
      const fromMap = await mesh([command, 'pod.yaml', 'istio.yaml'], { 'pod.yaml': pod, 'istio.yaml': configMap });
      expect([command, fromMap.status, fromMap.output]).toEqual([
        command,
        79,
        expect.stringMatching(/istio\.yaml:7:1: error \[IST0106\]/),
      ]);
    }
  });

  test('good MeshConfig is no finding', async () => {
    const { status, errors } = await mesh(['analyze', '--mesh-config', 'mesh.yaml', 'pod.yaml'], {
      'pod.yaml': pod,
      'mesh.yaml': 'accessLogFile: /dev/stdout\nconnectTimeout: 1s\n',
    });
    expect([status, errors]).toEqual([0, 'No problems found in 1 file.\n']);
  });
});

describe('MeshConfig that istiod does not take', () => {
  /** MeshConfig in effect, and what translate says. */
  async function effective(config: string) {
    const files = { 'pod.yaml': pod, 'mesh.yaml': config };
    const { status, output, errors } = await mesh(
      ['translate', '-f', 'pod.yaml', '--mesh-config', 'mesh.yaml', '--stage', 'model'],
      files,
    );
    return { status, errors, config: status === 0 ? JSON.parse(output).config : undefined };
  }

  test.each([
    ['a timeout of nothing', 'connectTimeout: 0s', '2:17', 'connectTimeout: duration must be greater than 1ms'],
    ['an empty trust domain', 'trustDomain: ""', '2:14', 'trustDomain: empty domain name not allowed'],
    ['a drain duration that is no whole second', 'defaultConfig: {drainDuration: 1500ms}', '2:32', 'drain time only supports'],
    [
      'weights that are not 100 together',
      'localityLbSetting: {distribute: [{from: a/*, to: {b/*: 50}}]}',
      '2:',
      'total locality weight 50 != 100',
    ],
    ['a port beyond the last', 'proxyListenPort: 70000', '2:18', 'port number 70000 must be in the range 1..65535'],
  ])('%s: nothing of it takes effect, and the warning says so', async (_, line, place, reason) => {
    const { status, errors, config } = await effective(`accessLogFile: /dev/stdout\n${line}\n`);
    expect(status).toBe(0);
    expect(errors).toContain(`mesh.yaml:${place}`);
    expect(errors).toMatch(/warning \[MESH0015\] nothing in this MeshConfig takes effect: istiod refuses it as a whole/);
    expect(errors).toContain(reason);
    expect(config).toMatchObject({ connectTimeout: '10s', trustDomain: 'cluster.local', proxyListenPort: 15001 });
    expect(config.accessLogFile).toBeUndefined();
  });

  test('what istiod only warns of takes effect', async () => {
    const { errors, config } = await effective(
      'accessLogFile: /dev/stdout\nextensionProviders: [{name: a, zipkin: {service: x, port: 0}}]\n',
    );
    expect(errors).not.toContain('MESH0015');
    expect(config.accessLogFile).toBe('/dev/stdout');
  });

  test('MeshNetworks with a mistake are left out as a whole', async () => {
    const networks = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  meshNetworks: |\n    networks: {a: {endpoints: [{fromCidr: 10.0.0.0/99}]}}\n`;
    const { status, errors } = await mesh(['translate', '-f', 'pod.yaml', '-f', 'n.yaml'], {
      'pod.yaml': pod,
      'n.yaml': networks,
    });
    expect(status).toBe(0);
    expect(errors).toMatch(/n\.yaml:6:1: warning \[MESH0015\] nothing in this MeshNetworks takes effect/);
  });

  test('defaultConfig and defaultProviders count in this spelling only, other fields in either', async () => {
    const { errors, config } = await effective(
      'connect_timeout: 3s\ndefault_config: {concurrency: 7}\ndefault_providers: {accessLogging: [envoy]}\n',
    );
    expect(errors).toContain(
      'mesh.yaml:2:1: warning [MESH0016] default_config has no effect: istiod reads this field only as defaultConfig\n',
    );
    expect(errors).toContain(
      'mesh.yaml:3:1: warning [MESH0016] default_providers has no effect: istiod reads this field only as defaultProviders\n',
    );
    expect(config.connectTimeout).toBe('3s');
    expect(config.defaultConfig.concurrency).toBeUndefined();
    expect(config.defaultProviders).toEqual({});
    const usual = await effective('defaultConfig: {concurrency: 7}\ndefaultProviders: {accessLogging: [envoy]}\n');
    expect(usual.errors).toBe('');
    expect(usual.config).toMatchObject({ defaultConfig: { concurrency: 7 }, defaultProviders: { accessLogging: ['envoy'] } });
  });
});
