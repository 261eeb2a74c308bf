import { describe, expect, test } from 'vitest';
import type { Server } from '../../../src/api/istio.gen.ts';
import { buildGateways, GATEWAY_SERVICE_ANNOTATION, SERVICE_ACCOUNT_ANNOTATION } from '../../../src/model/gateways/gateways.ts';
import type { Proxy } from '../../../src/model/proxies/proxy.ts';
import type { Service, ServiceTarget } from '../../../src/model/registry/service.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { ResourceOf } from '../../../src/resource/resource.ts';
import { createGatewayMerger, mergeGateways } from '../../../src/scope/gateway-scope.ts';

const ingressLabels = { istio: 'ingressgateway' };

function gateway(name: string, servers: Server[], overrides: Partial<ResourceOf<'Gateway'>> = {}): ResourceOf<'Gateway'> {
  return {
    kind: 'Gateway',
    group: 'networking.istio.io',
    version: 'v1',
    name,
    namespace: 'bookinfo',
    labels: {},
    annotations: {},
    spec: { selector: ingressLabels, servers },
    document: { file: 'gateway.yaml', index: 0, value: {}, locate: () => ({ file: 'gateway.yaml', line: 1, column: 1 }) },
    ...overrides,
  };
}

function server(protocol: string, number: number, hosts: string[], rest: Partial<Server> = {}): Server {
  return { port: { number, name: `${protocol.toLowerCase()}-${number}`, protocol }, hosts, ...rest };
}

function target(port: number, targetPort: number, labels: Record<string, string> = {}): ServiceTarget {
  const service = { hostname: 'ingress.istio-system.svc.cluster.local', namespace: 'istio-system', labels } as unknown as Service;
  return { service, port: { name: 'http', port, protocol: 'HTTP' }, targetPort };
}

function merge(gateways: ResourceOf<'Gateway'>[], targets: ServiceTarget[] = []) {
  return mergeGateways(buildGateways(gateways).select(ingressLabels, targets), { enableQuicListeners: true });
}

describe('selection of gateways', () => {
  test('beside a managed Gateway of the Gateway API, those of other namespaces do not count where istiod is strict', () => {
    const all = [
      gateway('managed', [server('HTTP', 80, ['*'])], {
        annotations: {
          [GATEWAY_SERVICE_ANNOTATION]: target(80, 80).service.hostname,
          [SERVICE_ACCOUNT_ANNOTATION]: 'edge-istio',
        },
        namespace: 'istio-system',
        spec: { servers: [server('HTTP', 80, ['*'])] },
      }),
      gateway('same', [server('HTTP', 8080, ['*'])], { namespace: 'istio-system' }),
      gateway('foreign', [server('HTTP', 9090, ['*'])]),
    ];
    const proxy = { namespace: 'istio-system', labels: ingressLabels, targets: [target(80, 80)] } as unknown as Proxy;
    const names = (gateways: ResourceOf<'Gateway'>[], enableStrictGatewayMerging: boolean) =>
      createGatewayMerger(buildGateways(gateways), { ...defaultRelease.behaviours, enableStrictGatewayMerging })(proxy)
        ?.gatewayNames;
    expect(names(all, true)).toEqual(['istio-system/managed', 'istio-system/same']);
    expect(names(all, false)).toHaveLength(3);
    expect(names(all.slice(1), true)).toHaveLength(2);
  });

  test('a selector chooses pods by labels, whatever their namespace', () => {
    const index = buildGateways([
      gateway('own', []),
      gateway('other', [], { spec: { selector: { istio: 'egressgateway' } }, namespace: 'istio-system' }),
    ]);
    expect(index.select(ingressLabels, []).map(({ gateway: { name } }) => name)).toEqual(['own']);
  });

  test('a gateway without selector, or with an empty one, applies to all gateway proxies', () => {
    const index = buildGateways([gateway('none', [], { spec: {} }), gateway('empty', [], { spec: { selector: {} } })]);
    expect(index.select({ app: 'anything' }, []).map(({ gateway: { name } }) => name)).toEqual(['empty', 'none']);
  });

  test('the oldest gateway comes first', () => {
    const index = buildGateways([gateway('young', [], { createdAt: 2 }), gateway('old', [], { createdAt: 1 })]);
    expect(index.select(ingressLabels, []).map(({ gateway: { name } }) => name)).toEqual(['old', 'young']);
  });

  test('a gateway bound to Services by name ignores labels and wants a Service of its own namespace', () => {
    const annotations = { [GATEWAY_SERVICE_ANNOTATION]: 'ingress.istio-system.svc.cluster.local' };
    const index = buildGateways([
      gateway('bound', [], { annotations, namespace: 'istio-system', spec: {} }),
      gateway('elsewhere', [], { annotations, namespace: 'bookinfo', spec: {} }),
    ]);
    expect(index.select({}, [target(80, 8080)]).map(({ gateway: { name } }) => name)).toEqual(['bound']);
    expect(index.select({}, [])).toEqual([]);
  });
});

