import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** Whatever a user writes, no command ends with an exception: what makes no sense is reported, and the rest goes on. */

const mesh: readonly object[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { 'istio-injection': 'enabled' } } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'a' },
    spec: { clusterIP: '10.96.0.10', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
  pod('web', '10.244.0.1'),
  pod('client', '10.244.0.2'),
];

function pod(name: string, podIP: string): object {
  const metadata = { name: `${name}-0`, namespace: 'a', labels: { app: name } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c', image: 'i' }] }, status: { podIP } };
}

function istio(group: string, kind: string, spec: object): object {
  return {
    apiVersion: `${group}.istio.io/${kind === 'EnvoyFilter' ? 'v1alpha3' : 'v1'}`,
    kind,
    metadata: { name: 'x', namespace: 'a' },
    spec,
  };
}

const route = [{ destination: { host: 'web' } }];
const virtualService = (rule: object): object =>
  istio('networking', 'VirtualService', { hosts: ['web'], http: [rule, { route }] });
const matching = (regex: string): object => virtualService({ match: [{ uri: { regex } }], route });

/** Runs the commands that look at everything; gives what validate says. */
async function tryAll(...added: readonly object[]): Promise<string> {
  const text = (documents: readonly object[]): string => documents.map((document) => JSON.stringify(document)).join('\n---\n');
  const files = { '/work/m/a.yaml': text([...mesh, ...added]), '/work/old/a.yaml': text(mesh) };
  for (const args of [
    ['translate', '-f', 'm'],
    ['analyze', 'm'],
    ['graph', '-f', 'm'],
    ['describe', 'pod', 'web-0.a', '-f', 'm'],
    ['trace', '--from', 'a/client-0', 'http://web.a/x', '-f', 'm'],
    ['test', '--scaffold', '-f', 'm'],
    ['diff', 'old', 'm'],
  ]) {
    const io = createFakeIo({ files });
    // diff says by its status whether anything changes.
    expect([0, 65, 79, ...(args[0] === 'diff' ? [1] : [])], `${args[0]}: ${io.errors()}`).toContain(await run(args, io));
  }
  const io = createFakeIo({ files });
  await run(['validate', 'm'], io);
  return io.output() + io.errors();
}

describe('expressions', () => {
  test.each([
    ['one that backtracking never ends', '(?:(a+)+|a{40})c\\bd'],
    ['many choices', '(a?){500}a{500}'],
    ['a class by code points', '[^\\x{41}-\\x{5A}]'],
    ['brackets in brackets', `${'(?:'.repeat(200)}a${')'.repeat(200)}`],
  ])('%s are valid and tried', async (_, regex) => {
    expect(await tryAll(matching(regex))).toContain('a.yaml is valid');
  });

  test.each([
    ['a repetition beyond what RE2 takes', 'a{999999999}', 'invalid repeat count'],
    ['too many brackets', '('.repeat(20_000) + ')'.repeat(20_000), 'regex is too large'],
    ['a look-ahead', '(?=a)b', 'invalid or unsupported Perl syntax'],
  ])('%s is reported', async (_, regex, words) => {
    expect(await tryAll(matching(regex))).toContain(words);
  });

  test('in an EnvoyFilter are no longer than their text either', async () => {
    const regex = `${'(?:x?x?){1000}'.repeat(200)}${'('.repeat(5000)}`;
    const value = { route: { cluster: 'x' }, match: { safe_regex: { regex } } };
    const filter = {
      configPatches: [{ applyTo: 'HTTP_ROUTE', match: { context: 'ANY' }, patch: { operation: 'INSERT_FIRST', value } }],
    };
    expect(await tryAll(istio('networking', 'EnvoyFilter', filter))).toContain('a.yaml is valid');
  });
});

describe('long values', () => {
  test.each([
    ['a duration of digits', virtualService({ route, timeout: '1'.repeat(100_000) }), 'must be a valid duration'],
    ['a duration of parts', virtualService({ route, timeout: `${'1s'.repeat(100_000)}x` }), 'must be a valid duration'],
    [
      'a host of points',
      istio('networking', 'VirtualService', { hosts: [`${'.'.repeat(100_000)}x`], http: [{ route }] }),
      'IST0106',
    ],
    ['a number of digits', virtualService({ route, retries: { attempts: '9'.repeat(100_000) } }), 'must be of type integer'],
    [
      'paths of slashes',
      istio('security', 'AuthorizationPolicy', {
        rules: [{ to: [{ operation: { paths: [`${'/'.repeat(100_000)}x`, `{*}${'/'.repeat(100_000)}x`] } }] }],
      }),
      'invalid or unsupported path',
    ],
    [
      'formats of headers',
      virtualService({ route, headers: { request: { set: { x: '%'.repeat(100_000), y: '%REQ('.repeat(20_000) } } } }),
      'Un-terminated variable expression',
    ],
    [
      'bytes of padding',
      virtualService({ directResponse: { status: 200, body: { bytes: `AAAAAAAA${'='.repeat(100_000)}x` } } }),
      'must be of type byte',
    ],
  ])('%s take no longer than their text', async (_, document, words) => {
    expect(await tryAll(document)).toContain(words);
  });

  test('certificates that begin and never end take no longer than their text', async () => {
    const certificates = '-----BEGIN CERTIFICATE-----\n'.repeat(40_000);
    const data = { 'tls.crt': Buffer.from(certificates).toString('base64'), 'tls.key': 'eA==' };
    const port = { number: 443, name: 'https', protocol: 'HTTPS' };
    const tls = { mode: 'SIMPLE', credentialName: 's' };
    await tryAll(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'a' }, type: 'kubernetes.io/tls', data },
      istio('networking', 'Gateway', { selector: { app: 'web' }, servers: [{ port, hosts: ['x.com'], tls }] }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'a' }, data: { 'ca.crt': certificates } },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'BackendTLSPolicy',
        metadata: { name: 'b', namespace: 'a' },
        spec: {
          targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
          validation: { hostname: 'x.com', caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'c' }] },
        },
      },
    );
  });
});

describe('names that every object of JavaScript has', () => {
  const names = ['toString', 'constructor', '__proto__', 'valueOf', 'hasOwnProperty'];

  test.each(names)('%s as key of a condition is unknown, as any other', async (key) => {
    const policy = istio('security', 'AuthorizationPolicy', { rules: [{ when: [{ key, values: ['a'] }] }] });
    expect(await tryAll(policy)).toContain(`unknown attribute: ${key}`);
  });
});
