import { expect, test } from 'vitest';
import type { MeshConfigExtensionProvider } from '../../../../src/api/istio.gen.ts';
import type { Service, ServiceRegistry } from '../../../../src/model/registry/service.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildExtAuthzProviders, type ExtAuthz } from '../../../../src/translate/security/ext-authz.ts';

const hostname = 'opa.security.svc.cluster.local';
const service = { hostname, namespace: 'security' } as Service;
const registry = {
  servicesOf: (host: string) => (host === hostname ? [service] : []),
  service: (host: string, namespace: string) => (host === hostname && namespace === 'security' ? service : undefined),
} as unknown as ServiceRegistry;
const cluster = `outbound|9191||${hostname}`;

function provider(given: MeshConfigExtensionProvider): ExtAuthz | undefined {
  return buildExtAuthzProviders({ config: { extensionProviders: [given] }, registry, release: defaultRelease }).get(
    given.name ?? '',
  );
}

test('an HTTP provider is asked by a URI without port, for ten minutes unless it says otherwise', () => {
  expect(provider({ name: 'x', envoyExtAuthzHttp: { service: hostname, port: 9191 } })).toEqual({
    http: {
      httpService: { serverUri: { uri: `http://${hostname}`, cluster, timeout: '600s' } },
      transportApiVersion: 'V3',
    },
  });
});

test('an HTTP provider gets and gives the headers named, in any case, with wildcards at either end', () => {
  const built = provider({
    name: 'x',
    envoyExtAuthzHttp: {
      service: hostname,
      port: 9191,
      pathPrefix: '/check',
      failOpen: true,
      statusOnError: '403',
      includeHeadersInCheck: ['old'],
      includeRequestHeadersInCheck: ['x-id', 'x-*', '*-id'],
      includeAdditionalHeadersInCheck: { b: '2', a: '1' },
      headersToUpstreamOnAllow: ['u'],
      headersToDownstreamOnDeny: ['d'],
      headersToDownstreamOnAllow: ['a'],
      includeRequestBodyInCheck: { maxRequestBytes: 10, allowPartialMessage: true, packAsBytes: false },
    },
  });
  const only = (exact: string): object => ({ patterns: [{ exact, ignoreCase: true }] });
  expect(built).toEqual({
    http: {
      httpService: {
        serverUri: { uri: `http://${hostname}`, cluster, timeout: '600s' },
        pathPrefix: '/check',
        authorizationRequest: {
          headersToAdd: [
            { key: 'a', value: '1' },
            { key: 'b', value: '2' },
          ],
        },
        authorizationResponse: {
          allowedUpstreamHeaders: only('u'),
          allowedClientHeaders: only('d'),
          allowedClientHeadersOnSuccess: only('a'),
        },
      },
      transportApiVersion: 'V3',
      failureModeAllow: true,
      withRequestBody: { maxRequestBytes: 10, allowPartialMessage: true },
      statusOnError: { code: 'Forbidden' },
      allowedHeaders: {
        patterns: [
          { exact: 'x-id', ignoreCase: true },
          { prefix: 'x-', ignoreCase: true },
          { suffix: '-id', ignoreCase: true },
        ],
      },
    },
  });
});

test('a gRPC provider has its host as authority and serves connections too', () => {
  const grpcService = { envoyGrpc: { clusterName: cluster, authority: hostname }, timeout: '0.002s' };
  const envoyExtAuthzGrpc = { service: `security/${hostname}`, port: 9191, timeout: '2ms', statusOnError: '503' };
  expect(provider({ name: 'x', envoyExtAuthzGrpc })).toEqual({
    http: { grpcService, transportApiVersion: 'V3', statusOnError: { code: 'ServiceUnavailable' } },
    tcp: { grpcService, transportApiVersion: 'V3', statPrefix: 'tcp.' },
  });
});

test('providers for other purposes are left out', () => {
  expect(provider({ name: 'prometheus', prometheus: {} })).toBeUndefined();
});
