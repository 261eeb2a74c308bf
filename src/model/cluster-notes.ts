import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import { networkWithoutGateway, portsDiffer, primaryUnknown, remoteConfiguration } from '../diagnostics/problems/clusters.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { resourcesOf } from '../resource/select.ts';
import { subjectAt } from '../resource/subject.ts';
import { compareText } from '../util/text.ts';
import { CONTROL_PLANES, controlPlaneNamespace, isConfiguration, namedPrimaries, primaryOf } from './clusters.ts';
import type { ClusterInput } from './mesh-input.ts';
import { NETWORK_LABEL } from './registry/locality.ts';
import type { ServicePort, ServiceRegistry } from './registry/service.ts';
import { kubernetesPort } from './registry/service-ports.ts';

type Clusters = readonly [ClusterInput, ...ClusterInput[]];

/** What to tell about clusters that make one mesh, as the istiod of the first sees them. */
export function clusterNotes(clusters: Clusters, registry: ServiceRegistry): readonly Diagnostic[] {
  const [primary, ...others] = clusters;
  const configured = clusters.filter((cluster) => primaryOf(cluster, clusters) === primary.name);
  return [
    ...configured.flatMap((cluster) => unknownPrimary(cluster, clusters)),
    ...configured.filter((cluster) => cluster !== primary).flatMap((cluster) => unreadConfiguration(cluster, primary.name)),
    ...differingPorts(clusters),
    ...(others.length > 0 ? networksWithoutGateway(clusters, registry) : []),
  ];
}

function unknownPrimary(cluster: ClusterInput, clusters: Clusters): readonly Diagnostic[] {
  const named = namedPrimaries(cluster);
  const namespace = controlPlaneNamespace(cluster);
  const isKnown = named.some((name) => name === '*' || clusters.some((other) => other.name === name));
  if (named.length === 0 || isKnown || namespace === undefined) return [];
  const subject = subjectAt(namespace, ['metadata', 'annotations', CONTROL_PLANES]);
  const known = clusters.map(({ name }) => name).sort();
  return [primaryUnknown(subject, cluster.name, named.join(', '), known.join(', '))];
}

/** So many resources are named. */
const MANY = 3;

function unreadConfiguration({ name, resources }: ClusterInput, primary: string): readonly Diagnostic[] {
  const unread = resources.filter(isConfiguration);
  const [first] = unread;
  if (first === undefined) return [];
  const labels = unread.slice(0, MANY).map((resource) => `${resource.kind} ${resource.namespace}/${resource.name}`);
  const more = unread.length > MANY ? [`${unread.length - MANY} more`] : [];
  return [remoteConfiguration(subjectAt(first, ['metadata', 'name']), name, primary, [...labels, ...more].join(', '))];
}

/** Of two clusters, one istiod tells: that of the first primary by name for which the definition in one of them counts. */
function differingPorts(clusters: Clusters): readonly Diagnostic[] {
  const [own] = clusters;
  const earlier = clusters.filter(({ name }) => name < own.name && clusters.some((other) => primaryOf(other, clusters) === name));
  const namesIn = new Map(
    clusters.map(({ name, resources }) => [name, new Set(resourcesOf(resources, 'Service').map(serviceKey))]),
  );
  /** The cluster whose definition counts for another istiod: its own, then by name. */
  const countingFor = (primary: ClusterInput, key: string): string | undefined =>
    [primary.name, ...[...namesIn.keys()].sort(compareText)].find((name) => namesIn.get(name)?.has(key));
  const first = new Map<string, { readonly cluster: string; readonly service: ResourceOf<'Service'> }>();
  return clusters.flatMap(({ name: cluster, resources }) =>
    resourcesOf(resources, 'Service').flatMap((service): readonly Diagnostic[] => {
      const key = serviceKey(service);
      const known = first.get(key);
      if (known === undefined) {
        first.set(key, { cluster, service });
        return [];
      }
      const isTold = earlier.some((primary) => [cluster, known.cluster].includes(countingFor(primary, key) ?? ''));
      if (isTold) return [];
      const differences = comparePorts(portsOf(known.service), portsOf(service), cluster, known.cluster);
      if (differences.length === 0) return [];
      return [portsDiffer(subjectAt(service, ['spec', 'ports']), key, cluster, known.cluster, differences.join('; '))];
    }),
  );
}

function serviceKey({ name, namespace }: ResourceOf<'Service'>): string {
  return `${name}.${namespace}`;
}

function portsOf({ spec }: ResourceOf<'Service'>): readonly ServicePort[] {
  return (spec.ports ?? []).map(kubernetesPort);
}

/** What differs between the ports that count and those of another cluster, whose pods are found by the names of ports. */
function comparePorts(
  counting: readonly ServicePort[],
  others: readonly ServicePort[],
  cluster: string,
  first: string,
): readonly string[] {
  const ofName = (ports: readonly ServicePort[], name: string): ServicePort | undefined =>
    ports.find((port) => port.name === name);
  return [
    ...counting.flatMap((port) => {
      const other = ofName(others, port.name);
      if (other === undefined) return [`the pods of ${cluster} do not serve ${portText(port)}`];
      if (other.port === port.port && other.protocol === port.protocol) return [];
      return [`clients reach ${portText(other)} of ${cluster} as ${portText(port)}`];
    }),
    ...others.flatMap((port) =>
      ofName(counting, port.name) === undefined ? [`nobody reaches ${portText(port)}, which ${first} does not have`] : [],
    ),
  ];
}

function portText({ name, port, protocol }: ServicePort): string {
  const about = [name, protocol === 'Unsupported' ? '' : protocol].filter((text) => text !== '');
  return `port ${port}${about.length === 0 ? '' : ` (${about.join(', ')})`}`;
}

function networksWithoutGateway(clusters: Clusters, { workloads, networkGateways }: ServiceRegistry): readonly Diagnostic[] {
  const pods = workloads.filter(({ kind, injected, network }) => kind === 'Pod' && injected && network !== '');
  const networks = [...new Set(pods.map(({ network }) => network))].sort(compareText);
  if (networks.length < 2) return [];
  return networks
    .filter((network) => !networkGateways.some((gateway) => gateway.network === network))
    .map((network) => {
      const there = new Set(pods.filter((pod) => pod.network === network).map(({ clusterId }) => clusterId));
      const others = networks.filter((other) => other !== network);
      return networkWithoutGateway(
        networkSubject(network, clusters),
        network,
        `pods in ${[...there].sort().join(', ')}`,
        others.join(', '),
      );
    });
}

/** Where a network is named as that of a cluster; nowhere where MeshNetworks, pods or the user name it. */
function networkSubject(network: string, clusters: Clusters): Subject {
  const [namespace] = clusters
    .flatMap((cluster) => controlPlaneNamespace(cluster) ?? [])
    .filter(({ labels }) => labels[NETWORK_LABEL] === network)
    .sort((a, b) => compareText(a.document.file, b.document.file));
  return namespace === undefined ? {} : subjectAt(namespace, ['metadata', 'labels', NETWORK_LABEL]);
}
