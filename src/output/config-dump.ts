import { isAny } from '../envoy/any.ts';
import type { Bootstrap, ClusterLoadAssignment, RouteConfiguration } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';

const ADMIN = 'type.googleapis.com/envoy.admin.v3.';

export interface ConfigDumpOptions {
  /** Whether the parts of the bootstrap are also listed among clusters, listeners, routes and endpoints, as Envoy does. */
  readonly withStatic: boolean;
}

/**
 * What the admin endpoint `/config_dump?include_eds` of the proxy's Envoy would show after it started with the bootstrap and got the
 * snapshot, without versions and times, and without certificates. `istioctl proxy-config --file` reads it.
 */
export function configDump(snapshot: XdsSnapshot, bootstrap: Bootstrap, { withStatic }: ConfigDumpOptions): object {
  const { clusters = [], listeners = [] } = (withStatic ? bootstrap.staticResources : undefined) ?? {};
  const inline = withStatic ? [...listeners, ...snapshot.listeners].flatMap(inlineRoutes) : [];
  const fixedHosts = clusters.flatMap(({ type, loadAssignment }) =>
    type === 'STATIC' && loadAssignment ? [loadAssignment] : [],
  );
  return {
    configs: [
      { '@type': `${ADMIN}BootstrapConfigDump`, bootstrap },
      {
        '@type': `${ADMIN}ClustersConfigDump`,
        ...list(
          'staticClusters',
          clusters.map((cluster) => ({ cluster: any('envoy.config.cluster.v3.Cluster', cluster) })),
        ),
        dynamicActiveClusters: snapshot.clusters.map((cluster) => ({
          cluster: any('envoy.config.cluster.v3.Cluster', cluster),
        })),
      },
      ...extensionsDump(snapshot),
      {
        '@type': `${ADMIN}EndpointsConfigDump`,
        ...list('staticEndpointConfigs', fixedHosts.map(endpointConfig)),
        dynamicEndpointConfigs: snapshot.endpoints.map(endpointConfig),
      },
      {
        '@type': `${ADMIN}ListenersConfigDump`,
        ...list(
          'staticListeners',
          listeners.map((listener) => ({ listener: any('envoy.config.listener.v3.Listener', listener) })),
        ),
        dynamicListeners: snapshot.listeners.map((listener) => ({
          name: listener.name,
          activeState: { listener: any('envoy.config.listener.v3.Listener', listener) },
        })),
      },
      { '@type': `${ADMIN}ScopedRoutesConfigDump` },
      {
        '@type': `${ADMIN}RoutesConfigDump`,
        ...list('staticRouteConfigs', inline.map(routeConfig)),
        // Envoy has no order here; istioctl's sorting, which is none for names that are not numbers, shows that of its input.
        dynamicRouteConfigs: [...snapshot.routes].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)).map(routeConfig),
      },
      { '@type': `${ADMIN}SecretsConfigDump` },
    ],
  };
}

function any(type: string, value: object): object {
  return { '@type': `type.googleapis.com/${type}`, ...value };
}

function list(name: string, items: readonly object[]): object {
  return items.length === 0 ? {} : { [name]: items };
}

function endpointConfig(assignment: ClusterLoadAssignment): object {
  return { endpointConfig: any('envoy.config.endpoint.v3.ClusterLoadAssignment', assignment) };
}

function routeConfig(route: RouteConfiguration): object {
  return { routeConfig: any('envoy.config.route.v3.RouteConfiguration', route) };
}

/** The route configurations that stand inside a listener: Envoy counts them as static, wherever the listener came from. */
function inlineRoutes(listener: XdsSnapshot['listeners'][number]): RouteConfiguration[] {
  const url = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  return chainsOf(listener).flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }) => (isAny(typedConfig, url) && typedConfig.routeConfig ? [typedConfig.routeConfig] : [])),
  );
}

/** A proxy has this part only when a filter of its listeners was discovered. */
function extensionsDump({ extensionConfigs }: XdsSnapshot): readonly object[] {
  if (extensionConfigs.length === 0) return [];
  return [
    {
      '@type': `${ADMIN}EcdsConfigDump`,
      ecdsFilters: extensionConfigs.map((config) => ({
        ecdsFilter: { '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', ...config },
      })),
    },
  ];
}
