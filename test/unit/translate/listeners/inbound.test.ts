import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { FilterChain, HttpConnectionManager, Listener } from '../../../../src/envoy/api.gen.ts';
import { client, documents, istio, listenersOf, pod, service, summary } from './support.ts';

const inbound = (manifests: string, config: MeshConfig = {}): Listener => {
  const listener = listenersOf(manifests, 'shop/client', config).get('virtualInbound');
  if (listener === undefined) throw new Error('no virtualInbound');
  return listener;
};

const ports = (name: string, port = 8080): string =>
  service('client', '10.96.0.1', `{name: ${name}, port: 80, targetPort: ${port}}`);

const peerAuthentication = (spec: string): string => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: ${spec}`;

/** Chains of one destination port, in short: protocols, transport, whether TLS ends there, and what they lead to. */
function chainsOf(listener: Listener, port: number | undefined): string[] {
  return (listener.filterChains ?? [])
    .filter(({ filterChainMatch }) => filterChainMatch?.destinationPort === port)
    .map((chain) => {
      const { applicationProtocols = [], transportProtocol = '' } = chain.filterChainMatch ?? {};
      const tls = chain.transportSocket ? 'terminated' : 'as is';
      return [transportProtocol, applicationProtocols.join(','), tls, summary(chain).to].join(' | ');
    });
}

const manager = (chain: FilterChain | undefined): HttpConnectionManager =>
  chain?.filters?.at(-1)?.typedConfig as unknown as HttpConnectionManager;

const istioProtocols = 'istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2';
const httpProtocols = 'istio-http/1.0,istio-http/1.1,istio-h2';

describe('inbound chains of a port', () => {
  const cases: readonly [mode: string, name: string, expected: readonly string[]][] = [
    [
      'PERMISSIVE',
      'http',
      [`tls | ${istioProtocols} | terminated | routes to inbound|8080||`, 'raw_buffer |  | as is | routes to inbound|8080||'],
    ],
    [
      'PERMISSIVE',
      'tcp',
      [
        `tls | ${istioProtocols} | terminated | inbound|8080||`,
        'tls |  | as is | inbound|8080||',
        'raw_buffer |  | as is | inbound|8080||',
      ],
    ],
    [
      'PERMISSIVE',
      'web-ui',
      [
        `tls | ${httpProtocols} | terminated | routes to inbound|8080||`,
        'raw_buffer | http/1.1,h2c | as is | routes to inbound|8080||',
        'tls | istio-peer-exchange,istio | terminated | inbound|8080||',
        'raw_buffer |  | as is | inbound|8080||',
        'tls |  | as is | inbound|8080||',
      ],
    ],
    ['STRICT', 'http', ['tls |  | terminated | routes to inbound|8080||']],
    ['STRICT', 'tcp', ['tls |  | terminated | inbound|8080||']],
    [
      'STRICT',
      'web-ui',
      [`tls | ${httpProtocols} | terminated | routes to inbound|8080||`, 'tls |  | terminated | inbound|8080||'],
    ],
    ['DISABLE', 'http', ['raw_buffer |  | as is | routes to inbound|8080||']],
    ['DISABLE', 'tcp', ['raw_buffer |  | as is | inbound|8080||']],
    [
      'DISABLE',
      'web-ui',
      ['raw_buffer | http/1.1,h2c | as is | routes to inbound|8080||', 'raw_buffer |  | as is | inbound|8080||'],
    ],
  ];

  test.each(cases)('%s, %s', (mode, name, expected) => {
    const listener = inbound(documents(client, ports(name), peerAuthentication(`{mtls: {mode: ${mode}}}`)));
    expect(chainsOf(listener, 8080)).toEqual(expected);
  });

  test('the catch-all chains come first, the one against loops before them', () => {
    const { filterChains = [] } = inbound(documents(client, ports('http')));
    expect(filterChains.map(({ name }) => name)).toEqual([
      'virtualInbound-blackhole',
      'virtualInbound-catchall-http',
      'virtualInbound-catchall-http',
      'virtualInbound',
      'virtualInbound',
      'virtualInbound',
      '0.0.0.0_8080',
      '0.0.0.0_8080',
    ]);
  });

  test('a port-level mode holds for that target port; one that nobody serves gets catch-all chains of its own', () => {
    const policy = peerAuthentication(
      '{selector: {matchLabels: {app: client}}, portLevelMtls: {8080: {mode: STRICT}, 9999: {mode: DISABLE}}}',
    );
    const listener = inbound(documents(client, ports('tcp'), policy));
    expect(chainsOf(listener, 8080)).toEqual(['tls |  | terminated | inbound|8080||']);
    expect(chainsOf(listener, 9999)).toEqual([
      'raw_buffer | http/1.1,h2c | as is | routes to InboundPassthroughCluster',
      'raw_buffer |  | as is | InboundPassthroughCluster',
    ]);
  });

  test('of two services on one target port the oldest decides the protocol', () => {
    const second = ports('tcp').replace('name: client,', 'name: newer, creationTimestamp: "2026-01-02T00:00:00Z",');
    const first = ports('http').replace('name: client,', 'name: older, creationTimestamp: "2026-01-01T00:00:00Z",');
    expect(chainsOf(inbound(documents(client, second, first)), 8080)).toHaveLength(2);
  });

  test('the route names the port of the service, the cluster that of the workload', () => {
    const chain = inbound(documents(client, ports('http'))).filterChains?.at(-1);
    expect(manager(chain).routeConfig).toMatchObject({
      name: 'inbound|8080||',
      virtualHosts: [
        {
          name: 'inbound|http|80',
          domains: ['*'],
          routes: [{ decorator: { operation: 'client.shop.svc.cluster.local:80/*' }, route: { cluster: 'inbound|8080||' } }],
        },
      ],
      validateClusters: false,
    });
    expect(manager(chain).statPrefix).toBe('inbound_0.0.0.0_8080;');
  });

  test('gRPC has HTTP/2 options and no retries', () => {
    const chain = inbound(documents(client, ports('grpc'))).filterChains?.at(-1);
    expect(manager(chain).http2ProtocolOptions).toEqual({});
    expect(manager(chain).routeConfig?.virtualHosts?.[0]?.routes?.[0]?.route).not.toHaveProperty('retryPolicy');
  });

  test('clients of every trust domain of the mesh are accepted, with the TLS settings of meshMTLS', () => {
    const listener = inbound(documents(client, ports('http'), peerAuthentication('{mtls: {mode: STRICT}}')), {
      trustDomain: 'new.example',
      trustDomainAliases: ['old.example', 'new.example'],
      meshMTLS: { minProtocolVersion: 'TLSV1_3', cipherSuites: ['AES256-GCM-SHA384'] },
    });
    expect(listener.filterChains?.at(-1)?.transportSocket?.typedConfig).toMatchObject({
      requireClientCertificate: true,
      commonTlsContext: {
        alpnProtocols: ['h2', 'http/1.1'],
        tlsParams: {
          cipherSuites: ['AES256-GCM-SHA384'],
          tlsMinimumProtocolVersion: 'TLSv1_3',
          tlsMaximumProtocolVersion: 'TLSv1_3',
        },
        combinedValidationContext: {
          defaultValidationContext: {
            matchSubjectAltNames: [{ prefix: 'spiffe://new.example/' }, { prefix: 'spiffe://old.example/' }],
          },
        },
      },
    });
  });

  test('inboundClusterStatName names the statistics of TCP and leaves what it does not know', () => {
    const chain = inbound(documents(client, ports('tcp')), {
      inboundClusterStatName: '%SERVICE%_%SERVICE_PORT%_%SERVICE_PORT_NAME%_%TARGET_PORT%',
    }).filterChains?.at(-1);
    expect(chain?.filters?.at(-1)?.typedConfig).toMatchObject({ statPrefix: 'client.shop_80_tcp_%TARGET_PORT%' });
  });
});

describe('inspectors of inbound ports', () => {
  const predicates = (listener: Listener): unknown =>
    listener.listenerFilters?.map(({ name, filterDisabled }) => [name?.split('.').at(-1), filterDisabled]);

  test('the HTTP inspector is off on ports whose protocol is known, and on the virtual port', () => {
    expect(predicates(inbound(documents(client, ports('http'))))).toEqual([
      ['original_dst', undefined],
      ['tls_inspector', { destinationPortRange: { start: 15006, end: 15007 } }],
      [
        'http_inspector',
        {
          orMatch: {
            rules: [{ destinationPortRange: { start: 8080, end: 8081 } }, { destinationPortRange: { start: 15006, end: 15007 } }],
          },
        },
      ],
    ]);
  });

  test('where nothing else is TLS, the TLS inspector is on for single ports only', () => {
    const policy = peerAuthentication(
      '{selector: {matchLabels: {app: client}}, mtls: {mode: DISABLE}, portLevelMtls: {8080: {mode: STRICT}}}',
    );
    expect(predicates(inbound(documents(client, ports('http'), policy)))).toContainEqual([
      'tls_inspector',
      { notMatch: { destinationPortRange: { start: 8080, end: 8081 } } },
    ]);
  });

  test('where all ports are plain text there is no TLS inspector', () => {
    const listener = inbound(documents(client, ports('http'), peerAuthentication('{mtls: {mode: DISABLE}}')));
    expect(listener.listenerFilters?.map(({ name }) => name)).not.toContain('envoy.filters.listener.tls_inspector');
  });

  test('where only mutual TLS is accepted nothing is sniffed', () => {
    const listener = inbound(documents(client, ports('http'), peerAuthentication('{mtls: {mode: STRICT}}')));
    expect(listener.listenerFilters?.map(({ name }) => name)).not.toContain('envoy.filters.listener.http_inspector');
  });
});

describe('ingress listeners of a Sidecar', () => {
  const sidecar = (spec: string): string => istio('Sidecar', 'default', spec);
  const http = '{port: {number: 9080, protocol: HTTP, name: http}, defaultEndpoint: "127.0.0.1:8080"}';

  test('take the place of the ports of services, under the address of the pod', () => {
    const listener = inbound(documents(client, ports('http'), sidecar(`{ingress: [${http}]}`)));
    expect(chainsOf(listener, 8080)).toEqual([]);
    const chain = listener.filterChains?.at(-1);
    expect(chain?.name).toBe('10.244.0.1_9080');
    expect(chain?.metadata).toEqual({
      filterMetadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/sidecar/default' } },
    });
    expect(manager(chain).routeConfig?.virtualHosts?.[0]?.routes?.[0]?.decorator).toEqual({ operation: 'default.shop:9080/*' });
  });

  test('with captureMode NONE they are listeners of their own', () => {
    const listeners = listenersOf(
      documents(client, sidecar(`{ingress: [${http.replace('{port', '{captureMode: NONE, bind: 0.0.0.0, port')}]}`)),
    );
    const listener = listeners.get('0.0.0.0_9080');
    expect(listener).toMatchObject({ trafficDirection: 'INBOUND', maxConnectionsToAcceptPerSocketEvent: 1 });
    expect(listener?.listenerFilters?.map(({ name }) => name)).not.toContain('envoy.filters.listener.original_dst');
    expect(listeners.has('virtualInbound')).toBe(true);
  });

  test('of two on one port the first counts', () => {
    const tcp = http.replace('HTTP, name: http', 'TCP, name: tcp');
    expect(chainsOf(inbound(documents(client, sidecar(`{ingress: [${tcp}, ${http}]}`))), 9080)).toHaveLength(3);
  });

  test('without interception only they are there, and services have no inbound listener', () => {
    const none = pod('client', '10.244.0.1', ', annotations: {sidecar.istio.io/interceptionMode: NONE}');
    expect([...listenersOf(documents(none, ports('http'))).keys()]).toEqual(['127.0.0.1_80']);
    expect([...listenersOf(documents(none, sidecar(`{ingress: [${http}]}`))).keys()]).toEqual(['10.244.0.1_9080']);
  });
});

describe('access logs', () => {
  const logged = (config: MeshConfig): Record<string, unknown> => {
    const listeners = listenersOf(documents(client, ports('http')), 'shop/client', config);
    const filterLog = (chain: FilterChain | undefined): unknown => chain?.filters?.at(-1)?.typedConfig?.accessLog !== undefined;
    return {
      inboundListener: listeners.get('virtualInbound')?.accessLog?.map(({ filter }) => filter),
      outboundListener: listeners.get('virtualOutbound')?.accessLog?.map(({ filter }) => filter),
      portListener: listeners.get('0.0.0.0_80')?.accessLog,
      blackHole: filterLog(listeners.get('virtualInbound')?.filterChains?.[0]),
      http: filterLog(listeners.get('0.0.0.0_80')?.filterChains?.[0]),
      passthrough: filterLog(listeners.get('virtualOutbound')?.filterChains?.[1]),
    };
  };

  test('are in all filters but those against loops, and on virtual listeners for connections without a chain', () => {
    const noChain = [{ responseFlagFilter: { flags: ['NR'] } }];
    expect(logged({ accessLogFile: '/dev/stdout' })).toEqual({
      inboundListener: noChain,
      outboundListener: noChain,
      portListener: undefined,
      blackHole: false,
      http: true,
      passthrough: true,
    });
  });

  test('on listeners can be switched off', () => {
    expect(logged({ accessLogFile: '/dev/stdout', disableEnvoyListenerLog: true })).toMatchObject({
      inboundListener: undefined,
      outboundListener: undefined,
      http: true,
    });
  });
});
