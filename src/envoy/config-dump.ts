import { type Fields, isObject } from '../util/object.ts';
import { createProtobufDecoder } from '../util/protobuf-json.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration } from './api.gen.ts';
import { createEnvoyDescriptors } from './descriptors.ts';

/** The parts of Envoy's `/config_dump`. */
export type DumpSection = 'bootstrap' | 'listeners' | 'endpoints' | 'clusters' | 'routes' | 'secrets' | 'ecds';

/** The protobuf message of each part. */
export const sectionMessages: Readonly<Record<DumpSection, string>> = {
  bootstrap: 'envoy.admin.v3.BootstrapConfigDump',
  listeners: 'envoy.admin.v3.ListenersConfigDump',
  endpoints: 'envoy.admin.v3.EndpointsConfigDump',
  clusters: 'envoy.admin.v3.ClustersConfigDump',
  routes: 'envoy.admin.v3.RoutesConfigDump',
  secrets: 'envoy.admin.v3.SecretsConfigDump',
  ecds: 'envoy.admin.v3.EcdsConfigDump',
};

/** A section that a command needs is not in the dump. */
export class MissingSection extends Error {
  constructor(section: DumpSection) {
    super(`config dump has no configuration type type.googleapis.com/${sectionMessages[section]}`);
    this.name = 'MissingSection';
  }
}

/** A config dump with its sections in canonical protobuf JSON; each is read when it is asked for. */
export interface ConfigDump {
  /** The section, the last one where there are several; throws MissingSection. */
  section(name: DumpSection): Readonly<Record<string, unknown>>;
  /** All sections of that type; throws MissingSection when there is none. */
  sections(name: DumpSection): readonly Readonly<Record<string, unknown>>[];
  has(name: DumpSection): boolean;
}

/** Whether a JSON value has the shape of a `/config_dump`. */
export function isConfigDump(value: unknown): value is Fields {
  return isObject(value) && Array.isArray(value.configs);
}

/**
 * Reads a parsed `/config_dump`, in snake_case as Envoy writes it or in lowerCamelCase. `asIs` skips the work for a dump that is in
 * canonical form already, where the order of fields does not matter.
 */
export function readConfigDump(value: unknown, { asIs = false }: { readonly asIs?: boolean } = {}): ConfigDump {
  const decode = asIs ? undefined : createProtobufDecoder(createEnvoyDescriptors());
  const configs = isObject(value) && Array.isArray(value.configs) ? value.configs.filter(isObject) : [];
  const urlOf = (name: DumpSection): string => `type.googleapis.com/${sectionMessages[name]}`;
  const found = (name: DumpSection): readonly Record<string, unknown>[] =>
    configs.filter((config) => config['@type'] === urlOf(name));
  const read = (name: DumpSection, config: Record<string, unknown>): Readonly<Record<string, unknown>> =>
    decode === undefined
      ? config
      : decode(sectionMessages[name], withoutType(config), { canonical: true, keepUnknownTypes: true }).value;
  return {
    has: (name) => found(name).length > 0,
    section(name) {
      const last = found(name).at(-1);
      if (last === undefined) throw new MissingSection(name);
      return read(name, last);
    },
    sections(name) {
      const all = found(name);
      if (all.length === 0) throw new MissingSection(name);
      return all.map((config) => read(name, config));
    },
  };
}

/** The clusters of Envoy's `/clusters?format=json`, in canonical form (envoy.admin.v3.ClusterStatus). */
export function readClusterStatuses(value: unknown): Record<string, unknown>[] {
  const decode = createProtobufDecoder(createEnvoyDescriptors());
  return records(decode('envoy.admin.v3.Clusters', value, { canonical: true, keepUnknownTypes: true }).value.clusterStatuses);
}

/** The listeners of the dump: the active ones, then those of the bootstrap. */
export function listenersOf(dump: ConfigDump): Listener[] {
  const { dynamicListeners, staticListeners } = dump.section('listeners');
  return [
    ...records(dynamicListeners).map(({ activeState }) => (isObject(activeState) ? activeState.listener : undefined)),
    ...records(staticListeners).map(({ listener }) => listener),
  ]
    .filter(isObject)
    .map((listener) => withoutType<Listener>(listener));
}

/** The clusters of the dump: the active ones, then those of the bootstrap. */
export function clustersOf(dump: ConfigDump): Cluster[] {
  const { dynamicActiveClusters, staticClusters } = dump.section('clusters');
  return [...records(dynamicActiveClusters), ...records(staticClusters)]
    .map(({ cluster }) => cluster)
    .filter(isObject)
    .map((cluster) => withoutType<Cluster>(cluster));
}

/** The route configurations of the dump: the dynamic ones, then those inside listeners. */
export function routesOf(dump: ConfigDump): RouteConfiguration[] {
  const { dynamicRouteConfigs, staticRouteConfigs } = dump.section('routes');
  return [...records(dynamicRouteConfigs), ...records(staticRouteConfigs)]
    .map(({ routeConfig }) => routeConfig)
    .filter(isObject)
    .map((routeConfig) => withoutType<RouteConfiguration>(routeConfig));
}

/** The endpoints of the dump; none when it was made without `include_eds`. */
export function assignmentsOf(dump: ConfigDump): ClusterLoadAssignment[] {
  if (!dump.has('endpoints')) return [];
  const { dynamicEndpointConfigs, staticEndpointConfigs } = dump.section('endpoints');
  return [...records(dynamicEndpointConfigs), ...records(staticEndpointConfigs)]
    .map(({ endpointConfig }) => endpointConfig)
    .filter(isObject)
    .map((assignment) => withoutType<ClusterLoadAssignment>(assignment));
}

/** The objects of a list. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The message inside an Any. */
export function withoutType<T>(any: Record<string, unknown>): T {
  const { '@type': _, ...message } = any;
  // The section was read as canonical JSON of this very message.
  return message as T;
}
