import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { type Again, afresh, againForEach } from '../../util/again.ts';
import { compareIpAddresses } from '../../util/ip-address.ts';
import { compareText } from '../../util/text.ts';
import { createKubernetesEndpoints, type EndpointSettings } from './kubernetes-endpoints.ts';
import { kubernetesService, type ServiceSettings } from './kubernetes-services.ts';
import type { Service, Workload } from './service.ts';
import type { KubernetesServiceSource } from './service-targets.ts';
import {
  podInstance,
  type WorkloadEntrySettings,
  type WorkloadInstance,
  workloadEntryResourceInstance,
  workloadEntryWorkload,
} from './workload-instances.ts';
import { type PodWorkload, podWorkload, type WorkloadSettings } from './workloads.ts';

/** What the registry of one cluster depends on beside its resources. */
export interface ClusterSettings extends ServiceSettings, EndpointSettings, WorkloadSettings {
  /** What WorkloadEntries depend on: their identities are of the trust domain of the istiod that reads them. */
  readonly entries: WorkloadEntrySettings;
}

/** The objects of a cluster that others are looked up in. */
export interface ClusterObjects {
  readonly namespaces: ReadonlyMap<string, ResourceOf<'Namespace'>>;
  readonly nodes: ReadonlyMap<string, ResourceOf<'Node'>>;
}

/** What istiod finds in one cluster; istio has a kube controller for each. */
export interface ClusterRegistry {
  readonly clusterId: string;
  /** Services with their endpoints, as this cluster defines them. */
  readonly kubernetes: readonly KubernetesServiceSource[];
  /** WorkloadEntries, by namespace and name. */
  readonly entries: readonly WorkloadInstance[];
  /** Pods and WorkloadEntries that ServiceEntries can select. */
  readonly selectable: readonly WorkloadInstance[];
  /** All pods and WorkloadEntries. */
  readonly workloads: readonly Workload[];
}

/**
 * The services, endpoints and workloads of one cluster. `unseenPods` are those of namespaces that istiod does not look at: they have
 * proxies, but serve nothing. Of an earlier state of the cluster, under the same settings, those stay which are made of the same.
 */
export function buildClusterRegistry(
  resources: readonly Resource[],
  unseenPods: readonly ResourceOf<'Pod'>[],
  { namespaces, nodes }: ClusterObjects,
  settings: ClusterSettings,
  again: Again = afresh,
): ClusterRegistry {
  const { behaviours, clusterId } = settings;
  const workloads = againForEach<PodWorkload>(again, 'workload');
  const workloadOf = (pod: ResourceOf<'Pod'>): PodWorkload => {
    const place = { namespace: namespaces.get(pod.namespace), node: nodes.get(pod.spec.nodeName ?? '') };
    return workloads(pod, [place.namespace, place.node], () => podWorkload(pod, place, settings));
  };
  const services = againForEach<Service>(again, 'service');
  const instances = againForEach<WorkloadInstance | undefined>(again, 'entry');
  // Kubernetes keeps no order among the pods of a service; theirs is that of their addresses, which follow creation.
  const pods = resourcesOf(resources, 'Pod')
    .map(workloadOf)
    .sort((a, b) => compareIpAddresses(a.ips[0] ?? '', b.ips[0] ?? '') || compareText(a.name, b.name));
  const found = resourcesOf(resources, 'WorkloadEntry').flatMap((resource) => {
    const instance = instances(resource, [], () => workloadEntryResourceInstance(resource, settings.entries, behaviours));
    return instance === undefined ? [] : [{ instance, resource }];
  });
  const entries = found
    .map(({ instance }) => instance)
    .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
  const entriesForServices = behaviours.enableK8sSelectWorkloadEntries ? entries : [];
  const endpointsOf = createKubernetesEndpoints(resources, pods, entriesForServices, settings, again);
  return {
    clusterId,
    kubernetes: resourcesOf(resources, 'Service').map((resource) => {
      const namespace = namespaces.get(resource.namespace);
      const service = services(resource, [namespace], () => kubernetesService(resource, namespace, settings));
      return { service, resource, endpoints: endpointsOf(service, resource) };
    }),
    entries: entriesForServices.filter(({ dnsOnly }) => !dnsOnly),
    selectable: selectableInstances(behaviours.enableServiceEntrySelectPods ? pods : [], entries, settings, again),
    workloads: [
      ...pods,
      ...unseenPods.map(workloadOf),
      ...found.map(({ instance, resource }) => workloadEntryWorkload(instance, resource)),
    ],
  };
}

function selectableInstances(
  pods: readonly PodWorkload[],
  entries: readonly WorkloadInstance[],
  settings: ClusterSettings,
  again: Again,
): readonly WorkloadInstance[] {
  const instances = againForEach<WorkloadInstance>(again, 'instance');
  const ready = pods.filter(({ ready, terminated, ips }) => ready && !terminated && ips.length > 0);
  const taken = new Set(entries.map(({ name, namespace }) => `${namespace}/${name}`));
  return [
    ...ready
      .filter(({ name, namespace }) => !taken.has(`${namespace}/${name}`))
      .map((pod) => instances(pod, [], () => podInstance(pod, settings))),
    ...entries,
  ];
}
