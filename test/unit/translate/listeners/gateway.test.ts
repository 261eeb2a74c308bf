import { describe, expect, test } from 'vitest';
import type { FilterChain, HttpConnectionManager, Listener, NetworkFilter } from '../../../../src/envoy/api.gen.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { gatewaySnapshot, gatewayYaml, virtualServiceYaml } from '../../../support/gateway-mesh.ts';

const http = 'port: {number: 80, name: http, protocol: HTTP}';
const https = 'port: {number: 443, name: https, protocol: HTTPS}';
const tls = 'port: {number: 443, name: tls, protocol: TLS}';
const toReviews = 'route: [{destination: {host: reviews, port: {number: 9080}}}]';

function listeners(...parts: readonly string[]): readonly Listener[] {
  return gatewaySnapshot(parts.join('')).listeners;
}

function chains(...parts: readonly string[]): readonly FilterChain[] {
  return listeners(...parts).flatMap(({ filterChains = [] }) => filterChains);
}

function managerOf(chain: FilterChain | undefined): HttpConnectionManager {
  return chain?.filters?.at(-1)?.typedConfig as HttpConnectionManager;
}

function names(filters: readonly NetworkFilter[] | undefined): readonly (string | undefined)[] {
  return (filters ?? []).map(({ name }) => name);
}

function clusterOf(chain: FilterChain | undefined): unknown {
  return (chain?.filters?.at(-1)?.typedConfig as { cluster?: string } | undefined)?.cluster;
}

describe('HTTP servers', () => {
  test('the listener is on the target port, outbound, and asks for the routes of that port', () => {
    const [listener] = listeners(gatewayYaml(`{${http}, hosts: ["*"]}`));
    expect(listener).toMatchObject({
      name: '0.0.0.0_8080',
      address: { socketAddress: { address: '0.0.0.0', portValue: 8080 } },
      trafficDirection: 'OUTBOUND',
      maxConnectionsToAcceptPerSocketEvent: 1,
    });
    expect(listener?.listenerFilters).toBeUndefined();
    expect(managerOf(listener?.filterChains?.[0])).toMatchObject({
      rds: { routeConfigName: 'http.8080' },
      statPrefix: 'outbound_0.0.0.0_8080;',
      useRemoteAddress: true,
      serverName: 'istio-envoy',
      httpProtocolOptions: {},
    });
  });

  test('client certificates are told to backends, and no client can make them up', () => {
    expect(managerOf(chains(gatewayYaml(`{${http}, hosts: ["*"]}`))[0])).toMatchObject({
      forwardClientCertDetails: 'SANITIZE_SET',
      setCurrentClientCertDetails: { subject: true, cert: true, dns: true, uri: true },
    });
  });

  test('the topology of the gateway decides about client certificates, trusted proxies and the PROXY protocol', () => {
    const topology = { forwardClientCertDetails: 'FORWARD_ONLY', numTrustedProxies: 2, proxyProtocol: {} } as const;
    const { listeners: found } = gatewaySnapshot(gatewayYaml(`{${http}, hosts: ["*"]}`), {
      defaultConfig: { gatewayTopology: topology },
    });
    const manager = managerOf(found[0]?.filterChains?.[0]);
    expect(manager).toMatchObject({ forwardClientCertDetails: 'FORWARD_ONLY', xffNumTrustedHops: 2 });
    expect(manager.setCurrentClientCertDetails).toBeUndefined();
    expect(found[0]?.listenerFilters?.map(({ name }) => name)).toEqual(['envoy.filters.listener.proxy_protocol']);
  });

  test('clients of the ranges of MeshNetworks are internal', () => {
    const endpoints = [{ fromCidr: '10.10.0.0/16' }, { fromRegistry: 'Kubernetes' }, { fromCidr: '10.9.0.1' }];
    const { listeners: found } = gatewaySnapshot(
      gatewayYaml(`{${http}, hosts: ["*"]}`),
      {},
      { networks: { east: { endpoints } } },
    );
    expect(managerOf(found[0]?.filterChains?.[0]).internalAddressConfig).toEqual({
      cidrRanges: [
        { addressPrefix: '10.9.0.1', prefixLen: 32 },
        { addressPrefix: '10.10.0.0', prefixLen: 16 },
      ],
    });
  });

  test('SANITIZE is Envoy’s default and left out', () => {
    const { listeners: found } = gatewaySnapshot(gatewayYaml(`{${http}, hosts: ["*"]}`), {
      defaultConfig: { gatewayTopology: { forwardClientCertDetails: 'SANITIZE' } },
    });
    expect(managerOf(found[0]?.filterChains?.[0]).forwardClientCertDetails).toBeUndefined();
  });

  test('a server with an address of its own has a listener of its own', () => {
    expect(listeners(gatewayYaml(`{${http}, hosts: ["*"], bind: 10.0.0.1}`)).map(({ name }) => name)).toEqual(['10.0.0.1_8080']);
  });

  test('connections are balanced exactly where the proxy’s metadata say so', () => {
    const { listeners: found } = gatewaySnapshot(gatewayYaml(`{${http}, hosts: ["*"]}`), {
      defaultConfig: { proxyMetadata: { ISTIO_META_OUTBOUND_LISTENER_EXACT_BALANCE: 'true' } },
    });
    expect(found[0]?.connectionBalanceConfig).toEqual({ exactBalance: {} });
  });

  test('an unprivileged pod does not listen on low ports', () => {
    const { listeners: found } = gatewaySnapshot(gatewayYaml('{port: {number: 81, name: http, protocol: HTTP}, hosts: ["*"]}'), {
      defaultConfig: { proxyMetadata: { ISTIO_META_UNPRIVILEGED_POD: 'true' } },
    });
    expect(found).toEqual([]);
  });
});

