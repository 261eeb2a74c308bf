import { isHttp, isTcp, type Protocol } from '../../model/protocol.ts';
import type { MutualTlsMode } from '../../model/security/peer-authentication.ts';
import type { Behaviours } from '../../releases/release.ts';
import { plainHttpProtocols } from './filter-chain.ts';

/** One of the filter chains of an inbound port: which connections it takes, and what it does with them. */
export interface InboundMatch {
  readonly applicationProtocols?: readonly string[];
  readonly transportProtocol: 'tls' | 'raw_buffer';
  /** Whether the chain looks into requests. */
  readonly content: 'http' | 'tcp';
  /** Whether the chain terminates TLS: mutual TLS of the mesh, or what the Sidecar asks for. */
  readonly terminatesTls: boolean;
}

const mtlsHttpProtocols: readonly string[] = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const mtlsTcpProtocols: readonly string[] = ['istio-peer-exchange', 'istio'];
const mtlsProtocols: readonly string[] = ['istio', 'istio-peer-exchange', ...mtlsHttpProtocols];

const mtls = (content: 'http' | 'tcp', applicationProtocols?: readonly string[]): InboundMatch => ({
  ...(applicationProtocols && { applicationProtocols }),
  transportProtocol: 'tls',
  content,
  terminatesTls: true,
});

const plain = (content: 'http' | 'tcp', applicationProtocols?: readonly string[]): InboundMatch => ({
  ...(applicationProtocols && { applicationProtocols }),
  transportProtocol: 'raw_buffer',
  content,
  terminatesTls: false,
});

/** TLS of the application's own, which passes through. */
const ownTls: InboundMatch = { transportProtocol: 'tls', content: 'tcp', terminatesTls: false };

type Handling = 'http' | 'tcp' | 'sniffed';

/** The chains of a port in Envoy's order, by mode and by what the port carries. */
const matchesOf = (
  plainHttp: readonly string[],
): Readonly<Record<MutualTlsMode, Readonly<Record<Handling, readonly InboundMatch[]>>>> => ({
  STRICT: {
    http: [mtls('http')],
    tcp: [mtls('tcp')],
    sniffed: [mtls('http', mtlsHttpProtocols), mtls('tcp')],
  },
  PERMISSIVE: {
    http: [mtls('http', mtlsProtocols), plain('http')],
    tcp: [mtls('tcp', mtlsProtocols), ownTls, plain('tcp')],
    sniffed: [mtls('http', mtlsHttpProtocols), plain('http', plainHttp), mtls('tcp', mtlsTcpProtocols), plain('tcp'), ownTls],
  },
  DISABLE: {
    http: [plain('http')],
    tcp: [plain('tcp')],
    sniffed: [plain('http', plainHttp), plain('tcp')],
  },
});

/** The chain of a port whose TLS the Sidecar terminates; none where Envoy would have to detect what is inside. */
export function ownTlsMatches(protocol: Protocol): readonly InboundMatch[] {
  if (isHttp(protocol)) return [mtls('http')];
  return isTcp(protocol) || protocol === 'UDP' ? [mtls('tcp')] : [];
}

/**
 * The filter chains that a port of a workload needs, given the mutual TLS it accepts.
 * As istio pilot/pkg/networking/core/filterchain_options.go getFilterChainMatchOptions.
 */
export function inboundMatches(mode: MutualTlsMode, protocol: Protocol, behaviours: Behaviours): readonly InboundMatch[] {
  const matches = matchesOf(plainHttpProtocols(behaviours));
  if (isHttp(protocol)) return matches[mode].http;
  // UDP cannot be proxied; istiod treats what reaches it here as TCP.
  return isTcp(protocol) || protocol === 'UDP' ? matches[mode].tcp : matches[mode].sniffed;
}
