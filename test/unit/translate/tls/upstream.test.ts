import { describe, expect, it } from 'vitest';
import type { ClientTLSSettings } from '../../../../src/api/istio.gen.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildUpstreamTls, type UpstreamTlsInput, wrapInProxyProtocol } from '../../../../src/translate/tls/upstream.ts';

const base: UpstreamTlsInput = {
  traits: { role: 'sidecar', sds: { credentialSocket: false, fileSocket: false }, clientCertificateFiles: undefined },
  clusterName: 'outbound|443||bookinfo.example.com',
  dynamicForwardProxy: false,
  originalDestination: false,
  http2: false,
  settings: undefined,
  ruleSelectsWorkloads: false,
  automatic: false,
  meshExternal: false,
  serviceEntry: false,
  serviceAccounts: ['spiffe://cluster.local/ns/bookinfo/sa/reviews'],
  sni: 'outbound_.443_._.bookinfo.example.com',
  tunnels: false,
  defaults: undefined,
  behaviours: defaultRelease.behaviours,
};

/** The context of the only socket. */
function contextOf(
  settings: ClientTLSSettings,
  over: Partial<UpstreamTlsInput> = {},
): Readonly<Record<string, unknown>> | undefined {
  return buildUpstreamTls({ ...base, ...over, settings }).transportSocket?.typedConfig;
}

describe('automatic mutual TLS', () => {
  it('is chosen by endpoint, but fixed where endpoints cannot be told apart', () => {
    const automatic = buildUpstreamTls({ ...base, automatic: true });
    expect(automatic.transportSocketMatches?.map(({ match }) => match)).toEqual([{ tlsMode: 'istio' }, {}]);
    expect(automatic).not.toHaveProperty('transportSocket');
    const fixed = buildUpstreamTls({ ...base, automatic: true, originalDestination: true });
    expect(fixed.transportSocket?.typedConfig?.sni).toBe(base.sni);
    expect(fixed).not.toHaveProperty('transportSocketMatches');
  });

  it('uses certificate files of the proxy where it has them, then for every endpoint', () => {
    const clientCertificateFiles = { certificate: '/c.pem', privateKey: '/k.pem', root: '/r.pem' };
    const tls = buildUpstreamTls({ ...base, automatic: true, traits: { ...base.traits, clientCertificateFiles } });
    expect(JSON.stringify(tls.transportSocket)).toContain('file-cert:/c.pem~/k.pem');
    expect(tls).not.toHaveProperty('transportSocketMatches');
  });
});

describe('tunnels, which endpoints ask for', () => {
  const names = (over: Partial<UpstreamTlsInput>): unknown =>
    buildUpstreamTls({ ...base, tunnels: true, ...over }).transportSocketMatches?.map(({ name, match }) => [name, match]);
  const tunnel = ['hbone', { tunnel: 'http' }];

  it('come before automatic mutual TLS and plain text', () => {
    const inMesh = ['tlsMode-istio', { tlsMode: 'istio' }];
    expect(names({ automatic: true })).toEqual([tunnel, inMesh, ['tlsMode-disabled', {}]]);
    expect(names({})).toEqual([tunnel, ['tlsMode-disabled', {}]]);
    expect(names({ settings: { mode: 'DISABLE' } })).toEqual([tunnel, ['tlsMode-disabled', {}]]);
    expect(names({ settings: { mode: 'ISTIO_MUTUAL' } })).toEqual([tunnel, ['tlsMode-istio', undefined]]);
  });

  it('carry the TLS that a rule asks for', () => {
    const [first, second] =
      buildUpstreamTls({ ...base, tunnels: true, settings: { mode: 'SIMPLE' } }).transportSocketMatches ?? [];
    expect(first?.transportSocket?.typedConfig?.transportSocket).toEqual(second?.transportSocket);
    expect(second?.name).toBe('user');
  });

  it('are no choice of clusters that keep the destination, but where there is no TLS', () => {
    expect(names({ originalDestination: true, automatic: true })).toBeUndefined();
    expect(names({ originalDestination: true })).toEqual([tunnel, ['tlsMode-disabled', {}]]);
  });
});

