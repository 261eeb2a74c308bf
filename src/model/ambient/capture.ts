import type { ProxyConfig } from '../../api/istio.gen.ts';
import { DATAPLANE_MODE, REDIRECTION, TUNNEL } from '../../resource/ambient-labels.ts';
import type { Labels } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { factsOf, takesHbone } from '../proxies/roles.ts';
import type { Workload } from '../registry/service.ts';

/** How the connections of others reach a workload: as they are, or through a tunnel that ztunnel or its own proxy ends. */
export type Tunnel = 'none' | 'ztunnel' | 'proxy';

/** What capture depends on beside the workload. */
export interface CaptureSettings {
  /** Labels of a namespace; none where it is not given as an object. */
  namespaceLabels(namespace: string): Labels;
  /** Namespace of the control plane, where ztunnel runs. */
  readonly systemNamespace: string;
  /** The effective ProxyConfig of a workload. */
  proxyConfigOf(workload: Workload): ProxyConfig;
}

/**
 * Whether the CNI agent leads the traffic of a pod through ztunnel: as its annotation says, which the agent writes, else as the agent
 * would decide. As istio cni/pkg/util Matches and the chart istio-cni.
 */
export function isCaptured(workload: Workload, { namespaceLabels, systemNamespace }: CaptureSettings): boolean {
  const { namespace, ownLabels: labels, annotations, hostNetwork, injected, role } = workload;
  if (workload.kind !== 'Pod') return false;
  if (annotations[REDIRECTION] !== undefined) return annotations[REDIRECTION] === 'enabled';
  if (hostNetwork || namespace === 'kube-system') return false;
  if ((injected && factsOf[role].isIntercepted) || annotations['sidecar.istio.io/status'] !== undefined) return false;
  if (namespace === systemNamespace && labels.app === 'ztunnel') return false;
  const mode = labels[DATAPLANE_MODE];
  if (mode !== undefined) return mode === 'ambient';
  return namespaceLabels(namespace)[DATAPLANE_MODE] === 'ambient';
}

/**
 * How a workload is reached. A sidecar that takes HBONE says so by a label, which the injector writes where its ProxyConfig asks for it.
 * As istio ambient/workloads.go setTunnelProtocol and the injection template.
 */
export function tunnelOf(workload: Workload, settings: CaptureSettings): Tunnel {
  const { kind, injected, role, ownLabels } = workload;
  if (ownLabels[TUNNEL]?.split(',').some((tunnel) => tunnel.trim() === 'http')) return 'proxy';
  if (kind === 'Pod' && injected && takesHbone(role, settings.proxyConfigOf(workload))) return 'proxy';
  return isCaptured(workload, settings) ? 'ztunnel' : 'none';
}

/** Whether labels say that there is a tunnel, read as istiod reads those of what no agent takes care of. */
export function tunnelLabelled(labels: Labels): boolean {
  return own(labels, TUNNEL)?.split(',').includes('http') === true;
}
