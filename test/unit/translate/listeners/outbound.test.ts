import { describe, expect, test } from 'vitest';
import type { TcpProxy } from '../../../../src/envoy/api.gen.ts';
import { chains, client, documents, istio, listenersOf, pod, service, summary } from './support.ts';

const httpMatch = { applicationProtocols: ['http/1.1', 'h2c'], transportProtocol: 'raw_buffer' };
const cart = 'cart.shop.svc.cluster.local';
const vault = 'vault.shop.svc.cluster.local';

describe('outbound listeners of services', () => {
  test('HTTP services share a listener on any address, and what is no HTTP passes through it', () => {
    const listeners = listenersOf(
      documents(
        client,
        service('cart', '10.96.0.1', '{name: http, port: 80}'),
        service('web', '10.96.0.2', '{name: http, port: 80}'),
      ),
    );
    expect([...listeners.keys()]).toEqual(['0.0.0.0_80', 'virtualOutbound', 'virtualInbound']);
    expect(chains(listeners.get('0.0.0.0_80'))).toEqual({
      chains: [{ match: httpMatch, to: 'route 80' }],
      otherwise: 'PassthroughCluster',
    });
  });

  test('a TCP service is on its own address, with one chain that needs no match', () => {
    const listeners = listenersOf(documents(client, service('cart', '10.96.0.1', '{name: tcp, port: 9000}')));
    expect(chains(listeners.get('10.96.0.1_9000'))).toEqual({
      chains: [{ match: undefined, to: `outbound|9000||${cart}` }],
    });
    expect(listeners.get('10.96.0.1_9000')).toMatchObject({
      bindToPort: false,
      listenerFiltersTimeout: '0s',
      continueOnListenerFiltersTimeout: true,
      trafficDirection: 'OUTBOUND',
    });
  });

  test('a port of unknown protocol is on the address too, with a route of its own and TCP for the rest', () => {
    const listeners = listenersOf(documents(client, service('cart', '10.96.0.1', '{name: web-ui, port: 9000}')));
    expect(chains(listeners.get('10.96.0.1_9000'))).toEqual({
      chains: [{ match: httpMatch, to: `route ${cart}:9000` }],
      otherwise: `outbound|9000||${cart}`,
    });
  });

  test('protocolDetectionTimeout holds only where a protocol is detected', () => {
    const listeners = listenersOf(
      documents(
        client,
        service('cart', '10.96.0.1', '{name: web-ui, port: 9000}'),
        service('vault', '10.96.0.2', '{name: tcp, port: 9000}'),
      ),
      'shop/client',
      { protocolDetectionTimeout: '0.1s' },
    );
    expect(listeners.get('10.96.0.1_9000')?.listenerFiltersTimeout).toBe('0.100s');
    expect(listeners.get('10.96.0.2_9000')?.listenerFiltersTimeout).toBe('0s');
  });

  test('UDP ports and aliases (ExternalName) have no listener', () => {
    const alias = `
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: ${cart}, ports: [{name: tcp, port: 9100}]}`;
    const listeners = listenersOf(documents(client, service('cart', '10.96.0.1', '{name: dns, port: 53, protocol: UDP}'), alias));
    expect([...listeners.keys()]).toEqual(['virtualOutbound', 'virtualInbound']);
  });

  test('rules of TCP and TLS that lead nowhere are passed over', () => {
    const services = [
      service('cart', '10.96.0.1', '{name: tcp, port: 9000}, {name: tls, port: 9443}'),
      service('vault', '10.96.0.2', '{name: tcp, port: 9000}'),
    ];
    const rules = (name: string, spec: string): string => istio('VirtualService', name, `{hosts: [cart], ${spec}}`);
    const to = 'route: [{destination: {host: vault, port: {number: 9000}}}]';
    const listenersWith = (spec: string) => listenersOf(documents(client, ...services, rules('cart', spec)));
    const nowhere = listenersWith('tcp: [{match: [{port: 9000}]}, {}], tls: [{match: [{port: 9443, sniHosts: [cart]}]}]');
    expect(chains(nowhere.get('10.96.0.1_9000'))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${cart}` }] });
    expect(chains(nowhere.get('10.96.0.1_9443'))).toEqual({ chains: [{ match: undefined, to: `outbound|9443||${cart}` }] });
    const next = listenersWith(`tcp: [{match: [{port: 9000}]}, {${to}}]`);
    expect(chains(next.get('10.96.0.1_9000'))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${vault}` }] });
  });

  test('a TLS service on its own address has no SNI match; one on any address is known by its name', () => {
    const entry = istio(
      'ServiceEntry',
      'vault',
      '{hosts: [vault.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}',
    );
    const listeners = listenersOf(documents(client, service('cart', '10.96.0.1', '{name: tls, port: 443}'), entry));
    expect(chains(listeners.get('10.96.0.1_443'))).toEqual({ chains: [{ match: undefined, to: `outbound|443||${cart}` }] });
    expect(chains(listeners.get('0.0.0.0_443'))).toEqual({
      chains: [{ match: { serverNames: ['vault.example'] }, to: 'outbound|443||vault.example' }],
      otherwise: 'PassthroughCluster',
    });
    expect(listeners.get('0.0.0.0_443')?.listenerFilters?.map(({ name }) => name)).toEqual([
      'envoy.filters.listener.tls_inspector',
    ]);
  });

  test('a range of addresses is a chain on any address', () => {
    const entry = istio(
      'ServiceEntry',
      'range',
      '{hosts: [range.example], addresses: [192.0.2.0/24], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: NONE}',
    );
    expect(chains(listenersOf(documents(client, entry)).get('0.0.0.0_9000'))).toEqual({
      chains: [{ match: { prefixRanges: [{ addressPrefix: '192.0.2.0', prefixLen: 24 }] }, to: 'outbound|9000||range.example' }],
      otherwise: 'PassthroughCluster',
    });
  });

  test('REGISTRY_ONLY sends what is unknown nowhere', () => {
    const listeners = listenersOf(documents(client, service('cart', '10.96.0.1', '{name: http, port: 80}')), 'shop/client', {
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    });
    expect(chains(listeners.get('0.0.0.0_80'))).toMatchObject({ otherwise: 'BlackHoleCluster' });
    expect(chains(listeners.get('virtualOutbound'))).toEqual({
      chains: [
        { match: { destinationPort: 15001 }, to: 'BlackHoleCluster' },
        { match: undefined, to: 'BlackHoleCluster' },
      ],
    });
  });

  test('a policy without a mode is REGISTRY_ONLY', () => {
    const listeners = listenersOf(client, 'shop/client', { outboundTrafficPolicy: {} });
    expect(chains(listeners.get('virtualOutbound'))).toMatchObject({ chains: [{}, { to: 'BlackHoleCluster' }] });
  });

  test('a headless service has a listener for each endpoint but the client itself', () => {
    const manifests = documents(
      client,
      pod('vault', '10.244.0.2'),
      pod('vault-2', '10.244.0.3').replace('app: vault-2', 'app: vault'),
      service('vault', 'None', '{name: tcp, port: 9000}'),
    );
    expect([...listenersOf(manifests).keys()].filter((name) => name.endsWith('_9000'))).toEqual([
      '10.244.0.2_9000',
      '10.244.0.3_9000',
    ]);
    const own = listenersOf(manifests, 'shop/vault');
    expect([...own.keys()].filter((name) => name.endsWith('_9000'))).toEqual(['10.244.0.3_9000']);
    expect(chains(own.get('10.244.0.3_9000'))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${vault}` }] });
  });

  test('a headless service without endpoints has no listener, but a ServiceEntry without endpoints has one', () => {
    const entry = istio(
      'ServiceEntry',
      'anywhere',
      '{hosts: [anywhere.example], ports: [{number: 9100, name: tcp, protocol: TCP}], resolution: NONE}',
    );
    const listeners = listenersOf(documents(client, service('vault', 'None', '{name: tcp, port: 9000}'), entry));
    expect([...listeners.keys()]).toEqual(['0.0.0.0_9100', 'virtualOutbound', 'virtualInbound']);
  });

  test("Istio's own ports are left to Istio on any address", () => {
    const ports = [15001, 15006, 15021, 15090].map((port) => `{name: http-${port}, port: ${port}}`).join(', ');
    expect([...listenersOf(documents(client, service('cart', '10.96.0.1', ports))).keys()]).toEqual([
      'virtualOutbound',
      'virtualInbound',
    ]);
  });
});

describe('services on one address and port', () => {
  const entry = (name: string, protocol: string, created: string): string =>
    istio(
      'ServiceEntry',
      name,
      `{hosts: [${name}.example], ports: [{number: 9000, name: port, protocol: ${protocol}}], resolution: DNS}`,
    ).replace(`name: ${name},`, `name: ${name}, creationTimestamp: "2026-01-0${created}T00:00:00Z",`);

  test('TCP after HTTP becomes the chain for the rest; of two, the first', () => {
    const listeners = listenersOf(
      documents(client, entry('web', 'HTTP', '1'), entry('first', 'TCP', '2'), entry('second', 'TCP', '3')),
    );
    expect(chains(listeners.get('0.0.0.0_9000'))).toEqual({
      chains: [{ match: httpMatch, to: 'route 9000' }],
      otherwise: 'outbound|9000||first.example',
    });
  });

  test('HTTP after TCP joins it', () => {
    const listeners = listenersOf(documents(client, entry('first', 'TCP', '1'), entry('web', 'HTTP', '2')));
    expect(chains(listeners.get('0.0.0.0_9000'))).toEqual({
      chains: [{ match: httpMatch, to: 'route 9000' }],
      otherwise: 'outbound|9000||first.example',
    });
  });

  test('a protocol whose server speaks first shares with nobody', () => {
    const listeners = listenersOf(documents(client, entry('web', 'HTTP', '1'), entry('store', 'MONGO', '2')));
    expect(chains(listeners.get('0.0.0.0_9000'))).toMatchObject({ otherwise: 'PassthroughCluster' });
  });

  test('TLS services are told apart by name', () => {
    const listeners = listenersOf(documents(client, entry('one', 'TLS', '1'), entry('two', 'TLS', '2')));
    expect(chains(listeners.get('0.0.0.0_9000'))).toEqual({
      chains: [
        { match: { serverNames: ['one.example'] }, to: 'outbound|9000||one.example' },
        { match: { serverNames: ['two.example'] }, to: 'outbound|9000||two.example' },
      ],
      otherwise: 'PassthroughCluster',
    });
  });
});

describe('TCP and TLS routes', () => {
  const mesh = (protocol: string, ...virtualServices: readonly string[]): string =>
    documents(client, service('cart', '10.96.0.1', `{name: ${protocol}, port: 9000}`), ...virtualServices);
  const tcp = (routes: string): string => istio('VirtualService', 'cart', `{hosts: [cart], tcp: [${routes}]}`);
  const chainsFor = (manifests: string): unknown => chains(listenersOf(manifests).get('10.96.0.1_9000'));

  test('a route without match takes everything', () => {
    expect(chainsFor(mesh('tcp', tcp('{route: [{destination: {host: vault, port: {number: 9001}}}]}')))).toEqual({
      chains: [{ match: undefined, to: `outbound|9001||${vault}` }],
    });
  });

  test('subnets of one rule are one chain, sorted, before the service itself', () => {
    const rule =
      '{match: [{destinationSubnets: [198.51.100.0/24]}, {destinationSubnets: [192.0.2.7]}], route: [{destination: {host: vault}}]}';
    expect(chainsFor(mesh('tcp', tcp(rule)))).toEqual({
      chains: [
        {
          match: {
            prefixRanges: [
              { addressPrefix: '192.0.2.7', prefixLen: 32 },
              { addressPrefix: '198.51.100.0', prefixLen: 24 },
            ],
          },
          to: `outbound|9000||${vault}`,
        },
      ],
      otherwise: `outbound|9000||${cart}`,
    });
  });

  test.each([
    ['another port', '{port: 9999}'],
    ['another namespace', '{sourceNamespace: other}'],
    ['other labels', '{sourceLabels: {app: other}}'],
    ['a gateway', '{gateways: [edge]}'],
  ])('a match for %s does not count', (_, match) => {
    expect(chainsFor(mesh('tcp', tcp(`{match: [${match}], route: [{destination: {host: vault}}]}`)))).toEqual({
      chains: [{ match: undefined, to: `outbound|9000||${cart}` }],
    });
  });

  test('labels of the client decide', () => {
    const rule = '{match: [{sourceLabels: {app: client}}], route: [{destination: {host: vault}}]}';
    expect(chainsFor(mesh('tcp', tcp(rule)))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${vault}` }] });
  });

  test('weights name all destinations but those of weight 0, and the virtual service in statistics', () => {
    const rule =
      '{route: [{destination: {host: cart, subset: v1}, weight: 90}, {destination: {host: cart, subset: v2}, weight: 10}, {destination: {host: vault}, weight: 0}]}';
    const [chain] = listenersOf(mesh('tcp', tcp(rule))).get('10.96.0.1_9000')?.filterChains ?? [];
    expect(summary(chain ?? {}).to).toBe(`outbound|9000|v1|${cart}=90 outbound|9000|v2|${cart}=10`);
    expect(chain?.filters?.at(-1)?.typedConfig).toMatchObject({ statPrefix: 'cart.shop' });
  });

  test('a chain of a route names its virtual service, whatever version it was written in', () => {
    const [chain] =
      listenersOf(mesh('tcp', tcp('{route: [{destination: {host: vault}}]}'))).get('10.96.0.1_9000')?.filterChains ?? [];
    expect(chain?.metadata).toEqual({
      filterMetadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/cart' } },
    });
  });

  test('TLS routes match by SNI; of equal matches only the first counts', () => {
    const tls = istio(
      'VirtualService',
      'cart',
      `{hosts: [cart], tls: [
        {match: [{sniHosts: [b.example, a.example]}], route: [{destination: {host: vault}}]},
        {match: [{sniHosts: [b.example, a.example]}], route: [{destination: {host: cart}}]}]}`,
    );
    expect(chainsFor(mesh('tls', tls))).toEqual({
      chains: [{ match: { serverNames: ['a.example', 'b.example'] }, to: `outbound|9000||${vault}` }],
      otherwise: 'PassthroughCluster',
    });
  });

  test('TLS routes are nothing to a TCP port, and TCP routes nothing to an HTTP port', () => {
    const tls = istio(
      'VirtualService',
      'cart',
      '{hosts: [cart], tls: [{match: [{sniHosts: [a.example]}], route: [{destination: {host: vault}}]}]}',
    );
    expect(chainsFor(mesh('tcp', tls))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${cart}` }] });
    const http = listenersOf(mesh('http', tcp('{route: [{destination: {host: vault}}]}')));
    expect(chains(http.get('0.0.0.0_9000'))).toMatchObject({ otherwise: 'PassthroughCluster' });
  });

  test('the TCP chain of a sniffed port follows the route, the HTTP chain stays', () => {
    expect(chainsFor(mesh('web-ui', tcp('{route: [{destination: {host: vault}}]}')))).toEqual({
      chains: [{ match: httpMatch, to: `route ${cart}:9000` }],
      otherwise: `outbound|9000||${vault}`,
    });
  });
});

describe('TCP proxies', () => {
  const proxyFor = (rule: string): TcpProxy => {
    const destinationRule = istio('DestinationRule', 'cart', `{host: cart, trafficPolicy: ${rule}}`);
    const manifests = documents(client, service('cart', '10.96.0.1', '{name: tcp, port: 9000}'), destinationRule);
    const [chain] = listenersOf(manifests).get('10.96.0.1_9000')?.filterChains ?? [];
    return chain?.filters?.at(-1)?.typedConfig as unknown as TcpProxy;
  };

  test('idle timeout and longest duration come from the TCP settings of the destination rule', () => {
    expect(proxyFor('{connectionPool: {tcp: {idleTimeout: 10m, maxConnectionDuration: 1h}}}')).toMatchObject({
      idleTimeout: '600s',
      maxDownstreamConnectionDuration: '3600s',
    });
  });

  test('a consistent hash by source address is followed, others are not', () => {
    expect(proxyFor('{loadBalancer: {consistentHash: {useSourceIp: true}}}').hashPolicy).toEqual([{ sourceIp: {} }]);
    expect(proxyFor('{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}').hashPolicy).toBeUndefined();
  });

  test('a tunnel asks for CONNECT, or POST', () => {
    const tunnel = '{targetHost: outside.example, targetPort: 443}';
    expect(proxyFor(`{tunnel: ${tunnel}}`).tunnelingConfig).toEqual({ hostname: 'outside.example:443' });
    expect(proxyFor(`{tunnel: ${tunnel.replace('}', ', protocol: POST}')}}`).tunnelingConfig).toEqual({
      hostname: 'outside.example:443',
      usePost: true,
    });
  });

  test('outboundClusterStatName names the statistics, without the name of the port', () => {
    const manifests = documents(client, service('cart', '10.96.0.1', '{name: tcp, port: 9000}'));
    const listeners = listenersOf(manifests, 'shop/client', {
      outboundClusterStatName: '%SERVICE%_%SERVICE_FQDN%_%SERVICE_PORT%_%SERVICE_PORT_NAME%_%TARGET_PORT%',
    });
    const [chain] = listeners.get('10.96.0.1_9000')?.filterChains ?? [];
    expect(chain?.filters?.at(-1)?.typedConfig).toMatchObject({ statPrefix: `cart.shop_${cart}_9000__0` });
  });

  test('Mongo gets its own filter, Redis and MySQL do not', () => {
    const filters = (name: string): unknown =>
      listenersOf(documents(client, service('cart', '10.96.0.1', `{name: ${name}, port: 9000}`)))
        .get('10.96.0.1_9000')
        ?.filterChains?.[0]?.filters?.map((filter) => filter.name);
    expect(filters('mongo')).toEqual(['envoy.filters.network.mongo_proxy', 'envoy.filters.network.tcp_proxy']);
    expect(filters('redis')).toEqual(['envoy.filters.network.tcp_proxy']);
    expect(filters('mysql')).toEqual(['envoy.filters.network.tcp_proxy']);
  });
});

describe('wildcard services whose hosts are resolved on the way', () => {
  const entry = istio(
    'ServiceEntry',
    'files',
    '{hosts: ["*.files.example"], location: MESH_EXTERNAL, resolution: DYNAMIC_DNS, ports: [{number: 443, name: tls, protocol: TLS}]}',
  );
  const policy = (name: string, namespace: string, app: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {matchLabels: {app: ${app}}}, action: DENY, rules: [{to: [{operation: {ports: ["443"]}}]}]}`;
  const chain = (manifests: string) => {
    const listeners = [...listenersOf(manifests).values()];
    return listeners.find(({ name }) => name.endsWith('_443'))?.filterChains?.[0];
  };

  test('the host is found by SNI', () => {
    const files = chain(documents(client, entry));
    expect(files?.filterChainMatch?.serverNames).toEqual(['*.files.example']);
    expect(files?.filters?.map(({ name }) => name)).toEqual([
      'envoy.extensions.filters.network.sni_dynamic_forward_proxy',
      'envoy.filters.network.tcp_proxy',
    ]);
  });

  test('policies of the client and of the namespace of the service count, as for inbound connections', () => {
    const elsewhere = entry.replace('namespace: shop', 'namespace: bank');
    const policies = [policy('own', 'shop', 'client'), policy('service', 'bank', 'client'), policy('other', 'shop', 'other')];
    const rules = chain(documents(client, elsewhere, ...policies))?.filters?.[0]?.typedConfig?.rules;
    expect(Object.keys((rules as { policies: object }).policies).sort()).toEqual([
      'ns[bank]-policy[service]-rule[0]',
      'ns[shop]-policy[own]-rule[0]',
    ]);
  });
});

describe('egress listeners of a Sidecar', () => {
  const services = documents(
    client,
    service('cart', '10.96.0.1', '{name: http, port: 80}'),
    service('vault', '10.96.0.2', '{name: tcp, port: 9000}'),
  );
  const sidecar = (spec: string): ReturnType<typeof listenersOf> =>
    listenersOf(documents(services, istio('Sidecar', 'default', spec)));

  test('a port of its own has the services that it imports', () => {
    const listeners = sidecar(
      '{egress: [{port: {number: 9000, protocol: TCP, name: tcp}, hosts: ["./vault.shop.svc.cluster.local"]}]}',
    );
    expect([...listeners.keys()]).toEqual(['10.96.0.2_9000', 'virtualOutbound', 'virtualInbound']);
  });

  test('captureMode NONE binds to the port, on the loopback address unless told otherwise', () => {
    const listeners = sidecar(`{egress: [
      {port: {number: 80, protocol: HTTP, name: http}, captureMode: NONE, hosts: ["./*"]},
      {port: {number: 9000, protocol: TCP, name: tcp}, bind: 127.0.0.2, captureMode: NONE, hosts: ["./*"]}]}`);
    expect([...listeners.keys()].slice(0, 2)).toEqual(['127.0.0.1_80', '127.0.0.2_9000']);
    expect(listeners.get('127.0.0.1_80')).not.toHaveProperty('bindToPort');
    expect(listeners.get('127.0.0.1_80')?.maxConnectionsToAcceptPerSocketEvent).toBe(1);
    expect(chains(listeners.get('127.0.0.1_80'))).toEqual({ chains: [{ match: undefined, to: 'route 80' }] });
  });

  test('a unix domain socket is bound, and names its routes', () => {
    const listeners = sidecar(
      '{egress: [{port: {number: 0, protocol: HTTP, name: http}, bind: "unix:///var/run/cart.sock", hosts: ["./cart.shop.svc.cluster.local"]}]}',
    );
    const listener = listeners.get('unix:///var/run/cart.sock_0');
    expect(listener?.address).toEqual({ pipe: { path: '/var/run/cart.sock' } });
    expect(chains(listener)).toEqual({ chains: [{ match: undefined, to: 'route unix:///var/run/cart.sock' }] });
  });

  test('the listener for all other ports adds nothing to the ports before it', () => {
    const listeners = listenersOf(
      documents(
        services,
        service('web', '10.96.0.3', '{name: tcp, port: 9000}'),
        istio(
          'Sidecar',
          'default',
          '{egress: [{port: {number: 9000, protocol: TCP, name: tcp}, bind: 0.0.0.0, hosts: ["./vault.shop.svc.cluster.local"]}, {bind: 0.0.0.0, hosts: ["./*"]}]}',
        ),
      ),
    );
    expect(chains(listeners.get('0.0.0.0_9000'))).toEqual({ chains: [{ match: undefined, to: `outbound|9000||${vault}` }] });
  });

  test('egressProxy takes what is unknown', () => {
    const listeners = sidecar(
      '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: vault.shop.svc.cluster.local, port: {number: 9000}}}}',
    );
    expect(chains(listeners.get('0.0.0.0_80'))).toMatchObject({ otherwise: `outbound|9000||${vault}` });
  });
});

describe('interception modes', () => {
  const manifests = (mode: string): string =>
    documents(
      pod('client', '10.244.0.1', `, annotations: {sidecar.istio.io/interceptionMode: ${mode}}`),
      service('cart', '10.96.0.1', '{name: http, port: 80}'),
      service('vault', '10.96.0.2', '{name: tcp, port: 9000}'),
    );

  test('NONE binds every listener to the loopback address and has no virtual ones', () => {
    expect([...listenersOf(manifests('NONE')).keys()]).toEqual(['127.0.0.1_80', '127.0.0.1_9000']);
  });

  test('TPROXY makes the virtual listeners transparent', () => {
    const listeners = listenersOf(manifests('TPROXY'));
    expect(listeners.get('virtualOutbound')?.transparent).toBe(true);
    expect(listeners.get('virtualInbound')?.transparent).toBe(true);
    expect(
      listeners
        .get('virtualInbound')
        ?.listenerFilters?.map(({ name }) => name)
        .slice(0, 2),
    ).toEqual(['envoy.filters.listener.original_dst', 'envoy.filters.listener.original_src']);
  });
});

describe('the listener of proxyHttpPort', () => {
  test('takes absolute URLs on the loopback address', () => {
    const listener = listenersOf(client, 'shop/client', { proxyHttpPort: 15002 }).get('127.0.0.1_15002');
    expect(chains(listener)).toEqual({ chains: [{ match: undefined, to: 'route http_proxy' }] });
    expect(listener?.filterChains?.[0]?.filters?.[0]?.typedConfig).toMatchObject({
      httpProtocolOptions: { allowAbsoluteUrl: true },
      statPrefix: 'outbound_127.0.0.1_15002;',
    });
  });
});