describe('merging of servers', () => {
  test('a port is translated to the target port of the first Service port of that number', () => {
    const { ports } = merge([gateway('web', [server('HTTP', 80, ['*'])])], [target(80, 8080), target(80, 9090)]);
    expect(ports.map(({ number, routeName }) => [number, routeName])).toEqual([[8080, 'http.8080']]);
  });

  test('a port that no Service has is taken as it is', () => {
    expect(merge([gateway('web', [server('HTTP', 8888, ['*'])])], [target(80, 8080)]).ports[0]?.number).toBe(8888);
  });

  test('a Service can opt out of port translation', () => {
    const targets = [target(80, 8080, { 'experimental.istio.io/disable-gateway-port-translation': 'true' })];
    expect(merge([gateway('web', [server('HTTP', 80, ['*'])])], targets).ports[0]?.number).toBe(80);
  });

  test('a gateway bound to Services serves each target port and no other port', () => {
    const annotations = { [GATEWAY_SERVICE_ANNOTATION]: 'ingress.istio-system.svc.cluster.local' };
    const bound = gateway('web', [server('HTTP', 80, ['*']), server('HTTP', 81, ['*'])], {
      annotations,
      namespace: 'istio-system',
    });
    const { ports, rejected } = merge([bound], [target(80, 8080), target(80, 9090)]);
    expect(ports.map(({ number }) => number)).toEqual([8080, 9090]);
    expect(rejected).toMatchObject([{ index: 1, reason: 'no Service of the gateway has port 81' }]);
  });

  test('HTTP servers of one port share their routes', () => {
    const merged = merge([gateway('a', [server('HTTP', 80, ['a.example'])]), gateway('b', [server('HTTP2', 80, ['b.example'])])]);
    expect(merged.ports).toHaveLength(1);
    expect(merged.serversByRouteName.get('http.80')?.map(({ gatewayName }) => gatewayName)).toEqual(['bookinfo/a', 'bookinfo/b']);
  });

  test('a server of another kind on a plain text port is rejected', () => {
    const merged = merge([gateway('a', [server('HTTP', 80, ['*'])]), gateway('b', [server('TCP', 80, ['*'])])]);
    expect(merged.ports[0]?.servers).toHaveLength(1);
    expect(merged.rejected).toMatchObject([{ gateway: { name: 'b' }, index: 0, reason: 'port 80 already serves HTTP' }]);
  });

  test('servers of one port on different addresses do not conflict', () => {
    const merged = merge([
      gateway('a', [server('TCP', 9000, ['*'], { bind: '10.0.0.1' })]),
      gateway('b', [server('TCP', 9000, ['*'], { bind: '10.0.0.2' })]),
    ]);
    expect(merged.ports.map(({ bind }) => bind)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('each HTTPS server has routes of its own, named after port, gateway and address', () => {
    const tls = { mode: 'SIMPLE', credentialName: 'bookinfo-cert' } as const;
    const merged = merge([
      gateway('a', [server('HTTPS', 443, ['a.example'], { tls })]),
      gateway('b', [server('HTTPS', 443, ['b.example'], { tls, bind: '10.0.0.1' })]),
    ]);
    expect([...merged.serversByRouteName.keys()]).toEqual([
      'https.443.https-443.a.bookinfo',
      'https.443.https-443.b.bookinfo.10.0.0.1',
    ]);
  });

  test('a server with TLS is dropped whole when one of its hosts is taken', () => {
    const tls = { mode: 'SIMPLE', credentialName: 'bookinfo-cert' } as const;
    const merged = merge([
      gateway('a', [server('HTTPS', 443, ['a.example'], { tls })]),
      gateway('b', [server('HTTPS', 443, ['a.example', 'b.example'], { tls })]),
    ]);
    expect(merged.ports[0]?.servers).toHaveLength(1);
    expect(merged.rejected).toMatchObject([{ reason: 'another server on port 443 has the same host (a.example)' }]);
  });

  test('TLS servers of another protocol name stand beside the first on the same port', () => {
    const merged = merge([
      gateway('a', [server('HTTPS', 443, ['a.example'], { tls: { mode: 'SIMPLE', credentialName: 'bookinfo-cert' } })]),
      gateway('b', [server('TLS', 443, ['b.example'], { tls: { mode: 'PASSTHROUGH' } })]),
    ]);
    expect(merged.ports.map(({ number, protocol }) => [number, protocol])).toEqual([
      [443, 'HTTPS'],
      [443, 'TLS'],
    ]);
  });

  test('namespaces of hosts: `.` is the own one, `*` is dropped, `*/*` is every host', () => {
    const [first, second] = merge([
      gateway('a', [server('HTTP', 80, ['./a.example', '*/b.example', 'shop/c.example']), server('HTTP', 81, ['*/*'])]),
    ]).ports.flatMap(({ servers }) => servers);
    expect(first?.hosts).toEqual(['bookinfo/a.example', 'b.example', 'shop/c.example']);
    expect(second?.hosts).toEqual(['*']);
  });

  test('SNI hosts are sorted and have no namespaces', () => {
    const tls = { mode: 'SIMPLE', credentialName: 'bookinfo-cert' } as const;
    const merged = merge([gateway('a', [server('HTTPS', 443, ['shop/b.example', 'a.example'], { tls })])]);
    expect(merged.ports[0]?.servers[0]?.tls?.sniHosts).toEqual(['a.example', 'b.example']);
  });

  test('AUTO_PASSTHROUGH hosts are told apart', () => {
    const merged = merge([gateway('a', [server('TLS', 15443, ['*.local'], { tls: { mode: 'AUTO_PASSTHROUGH' } })])]);
    expect(merged.autoPassthroughHosts).toEqual(['*.local']);
    expect(merge([gateway('a', [server('HTTP', 80, ['*'])])]).autoPassthroughHosts).toBeUndefined();
  });

  test('the port map leads from the port in a route name to the ports that Gateways name', () => {
    const merged = merge([gateway('a', [server('HTTP', 80, ['*']), server('HTTP', 8080, ['*'])])], [target(80, 8080)]);
    expect(merged.portMap).toEqual(new Map([[8080, new Set([80, 8080])]]));
  });
});
