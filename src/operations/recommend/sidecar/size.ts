import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import { memo } from '../../../util/memo.ts';
import type { ConfigurationSize } from '../report.ts';

/** Measures how much istiod sends to proxies, nothing where there is none; what they share is measured once. */
export function createMeasure(): (snapshot: XdsSnapshot | undefined) => ConfigurationSize {
  const bytesOf = memo((resource: object) => Buffer.byteLength(JSON.stringify(resource)));
  return (snapshot) => {
    if (snapshot === undefined) return { bytes: 0, resources: 0 };
    const { listeners, routes, clusters, endpoints, extensionConfigs } = snapshot;
    const parts: readonly (readonly object[])[] = [listeners, routes, clusters, endpoints, extensionConfigs];
    return {
      // Each is a list, with brackets around it and commas between.
      bytes: parts.reduce(
        (sum, part) => sum + part.reduce((all, one) => all + bytesOf(one), 2 + Math.max(0, part.length - 1)),
        0,
      ),
      resources: parts.reduce((sum, part) => sum + part.length, 0),
    };
  };
}
