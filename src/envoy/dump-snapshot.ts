import { isObject, own } from '../util/object.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration, TypedExtensionConfig } from './api.gen.ts';
import { type ConfigDump, type DumpSection, records, withoutType } from './config-dump.ts';
import type { XdsSnapshot } from './snapshot.ts';

/** What a dump tells of the proxy that it was taken from. */
export interface DumpedProxy {
  readonly snapshot: XdsSnapshot;
  /** Empty where the dump does not tell. */
  readonly workloadName: string;
  /** What istiod calls its cluster; empty where the dump does not tell. */
  readonly cluster: string;
  readonly hasEndpoints: boolean;
}

/**
 * What istiod sent to the proxy that a `/config_dump` was taken from: its dynamic resources, without those of its bootstrap.
 */
export function snapshotOfDump(dump: ConfigDump): DumpedProxy {
  const dynamic = <T>(section: DumpSection, list: string, inner: (entry: Record<string, unknown>) => unknown): T[] =>
    dump.has(section)
      ? dump
          .sections(section)
          .flatMap((part) => records(own(part, list)).map(inner))
          .filter(isObject)
          // The section was read as canonical JSON of this very message.
          .map((any) => withoutType<T>(any))
      : [];
  return {
    ...identityOf(dump, (proxy) => ({
      proxy,
      clusters: dynamic<Cluster>('clusters', 'dynamicActiveClusters', ({ cluster }) => cluster),
      listeners: dynamic<Listener>('listeners', 'dynamicListeners', ({ activeState }) =>
        isObject(activeState) ? activeState.listener : undefined,
      ),
      routes: dynamic<RouteConfiguration>('routes', 'dynamicRouteConfigs', ({ routeConfig }) => routeConfig),
      endpoints: dynamic<ClusterLoadAssignment>('endpoints', 'dynamicEndpointConfigs', ({ endpointConfig }) => endpointConfig),
      extensionConfigs: dynamic<TypedExtensionConfig>('ecds', 'ecdsFilters', ({ ecdsFilter }) => ecdsFilter),
      notes: [],
    })),
    hasEndpoints: dump.has('endpoints'),
  };
}

/** The proxy by the id of its node: `type~ip~name.namespace~domain`; istio pilot/pkg/model ParseServiceNodeWithMetadata. */
function identityOf(
  dump: ConfigDump,
  build: (proxy: XdsSnapshot['proxy']) => XdsSnapshot,
): Pick<DumpedProxy, 'snapshot' | 'workloadName' | 'cluster'> {
  const bootstrap = dump.has('bootstrap') ? dump.section('bootstrap').bootstrap : undefined;
  const node = isObject(bootstrap) && isObject(bootstrap.node) ? bootstrap.node : {};
  const [kind = '', , id = ''] = String(node.id ?? '').split('~');
  const metadata = isObject(node.metadata) ? node.metadata : {};
  const namespace = typeof metadata.NAMESPACE === 'string' ? metadata.NAMESPACE : id.slice(id.lastIndexOf('.') + 1);
  const name = id.endsWith(`.${namespace}`) ? id.slice(0, -namespace.length - 1) : id;
  return {
    snapshot: build({ name, namespace, type: kind === 'router' ? 'gateway' : kind === 'waypoint' ? 'waypoint' : 'sidecar' }),
    workloadName: typeof metadata.WORKLOAD_NAME === 'string' ? metadata.WORKLOAD_NAME : '',
    cluster: typeof metadata.CLUSTER_ID === 'string' ? metadata.CLUSTER_ID : '',
  };
}
