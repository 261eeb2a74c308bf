import { expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { certificate, certificateKey } from '../../support/certificates.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { createHiddenWords, documentsWithSecrets, expectHidden, secretsWithMistakes } from '../../support/secrets.ts';
import { shopWith } from '../../support/shop.ts';

test.each(['analyze', 'validate', 'translate', 'graph', 'diff'])(
  '%s tells of mistakes in Secrets without telling what they hold',
  async (command) => {
    const hidden = createHiddenWords('C');
    for (const text of secretsWithMistakes(hidden)) {
      const io = createFakeIo({ files: { '/work/m/a.yaml': text } });
      await run(command === 'diff' ? ['diff', 'm', 'm'] : [command, 'm'], io);
      expectHidden(`${command} of ${text}`, io.output() + io.errors(), hidden);
    }
  },
);

test('what is wrong in a Secret is still told, with the line and the place', async () => {
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData:\n  user: admin # hers\n  password: 4711\n';
  const io = createFakeIo({ files: { '/work/m/a.yaml': secret } });
  await run(['analyze', 'm', '-o', 'text'], io);
  expect(io.output()).toContain('m/a.yaml:6:13: error [MESH0007] Secret b/a: stringData.password must be a text, not a number');
  expect(io.output()).toContain('    6 |   password: ****\n      |             ^^^^\n');
});

test.each(['text', 'json', 'markdown'])(
  'diff says in %s that a value of a Secret has changed, and not from what to what',
  async (format) => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'g', namespace: 'a' },
      spec: {
        gatewayClassName: 'istio',
        listeners: [{ name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 's' }] } }],
      },
    };
    const manifests = (crt: string, key: string): string => {
      const data = { 'tls.crt': btoa(crt), 'tls.key': btoa(key) };
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', namespace: 'a' },
        type: 'kubernetes.io/tls',
        data,
      };
      return [gateway, secret].map((document) => `${JSON.stringify(document)}\n`).join('---\n');
    };
    const files = { '/work/old/a.json': manifests('', ''), '/work/new/a.json': manifests(certificate, certificateKey) };
    const io = createFakeIo({ files });
    expect(await run(['diff', 'old', 'new', '-o', format], io)).toBe(1);
    expect(io.output()).not.toContain(btoa(certificate).slice(0, 40));
    expect(io.output()).not.toMatch(/LS0t|BEGIN/);
    expect(io.output()).toContain(`*** (${btoa(certificateKey).length} characters)`);
  },
);

test('an Envoy gets stand-ins for certificates, and what the Secrets hold where that is asked for', async () => {
  const hidden = createHiddenWords('D');
  const files = { '/work/m/a.yaml': shopWith('x', documentsWithSecrets(hidden)) };
  const translate = async (...flags: readonly string[]) => {
    const io = createFakeIo({ files });
    await run(['translate', 'm', '-o', 'envoy', '--proxy', 'shop/edge-0', ...flags], io);
    return { output: io.output(), errors: io.errors() };
  };
  const masked = await translate();
  expect(masked.output).toContain('-----BEGIN PRIVATE KEY-----\\nM');
  expect(masked.errors).toMatch(/stand-in certificates.*kubernetes:\/\/edge-cert/);
  const open = await translate('--with-secrets');
  expect(open.output).toContain('-----BEGIN RSA PRIVATE KEY-----\\nhushD');
});
