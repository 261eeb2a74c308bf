import { describe, expect, test } from 'vitest';
import type { RouteConfiguration, VirtualHost } from '../../../../src/envoy/api.gen.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { gatewaySnapshot, gatewayYaml, virtualServiceYaml } from '../../../support/gateway-mesh.ts';

const http = 'port: {number: 80, name: http, protocol: HTTP}';
const toReviews = 'route: [{destination: {host: reviews, port: {number: 9080}}}]';
const toMongo = 'route: [{destination: {host: mongo, port: {number: 27017}}}]';

function routes(...parts: readonly string[]): readonly RouteConfiguration[] {
  return gatewaySnapshot(parts.join('')).routes;
}

function virtualHosts(...parts: readonly string[]): readonly VirtualHost[] {
  return routes(...parts).flatMap(({ virtualHosts: found = [] }) => found);
}

function prefixes(host: VirtualHost | undefined): readonly (string | undefined)[] {
  return (host?.routes ?? []).map(({ match }) => match?.prefix);
}

test('a server without routes answers 404 for every host', () => {
  expect(JSON.parse(JSON.stringify(routes(gatewayYaml(`{${http}, hosts: ["*"]}`))))).toEqual([
    {
      name: 'http.8080',
      virtualHosts: [{ name: 'blackhole:80', domains: ['*'] }],
      validateClusters: false,
      ignorePortInHostMatching: true,
      maxDirectResponseBodySizeBytes: 1048576,
    },
  ]);
});

describe('hosts', () => {
  test('a virtual host is for what server and virtual service share, named after the port of the server', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: ["*.bookinfo.example"]}`),
      virtualServiceYaml('a', '[reviews.bookinfo.example, other.example]', `http: [{${toReviews}}]`),
    );
    expect(hosts).toMatchObject([
      { name: 'reviews.bookinfo.example:80', domains: ['reviews.bookinfo.example'], includeRequestAttemptCount: true },
    ]);
    expect(originOf(hosts[0])).toMatchObject({ resource: { kind: 'VirtualService', name: 'a' }, path: ['spec', 'hosts'] });
  });

  test('a wildcard of the virtual service is narrowed to the hosts of the server', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: [a.example, b.example]}`),
      virtualServiceYaml('a', '["*.example"]', `http: [{${toReviews}}]`),
    );
    expect(hosts.flatMap(({ domains }) => domains)).toEqual(['a.example', 'b.example']);
  });

  test('hosts of the server for another namespace are not for the virtual service', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: [shop/a.example, ./b.example]}`),
      virtualServiceYaml('a', '["*"]', `http: [{${toReviews}}]`),
    );
    expect(hosts.flatMap(({ domains }) => domains)).toEqual(['b.example']);
  });

  test('hosts with the very same routes are one virtual host, named after the longest', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: ["*"]}`),
      virtualServiceYaml('a', '["*.example", a.example, longer.example]', `http: [{${toReviews}}]`),
    );
    expect(hosts).toMatchObject([{ name: 'longer.example:80', domains: ['longer.example', 'a.example', '*.example'] }]);
  });

  test('host names are lower case', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: [A.example]}`),
      virtualServiceYaml('a', '[A.example]', `http: [{${toReviews}}]`),
    );
    expect(hosts).toMatchObject([{ name: 'a.example:80', domains: ['a.example'] }]);
  });
});

describe('routes of several virtual services for one host', () => {
  test('they are all kept, oldest virtual service first, and those that take every request go to the end', () => {
    const [host] = virtualHosts(
      gatewayYaml(`{${http}, hosts: ["*"]}`),
      virtualServiceYaml('a', '[a.example]', `http: [{match: [{uri: {prefix: /one}}], ${toReviews}}, {${toReviews}}]`),
      virtualServiceYaml('b', '[a.example]', `http: [{match: [{uri: {prefix: /two}}], ${toMongo}}, {${toMongo}}]`),
    );
    expect(prefixes(host)).toEqual(['/one', '/two', '/', '/']);
  });

  test('a virtual service has the same routes on all servers of its Gateway, those of the first server', () => {
    const hosts = virtualHosts(
      gatewayYaml(`{${http}, hosts: [a.example]}`, '{port: {number: 8080, name: http-alt, protocol: HTTP}, hosts: [b.example]}'),
      virtualServiceYaml('a', '[a.example, b.example]', `http: [{match: [{port: 80, uri: {prefix: /eighty}}], ${toReviews}}]`),
    );
    expect(hosts).toMatchObject([{ name: 'a.example:80', domains: ['a.example', 'b.example'] }]);
  });

  test('a match for another gateway or a source namespace drops out, not the rule', () => {
    const match = '[{uri: {prefix: /other}, gateways: [other]}, {uri: {prefix: /web}, gateways: [web]}]';
    const [host] = virtualHosts(
      gatewayYaml(`{${http}, hosts: ["*"]}`),
      virtualServiceYaml('a', '[a.example]', `http: [{match: ${match}, ${toReviews}}]`),
    );
    expect(prefixes(host)).toEqual(['/web']);
  });
});

describe('redirects to HTTPS', () => {
  const redirecting = (hosts: string) => gatewayYaml(`{${http}, hosts: ${hosts}, tls: {httpsRedirect: true}}`);

  test('a host without routes redirects, under its name with the namespace that it is written with', () => {
    expect(virtualHosts(redirecting('[shop/a.example]'))).toMatchObject([
      { name: 'shop/a.example:80', domains: ['shop/a.example'], requireTls: 'ALL' },
    ]);
  });

  test('a host with routes keeps them and redirects', () => {
    const hosts = virtualHosts(redirecting('[a.example]'), virtualServiceYaml('a', '[a.example]', `http: [{${toReviews}}]`));
    expect(hosts).toHaveLength(1);
    expect(hosts[0]).toMatchObject({ requireTls: 'ALL', routes: [{ match: { prefix: '/' } }] });
  });

  test('hosts that redirect are not collapsed with hosts that do not', () => {
    const hosts = virtualHosts(
      gatewayYaml(
        `{${http}, hosts: [a.example], tls: {httpsRedirect: true}}`,
        '{port: {number: 8080, name: plain, protocol: HTTP}, hosts: [b.example]}',
      ),
      virtualServiceYaml('a', '[a.example, b.example]', `http: [{${toReviews}}]`),
    );
    expect(hosts.map(({ domains, requireTls }) => [domains, requireTls])).toEqual([
      [['a.example'], 'ALL'],
      [['b.example'], undefined],
    ]);
  });
});

test('the attempt count is left out where the proxy’s headers say so', () => {
  const yaml = gatewayYaml(`{${http}, hosts: ["*"]}`) + virtualServiceYaml('a', '[a.example]', `http: [{${toReviews}}]`);
  const [configuration] = gatewaySnapshot(yaml, {
    defaultConfig: { proxyHeaders: { attemptCount: { disabled: true } } },
  }).routes;
  expect(configuration?.virtualHosts?.[0]?.includeRequestAttemptCount).toBeUndefined();
});

test('routes that a gateway does not serve are empty, for a listener that is on its way out', () => {
  const yaml = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: rename, namespace: istio-system}
spec:
  configPatches:
  - applyTo: NETWORK_FILTER
    match: {context: GATEWAY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: MERGE
      value:
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          rds: {route_config_name: gone}
---
${gatewayYaml(`{${http}, hosts: ["*"]}`)}`;
  expect(gatewaySnapshot(yaml).routes).toEqual([{ name: 'gone', validateClusters: false }]);
});
