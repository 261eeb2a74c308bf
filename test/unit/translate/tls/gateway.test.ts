import { describe, expect, test } from 'vitest';
import type { MeshConfig, ServerTLSSettings } from '../../../../src/api/istio.gen.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildServerTlsContext, type ServerTlsInput } from '../../../../src/translate/tls/gateway.ts';

const input: ServerTlsInput = {
  config: {},
  behaviours: defaultRelease.behaviours,
  tcp: false,
  sds: { credentialSocket: false, fileSocket: false },
  secretServers: [],
};

function context(tls: ServerTLSSettings, over: Partial<ServerTlsInput> = {}) {
  return buildServerTlsContext(tls, { ...input, ...over });
}

function secretNames(tls: ServerTLSSettings, over: Partial<ServerTlsInput> = {}) {
  const { commonTlsContext: common } = context(tls, over);
  return {
    certificates: common?.tlsCertificateSdsSecretConfigs?.map(({ name }) => name),
    authority: common?.combinedValidationContext?.validationContextSdsSecretConfig?.name,
  };
}

describe('modes', () => {
  test('SIMPLE asks for no client certificate', () => {
    const found = context({ mode: 'SIMPLE', credentialName: 'shop' });
    expect(found).toMatchObject({ requireClientCertificate: false, commonTlsContext: { alpnProtocols: ['h2', 'http/1.1'] } });
    expect(found.commonTlsContext?.combinedValidationContext).toBeUndefined();
  });

  test('MUTUAL demands one and checks it, also without names', () => {
    const found = context({ mode: 'MUTUAL', credentialName: 'shop' });
    expect(found.requireClientCertificate).toBe(true);
    expect(found.commonTlsContext?.combinedValidationContext?.defaultValidationContext).toEqual({});
  });

  test('OPTIONAL_MUTUAL checks one that is given', () => {
    const found = context({ mode: 'OPTIONAL_MUTUAL', credentialName: 'shop' });
    expect(found.requireClientCertificate).toBe(false);
    expect(found.commonTlsContext?.combinedValidationContext).toBeDefined();
  });

  test('ISTIO_MUTUAL takes the workload’s certificate and no TLS parameters', () => {
    const tls: ServerTLSSettings = { mode: 'ISTIO_MUTUAL', minProtocolVersion: 'TLSV1_3' };
    expect(secretNames(tls)).toEqual({ certificates: ['default'], authority: 'ROOTCA' });
    expect(context(tls).commonTlsContext?.tlsParams).toBeUndefined();
  });

  test('ISTIO_MUTUAL around TCP offers the exchange of metadata', () => {
    expect(context({ mode: 'ISTIO_MUTUAL' }, { tcp: true }).commonTlsContext?.alpnProtocols).toEqual([
      'istio-peer-exchange',
      'h2',
      'http/1.1',
    ]);
  });
});

describe('certificates', () => {
  test('credentialName is a Kubernetes secret, its CA the secret with -cacert', () => {
    expect(secretNames({ mode: 'MUTUAL', credentialName: 'shop' })).toEqual({
      certificates: ['kubernetes://shop'],
      authority: 'kubernetes://shop-cacert',
    });
  });

  test('of several credentials the first gives the CA, unless another secret is named', () => {
    const several: ServerTLSSettings = { mode: 'MUTUAL', credentialNames: ['rsa', 'ecdsa'] };
    expect(secretNames(several)).toEqual({
      certificates: ['kubernetes://rsa', 'kubernetes://ecdsa'],
      authority: 'kubernetes://rsa-cacert',
    });
    expect(secretNames({ ...several, caCertCredentialName: 'clients' }).authority).toBe('kubernetes://clients');
  });

  test('files are served by the agent; without CA file the mesh’s roots count', () => {
    const files: ServerTLSSettings = { mode: 'MUTUAL', serverCertificate: '/certs/tls.crt', privateKey: '/certs/tls.key' };
    expect(secretNames(files)).toEqual({ certificates: ['file-cert:/certs/tls.crt~/certs/tls.key'], authority: 'ROOTCA' });
    expect(secretNames({ ...files, caCertificates: '/certs/ca.crt' }).authority).toBe('file-root:/certs/ca.crt');
  });

  test('an external credential whose provider is unknown leaves no certificate', () => {
    const external: ServerTLSSettings = { mode: 'SIMPLE', credentialName: 'sds://vault' };
    expect(
      secretNames(external, {
        secretServers: [{ name: 'v', found: { hostname: 'sds.example', cluster: 'outbound|443||sds.example' } }],
      }).certificates,
    ).toEqual(['vault']);
    expect(secretNames(external, { secretServers: [{ name: 'v', found: undefined }] }).certificates).toEqual([]);
  });

  test('names are checked without client certificates too, pins only with them', () => {
    const names: ServerTLSSettings = {
      mode: 'SIMPLE',
      credentialName: 'shop',
      subjectAltNames: ['a.example'],
      verifyCertificateHash: ['ab'],
    };
    expect(context(names).commonTlsContext?.validationContext).toEqual({ matchSubjectAltNames: [{ exact: 'a.example' }] });
    expect(context({ ...names, mode: 'MUTUAL' }).commonTlsContext?.combinedValidationContext?.defaultValidationContext).toEqual({
      matchSubjectAltNames: [{ exact: 'a.example' }],
      verifyCertificateHash: ['ab'],
    });
  });
});

describe('parameters', () => {
  const defaults: MeshConfig = {
    tlsDefaults: { minProtocolVersion: 'TLSV1_3', ecdhCurves: ['P-256'], cipherSuites: ['AES128-SHA'] },
  };

  test('nothing is said where nothing is set', () => {
    expect(context({ mode: 'SIMPLE', credentialName: 'shop' }).commonTlsContext?.tlsParams).toBeUndefined();
  });

  test('the server’s own settings are laid over the mesh’s', () => {
    const tls: ServerTLSSettings = {
      mode: 'SIMPLE',
      credentialName: 'shop',
      minProtocolVersion: 'TLSV1_2',
      maxProtocolVersion: 'TLSV1_3',
    };
    expect(context(tls, { config: defaults }).commonTlsContext?.tlsParams).toEqual({
      tlsMinimumProtocolVersion: 'TLSv1_2',
      tlsMaximumProtocolVersion: 'TLSv1_3',
      ecdhCurves: ['P-256'],
      cipherSuites: ['AES128-SHA'],
    });
  });

  test('cipher suites that Envoy does not know are left out, and each is named once', () => {
    const cipherSuites = ['AES128-SHA', 'RC4-MD5', 'AES128-SHA', '-ALL'];
    expect(context({ mode: 'SIMPLE', credentialName: 'shop', cipherSuites }).commonTlsContext?.tlsParams).toEqual({
      cipherSuites: ['AES128-SHA', '-ALL'],
    });
  });
});
