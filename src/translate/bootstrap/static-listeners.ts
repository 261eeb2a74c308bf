import type { HttpFilter, Listener, NetworkFilter } from '../../envoy/api.gen.ts';
import { additionalAddresses, buildAddress, listenerName } from '../listeners/address.ts';
import type { BootstrapAddresses } from './addresses.ts';

/** What the listeners of the bootstrap depend on. */
export interface StaticListenerOptions {
  /** Whether statistics are compressed for those who ask for it. */
  readonly compression: boolean;
  /** Whether statistics can be read from inside the pod alone. */
  readonly localMetrics: boolean;
  readonly addresses: Pick<BootstrapAddresses, 'localhosts' | 'wildcards'>;
}

/**
 * The listeners that a proxy has before istiod sends any: statistics for Prometheus on port 15090 and readiness on port 15021.
 * As tools/packaging/common/envoy_bootstrap.json.
 */
export function staticListeners({
  compression,
  localMetrics,
  addresses: { localhosts, wildcards },
}: StaticListenerOptions): readonly Listener[] {
  const compressors = compression ? (['brotli', 'zstd', 'gzip'] as const).map(compressor) : [];
  return [
    listener(localMetrics ? localhosts : wildcards, 15090, {
      statPrefix: 'stats',
      prefix: '/stats/prometheus',
      cluster: 'prometheus_stats',
      httpFilters: [...compressors, router],
    }),
    listener(wildcards, 15021, { statPrefix: 'agent', prefix: '/healthz/ready', cluster: 'agent', httpFilters: [router] }),
  ];
}

const router: HttpFilter = {
  name: 'envoy.filters.http.router',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
};

function compressor(algorithm: 'brotli' | 'zstd' | 'gzip'): HttpFilter {
  const message = { brotli: 'Brotli', zstd: 'Zstd', gzip: 'Gzip' }[algorithm];
  return {
    name: `envoy.filters.http.compressor.${algorithm}`,
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor',
      compressorLibrary: {
        name: `stats_${algorithm}`,
        typedConfig: { '@type': `type.googleapis.com/envoy.extensions.compression.${algorithm}.compressor.v3.${message}` },
      },
      responseDirectionConfig: {
        commonConfig: {
          contentType: [
            'text/plain',
            'application/vnd.google.protobuf',
            'application/openmetrics-text',
            'application/openmetrics-protobuf',
          ],
        },
      },
    },
  };
}

interface OneRoute {
  readonly statPrefix: string;
  readonly prefix: string;
  readonly cluster: string;
  readonly httpFilters: readonly HttpFilter[];
}

function listener(
  [address, ...others]: BootstrapAddresses['wildcards'],
  port: number,
  { statPrefix, prefix, cluster, httpFilters }: OneRoute,
): Listener {
  const connectionManager: NetworkFilter = {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      statPrefix,
      routeConfig: {
        virtualHosts: [{ name: 'backend', domains: ['*'], routes: [{ match: { prefix }, route: { cluster } }] }],
      },
      httpFilters,
    },
  };
  return {
    name: listenerName(address, port),
    address: buildAddress(address, port),
    filterChains: [{ filters: [connectionManager] }],
    ignoreGlobalConnLimit: true,
    bypassOverloadManager: true,
    ...additionalAddresses(others, port),
  };
}
