import type { ProxyConfig } from '../api/istio.gen.ts';

import { compareText } from './order.ts';
import type { InterceptionMode, Proxy } from './proxy.ts';
import type { ProxyConfigTarget } from './proxy-configs.ts';
import type { ServiceRegistry, Workload } from './service.ts';

const CLUSTER_ID = 'Kubernetes';

/**
 * The proxies of the mesh, by namespace and name: one for every workload that has a sidecar or is a gateway.
 * `annotationOf` gives the parsed `proxy.istio.io/config` annotation of a resource.
 */
export function buildProxies(
  registry: ServiceRegistry,
  proxyConfigOf: (target: ProxyConfigTarget) => ProxyConfig,
  annotationOf: (workload: Workload) => ProxyConfig | undefined,
): readonly Proxy[] {
  return registry.workloads
    .filter(({ injected }) => injected)
    .map((workload) => buildProxy(workload, registry, proxyConfigOf, annotationOf(workload)))
    .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}

function buildProxy(
  workload: Workload,
  registry: ServiceRegistry,
  proxyConfigOf: (target: ProxyConfigTarget) => ProxyConfig,
  annotation: ProxyConfig | undefined,
): Proxy {
  const { name, namespace, labels, annotations } = workload;
  const proxyConfig = proxyConfigOf({ namespace, labels, annotation });
  return {
    type: workload.proxyType,
    name,
    namespace,
    labels,
    annotations,
    serviceAccount: workload.serviceAccount,
    ips: workload.ips,
    workloadName: workload.workloadName,
    nodeName: workload.nodeName,
    locality: workload.locality,
    network: workload.network,
    clusterId: CLUSTER_ID,
    interceptionMode: interceptionMode(workload, proxyConfig),
    proxyConfig,
    targets: registry.targetsOf(workload),
    workload,
  };
}

/** A gateway intercepts nothing; a sidecar does as its pod's annotation says, else as its ProxyConfig does. */
function interceptionMode(workload: Workload, proxyConfig: ProxyConfig): InterceptionMode {
  if (workload.proxyType === 'gateway') return 'NONE';
  const mode = workload.annotations['sidecar.istio.io/interceptionMode'] ?? proxyConfig.interceptionMode;
  return mode === 'TPROXY' || mode === 'NONE' ? mode : 'REDIRECT';
}
