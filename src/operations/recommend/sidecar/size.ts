import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import type { ConfigurationSize } from '../report.ts';

/** How much istiod sends to a proxy; nothing where there is none. */
export function sizeOf(snapshot: XdsSnapshot | undefined): ConfigurationSize {
  if (snapshot === undefined) return { bytes: 0, resources: 0 };
  const { listeners, routes, clusters, endpoints, extensionConfigs } = snapshot;
  const parts = [listeners, routes, clusters, endpoints, extensionConfigs];
  return {
    bytes: parts.reduce((sum, part) => sum + Buffer.byteLength(JSON.stringify(part)), 0),
    resources: parts.reduce((sum, part) => sum + part.length, 0),
  };
}
