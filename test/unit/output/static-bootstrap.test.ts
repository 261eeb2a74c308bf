import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Cluster, Listener } from '../../../src/envoy/api.gen.ts';
import type { KnownSecret } from '../../../src/envoy/known-secret.ts';
import type { XdsSnapshot } from '../../../src/envoy/snapshot.ts';
import { placeholderCertificate } from '../../../src/output/placeholder-certificate.ts';
import { staticBootstrap } from '../../../src/output/static-bootstrap.ts';

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
const identity = 'spiffe://cluster.local/ns/shop/sa/web';

function convert(
  parts: {
    listeners?: readonly object[];
    extensionConfigs?: readonly object[];
    clusters?: readonly object[];
    routes?: readonly object[];
    endpoints?: readonly object[];
  },
  secrets: Record<string, KnownSecret> = {},
) {
  const snapshot = {
    proxy: { name: 'web-0', namespace: 'shop', type: 'sidecar' },
    notes: [],
    listeners: (parts.listeners ?? []) as readonly Listener[],
    clusters: (parts.clusters ?? []) as readonly Cluster[],
    routes: parts.routes ?? [],
    endpoints: parts.endpoints ?? [],
    extensionConfigs: parts.extensionConfigs ?? [],
  } as XdsSnapshot;
  const node = { id: 'sidecar~10.244.0.1~web-0.shop~shop.svc.cluster.local', cluster: 'web.shop', metadata: {} };
  const { bootstrap, ...rest } = staticBootstrap(snapshot, { node, identity, secretOf: (name) => secrets[name] });
  const { staticResources, bootstrapExtensions } = bootstrap as {
    staticResources: { listeners: unknown[]; clusters: unknown[]; secrets?: { name: string }[] };
    bootstrapExtensions?: unknown[];
  };
  return { ...staticResources, bootstrapExtensions, ...rest };
}

const filters = (...typedConfigs: readonly object[]) => [
  { name: 'l', filterChains: [{ filters: typedConfigs.map((typedConfig, index) => ({ name: `f${index}`, typedConfig })) }] },
];

