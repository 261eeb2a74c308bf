import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { PodSpec } from '../../api/kubernetes.ts';
import type { Node } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { proxyCan } from '../../model/proxies/abilities.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { OwnerReference } from '../../resource/resource.ts';
import { assertNever } from '../../util/assert.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { compact, nonEmpty } from '../../util/object.ts';

/**
 * What a proxy tells istiod about itself: the node of its bootstrap. Of annotations and labels it has those of the manifests and
 * the labels that the injector adds; what Envoy adds when it starts (its build, its extensions) is not there.
 * As istio pkg/bootstrap/config.go GetNodeMetaData, with the environment that the injection templates set.
 */
export function proxyNode(proxy: Proxy, mesh: Mesh): Node {
  const { name, namespace, role, ips, labels } = proxy;
  const locality = labelLocality(labels);
  return compact({
    id: `${factsOf[role].nodeType}~${ips[0] ?? ''}~${name}.${namespace}~${namespace}.svc.${mesh.domainSuffix}`,
    cluster: serviceCluster(proxy),
    metadata: metadata(proxy, mesh, locality),
    locality: localityOf(locality),
  });
}

function metadata(proxy: Proxy, mesh: Mesh, locality: string): Record<string, unknown> {
  const { 'pod-template-hash': _, ...ownLabels } = proxy.workload.ownLabels;
  const { annotations } = proxy;
  const labels = locality === '' ? ownLabels : { ...ownLabels, 'istio-locality': locality };
  const config = agentProxyConfig(proxy);
  const known = {
    ...workloadMetadata(proxy),
    ANNOTATIONS: Object.keys(annotations).length > 0 ? annotations : undefined,
    CLUSTER_ID: proxy.clusterId,
    ENVOY_PROMETHEUS_PORT: 15090,
    ENVOY_STATUS_PORT: 15021,
    INSTANCE_IPS: proxy.ips.join(','),
    INTERCEPTION_MODE: factsOf[proxy.role].reportedInterception ?? proxy.interceptionMode,
    ISTIO_PROXY_SHA: mesh.release.proxySha,
    ISTIO_VERSION: proxy.istioVersion,
    LABELS: Object.keys(labels).length > 0 ? labels : undefined,
    MESH_ID: mesh.config.trustDomain ?? mesh.domainSuffix,
    METADATA_DISCOVERY: discoversPeers(config) ? 'true' : 'false',
    NAME: proxy.name,
    NAMESPACE: proxy.namespace,
    NETWORK: proxy.network || undefined,
    NODE_NAME: proxy.nodeName || undefined,
    PILOT_SAN: config.controlPlaneAuthPolicy === 'MUTUAL_TLS' ? [pilotName(config.discoveryAddress ?? '')] : undefined,
    PROXY_CONFIG: config,
    SERVICE_ACCOUNT: proxy.serviceAccount,
    WORKLOAD_IDENTITY_SOCKET_FILE: 'socket',
    WORKLOAD_NAME: proxy.workloadName,
  };
  return compact({ ...userMetadata(config), ...known });
}

/** Whether its agent is told to learn of its peers from istiod: by name, else where it listens for HBONE. */
function discoversPeers({ proxyMetadata = {} }: ProxyConfig): boolean {
  return parseGoBoolean(proxyMetadata.PEER_METADATA_DISCOVERY ?? proxyMetadata.ISTIO_META_ENABLE_HBONE ?? '') === true;
}

/** What `proxyMetadata` sets: it becomes the environment of the agent, which reports what starts with ISTIO_META_. */
function userMetadata({ proxyMetadata = {} }: ProxyConfig): Record<string, string> {
  const prefix = 'ISTIO_META_';
  return Object.fromEntries(
    Object.entries(proxyMetadata).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  );
}

