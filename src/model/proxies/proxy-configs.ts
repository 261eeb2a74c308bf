import type { MeshConfig, ProxyConfig, ProxyConfigResource } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { selects } from '../labels.ts';
import { mergeProxyConfig } from '../mesh-config.ts';
import { sortByCreation } from '../order.ts';

/** What a proxy's configuration depends on. */
export interface ProxyConfigTarget {
  readonly namespace: string;
  readonly labels: Labels;
  /** The parsed `proxy.istio.io/config` annotation of its pod, if any. */
  readonly annotation: ProxyConfig | undefined;
}

/**
 * The effective ProxyConfig of proxies: mesh defaults, then the oldest ProxyConfig resource without selector of the root
 * namespace, then that of the proxy's namespace, then the pod's annotation, then the oldest resource that selects the proxy.
 * As istio pilot/pkg/model/proxy_config.go EffectiveProxyConfig.
 */
export function buildProxyConfigs(
  resources: readonly ResourceOf<'ProxyConfig'>[],
  config: MeshConfig,
  rootNamespace: string,
): (target: ProxyConfigTarget) => ProxyConfig {
  const sorted = sortByCreation(resources);
  const general = (namespace: string): ProxyConfig | undefined => {
    const found = sorted.find((resource) => resource.namespace === namespace && resource.spec.selector === undefined);
    return found && toProxyConfig(found.spec);
  };
  return ({ namespace, labels, annotation }) => {
    const selecting = sorted.find(({ spec, ...resource }) => {
      const matchLabels = spec.selector?.matchLabels ?? {};
      return resource.namespace === namespace && Object.keys(matchLabels).length > 0 && selects(matchLabels, labels);
    });
    const layers = [
      general(rootNamespace),
      namespace === rootNamespace ? undefined : general(namespace),
      annotation,
      selecting && toProxyConfig(selecting.spec),
    ];
    return layers.reduce<ProxyConfig>(
      (below, layer) => (layer ? mergeProxyConfig(below, layer) : below),
      config.defaultConfig ?? {},
    );
  };
}

function toProxyConfig(spec: ProxyConfigResource): ProxyConfig {
  return {
    ...(spec.concurrency !== undefined && { concurrency: spec.concurrency }),
    ...(spec.environmentVariables !== undefined && { proxyMetadata: spec.environmentVariables }),
    ...(spec.image !== undefined && { image: spec.image }),
  };
}
