import type { ListenerFilter } from '../../envoy/api.gen.ts';

/** Listener filters whose configuration is the same everywhere, as istio pilot/pkg/xds/filters/filters.go declares them. */

/** Reads server name and ALPN from the ClientHello. */
export const tlsInspector: ListenerFilter = {
  name: 'envoy.filters.listener.tls_inspector',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
    initialReadBufferSize: 512,
  },
};

/** Tells HTTP from other plain text. */
export const httpInspector: ListenerFilter = {
  name: 'envoy.filters.listener.http_inspector',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector' },
};

/** Restores the address that the client dialled before iptables redirected it. */
export const originalDestination: ListenerFilter = {
  name: 'envoy.filters.listener.original_dst',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst' },
};

/** Keeps the client's address towards the workload, with interception mode TPROXY. */
export const originalSource: ListenerFilter = {
  name: 'envoy.filters.listener.original_src',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.original_src.v3.OriginalSrc', mark: 1337 },
};

/** Reads the PROXY protocol header that a load balancer puts first. */
export const proxyProtocol: ListenerFilter = {
  name: 'envoy.filters.listener.proxy_protocol',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol' },
};
