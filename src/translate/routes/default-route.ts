import type { HTTPRetry } from '../../api/istio.gen.ts';
import type { Route } from '../../envoy/api.gen.ts';
import { isGrpc, type Protocol } from '../../model/protocol.ts';
import { buildRetryPolicy } from './features/retry.ts';

/** The name of routes that no resource asks for. */
const DEFAULT_ROUTE_NAME = 'default';

/** What traces call requests to a port of a host: `host:port/*`; istio networking/telemetry TraceOperation. */
export function traceOperation(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/*`;
}

/**
 * The route of a service that no virtual service is for. `retries` are those of the mesh (meshConfig.defaultHttpRetryPolicy).
 * As istio core/route BuildDefaultHTTPOutboundRoute.
 */
export function buildDefaultHttpOutboundRoute(cluster: string, operation: string, retries: HTTPRetry | undefined): Route {
  const retryPolicy = buildRetryPolicy(retries, false);
  return {
    name: DEFAULT_ROUTE_NAME,
    match: { prefix: '/' },
    route: { cluster, timeout: '0s', ...(retryPolicy && { retryPolicy }), maxGrpcTimeout: '0s' },
    decorator: { operation },
  };
}

/**
 * The route to the workload behind a sidecar: no timeout, and, but for gRPC, which streams, a second try while nothing was sent.
 * As istio core/route BuildDefaultHTTPInboundRoute.
 */
export function buildDefaultHttpInboundRoute(cluster: string, operation: string, protocol: Protocol): Route {
  return {
    name: DEFAULT_ROUTE_NAME,
    match: { prefix: '/' },
    route: {
      cluster,
      timeout: '0s',
      ...(!isGrpc(protocol) && { retryPolicy: { retryOn: 'reset-before-request', numRetries: 2 } }),
      maxStreamDuration: { maxStreamDuration: '0s', grpcTimeoutHeaderMax: '0s' },
    },
    decorator: { operation },
  };
}
