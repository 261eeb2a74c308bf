import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxy.ts';
import type { NodeIdentity } from '../output/config-dump.ts';
import { ISTIO_VERSION } from './version.ts';

/** What a proxy tells istiod about itself; istio pkg/bootstrap/config.go (node id and metadata). */
export function nodeIdentity(proxy: Proxy, mesh: Mesh): NodeIdentity {
  const { name, namespace, type, ips } = proxy;
  const labels = proxy.workload.ownLabels;
  const kind = type === 'gateway' ? 'router' : 'sidecar';
  return {
    id: `${kind}~${ips[0] ?? ''}~${name}.${namespace}~${namespace}.svc.${mesh.domainSuffix}`,
    cluster: `${labels['service.istio.io/canonical-name'] ?? labels.app ?? proxy.workloadName}.${namespace}`,
    metadata: {
      CLUSTER_ID: proxy.clusterId,
      INSTANCE_IPS: ips.join(','),
      INTERCEPTION_MODE: proxy.interceptionMode,
      ISTIO_VERSION,
      LABELS: labels,
      MESH_ID: mesh.config.trustDomain ?? mesh.domainSuffix,
      NAME: name,
      NAMESPACE: namespace,
      SERVICE_ACCOUNT: proxy.serviceAccount,
      WORKLOAD_NAME: proxy.workloadName,
    },
  };
}

/** The SPIFFE identity of a proxy. */
export function spiffeIdentity(proxy: Proxy, mesh: Mesh): string {
  return `spiffe://${mesh.config.trustDomain ?? mesh.domainSuffix}/ns/${proxy.namespace}/sa/${proxy.serviceAccount}`;
}
