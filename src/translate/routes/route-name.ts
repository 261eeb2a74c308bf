/** What the name of an outbound route configuration of a sidecar says. */
export interface RouteName {
  /** The port that requests come to; 0 for a unix socket and for the proxy port for all services. */
  readonly port: number;
  /** Set for the routes of one service on a port whose protocol Envoy detects: its host, and `host:port`. */
  readonly service: { readonly host: string; readonly name: string } | undefined;
}

/** Name of the routes of the listener that serves as an HTTP proxy for all services; istio model.RDSHttpProxy. */
const HTTP_PROXY_ROUTES = 'http_proxy';

const UNIX_PREFIX = 'unix:';

/**
 * Reads the name of a route configuration: a port, `host:port`, `http_proxy` or `unix:path`; undefined for any other name.
 * As istio core/httproute.go extractListenerPort.
 */
export function parseRouteName(name: string): RouteName | undefined {
  if (name === HTTP_PROXY_ROUTES || name.startsWith(UNIX_PREFIX)) return { port: 0, service: undefined };
  const colon = name.indexOf(':');
  const text = name.slice(colon + 1);
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  return { port: Number(text), service: colon === -1 ? undefined : { host: name.slice(0, colon), name } };
}
