import type { Metadata } from '../../envoy/api.gen.ts';
import { isObject } from '../../util/object.ts';

/** `name.namespace` of the resource that the metadata of a cluster or route names as its maker; istioctl describeManagement. */
export function describeManagement(metadata: Metadata | undefined): string {
  const istio = metadata?.filterMetadata?.istio;
  const config = isObject(istio) ? istio.config : undefined;
  if (config === undefined) return '';
  const path = typeof config === 'string' ? config : '';
  if (!path.startsWith('/apis/networking.istio.io/')) return '<unknown>';
  const parts = path.split('/');
  return parts.length === 8 ? `${parts[7]}.${parts[5]}` : '';
}
