import type { Metadata } from '../../envoy/api.gen.ts';
import type { Resource } from '../../resource/resource.ts';

/**
 * The path of a resource's API object, as metadata of what it made names it: the stored version, whatever the manifest says.
 * As istio pilot/pkg/networking/util/util.go AddConfigInfoMetadata.
 */
export function configPath(resource: Resource): string {
  const kind = resource.kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return `/apis/${resource.group}/v1/namespaces/${resource.namespace}/${kind}/${resource.name}`;
}

/** Metadata that names the Istio resource behind a route, cluster or filter chain; istio BuildConfigInfoMetadata. */
export function configMetadata(resource: Resource): Metadata {
  return { filterMetadata: { istio: { config: configPath(resource) } } };
}
