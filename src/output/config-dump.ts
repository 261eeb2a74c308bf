import type { XdsSnapshot } from '../envoy/snapshot.ts';

const ADMIN = 'type.googleapis.com/envoy.admin.v3.';

/** What identifies an Envoy to istiod. */
export interface NodeIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * What the admin endpoint `/config_dump?include_eds` of the proxy's Envoy would show after it got the snapshot: dynamic
 * resources only, without versions and times. `istioctl proxy-config --file` reads it.
 */
export function configDump(snapshot: XdsSnapshot, node: NodeIdentity): object {
  const any = (type: string, value: object): object => ({ '@type': `type.googleapis.com/${type}`, ...value });
  return {
    configs: [
      { '@type': `${ADMIN}BootstrapConfigDump`, bootstrap: { node } },
      {
        '@type': `${ADMIN}ClustersConfigDump`,
        dynamicActiveClusters: snapshot.clusters.map((cluster) => ({
          cluster: any('envoy.config.cluster.v3.Cluster', cluster),
        })),
      },
      ...extensionsDump(snapshot),
      {
        '@type': `${ADMIN}EndpointsConfigDump`,
        dynamicEndpointConfigs: snapshot.endpoints.map((assignment) => ({
          endpointConfig: any('envoy.config.endpoint.v3.ClusterLoadAssignment', assignment),
        })),
      },
      {
        '@type': `${ADMIN}ListenersConfigDump`,
        dynamicListeners: snapshot.listeners.map((listener) => ({
          name: listener.name,
          activeState: { listener: any('envoy.config.listener.v3.Listener', listener) },
        })),
      },
      {
        '@type': `${ADMIN}RoutesConfigDump`,
        dynamicRouteConfigs: snapshot.routes.map((route) => ({
          routeConfig: any('envoy.config.route.v3.RouteConfiguration', route),
        })),
      },
      { '@type': `${ADMIN}SecretsConfigDump` },
    ],
  };
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