describe('certificate files of the proxy', () => {
  const clientCertificateFiles = { certificate: '/c.pem', privateKey: '/k.pem', root: '/r.pem' };
  const isChecked = (keepsSkippedVerification: boolean, insecureSkipVerify?: boolean) => {
    const context = contextOf(
      { mode: 'MUTUAL', ...(insecureSkipVerify !== undefined && { insecureSkipVerify }) },
      {
        traits: { ...base.traits, clientCertificateFiles },
        behaviours: { ...base.behaviours, keepsSkippedVerification },
      },
    );
    return JSON.stringify(context).includes('file-root:/r.pem');
  };

  it('check no server where the rule says so, in releases that listen to it', () => {
    expect([isChecked(true, true), isChecked(true), isChecked(false, true)]).toEqual([false, true, true]);
  });
});

describe('ISTIO_MUTUAL', () => {
  it('matches the names of the rule, else of the service', () => {
    expect(JSON.stringify(contextOf({ mode: 'ISTIO_MUTUAL' }))).toContain('sa/reviews');
    const named = JSON.stringify(contextOf({ mode: 'ISTIO_MUTUAL', subjectAltNames: ['reviews.example.com'] }));
    expect(named).toContain('reviews.example.com');
    expect(named).not.toContain('sa/reviews');
  });

  it('offers HTTP/2 on HTTP/2 clusters', () => {
    expect(contextOf({ mode: 'ISTIO_MUTUAL' }, { http2: true })).toMatchObject({
      commonTlsContext: { alpnProtocols: ['istio-peer-exchange', 'istio', 'h2'] },
    });
  });
});

describe('SIMPLE and MUTUAL', () => {
  it('take names from the request when none are given', () => {
    const names = (settings: ClientTLSSettings) => {
      const { autoSni, autoSanValidation } = buildUpstreamTls({ ...base, settings });
      return [autoSni, autoSanValidation];
    };
    expect(names({ mode: 'SIMPLE' })).toEqual([true, true]);
    expect(names({ mode: 'SIMPLE', sni: 'bookinfo.example.com' })).toEqual([false, false]);
    expect(names({ mode: 'SIMPLE', subjectAltNames: ['bookinfo.example.com'] })).toEqual([true, false]);
    expect(names({ mode: 'SIMPLE', insecureSkipVerify: true })).toEqual([true, false]);
  });

  it('trust the roots of the system unless others are named, or nobody is checked', () => {
    expect(JSON.stringify(contextOf({ mode: 'SIMPLE' }))).toContain('file-root:system');
    expect(JSON.stringify(contextOf({ mode: 'SIMPLE', caCertificates: '/ca.pem' }))).toContain('file-root:/ca.pem');
    expect(contextOf({ mode: 'SIMPLE', insecureSkipVerify: true })).toMatchObject({
      commonTlsContext: { validationContext: {} },
    });
  });

  it('match the names of a ServiceEntry where the rule has none', () => {
    const matched = (serviceEntry: boolean) =>
      JSON.stringify(contextOf({ mode: 'SIMPLE' }, { serviceEntry })).includes('sa/reviews');
    expect([matched(true), matched(false)]).toEqual([true, false]);
  });

  it('read secrets only for gateways and for rules that select workloads', () => {
    const settings = { mode: 'MUTUAL', credentialName: 'bookinfo' } as const;
    expect(contextOf(settings)).toBeUndefined();
    expect(contextOf(settings, { ruleSelectsWorkloads: true })).toBeDefined();
    expect(contextOf(settings, { traits: { ...base.traits, role: 'gateway' } })).toBeDefined();
    expect(contextOf({ mode: 'SIMPLE', credentialName: 'configmap://bookinfo' })).toBeDefined();
  });

  it('need both files for MUTUAL', () => {
    expect(contextOf({ mode: 'MUTUAL', clientCertificate: '/c.pem' })).toBeUndefined();
  });

  it('take curves and ciphers from the mesh', () => {
    expect(contextOf({ mode: 'SIMPLE' }, { defaults: { ecdhCurves: ['P-256'], cipherSuites: [] } })).toMatchObject({
      commonTlsContext: {
        tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3', ecdhCurves: ['P-256'] },
      },
    });
  });
});

describe('wrapInProxyProtocol', () => {
  it('wraps every socket there is, else plain text', () => {
    const none = wrapInProxyProtocol({}, { version: 'V1' });
    expect(none.transportSocket?.typedConfig).toMatchObject({ config: {}, transportSocket: { name: 'raw_buffer' } });
    const matches = wrapInProxyProtocol(buildUpstreamTls({ ...base, automatic: true }), { version: 'V2' }).transportSocketMatches;
    expect(matches?.map(({ transportSocket }) => transportSocket?.name)).toEqual([
      'envoy.transport_sockets.upstream_proxy_protocol',
      'envoy.transport_sockets.upstream_proxy_protocol',
    ]);
  });
});
