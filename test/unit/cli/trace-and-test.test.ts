import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const helloworld = resolve(import.meta.dirname, '../../../fixtures/helloworld');
const manifests = Object.fromEntries(
  readdirSync(join(helloworld, 'manifests')).map((name) => [
    `/work/manifests/${name}`,
    readFileSync(join(helloworld, 'manifests', name), 'utf8'),
  ]),
);

async function mesh(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const io = createFakeIo({ files: { ...manifests, ...files } });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const table = (expectation: string): Record<string, string> => ({
  '/work/calls.mesh-test.yaml': `requests:\n- {from: helloworld-default, url: "http://helloworld.foo/", expect: ${expectation}}\n`,
});

describe('mesh trace', () => {
  test('tells the way of a request, with the manifest behind each step', async () => {
    const { code, out } = await mesh(['trace', '--from', 'helloworld-default', 'http://helloworld.foo/']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /virtual host {4}helloworld\.foo\.svc\.cluster\.local:80.*\n +manifests\/helloworld\.yaml:\d+ \(Service foo\/helloworld\)/,
    );
    expect(out).toMatch(/mutual TLS with spiffe:\/\/cluster\.local\/ns\/default\/sa\/default/);
    expect(out).toMatch(
      /\n200 served by foo\/helloworld-foo-0:80 through outbound\|80\|\|helloworld\.foo\.svc\.cluster\.local\n$/,
    );
  });

  test('tells what was passed over when asked to', async () => {
    const { out } = await mesh(['trace', '-v', '--from', 'helloworld-default', 'http://helloworld.foo/']);
    expect(out).toContain('virtualInbound-blackhole: passed over: destination port');
  });

  test('prints JSON with the place of each cause', async () => {
    const { out } = await mesh(['trace', '-o', 'json', '--from', 'helloworld-default', 'HEAD', 'http://helloworld.foo/']);
    const { request, ways } = JSON.parse(out);
    expect(request.method).toBe('HEAD');
    expect(ways).toHaveLength(1);
    expect(ways[0].hops[0].log).toMatchObject({ status: 200, flags: '-' });
    expect(ways[0].hops[0].steps.find(({ kind }: { kind: string }) => kind === 'cluster').cause).toMatchObject({
      kind: 'Service',
      location: { file: 'manifests/helloworld.yaml' },
    });
  });

  test.each([
    [['trace', '--from', 'hellowrld-default', 'http://x/'], 'did you mean'],
    [['trace', '--from', 'helloworld-default', 'ftp://x/'], 'the scheme ftp is not known'],
    [['trace', '--from', 'helloworld-default', 'tcp://x'], 'needs a port'],
    [['trace', '--from', 'outside', 'http://x/'], 'no gateway listens for port 80'],
    [['trace', '--from', 'helloworld-default', '--source-ip', 'nobody', 'http://x/'], '--source-ip nobody is not an address'],
    [['trace', '--from', 'helloworld-default', '--source-ip', '10.1.1.1/8', 'http://x/'], 'is not an address'],
    [['trace', '--from', 'helloworld-default', '--address', '10.1.1.1:70000', 'http://x/'], 'with a port from 1 to 65535'],
    [['trace', '--from', 'helloworld-default', '--address', '10.1.1.1:0', 'http://x/'], 'with a port from 1 to 65535'],
    [['trace', '--from', 'helloworld-default', '--address', 'helloworld:80', 'http://x/'], 'is not an address'],
    [['trace', '--from', 'helloworld-default', 'http://fd00::1/'], 'an IPv6 address stands in brackets'],
  ])('%j is a usage error', async (argv, message) => {
    const { code, err } = await mesh(argv);
    expect(code).toBe(64);
    expect(err).toContain(message);
  });

  test.each([
    [['http://[fd00::1]:8080/x'], { address: { ip: 'fd00::1', port: 8080 }, authority: '[fd00::1]:8080' }],
    [['--address', '[fd00::1]:8080', 'http://x/'], { address: { ip: 'fd00::1', port: 8080 }, authority: 'x' }],
    [
      ['--address', 'fd00::1', '--source-ip', 'fd00::2', 'http://x/'],
      { address: { ip: 'fd00::1', port: 80 }, sourceIp: 'fd00::2' },
    ],
  ])('%j goes to an IPv6 address', async (argv, request) => {
    const { code, out } = await mesh(['trace', '-o', 'json', '--from', 'helloworld-default', ...argv]);
    expect(code).toBe(0);
    expect(JSON.parse(out).request).toMatchObject(request);
  });

  test('IPv6 addresses are told in brackets, as Envoy writes them', async () => {
    const { out } = await mesh(['trace', '--from', 'helloworld-default', 'http://[fd00::1]:8080/']);
    expect(out).toContain(' to [fd00::1]:8080\n');
    expect(out).toContain('[fd00::1]:8080: no connection: default/helloworld-default-0 has IPv4 addresses alone');
    expect(out).not.toContain('fd00::1:8080');
  });
});

describe('mesh test', () => {
  test('takes IPv6 addresses, and no source that is none', async () => {
    const calls = (request: string) => ({
      '/work/calls.mesh-test.yaml': `requests:\n- {from: helloworld-default, ${request}}\n`,
    });
    const fine = await mesh(['test'], calls('to: "[fd00::1]:80", source: "fd00::2", expect: {pod: null}'));
    expect(fine.out).toContain('1 of 1 requests as expected');
    const bad = await mesh(['test'], calls('to: "10.1.1.1:80", source: nobody'));
    expect(bad.code).toBe(65);
    expect(bad.err).toContain('requests[0].source is the text "nobody"; it must be an IP address');
    expect((await mesh(['test'], calls('to: "10.1.1.1:70000"'))).err).toContain('no host with a port from 1 to 65535');
  });

  test('tells mistakes in a table in plain words, where they are', async () => {
    const text = `requests:
- {url: "http://x/"}
- {from: helloworld-default, urll: x, scheme: ftp, expect: {status: 700, pod: 5, weights: {a: b}, polcy: x}}
- {from: helloworld-default, expect: {status: "200"}}
servers: none
`;
    const { code, out, err } = await mesh(['test', 'calls.mesh-test.yaml'], { '/work/calls.mesh-test.yaml': text });
    expect(code).toBe(65);
    expect(out + err).not.toMatch(/undefined|received|Invalid|Unrecognized/);
    const told = err.split('\n').filter((line) => line.startsWith('error: calls'));
    expect(told.sort()).toEqual(
      [
        'error: calls.mesh-test.yaml:2:3: requests[0].from is missing',
        'error: calls.mesh-test.yaml:3:47: requests[1].scheme is the text "ftp"; it must be http, https, tcp or tls',
        'error: calls.mesh-test.yaml:3:69: requests[1].expect.status is the number 700; it must be a status from 0 (no answer) to 599',
        'error: calls.mesh-test.yaml:3:79: requests[1].expect.pod must be a text, not the number 5',
        'error: calls.mesh-test.yaml:3:95: requests[1].expect.weights.a must be a number, not the text "b"',
        'error: calls.mesh-test.yaml:3:99: unknown field "requests[1].expect.polcy" (did you mean "policy"?)',
        'error: calls.mesh-test.yaml:3:30: unknown field "requests[1].urll" (did you mean "url"?)',
        'error: calls.mesh-test.yaml:4:47: requests[2].expect.status must be a whole number, not the text "200"',
        'error: calls.mesh-test.yaml:5:10: servers is the text "none"; it must be echo or unknown',
      ].sort(),
    );
  });

  test('says so when all is as expected', async () => {
    const { code, out } = await mesh(['test'], table('{status: 200, pod: foo/helloworld-foo-0}'));
    expect(out).toContain('1 of 1 requests as expected');
    expect(code).toBe(0);
  });

  test('a failing expectation is shown at its line and ends with 79', async () => {
    const { code, out } = await mesh(['test'], table('{status: 404}'));
    expect(code).toBe(79);
    expect(out).toContain(
      'calls.mesh-test.yaml:2: GET helloworld.foo/ from default/helloworld-default-0\n    status: expected 404, got 200',
    );
  });

  test('annotations and JUnit name the place', async () => {
    expect((await mesh(['test', '-o', 'github'], table('{status: 404}'))).out).toMatch(
      /^::error file=calls\.mesh-test\.yaml,line=2,col=3,title=/,
    );
    expect((await mesh(['test', '-o', 'junit'], table('{status: 404}'))).out).toContain('failures="1"');
  });

  test('coverage tells what no request meets, and can be demanded', async () => {
    const { code, out, err } = await mesh(['test', '--fail-under', '90'], table('{status: 200}'));
    expect(out).toMatch(/is met by no request/);
    expect(err).toContain('Coverage is below 90%');
    expect(code).toBe(79);
  });

  test('a scaffold is a table that holds', async () => {
    const { out } = await mesh(['test', '--scaffold']);
    const { code, out: report } = await mesh(['test'], { '/work/all.mesh-test.yaml': out });
    expect(report).toMatch(/ok +all\.mesh-test\.yaml/);
    expect(code).toBe(0);
  });

  test('a table with an unknown field is refused with its place', async () => {
    const { code, err } = await mesh(['test'], { '/work/a.mesh-test.yaml': 'requests:\n- {from: a, too: b}\n' });
    expect(code).toBe(65);
    expect(err).toMatch(/a\.mesh-test\.yaml:2:\d+: unknown field "requests\[0\]\.too" \(did you mean "to"\?\)/);
  });

  test('no table is a usage error', async () => {
    expect((await mesh(['test'])).code).toBe(64);
  });
});