function workloadMetadata({ role, workload, namespace, workloadName }: Proxy): Record<string, string> {
  const { resource, containerPorts } = workload;
  if (resource.kind !== 'Pod') return {};
  const owner = ownerOf(resource.ownerReferences ?? [], resource.name, workloadName);
  const ports = containerPorts.map(({ name, port, protocol }) => ({ ...(name && { name }), containerPort: port, protocol }));
  const ofOwner = `kubernetes://apis/${owner.apiVersion}/namespaces/${namespace}/${owner.kind.toLowerCase()}s/${workloadName}`;
  // The template of waypoints tells no more.
  if (role === 'waypoint') return { OWNER: ofOwner };
  return {
    APP_CONTAINERS: containerNames(resource.spec).join(','),
    OWNER: ofOwner,
    // The template leaves a line break between the brackets of an empty list, and the agent passes it on.
    POD_PORTS: ports.length === 0 ? '[\n]' : JSON.stringify(ports),
  };
}

function containerNames({ containers = [] }: PodSpec): readonly string[] {
  return containers.map(({ name = '' }) => name).filter((name) => name !== 'istio-proxy');
}

/** The object that runs the pod; istio pkg/kube/util.go GetWorkloadMetaFromPod. */
function ownerOf(
  references: readonly OwnerReference[],
  podName: string,
  workloadName: string,
): { kind: string; apiVersion: string } {
  const controller = references.find(({ controller }) => controller === true);
  if (controller === undefined || workloadName === podName) return { kind: 'Pod', apiVersion: 'v1' };
  const { kind, apiVersion = 'apps/v1', name } = controller;
  if (kind === 'ReplicaSet' && name !== workloadName) return { kind: 'Deployment', apiVersion: 'apps/v1' };
  if (kind === 'Job' && name !== workloadName) return { kind: 'CronJob', apiVersion: 'batch/v1' };
  return { kind, apiVersion };
}

/** The effective ProxyConfig with what annotations change; istio pilot/cmd/pilot-agent/config applyAnnotations. */
export function agentProxyConfig({ role, serviceAccount, namespace, proxyConfig, annotations }: Proxy): ProxyConfig {
  const statusPort = Number(annotations['status.sidecar.istio.io/port'] ?? proxyConfig.statusPort ?? 0);
  return {
    ...proxyConfig,
    // The template of waypoints says so by a flag.
    ...(role === 'waypoint' && { serviceCluster: `${serviceAccount}.${namespace}` }),
    discoveryAddress: annotations['sidecar.istio.io/discoveryAddress'] ?? proxyConfig.discoveryAddress ?? '',
    statusPort: Number.isInteger(statusPort) ? statusPort : 0,
  };
}

function pilotName(discoveryAddress: string): string {
  const host = discoveryAddress.split(':')[0] ?? '';
  return host === 'localhost' ? 'istiod.istio-system.svc' : host;
}

/** The name under which a proxy's own statistics and traces go; istio pkg/bootstrap/config.go getServiceCluster. */
function serviceCluster(proxy: Proxy): string {
  const { workload, workloadName, namespace, istioVersion } = proxy;
  const proxyConfig = agentProxyConfig(proxy);
  const labels = workload.ownLabels;
  const otherLabel = proxyCan({ istioVersion }, 'otherAppLabels')
    ? (labels['app.kubernetes.io/name'] ?? labels['service.istio.io/canonical-name'])
    : undefined;
  const orDefault = (name: string | undefined): string => {
    if (name && name !== 'istio-proxy') return name;
    return `${labels.app ?? otherLabel ?? (workloadName || 'istio-proxy')}.${namespace}`;
  };
  const canonical = labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels.app ?? workloadName;
  switch (proxyConfig.tracingServiceName) {
    case 'CANONICAL_NAME_ONLY':
      return orDefault(canonical);
    case 'CANONICAL_NAME_AND_NAMESPACE':
      return `${canonical}.${namespace}`;
    case 'APP_LABEL_AND_NAMESPACE':
    case undefined:
      return orDefault(proxyConfig.serviceCluster);
    default:
      return assertNever(proxyConfig.tracingServiceName);
  }
}

/** The agent knows of its place only what a label of the pod says. */
function labelLocality(labels: Readonly<Record<string, string>>): string {
  const label = labels['topology.istio.io/locality'] ?? labels['istio-locality'] ?? '';
  return label.includes('/') ? label : label.replaceAll('.', '/');
}

function localityOf(text: string): Node['locality'] {
  const [region = '', zone = '', ...subZone] = text.split('/');
  return compact({ region: region || undefined, zone: zone || undefined, subZone: nonEmpty(subZone)?.join('/') });
}
