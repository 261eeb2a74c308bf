import { own } from '../util/object.ts';
/** The protocol of a port as Istio names it; `Unsupported` is a port whose protocol Envoy has to detect. */
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'HTTP_PROXY'
  | 'HTTPS'
  | 'GRPC'
  | 'GRPC-Web'
  | 'TCP'
  | 'TLS'
  | 'UDP'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'Unsupported';

const byName: Readonly<Record<string, Protocol>> = {
  tcp: 'TCP',
  udp: 'UDP',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  http: 'HTTP',
  http_proxy: 'HTTP_PROXY',
  http2: 'HTTP2',
  https: 'HTTPS',
  tls: 'TLS',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
};

/** The protocol of a name in any case, as istio pkg/config/protocol/instance.go Parse; unknown names are `Unsupported`. */
export function parseProtocol(name: string): Protocol {
  return own(byName, name.toLowerCase()) ?? 'Unsupported';
}

/** Whether requests of the port can be routed by HTTP rules in clear text. */
export function isHttp(protocol: Protocol): boolean {
  return (
    protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'HTTP_PROXY' || protocol === 'GRPC' || protocol === 'GRPC-Web'
  );
}

/** Whether the port speaks HTTP/2 to its server. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}

/** Whether the port speaks gRPC. */
export function isGrpc(protocol: Protocol): boolean {
  return protocol === 'GRPC' || protocol === 'GRPC-Web';
}

/** Whether the port carries opaque connections, TLS included. */
export function isTcp(protocol: Protocol): boolean {
  return (
    protocol === 'TCP' ||
    protocol === 'HTTPS' ||
    protocol === 'TLS' ||
    protocol === 'Mongo' ||
    protocol === 'Redis' ||
    protocol === 'MySQL'
  );
}

/** Whether the port carries TLS that can be routed by SNI. */
export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** Whether Envoy has to detect what the port speaks. */
export function isSniffed(protocol: Protocol): boolean {
  return protocol === 'Unsupported';
}
