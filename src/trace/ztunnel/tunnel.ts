import { formatHostPort } from '../../util/host-port.ts';
import { createHeaders } from '../headers.ts';
import type { Answer, Payload, PeerCertificate } from '../run.ts';
import type { AddressWithPort } from './next-hop.ts';

/** A tunnel (HBONE): mutual TLS, in it HTTP/2, in it a CONNECT to what the connection is for. */
export function tunnelPayload(
  identity: string,
  target: AddressWithPort,
  inner: Payload,
  verify: (certificate: PeerCertificate) => string | undefined,
): Payload {
  const headers = createHeaders([
    [':method', 'CONNECT'],
    [':authority', formatHostPort(target.ip, target.port)],
  ]);
  const certificate: PeerCertificate = { uris: [identity], dnsNames: [] };
  return {
    kind: 'tls',
    hello: { serverName: '', applicationProtocols: ['h2'], certificate, verify },
    inner: { kind: 'http', version: 'HTTP/2', headers, tunnel: inner },
  };
}

/** Why there is no tunnel, of the answer to whoever wanted one. */
export function whyNoTunnel(answer: Exclude<Answer, { kind: 'tunnel' }>): string {
  return answer.kind === 'response' ? `the other end answers ${answer.status} to the CONNECT` : answer.reason;
}
