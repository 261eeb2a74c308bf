import type { ProxyConfig } from '../../api/istio.gen.ts';
import { TUNNEL } from '../../resource/ambient-labels.ts';
import { imageTag } from '../../resource/image.ts';
import type { Labels } from '../../resource/resource.ts';
import { type Again, afresh, againForEach } from '../../util/again.ts';
import { isObject, own } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { parseYamlValue } from '../../util/yaml.ts';
import { NETWORK_LABEL } from '../registry/locality.ts';
import type { ServiceRegistry, ServiceTarget, Workload } from '../registry/service.ts';
import type { InterceptionMode, Proxy } from './proxy.ts';
import type { ProxyConfigTarget } from './proxy-configs.ts';
import { factsOf, takesHbone } from './roles.ts';

const PROXY_CONTAINER = 'istio-proxy';
const CONFIG_ANNOTATION = 'proxy.istio.io/config';

/** What proxies have from where they run. */
interface ProxyEnvironment extends Pick<Proxy, 'istioVersion'> {
  /** The clusters whose proxies this istiod configures. */
  readonly clusters: readonly string[];
  /** Whether clusters have names that tell proxies apart. */
  readonly isNamed: boolean;
}

/**
 * The proxies of the mesh, by namespace and name (and cluster): one for every workload that has a sidecar or is a gateway. Of an earlier
 * state with the same environment and ProxyConfigs those stay that are of the same workload and serve the same.
 */
export function buildProxies(
  registry: ServiceRegistry,
  environment: ProxyEnvironment,
  proxyConfigOf: (target: ProxyConfigTarget) => ProxyConfig,
  again: Again = afresh,
): readonly Proxy[] {
  const known = againForEach<Proxy>(again, 'proxy');
  return registry.workloads
    .filter(({ injected, clusterId }) => injected && environment.clusters.includes(clusterId))
    .map((workload) => {
      const targets = registry.targetsOf(workload);
      return known(workload, [targets], () => buildProxy(workload, targets, environment, proxyConfigOf));
    })
    .sort(
      (a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name) || compareText(a.clusterId, b.clusterId),
    );
}

function buildProxy(
  workload: Workload,
  targets: readonly ServiceTarget[],
  { istioVersion, isNamed }: ProxyEnvironment,
  proxyConfigOf: (target: ProxyConfigTarget) => ProxyConfig,
): Proxy {
  const { name, namespace, annotations, clusterId } = workload;
  const proxyConfig = proxyConfigOf(proxyConfigTarget(workload));
  // Where something else is stated than its pod tells.
  const network = isNamed ? proxyConfig.proxyMetadata?.ISTIO_META_NETWORK : undefined;
  return {
    role: workload.role,
    ...(isNamed && { cluster: clusterId }),
    name,
    namespace,
    annotations,
    serviceAccount: workload.serviceAccount,
    ips: workload.ips,
    workloadName: workload.workloadName,
    nodeName: workload.nodeName,
    locality: workload.locality,
    network: network ?? workload.network,
    labels: {
      ...workload.labels,
      ...(network && !workload.ownLabels[NETWORK_LABEL] && { [NETWORK_LABEL]: network }),
      ...tunnelLabel(workload, proxyConfig),
    },
    clusterId,
    istioVersion: versionOfImage(workload) ?? istioVersion,
    interceptionMode: interceptionMode(workload, proxyConfig),
    proxyConfig,
    targets,
    workload,
  };
}

/** The label that the injector gives a sidecar that takes tunnels. */
function tunnelLabel({ role, labels }: Workload, proxyConfig: ProxyConfig): Labels {
  return takesHbone(role, proxyConfig) ? { [TUNNEL]: own(labels, TUNNEL) || 'http' } : {};
}

/** What the ProxyConfig of a workload depends on. */
export function proxyConfigTarget({ namespace, labels, annotations }: Workload): ProxyConfigTarget {
  return { namespace, labels, annotation: parseAnnotation(annotations[CONFIG_ANNOTATION]) };
}

/** The version that the image of the pod's own proxy tells; undefined for pods whose proxy is injected. */
function versionOfImage({ resource }: Workload): string | undefined {
  if (resource.kind !== 'Pod') return undefined;
  const { containers = [], initContainers = [] } = resource.spec;
  const { image = '' } = [...containers, ...initContainers].find(({ name }) => name === PROXY_CONTAINER) ?? {};
  return /^\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)[.\w]*)?/.exec(imageTag(image) ?? '')?.[0];
}

/** A gateway intercepts nothing; a sidecar does as its pod's annotation says, else as its ProxyConfig does. */
function interceptionMode(workload: Workload, proxyConfig: ProxyConfig): InterceptionMode {
  if (!factsOf[workload.role].isIntercepted) return 'NONE';
  const mode = workload.annotations['sidecar.istio.io/interceptionMode'] ?? proxyConfig.interceptionMode;
  return mode === 'TPROXY' || mode === 'NONE' ? mode : 'REDIRECT';
}

/** The ProxyConfig that a pod's annotation holds as YAML; nothing when it cannot be read, as istiod ignores it then. */
function parseAnnotation(text: string | undefined): ProxyConfig | undefined {
  if (text === undefined) return undefined;
  try {
    const value = parseYamlValue(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
