import { describe, expect, test } from 'vitest';
import { check } from './check.ts';

const port = 'port: {number: 80, name: http, protocol: HTTP}';
const https = 'port: {number: 443, name: https, protocol: HTTPS}';
const server = (text: string): string => `{servers: [{${text}}]}`;

test('a server with hosts, a port and certificates is good', () => {
  expect(check('Gateway', server(`hosts: [a.example.com, "*", "ns/*.b.com"], ${port}`))).toEqual([]);
  expect(check('Gateway', server(`hosts: ["*"], ${https}, tls: {mode: SIMPLE, credentialName: c}`))).toEqual([]);
});

describe('a Gateway', () => {
  test.each([
    ['needs servers', '{}', ['error spec.servers: gateway must have at least one server']],
    ['needs hosts', server(port), ['error spec.servers[0].hosts: server config must contain at least one host']],
    ['needs a port', server('hosts: ["*"]'), ['error spec.servers[0].port: port is required']],
    [
      'has full names',
      server(`hosts: [short, "b*.com", "n_s/a.com"], ${port}`),
      [
        'error spec.servers[0].hosts[0]: short names (non FQDN) are not allowed',
        'error spec.servers[0].hosts[1]: domain name "b*.com" invalid (label "b*" invalid)',
        'error spec.servers[0].hosts[1]: partial wildcard "b*.com" not allowed',
        'error spec.servers[0].hosts[2]: invalid namespace value "n_s" in gateway',
      ],
    ],
    [
      'has ports of known protocols with names and without targets',
      server('hosts: ["*"], port: {number: 70000, protocol: X, targetPort: 1}'),
      [
        'error spec.servers[0].port.protocol: invalid protocol "X", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP',
        'error spec.servers[0].port.number: port number 70000 must be in the range 1..65535',
        'error spec.servers[0].port.targetPort: targetPort has no impact on Gateways',
        'error spec.servers[0].port.name: port name must be set',
      ],
    ],
    [
      'has names of ports once',
      `{servers: [{hosts: ["*"], ${port}}, {hosts: ["*"], ${port}}]}`,
      ['error spec.servers[1].port.name: port names in servers must be unique: duplicate name http'],
    ],
    ['binds to an address', server(`hosts: ["*"], ${port}, bind: host`), ['error spec.servers[0].bind: host is not a valid IP']],
    [
      'binds to a socket without a port',
      server(`hosts: ["*"], ${port}, bind: "unix://relative"`),
      [
        'error spec.servers[0].bind: relative is not an absolute path to a file',
        'error spec.servers[0].bind: port number must be 0 for unix domain socket',
      ],
    ],
    [
      'needs TLS for HTTPS',
      server(`hosts: ["*"], ${https}`),
      ['error spec.servers[0].tls: server must have TLS settings for HTTPS/TLS protocols'],
    ],
    [
      'has no TLS for clear text, but for a redirect',
      server(`hosts: ["*"], ${port}, tls: {mode: SIMPLE, credentialName: c, httpsRedirect: true}`),
      ['error spec.servers[0].tls: server cannot have TLS settings for plain text HTTP ports'],
    ],
    [
      'has no TLS for other protocols',
      server('hosts: ["*"], port: {number: 1, name: t, protocol: TCP}, tls: {httpsRedirect: true}'),
      [
        'error spec.servers[0].tls: server cannot have TLS settings for non HTTPS/TLS ports',
        'warning spec.servers[0].tls.httpsRedirect: tls.httpsRedirect should only be used with http servers',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('Gateway', spec)).toEqual(expected);
  });

  test('has a name without dots', () => {
    expect(check('Gateway', server(`hosts: ["*"], ${port}`), '.b')).toEqual([
      'error metadata.name: invalid gateway name: "test.b"',
    ]);
  });
});

describe('TLS of a server', () => {
  const tls = (text: string): string[] => check('Gateway', server(`hosts: ["*"], ${https}, tls: {${text}}`));

  test.each([
    [
      'ISTIO_MUTUAL takes no certificates',
      'mode: ISTIO_MUTUAL, credentialName: c',
      ['error spec.servers[0].tls.credentialName: ISTIO_MUTUAL TLS cannot have associated credentialName'],
    ],
    [
      'PASSTHROUGH ignores certificates',
      'mode: PASSTHROUGH, credentialName: c',
      ['warning spec.servers[0].tls.credentialName: PASSTHROUGH mode does not use certificates, they will be ignored'],
    ],
    [
      'certificates have one source',
      'mode: SIMPLE, credentialName: c, serverCertificate: s, privateKey: k',
      [
        'error spec.servers[0].tls: only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified',
      ],
    ],
    [
      'SIMPLE needs a certificate and its key, and takes no revocation list',
      'mode: SIMPLE, caCrl: l',
      [
        'error spec.servers[0].tls.serverCertificate: SIMPLE TLS requires a server certificate',
        'error spec.servers[0].tls.privateKey: SIMPLE TLS requires a private key',
        'error spec.servers[0].tls.caCrl: CRL is not supported with SIMPLE TLS',
      ],
    ],
    [
      'MUTUAL needs a CA as well',
      'mode: MUTUAL, serverCertificate: s, privateKey: k',
      ['error spec.servers[0].tls.caCertificates: MUTUAL TLS requires a client CA bundle'],
    ],
    [
      'old versions need ciphers; ciphers are known and named once',
      'mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_1',
      [
        'warning spec.servers[0].tls.minProtocolVersion: TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
      ],
    ],
    [
      'ciphers are known and named once',
      'mode: SIMPLE, credentialName: c, cipherSuites: [B, AES128-SHA, AES128-SHA, A, A]',
      [
        'warning spec.servers[0].tls.cipherSuites: ignoring invalid cipher suites: [A B]',
        'warning spec.servers[0].tls.cipherSuites: ignoring duplicate cipher suites: [AES128-SHA]',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(tls(text)).toEqual(expected);
  });
});
