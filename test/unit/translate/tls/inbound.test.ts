import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { isAny } from '../../../../src/envoy/any.ts';
import type { CommonTlsContext, TransportSocket } from '../../../../src/envoy/api.gen.ts';
import type { Proxy } from '../../../../src/model/proxies/proxy.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { acceptedTrustDomains, createInboundTls } from '../../../../src/translate/tls/inbound.ts';

function proxyWith(proxyMetadata: Record<string, string> = {}): Proxy {
  return { proxyConfig: { proxyMetadata }, annotations: {} } as unknown as Proxy;
}

function contextOf(socket: TransportSocket): CommonTlsContext | undefined {
  const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
  return isAny(socket.typedConfig, type) ? socket.typedConfig.commonTlsContext : undefined;
}

function http(config: MeshConfig, metadata?: Record<string, string>): CommonTlsContext | undefined {
  return contextOf(createInboundTls({ config, release: defaultRelease })(proxyWith(metadata)).http);
}

describe('the mutual TLS of inbound chains', () => {
  test('offers the names of HTTP versions, and on TCP that of metadata exchange', () => {
    const sockets = createInboundTls({ config: {}, release: defaultRelease })(proxyWith());
    expect(contextOf(sockets.http)?.alpnProtocols).toEqual(['h2', 'http/1.1']);
    expect(contextOf(sockets.tcp)?.alpnProtocols).toEqual(['istio-peer-exchange', 'h2', 'http/1.1']);
  });

  test('takes version and ciphers from meshMTLS', () => {
    const { tlsParams } = http({ meshMTLS: { minProtocolVersion: 'TLSV1_3', cipherSuites: ['X'] } }) ?? {};
    expect(tlsParams).toEqual({
      tlsMinimumProtocolVersion: 'TLSv1_3',
      tlsMaximumProtocolVersion: 'TLSv1_3',
      cipherSuites: ['X'],
    });
    expect(http({})?.tlsParams).toMatchObject({ tlsMinimumProtocolVersion: 'TLSv1_2' });
  });

  test('lets in clients of the trust domain, its aliases and those of CA certificates, each once', () => {
    const config: MeshConfig = {
      trustDomain: 'new',
      trustDomainAliases: ['old'],
      caCertificates: [{ trustDomains: ['partner', 'new'] }],
    };
    expect(acceptedTrustDomains(config)).toEqual(['new', 'old', 'partner']);
    expect(http(config)?.combinedValidationContext?.defaultValidationContext).toEqual({
      matchSubjectAltNames: [{ prefix: 'spiffe://new/' }, { prefix: 'spiffe://old/' }, { prefix: 'spiffe://partner/' }],
    });
  });

  test('uses the workload certificate and the roots of the mesh', () => {
    const context = http({});
    expect(context?.tlsCertificateSdsSecretConfigs?.map(({ name }) => name)).toEqual(['default']);
    expect(context?.combinedValidationContext?.validationContextSdsSecretConfig?.name).toBe('ROOTCA');
  });

  test('uses certificate files that the proxy reports', () => {
    const context = http(
      {},
      {
        ISTIO_META_TLS_SERVER_CERT_CHAIN: '/chain.pem',
        ISTIO_META_TLS_SERVER_KEY: '/key.pem',
        ISTIO_META_TLS_SERVER_ROOT_CERT: '/root.pem',
      },
    );
    expect(context?.tlsCertificateSdsSecretConfigs?.map(({ name }) => name)).toEqual(['file-cert:/chain.pem~/key.pem']);
    expect(context?.combinedValidationContext?.validationContextSdsSecretConfig?.name).toBe('file-root:/root.pem');
  });

  test('is shared by all proxies without files of their own', () => {
    const tls = createInboundTls({ config: {}, release: defaultRelease });
    expect(tls(proxyWith())).toBe(tls(proxyWith()));
  });
});