describe('HTTPS servers', () => {
  const secure = (hosts: string, rest = '') =>
    gatewayYaml(`{${https}, hosts: ${hosts}, tls: {mode: SIMPLE, credentialName: bookinfo}${rest}}`);

  test('each has a chain that matches its sorted hosts, terminates TLS and asks for its own routes', () => {
    const [listener] = listeners(secure('[b.example, a.example]'));
    expect(listener?.listenerFilters?.map(({ name }) => name)).toEqual(['envoy.filters.listener.tls_inspector']);
    expect(listener?.filterChains?.[0]).toMatchObject({
      filterChainMatch: { serverNames: ['a.example', 'b.example'] },
      transportSocket: { name: 'envoy.transport_sockets.tls' },
      transportSocketConnectTimeout: '15s',
    });
    expect(managerOf(listener?.filterChains?.[0]).rds?.routeConfigName).toBe('https.443.https.web.bookinfo');
  });

  test('the host * stands for every client, also one without SNI', () => {
    expect(chains(secure('["*", a.example]'))[0]?.filterChainMatch).toBeUndefined();
  });

  test('the name of a server is the prefix of its statistics, as it stands', () => {
    expect(managerOf(chains(secure('[a.example]', ', name: front'))[0]).statPrefix).toBe('front');
  });

  test('every chain remembers the server that it was made from', () => {
    expect(originOf(chains(secure('[a.example]'))[0])).toMatchObject({
      resource: { kind: 'Gateway', name: 'web' },
      path: ['spec', 'servers', 0],
    });
  });
});

describe('TCP servers', () => {
  const mongo = 'port: {number: 27017, name: mongo, protocol: MONGO}';
  const toMongo = 'route: [{destination: {host: mongo, port: {number: 27017}}}]';

  test('they send connections where the first rule of the first virtual service says that concerns them', () => {
    const [chain] = chains(
      gatewayYaml(`{${mongo}, hosts: ["*"]}`),
      virtualServiceYaml('mongo', '["*"]', `tcp: [{match: [{port: 80}], ${toReviews}}, {match: [{port: 27017}], ${toMongo}}]`),
    );
    expect(names(chain?.filters)).toEqual(['envoy.filters.network.mongo_proxy', 'envoy.filters.network.tcp_proxy']);
    expect(clusterOf(chain)).toBe('outbound|27017||mongo.bookinfo.svc.cluster.local');
    expect(chain?.filterChainMatch).toBeUndefined();
  });

  test('without a route there is no listener', () => {
    expect(listeners(gatewayYaml(`{${mongo}, hosts: ["*"]}`))).toEqual([]);
  });

  test('a rule that leads nowhere is passed over, for the next one that concerns the server', () => {
    const yaml = (tcp: string) => [gatewayYaml(`{${mongo}, hosts: ["*"]}`), virtualServiceYaml('mongo', '["*"]', tcp)] as const;
    expect(listeners(...yaml('tcp: [{match: [{port: 27017}]}]'))).toEqual([]);
    const [chain] = chains(...yaml(`tcp: [{match: [{port: 27017}]}, {${toMongo}}]`));
    expect(clusterOf(chain)).toBe('outbound|27017||mongo.bookinfo.svc.cluster.local');
  });

  test('a virtual service that shares no host with the server does not concern it', () => {
    const rest = `tcp: [{${toMongo}}]`;
    expect(listeners(gatewayYaml(`{${mongo}, hosts: [a.example]}`), virtualServiceYaml('m', '[b.example]', rest))).toEqual([]);
  });

  test('hosts of the server that name another namespace do not count', () => {
    const rest = `tcp: [{${toMongo}}]`;
    expect(listeners(gatewayYaml(`{${mongo}, hosts: [shop/*]}`), virtualServiceYaml('m', '[a.example]', rest))).toEqual([]);
  });

  test('with mutual TLS of the mesh peers exchange metadata', () => {
    const [chain] = chains(
      gatewayYaml(`{${tls}, hosts: [mongo.example], tls: {mode: ISTIO_MUTUAL}}`),
      virtualServiceYaml('mongo', '[mongo.example]', `tcp: [{${toMongo}}]`),
    );
    expect(names(chain?.filters)).toEqual(['istio.metadata_exchange', 'envoy.filters.network.tcp_proxy']);
    expect(chain?.filterChainMatch).toEqual({ serverNames: ['mongo.example'] });
  });
});

