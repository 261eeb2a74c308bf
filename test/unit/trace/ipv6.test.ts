import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const cases = resolve(import.meta.dirname, '../../../fixtures/istiod');

const IPV4_TOO = 'ISTIO_ENABLE_IPV4_OUTBOUND_LISTENER_FOR_IPV6_CLUSTERS';

async function mesh(name: string, ...argv: readonly string[]): Promise<string> {
  const folder = join(cases, name, 'manifests');
  const files = Object.fromEntries(
    readdirSync(folder).map((file) => [`/work/manifests/${file}`, readFileSync(join(folder, file), 'utf8')]),
  );
  const io = createFakeIo({ files });
  await run(argv, io);
  return io.output();
}

const trace = (name: string, url: string): Promise<string> => mesh(name, 'trace', '--from', 'shop/web-1', url);

describe('a request over IPv6', () => {
  test('goes to the address of the Service by its name, and to the listener of any IPv6 address', async () => {
    const out = await trace('ipv6-only', 'http://api.shop:8080/');
    expect(out).toContain('from shop/web-1 to [fd00:10:96::b]:8080');
    expect(out).toContain('::_8080: takes the connection to [fd00:10:96::b]:8080 from virtualOutbound');
    expect(out).toContain(': 200 served by shop/api-1:8080');
  });

  test('can name an address in brackets, whose virtual host takes it', async () => {
    const out = await trace('ipv6-only', 'http://[fd00:10:96::b]:8080');
    expect(out).toContain('by its domain [fd00:10:96::b]');
    expect(await trace('ipv6-only', 'tcp://[fd00:10:96::c]:5432')).toContain('fd00:10:96::c_5432: takes the connection');
  });

  test('is to an address of its family where nothing is known of the host', async () => {
    expect(await trace('ipv6-only', 'http://nowhere.example.com')).toContain('::_80: takes the connection to [2001:db8::1]:80');
  });

  test('finds the listener that has its address as an additional one', async () => {
    const out = await mesh(
      'dual-stack-ipv6-first',
      ...['trace', '--istiod-env', 'ISTIO_DUAL_STACK=true', '--from', 'shop/web-1', 'tcp://10.96.1.11:7000'],
    );
    expect(out).toContain('fd00:10:96::b_7000: takes the connection to 10.96.1.11:7000');
  });
});

describe('a pod with addresses of one family', () => {
  const from = (client: string, url: string, ...more: readonly string[]): Promise<string> =>
    mesh('families-mixed', 'trace', '--from', `shop/${client}`, url, '--istiod-env', 'ISTIO_DUAL_STACK=true', ...more);

  test('reaches no Service that has addresses of the other alone', async () => {
    const six = await from('client-six', 'http://four.shop:8080');
    expect(six).toContain('10.96.1.10:8080: no connection: shop/client-six has IPv6 addresses alone, and this is one of IPv4');
    expect(await from('client-four', 'tcp://six.shop:7000')).toContain(
      '[fd00:10:96::b]:7000: no connection: shop/client-four has IPv4 addresses alone, and this is one of IPv6',
    );
  });

  test('reaches those that have one of its own, and every one where it has both', async () => {
    for (const [client, url] of [
      ['client-six', 'http://both.shop:8082'],
      ['client-four', 'http://both.shop:8082'],
      ['client-both', 'http://four.shop:8080'],
      ['client-both', 'http://six.shop:8081'],
    ] as const) {
      expect(await from(client, url)).toContain('200 served by shop/four-1:8080');
    }
  });

  test('with IPv6 reaches IPv4 where istiod has its proxy take such connections', async () => {
    const out = await from('client-six', 'http://four.shop:8080', '--istiod-env', `${IPV4_TOO}=true`);
    expect(out).toContain('200 served by shop/four-1:8080');
    expect(out).not.toContain('addresses alone');
  });
});

