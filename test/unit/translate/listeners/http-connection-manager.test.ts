import { describe, expect, test } from 'vitest';
import type { MeshConfig, ProxyConfig } from '../../../../src/api/istio.gen.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import {
  buildHttpConnectionManager,
  clientCertificateFields,
  type HttpConnectionManagerInput,
  headerFields,
} from '../../../../src/translate/listeners/http-connection-manager.ts';
import { proxyHeadersOf } from '../../../../src/translate/listeners/proxy-headers.ts';
import type { ListenerClass } from '../../../../src/translate/traits/listener-class.ts';
import type { HttpTraits } from '../../../../src/translate/traits/traits.ts';

function traitsFor(listenerClass: ListenerClass, proxyConfig: ProxyConfig = {}, more: Partial<HttpTraits> = {}): HttpTraits {
  return {
    behaviours: defaultRelease.behaviours,
    internalRanges: [],
    listenerClass,
    forwardLookupFamily: 'V4_ONLY',
    connectionSettings: undefined,
    unknownHosts: undefined,
    headers: proxyHeadersOf(proxyConfig, listenerClass),
    preserveHeaderCase: proxyConfig.proxyHeaders?.preserveHttp1HeaderCase === true,
    acceptHttp10: false,
    idleTimeout: undefined,
    accessLog: [],
    tracing: undefined,
    useRequestIdForTraceSampling: true,
    customAuthorization: [],
    authentication: [],
    authorization: [],
    stats: [],
    extensions: [],
    ...more,
  };
}

function build(input: Partial<HttpConnectionManagerInput> & { traits: HttpTraits }, config: MeshConfig = {}) {
  return buildHttpConnectionManager(config, {
    statPrefix: 'outbound_0.0.0.0_80',
    routes: { rds: '80' },
    protocol: 'HTTP',
    port: 80,
    ...input,
  });
}

const filter = (name: string) => ({ name });
const names = (manager: { httpFilters?: readonly { name?: string }[] }) => manager.httpFilters?.map(({ name }) => name);

describe('HTTP connection manager', () => {
  test('outbound filters stand in Istio order', () => {
    expect(names(build({ traits: traitsFor('outbound') }))).toEqual([
      'istio.metadata_exchange',
      'envoy.filters.http.grpc_stats',
      'istio.alpn',
      'envoy.filters.http.fault',
      'envoy.filters.http.cors',
      'envoy.filters.http.router',
    ]);
  });

  test('policies and extensions stand between metadata exchange and gRPC filters, statistics before the router', () => {
    const traits = traitsFor(
      'inbound',
      {},
      {
        customAuthorization: [filter('custom')],
        authentication: [filter('jwt')],
        authorization: [filter('deny'), filter('allow')],
        stats: [filter('stats')],
        extensions: [
          { phase: 'UNSPECIFIED_PHASE', filter: filter('last'), ports: undefined },
          { phase: 'STATS', filter: filter('counted'), ports: undefined },
          { phase: 'AUTHZ', filter: filter('between'), ports: [80] },
          { phase: 'AUTHN', filter: filter('first'), ports: undefined },
          { phase: 'AUTHN', filter: filter('other port'), ports: [81] },
        ],
      },
    );
    expect(names(build({ traits, protocol: 'GRPC-Web' }))).toEqual([
      'istio.metadata_exchange',
      'custom',
      'first',
      'jwt',
      'between',
      'deny',
      'allow',
      'counted',
      'last',
      'envoy.filters.http.grpc_web',
      'envoy.filters.http.grpc_stats',
      'envoy.filters.http.fault',
      'envoy.filters.http.cors',
      'stats',
      'envoy.filters.http.router',
    ]);
  });

  test.each([
    [undefined, { normalizePath: true, pathWithEscapedSlashesAction: 'KEEP_UNCHANGED' }],
    ['NONE', { normalizePath: false, pathWithEscapedSlashesAction: 'KEEP_UNCHANGED' }],
    ['BASE', { normalizePath: true, pathWithEscapedSlashesAction: 'KEEP_UNCHANGED' }],
    ['MERGE_SLASHES', { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashesAction: 'KEEP_UNCHANGED' }],
    [
      'DECODE_AND_MERGE_SLASHES',
      { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashesAction: 'UNESCAPE_AND_FORWARD' },
    ],
  ] as const)('path normalization %s', (normalization, expected) => {
    const { normalizePath, mergeSlashes, pathWithEscapedSlashesAction } = build(
      { traits: traitsFor('outbound') },
      normalization === undefined ? {} : { pathNormalization: { normalization } },
    );
    expect({ normalizePath, ...(mergeSlashes && { mergeSlashes }), pathWithEscapedSlashesAction }).toEqual(expected);
  });

  test('the case of headers is kept where asked, beside other HTTP/1 options', () => {
    const traits = traitsFor('gateway', { proxyHeaders: { preserveHttp1HeaderCase: true } });
    expect(build({ traits, fields: { httpProtocolOptions: { allowAbsoluteUrl: true } } }).httpProtocolOptions).toEqual({
      allowAbsoluteUrl: true,
      headerKeyFormat: {
        statefulFormatter: {
          name: 'preserve_case',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
          },
        },
      },
    });
  });
});

describe('proxy headers', () => {
  test('only inbound and gateway name the server', () => {
    expect(headerFields(traitsFor('outbound'))).toEqual({});
    expect(headerFields(traitsFor('inbound'))).toEqual({ serverName: 'istio-envoy' });
  });

  test('a server name of the user holds outbound too', () => {
    const config: ProxyConfig = { proxyHeaders: { server: { value: 'edge' } } };
    expect(headerFields(traitsFor('outbound', config))).toEqual({ serverName: 'edge' });
  });

  test('a disabled server header is passed through', () => {
    const config: ProxyConfig = { proxyHeaders: { server: { disabled: true, value: 'edge' } } };
    expect(headerFields(traitsFor('inbound', config))).toEqual({ serverHeaderTransformation: 'PASS_THROUGH' });
  });

  test('request ids can be switched off', () => {
    const config: ProxyConfig = { proxyHeaders: { requestId: { disabled: true } } };
    expect(headerFields(traitsFor('outbound', config))).toEqual({ generateRequestId: false });
  });

  test('client certificates are appended, with subject, URI and DNS names, unless told otherwise', () => {
    expect(clientCertificateFields(traitsFor('inbound'))).toEqual({
      forwardClientCertDetails: 'APPEND_FORWARD',
      setCurrentClientCertDetails: { subject: true, uri: true, dns: true },
    });
    const config: ProxyConfig = {
      proxyHeaders: {
        forwardedClientCert: 'SANITIZE',
        setCurrentClientCertDetails: { subject: false, cert: true, chain: true, uri: false, dns: false },
      },
    };
    expect(clientCertificateFields(traitsFor('inbound', config))).toEqual({
      setCurrentClientCertDetails: { subject: false, cert: true, chain: true },
    });
  });
});
