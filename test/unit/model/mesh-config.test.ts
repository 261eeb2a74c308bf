import { describe, expect, test } from 'vitest';
import { mergeProxyConfig } from '../../../src/model/mesh-config.ts';

describe('a ProxyConfig laid over another', () => {
  test('replaces each field whole, but joins proxy metadata', () => {
    const base = { tracing: { sampling: 10, maxPathTagLength: 5 }, proxyMetadata: { A: '1', B: '1' } };
    expect(mergeProxyConfig(base, { tracing: { sampling: 20 }, proxyMetadata: { B: '2' } })).toEqual({
      tracing: { sampling: 20 },
      proxyMetadata: { A: '1', B: '2' },
    });
  });

  test('keeps five of the proxy headers below that it does not name, and drops the others', () => {
    const base = {
      forwardedClientCert: 'SANITIZE',
      server: { value: 'edge' },
      requestId: { disabled: true },
      attemptCount: { disabled: true },
      envoyDebugHeaders: { disabled: true },
      metadataExchangeHeaders: { mode: 'IN_MESH' },
      preserveHttp1HeaderCase: true,
      xForwardedPort: { enabled: true },
    } as const;
    const over = { forwardedClientCert: 'UNDEFINED', server: { disabled: true }, xForwardedHost: { enabled: true } } as const;
    expect(mergeProxyConfig({ proxyHeaders: base }, { proxyHeaders: over }).proxyHeaders).toEqual({
      forwardedClientCert: 'SANITIZE',
      server: { disabled: true },
      requestId: { disabled: true },
      attemptCount: { disabled: true },
      envoyDebugHeaders: { disabled: true },
      xForwardedHost: { enabled: true },
    });
  });

  test('leaves proxy headers alone that only one of the two has', () => {
    const proxyHeaders = { xForwardedPort: { enabled: true } };
    expect(mergeProxyConfig({ proxyHeaders }, { statusPort: 1 }).proxyHeaders).toEqual(proxyHeaders);
    expect(mergeProxyConfig({}, { proxyHeaders }).proxyHeaders).toEqual(proxyHeaders);
  });
});