describe('a bootstrap for a stock Envoy', () => {
  test('routes are written into their listeners', () => {
    const rds = { routeConfigName: '80', configSource: { ads: {} } };
    const { listeners } = convert({ listeners: filters({ '@type': HCM, rds }), routes: [{ name: '80', virtualHosts: [] }] });
    expect(listeners).toEqual(filters({ '@type': HCM, routeConfig: { name: '80', virtualHosts: [] } }));
  });

  test('listeners inside of the proxy get the extension that they need, others do not', () => {
    expect(convert({ listeners: [{ name: 'l', internalListener: {} }] }).bootstrapExtensions).toHaveLength(1);
    expect(convert({ listeners: [{ name: 'l' }] }).bootstrapExtensions).toBeUndefined();
  });

  test("texts in the state of connections are Envoy's instead of istio-proxy's", () => {
    const state = (factoryKey: string) => filters({ '@type': 'x', onNewConnection: [{ objectKey: 'k', factoryKey }] });
    expect(convert({ listeners: state('istio.hashable_string') }).listeners).toEqual(state('envoy.hashable_string'));
    expect(convert({ listeners: state('envoy.string') }).listeners).toEqual(state('envoy.string'));
  });

  test('endpoints are written into their clusters', () => {
    const { clusters } = convert({
      clusters: [
        { name: 'a', type: 'EDS', edsClusterConfig: { serviceName: 'service-a', edsConfig: { ads: {} } } },
        { name: 'b', type: 'EDS', edsClusterConfig: { edsConfig: { ads: {} } } },
      ],
      endpoints: [{ clusterName: 'service-a', endpoints: [{ lbEndpoints: [] }] }],
    });
    expect(clusters).toEqual([
      { name: 'a', type: 'STATIC', loadAssignment: { clusterName: 'a', endpoints: [{ lbEndpoints: [] }] } },
      { name: 'b', type: 'STATIC', loadAssignment: { clusterName: 'b' } },
    ]);
  });

  test("istio-proxy's own extensions and discovered filters are left out and named", () => {
    const struct = { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', typeUrl: 'type.googleapis.com/stats.PluginConfig' };
    const { listeners, leftOut } = convert({
      listeners: [
        {
          name: 'l',
          listenerFilters: [{ name: 'wasm', configDiscovery: { configSource: { ads: {} } } }],
          filterChains: [
            {
              filters: [
                { name: 'istio.stats', typedConfig: struct },
                {
                  name: 'alpn',
                  typedConfig: { '@type': 'type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig' },
                },
                { name: 'kept', typedConfig: { '@type': HCM } },
              ],
            },
          ],
        },
      ],
    });
    expect(leftOut).toEqual(['alpn', 'istio.stats', 'wasm']);
    expect(listeners).toEqual([
      { name: 'l', listenerFilters: [], filterChains: [{ filters: [{ name: 'kept', typedConfig: { '@type': HCM } }] }] },
    ]);
  });

  test('a discovered filter gets its configuration, unless its code has to be fetched', () => {
    const wasm = 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm';
    const { listeners, leftOut } = convert({
      listeners: [
        {
          name: 'l',
          listenerFilters: [
            { name: 'local', configDiscovery: {} },
            { name: 'fetched', configDiscovery: {} },
          ],
        },
      ],
      extensionConfigs: [
        { name: 'local', typedConfig: { '@type': HCM } },
        { name: 'fetched', typedConfig: { '@type': wasm, config: { vmConfig: { code: { remote: {} } } } } },
      ],
    });
    expect(listeners).toEqual([{ name: 'l', listenerFilters: [{ name: 'local', typedConfig: { '@type': HCM } }] }]);
    expect(leftOut).toEqual(['fetched']);
  });

  test('a list of revoked certificates in a file of the container is left out and named, one in the configuration stays', () => {
    const { listeners, leftOut } = convert({
      listeners: [
        {
          name: 'l',
          filterChains: [
            {
              transportSocket: {
                typedConfig: { '@type': TLS, commonTlsContext: { validationContext: { crl: { filename: '/etc/crl.pem' } } } },
              },
            },
            {
              transportSocket: {
                typedConfig: { '@type': TLS, commonTlsContext: { validationContext: { crl: { inlineString: 'crl' } } } },
              },
            },
          ],
        },
      ],
    });
    expect(leftOut).toEqual(['the revoked certificates of /etc/crl.pem']);
    expect(JSON.stringify(listeners)).not.toContain('/etc/crl.pem');
    expect(JSON.stringify(listeners)).toContain('"crl":{"inlineString":"crl"}');
  });

  test('a discovered filter with a default keeps the default', () => {
    const { listeners } = convert({
      listeners: [{ name: 'l', listenerFilters: [{ name: 'wasm', configDiscovery: { defaultConfig: { '@type': HCM } } }] }],
    });
    expect(listeners).toEqual([{ name: 'l', listenerFilters: [{ name: 'wasm', typedConfig: { '@type': HCM } }] }]);
  });

  test('secrets become static: those of the manifests, else stand-ins', () => {
    const tls = {
      tlsCertificateSdsSecretConfigs: [{ name: 'default', sdsConfig: { ads: {} } }, { name: 'kubernetes://shop' }],
      combinedValidationContext: { validationContextSdsSecretConfig: { name: 'ROOTCA', sdsConfig: { ads: {} } } },
    };
    const shop = { certificate: { certificateChain: 'CHAIN', privateKey: 'KEY' } };
    const { clusters, secrets, standIns } = convert(
      { clusters: [{ name: 'a', type: 'STATIC', transportSocket: { typedConfig: tls } }] },
      { 'kubernetes://shop': shop },
    );
    expect(JSON.stringify(clusters)).not.toContain('sdsConfig');
    expect(standIns).toEqual(['ROOTCA', 'default']);
    expect(secrets).toEqual([
      { name: 'ROOTCA', validationContext: { trustedCa: { inlineString: expect.stringContaining('BEGIN CERTIFICATE') } } },
      {
        name: 'default',
        tlsCertificate: {
          certificateChain: { inlineString: expect.stringContaining('BEGIN CERTIFICATE') },
          privateKey: { inlineString: expect.any(String) },
        },
      },
      {
        name: 'kubernetes://shop',
        tlsCertificate: { certificateChain: { inlineString: 'CHAIN' }, privateKey: { inlineString: 'KEY' } },
      },
    ]);
  });

  test("clusters of istio-proxy's bootstrap are there when something refers to them", () => {
    const { clusters } = convert({ listeners: filters({ '@type': HCM, tracing: { collectorCluster: 'zipkin' } }) });
    expect(clusters).toMatchObject([{ name: 'zipkin', type: 'STRICT_DNS' }]);
  });
});

describe('the stand-in certificate', () => {
  test('names the identity, fits its key, and is the same every time', () => {
    const made = placeholderCertificate(identity);
    const certificate = new X509Certificate(made.certificateChain);
    expect(certificate.subjectAltName).toBe(`URI:${identity}`);
    expect(certificate.ca).toBe(true);
    expect(made.privateKey).toContain('PRIVATE KEY');
    expect(placeholderCertificate(identity)).toEqual(made);
    expect(placeholderCertificate(`spiffe://${'x'.repeat(300)}`).certificateChain).toContain('END CERTIFICATE');
  });
});