describe('passthrough servers', () => {
  const passthrough = gatewayYaml(`{${tls}, hosts: ["*.example"], tls: {mode: PASSTHROUGH}}`);
  const rule = (sni: string, more = '') => `{match: [{sniHosts: [${sni}]${more}}], ${toReviews}}`;

  test('each match of each TLS rule is a chain without TLS context', () => {
    const found = chains(
      passthrough,
      virtualServiceYaml('sni', '["*.example"]', `tls: [${rule('a.example')}, ${rule('b.example')}]`),
    );
    expect(found.map(({ filterChainMatch }) => filterChainMatch?.serverNames)).toEqual([['a.example'], ['b.example']]);
    expect(found.map(({ transportSocket }) => transportSocket)).toEqual([undefined, undefined]);
    expect(originOf(found[1])).toMatchObject({ resource: { name: 'sni' }, path: ['spec', 'tls', 1, 'match', 0] });
  });

  test('an SNI host that is taken on the port is left out, the other rules stay', () => {
    const rules = `tls: [${rule('a.example')}, ${rule('a.example')}, ${rule('b.example')}]`;
    expect(chains(passthrough, virtualServiceYaml('sni', '["*.example"]', rules))).toHaveLength(2);
  });

  test('a match looks at the port of the server, not at the translated one', () => {
    const rules = `tls: [${rule('a.example', ', port: 8443')}, ${rule('b.example', ', port: 443')}]`;
    expect(chains(passthrough, virtualServiceYaml('sni', '["*.example"]', rules))).toHaveLength(1);
  });

  test('a match for another gateway does not concern the server', () => {
    const rules = `tls: [${rule('a.example', ', gateways: [other]')}, ${rule('b.example', ', gateways: [web]')}]`;
    expect(chains(passthrough, virtualServiceYaml('sni', '["*.example"]', rules))).toHaveLength(1);
  });
});

describe('AUTO_PASSTHROUGH servers', () => {
  const auto = (hosts: string) =>
    gatewayYaml(`{port: {number: 15443, name: tls, protocol: TLS}, hosts: ${hosts}, tls: {mode: AUTO_PASSTHROUGH}}`);

  test('each port of each service of the mesh that they cover is a chain that only Istio’s mutual TLS reaches', () => {
    const found = chains(auto('["*.bookinfo.svc.cluster.local"]'));
    expect(found.map(({ filterChainMatch }) => filterChainMatch)).toEqual(
      ['outbound_.27017_._.mongo.bookinfo.svc.cluster.local', 'outbound_.9080_._.reviews.bookinfo.svc.cluster.local'].map(
        (sni) => ({
          serverNames: [sni],
          applicationProtocols: ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'],
        }),
      ),
    );
  });

  test('subsets have chains of their own', () => {
    const subsets = `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
`;
    expect(chains(auto('[reviews.bookinfo.svc.cluster.local]'), subsets).map(clusterOf)).toEqual([
      'outbound_.9080_._.reviews.bookinfo.svc.cluster.local',
      'outbound_.9080_.v1_.reviews.bookinfo.svc.cluster.local',
    ]);
  });

  test('services outside the mesh cannot be reached through them', () => {
    const external = `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: bookinfo}
spec: {hosts: [api.partner.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
`;
    expect(chains(auto('[api.partner.example]'), external)).toEqual([]);
  });
});

test('servers of different protocol names on one port share a listener, grouped by protocol', () => {
  const [listener] = listeners(
    gatewayYaml(
      `{${tls}, hosts: [raw.example], tls: {mode: PASSTHROUGH}}`,
      `{${https}, hosts: [a.example], tls: {mode: SIMPLE, credentialName: bookinfo}}`,
    ),
    virtualServiceYaml('sni', '[raw.example]', `tls: [{match: [{sniHosts: [raw.example]}], ${toReviews}}]`),
  );
  expect(listener?.filterChains?.map(({ filterChainMatch }) => filterChainMatch?.serverNames)).toEqual([
    ['raw.example'],
    ['a.example'],
  ]);
});
