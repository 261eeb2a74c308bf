import type { Cluster, ConfigSource } from '../../envoy/api.gen.ts';
import type { Service } from '../../model/registry/service.ts';

/** Without a limit of time for the first answer. */
const endpointSource: ConfigSource = { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' };

/** Endpoints by ADS; istio maybeApplyEdsConfig. */
export function edsConfig(clusterName: string): NonNullable<Cluster['edsClusterConfig']> {
  return { serviceName: clusterName, edsConfig: endpointSource };
}

/** A name for statistics; the delimiter at its end tells Envoy's tag extraction where it ends. istio util.DelimitedStatsPrefix. */
export function delimitedStatName(name: string): string {
  return `${name};`;
}

/** How telemetry names a service; istio buildServiceMetadata. */
export function serviceMetadata({ hostname, name, namespace }: Pick<Service, 'hostname' | 'name' | 'namespace'>): {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
} {
  return { host: hostname, name, namespace };
}
