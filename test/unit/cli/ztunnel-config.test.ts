import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeIo } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';
import { ambientArguments, casesIn, ambientCases as folder } from '../../support/recorded-case.ts';

const recorded = casesIn(folder).filter((name) => existsSync(join(folder, name, 'tables')));

async function ztunnelConfig(...args: readonly string[]): Promise<{ out: string; err: string; code: number }> {
  const printed = { out: '', err: '' };
  const io = {
    ...createNodeIo(),
    out: (text: unknown) => {
      printed.out += String(text);
      return true;
    },
    err: (text: unknown) => {
      printed.err += String(text);
    },
  };
  const code = await run(['ztunnel-config', ...args], io);
  return { ...printed, code };
}

const manifestsOf = (name: string): readonly string[] => ambientArguments(join(folder, name));
const dumpOf = (name: string): string => join(folder, name, 'tables/ztunnel-dump.json');

describe('ztunnel-config prints what istioctl prints', () => {
  for (const name of recorded) {
    test.each(['workload', 'service', 'policy', 'all'])(`${name}: %s, of manifests and of a dump`, async (part) => {
      const expected = readFileSync(join(folder, name, 'tables', `${part}.txt`), 'utf8');
      expect((await ztunnelConfig(part, ...manifestsOf(name))).out).toBe(expected);
      expect((await ztunnelConfig(part, '-f', dumpOf(name))).out).toBe(expected);
    });

    test(`${name}: manifests give the state that a ztunnel dumps`, async () => {
      const { out } = await ztunnelConfig('all', '-o', 'json', ...manifestsOf(name));
      expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(dumpOf(name), 'utf8')));
    });
  }
});

describe('ztunnel-config filters as istioctl', () => {
  const name = 'ambient-dataplane-mode';
  const rows = (out: string): string[][] =>
    out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ +/));

  test('workloads by namespace and address, in any case', async () => {
    const { out } = await ztunnelConfig('workload', ...manifestsOf(name), '--workload-namespace', 'PLAIN');
    expect(rows(out).length).toBeGreaterThan(0);
    expect(new Set(rows(out).map(([namespace]) => namespace))).toEqual(new Set(['plain']));
    const address = rows(out)[0]?.[2] ?? '';
    const one = await ztunnelConfig('workload', ...manifestsOf(name), '--address', address);
    expect(rows(one.out).map((cells) => cells[2])).toEqual([address]);
  });

  test('services and policies by namespace; JSON holds the fields that istioctl knows', async () => {
    const { out } = await ztunnelConfig('service', '-f', dumpOf(name), '--service-namespace', 'nowhere', '-o', 'json');
    expect(out).toBe('[]\n');
    const policies = await ztunnelConfig(
      'policy',
      ...manifestsOf('ambient-authz-l4'),
      '--policy-namespace',
      'public',
      '-o',
      'yaml',
    );
    expect(policies.out).toMatch(/^- action: Allow\n {2}name: web-all\n {2}namespace: public\n/);
    const workloads = await ztunnelConfig('workload', '-f', dumpOf(name), '-o', 'json');
    expect(workloads.out).not.toContain('nativeTunnel');
    expect(workloads.out).toContain('"applicationTunnel": {\n            "protocol": ""\n        }');
  });

  test('by the name of a pod', async () => {
    const { out } = await ztunnelConfig('workload', ...manifestsOf('ambient-authz-l4'));
    const [namespace = '', pod = ''] = rows(out)[0] ?? [];
    const one = await ztunnelConfig('workload', `${pod}.${namespace}`, ...manifestsOf('ambient-authz-l4'));
    expect(rows(one.out)).toEqual([rows(out)[0]]);
    expect((await ztunnelConfig('workload', 'ztunnel-x2kqp.istio-system', ...manifestsOf('ambient-authz-l4'))).out).toBe(out);
  });
});

describe('ztunnel-config refuses what has no answer', () => {
  test('a mesh without ambient mode', async () => {
    const { err, code } = await ztunnelConfig('all', ...manifestsOf('ambient-authz-l4'), '--no-ambient');
    expect(code).toBe(64);
    expect(err).toContain('not in ambient mode');
  });

  test('a pod that is not there, and a pod of a dump', async () => {
    const { err } = await ztunnelConfig('workload', 'nobody', ...manifestsOf('ambient-authz-l4'));
    expect(err).toContain('no pod is named "nobody"');
    expect((await ztunnelConfig('workload', 'a', '-f', dumpOf('ambient-authz-l4'))).code).toBe(64);
  });
});

test('certificates of a dump: chains, then roots; serial numbers in hexadecimal', async () => {
  const certificate = { pem: '', serialNumber: '255', validFrom: '2023-01-01T00:00:00Z', expirationTime: '2023-02-01T00:00:00Z' };
  const dump = {
    workloads: [],
    services: [],
    certificates: [
      { identity: 'a', state: 'Available', certChain: [certificate, certificate], rootCerts: [] },
      { identity: 'b', state: 'Unavailable: no', certChain: [] },
    ],
  };
  const printed: string[] = [];
  const io = {
    ...createNodeIo(),
    readStandardInput: () => JSON.stringify(dump),
    out: (text: unknown) => {
      printed.push(String(text));
      return true;
    },
  };
  expect(await run(['zc', 'certs', '-f', '-'], io)).toBe(0);
  expect(
    printed
      .join('')
      .split('\n')
      .map((line) => line.split(/ {2,}/).join('|')),
  ).toEqual([
    'CERTIFICATE NAME|TYPE|STATUS|VALID CERT|SERIAL NUMBER|NOT AFTER|NOT BEFORE',
    'a|Leaf|Available|false|ff|2023-02-01T00:00:00Z|2023-01-01T00:00:00Z',
    'a|Root|Available|false|ff|2023-02-01T00:00:00Z|2023-01-01T00:00:00Z',
    'b|NA|Unavailable|false|NA|NA|NA',
    '',
  ]);
});