describe('a pod of both families', () => {
  const pod = (name: string, end: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}-1, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.1.${end}, podIPs: [{ip: 10.244.1.${end}}, {ip: "fd00:10:244:1::${end}"}]}
---`;
  const api = `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  clusterIP: 10.96.1.11
  clusterIPs: [10.96.1.11, "fd00:10:96::b"]
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: RequireDualStack
  selector: {app: api}
  ports: [{name: http, port: 8080}]`;
  const from = async (url: string, ...more: readonly string[]): Promise<string> => {
    const io = createFakeIo({ files: { '/work/manifests/mesh.yaml': pod('web', '1') + pod('api', '2') + api } });
    await run(['trace', '--from', 'shop/web-1', url, ...more], io);
    return io.output();
  };
  const told = (value: string): readonly string[] => ['--istiod-env', `ISTIO_DUAL_STACK=${value}`];

  test('whose agent is not told to serve both has its IPv6 connections pass the sidecar by, where its first address is of IPv4', async () => {
    const out = await from('http://[fd00:10:244:1::2]:8080/');
    expect(out).toContain('shop/web-1 (client)\n  note            over IPv6 it goes past the sidecar of shop/web-1');
    expect(out).toContain('shop/api-1 (server)\n  note            over IPv6 it goes past the sidecar of shop/api-1');
    expect(out).not.toContain('virtual');
    const four = await from('http://10.244.1.2:8080/');
    expect(four).not.toContain('past the sidecar');
    expect(four).toContain('shop/api-1 (inbound)');
  });

  test('does so whatever istiod serves, since the rules are made by the agent', async () => {
    expect(await from('http://[fd00:10:244:1::2]:8080/', ...told('true'))).toContain('past the sidecar of shop/api-1');
  });

  test('is led by the IPv6 address of a Service to IPv6 addresses of pods, and by that of IPv4 to those of IPv4', async () => {
    for (const value of ['true', 'false']) {
      const six = await from('http://[fd00:10:96::b]:8080/', ...told(value));
      expect(six).toContain('its address leads to one of its endpoints: [fd00:10:244:1::');
      expect(six).not.toContain('endpoints: 10.244');
    }
  });

  test('has them refused where they are redirected and istiod makes no listener for them', async () => {
    const out = await mesh(
      'dual-stack-ipv6-first',
      'trace',
      '--from',
      'shop/web-1',
      'tcp://[fd00:10:96::b]:7000',
      ...told('false'),
    );
    expect(out).toContain(
      'no connection: the proxy of shop/web-1, to which it is redirected, does not listen for IPv6 (ISTIO_DUAL_STACK of istiod)',
    );
  });
});

describe(`${IPV4_TOO}`, () => {
  const configOf = async (name: string, kind: string, value: string) =>
    JSON.parse(await mesh(name, 'proxy-config', kind, 'shop/web-1', '--istiod-env', `${IPV4_TOO}=${value}`, '-o', 'json'));
  const virtualOutbound = async (name: string, value: string) =>
    (await configOf(name, 'listener', value)).find((listener: { name: string }) => listener.name === 'virtualOutbound');
  const lookups = async (name: string, value: string) => [
    ...new Set(
      (await configOf(name, 'cluster', value)).flatMap((cluster: { dnsLookupFamily?: string }) => cluster.dnsLookupFamily ?? []),
    ),
  ];

  test('adds an IPv4 address to the outbound listener of proxies with IPv6 alone, and looks up IPv4 too', async () => {
    const listener = await virtualOutbound('ipv6-only', 'true');
    expect(listener.address.socketAddress.address).toBe('::');
    expect(listener.additionalAddresses).toEqual([{ address: { socketAddress: { address: '0.0.0.0', portValue: 15001 } } }]);
    expect(await lookups('ipv6-only', 'true')).toEqual(['ALL']);
    expect(await virtualOutbound('ipv6-only', 'false')).not.toHaveProperty('additionalAddresses');
    expect(await lookups('ipv6-only', 'false')).toEqual(['V6_ONLY']);
  });

  test('changes nothing for proxies of both families', async () => {
    const name = 'dual-stack-ipv6-first';
    expect(await virtualOutbound(name, 'true')).toEqual(await virtualOutbound(name, 'false'));
    expect(await lookups(name, 'true')).toEqual(await lookups(name, 'false'));
  });
});

test('a table of requests names IPv6 addresses in brackets, and none that stands for any', async () => {
  const out = await mesh('ipv6-only', 'test', '--scaffold');
  expect(out).toContain('[fd00:10:96::c]:5432');
  expect(out).not.toContain('[::]');
});
