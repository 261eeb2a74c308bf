import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { filesOfFixture } from '../../support/fixture-clusters.ts';

const files = filesOfFixture('two-networks');

/** Runs the command over the fixture, with some texts in place of others. */
async function mesh(argv: readonly string[], changes: Readonly<Record<string, (text: string) => string>> = {}) {
  const changed = Object.entries(changes).map(([name, change]) => [`/work/${name}`, change(files[`/work/${name}`] ?? '')]);
  const io = createFakeIo({ files: { ...files, ...Object.fromEntries(changed) } });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const traceFrom = (from: string, url: string, ...more: readonly string[]): readonly string[] => [
  'trace',
  '--from',
  from,
  url,
  ...more,
];

describe('requests across two clusters and two networks', { timeout: 60_000 }, () => {
  test('end as the table of the fixture says', async () => {
    const { code, out } = await mesh(['test']);
    expect(out).toContain('40 of 40 requests as expected');
    expect(code).toBe(0);
  });

  test('end as the table says where one primary configures both', async () => {
    const io = createFakeIo({ files: filesOfFixture('hub-and-branch') });
    const code = await run(['test'], io);
    expect(io.output()).toContain('52 of 52 requests as expected');
    expect(code).toBe(0);
  });

  test('go through the gateway of the other network, by the server name, and its load balancer', async () => {
    const { out } = await mesh(traceFrom('east/shop/web-1', 'http://cart/'));
    const places = [...out.matchAll(/^(\S+) \((\w+)\)$/gm)].map(([, place, side]) => `${place} ${side}`);
    expect(places).toEqual([
      'east/shop/web-1 outbound',
      'west/istio-system/istio-eastwestgateway service',
      'west/istio-system/eastwest-1 gateway',
      'west/shop/cart-1 inbound',
      'west/shop/cart-1 server',
    ]);
    expect(out).toContain('outbound_.80_._.cart.shop.svc.cluster.local: takes the connection as it is (TCP)');
    expect(out).toContain('mutual TLS with spiffe://east.example/ns/shop/sa/web');
  });

  test('go directly where the networks are one', async () => {
    const oneNetwork = (text: string): string =>
      text.replaceAll('net-west', 'net').replaceAll('net-east', 'net').replaceAll('10.10.9.1', '10.10.9.9');
    const own = (text: string): string => text.replaceAll('10.10.0.', '10.20.0.');
    const { out } = await mesh(traceFrom('east/shop/web-1', 'http://cart/'), {
      'east/platform.yaml': (text) => text.replaceAll('net-east', 'net'),
      'west/platform.yaml': oneNetwork,
      'west/shop.yaml': own,
    });
    expect(out).toMatch(/endpoint +10\.20\.0\.12:8080: mutual TLS/);
    expect(out).not.toContain('15443');
    expect(out).toContain('200 served by west/shop/cart-1:8080');
  });

  test('are not answered where pods that reach each other have one address', async () => {
    const { code, err } = await mesh(traceFrom('east/shop/web-1', 'http://cart/'), {
      'east/platform.yaml': (text) => text.replaceAll('net-east', 'net'),
      'west/platform.yaml': (text) => text.replaceAll('net-west', 'net'),
    });
    expect(code).not.toBe(0);
    expect(err).toMatch(/have one address, 10\.10\.[09]\.\d+, and their clusters reach each other/);
  });

  test('fail where the identity of the other cluster is none of the aliases', async () => {
    const { out } = await mesh(traceFrom('east/shop/web-1', 'http://cart/'), {
      'west/platform.yaml': (text) => text.replace('trustDomainAliases: [east.example]', 'trustDomainAliases: []'),
    });
    expect(out).toContain('spiffe://east.example/ns/shop/sa/web');
    expect(out).toMatch(/^503 /m);
  });

  test('tell that a name is known in other clusters alone', async () => {
    const { out } = await mesh(traceFrom('east/shop/web-1', 'http://stock/'));
    expect(out).toContain('does not resolve: only west has this Service');
    const capture = await mesh(traceFrom('east/shop/web-1', 'http://stock/'), {
      'east/platform.yaml': (text) =>
        text.replace(
          '    trustDomain:',
          '    defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}\n    trustDomain:',
        ),
    });
    expect(capture.out).toContain('200 served by west/shop/stock-1:8080');
  });

  test('tell that an address is on another network, or that of a Service of another cluster', async () => {
    const pod = await mesh(traceFrom('east/legacy/caller-1', 'http://x.example/', '--address', '10.10.0.12:8080'));
    expect(pod.out).toContain('the address is that of west/shop/cart-1, on the network net-west, which is not reached from here');
    const service = await mesh(traceFrom('east/legacy/caller-1', 'http://x.example/', '--address', '10.120.0.12:80'));
    expect(service.out).toContain('the address is that of the Service west/shop/cart, which leads on in the cluster west alone');
  });

  test('are refused from outside to an address that pods of both have', async () => {
    const { code, err } = await mesh(traceFrom('outside', 'http://x.example/', '--address', '10.10.9.1:15443'));
    expect(code).not.toBe(0);
    expect(err).toContain('10.10.9.1 is the address of east/istio-system/eastwest-1 and of west/istio-system/eastwest-1');
  });

  test('are followed from outside to an address that pods of one alone have, on the network of their node', async () => {
    const onNode = (name: string): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: legacy, labels: {app: ${name}}}
spec: {hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 9100}]}]}
status: {phase: Running, podIP: 10.10.77.1, hostIP: 10.10.77.1}
`;
    const { code, err } = await mesh(traceFrom('outside', 'http://x.example/', '--address', '10.10.77.1:9100'), {
      'west/shop.yaml': (text) => `${text}${onNode('exporter')}${onNode('logger')}`,
    });
    expect(err).not.toContain('is the address of');
    expect(code).toBe(0);
  });

  test('need the cluster in names that both have, and not in others', async () => {
    const both = await mesh(traceFrom('shop/web-1', 'http://cart/'));
    expect(both.err).toContain('is in clusters east, west');
    const one = await mesh(traceFrom('shop/cart-1', 'http://web/'));
    expect(one.out).toContain('from west/shop/cart-1 to 10.120.0.10:80');
    const gateway = await mesh(traceFrom('outside', 'http://cart/', '--gateway', 'eastwest-1'));
    expect(gateway.err).toContain('"eastwest-1" is in clusters east, west');
  });
});
