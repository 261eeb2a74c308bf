import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { compareText } from '../../util/text.ts';
import { selects } from '../labels.ts';
import { instanceEndpoint, type KubernetesEndpoints } from './kubernetes-endpoints.ts';
import type { ContainerPort, Service, ServicePort, ServiceTarget, Workload } from './service.ts';
import type { EntryEndpoint } from './service-entries.ts';
import type { WorkloadInstance } from './workload-instances.ts';
import { resolveTargetPort } from './workloads.ts';

/** A Kubernetes service with the resource it was made from. */
export interface KubernetesServiceSource {
  readonly service: Service;
  readonly resource: ResourceOf<'Service'>;
  readonly endpoints: KubernetesEndpoints;
}

/** What targets are looked up in. */
export interface TargetSources {
  /** Kubernetes services by namespace. */
  readonly kubernetes: ReadonlyMap<string, readonly KubernetesServiceSource[]>;
  /** WorkloadEntries that are no DNS names. */
  readonly entries: readonly WorkloadInstance[];
  /** Endpoints of ServiceEntries by address. */
  readonly entryEndpointsByAddress: ReadonlyMap<string, readonly EntryEndpoint[]>;
  /** The ports of a pod for a service that selects it. */
  targetsOfPod(pod: Workload, source: KubernetesServiceSource): readonly ServiceTarget[];
}

/**
 * What a workload serves: its ports for Kubernetes Services, then for ServiceEntries of its namespace; oldest service first, among
 * equals by host name. As istio kube and serviceentry controllers GetProxyServiceTargets and model/context.go SetServiceTargets.
 */
export function serviceTargets(workload: Workload, sources: TargetSources): readonly ServiceTarget[] {
  const targets = [...kubernetesTargets(workload, sources), ...entryTargets(workload, sources)];
  return targets.sort(
    (a, b) => compareTime(a.service.createdAt, b.service.createdAt) || compareText(a.service.hostname, b.service.hostname),
  );
}

function compareTime(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function kubernetesTargets(workload: Workload, sources: TargetSources): readonly ServiceTarget[] {
  const entry = entryWithAddress(workload, sources.entries);
  if (entry !== undefined) return targetsOfEntry(entry, sources.kubernetes.get(entry.namespace) ?? []);
  if (workload.kind !== 'Pod') return [];
  const services = sources.kubernetes.get(workload.namespace) ?? [];
  const selecting = services.filter(
    ({ service: { selector = {} } }) => Object.keys(selector).length > 0 && selects(selector, workload.ownLabels),
  );
  if (selecting.length > 0) return selecting.flatMap((source) => sources.targetsOfPod(workload, source));
  return services.flatMap((source) => targetsByAddress(workload, source));
}

/** The WorkloadEntry that has the workload's address: of its name, else of its namespace, else any. */
function entryWithAddress(
  { ips, name, namespace }: Workload,
  entries: readonly WorkloadInstance[],
): WorkloadInstance | undefined {
  const [address] = ips;
  const found = entries.filter(({ endpoint }) => endpoint.address === address);
  return (
    found.find((entry) => entry.name === name && entry.namespace === namespace) ??
    found.find((entry) => entry.namespace === namespace) ??
    found[0]
  );
}

function targetsOfEntry(entry: WorkloadInstance, services: readonly KubernetesServiceSource[]): readonly ServiceTarget[] {
  return services
    .filter(
      ({ service: { selector = {}, resolution } }) =>
        resolution === 'clientSide' && Object.keys(selector).length > 0 && selects(selector, entry.endpoint.labels),
    )
    .flatMap(({ service, resource }) =>
      service.ports.flatMap((port): ServiceTarget[] => {
        const endpoint = port.protocol === 'UDP' ? undefined : instanceEndpoint(port, resource, entry);
        return endpoint === undefined ? [] : [{ service, port, targetPort: endpoint.port }];
      }),
    );
}

/** Makes the function that finds the ports of a pod for a service that selects it; pods with the same container ports share them. */
export function createPodTargets(): TargetSources['targetsOfPod'] {
  const intern = interner<readonly ContainerPort[]>();
  const targets = memo(targetsOfPorts);
  return ({ containerPorts }, source) => targets(intern(containerPorts), source);
}

/** Of ports with one target and protocol, the first counts. */
function targetsOfPorts(
  containerPorts: readonly ContainerPort[],
  { service, resource }: KubernetesServiceSource,
): readonly ServiceTarget[] {
  const portsByName = groupBy(service.ports, ({ name }) => name);
  const targets = (resource.spec.ports ?? []).flatMap((written): ServiceTarget[] => {
    const [port] = portsByName.get(written.name ?? '') ?? [];
    const targetPort = resolveTargetPort(containerPorts, written.targetPort ?? written.port, written.protocol ?? 'TCP');
    return port === undefined || targetPort === undefined ? [] : [{ service, port, targetPort }];
  });
  return firstBy(targets, ({ targetPort, port }) => `${targetPort} ${port.protocol}`);
}

/** The ports of a pod for a service without selector whose slices name its address. */
function targetsByAddress(
  { ips: [address] }: Workload,
  { service, endpoints }: KubernetesServiceSource,
): readonly ServiceTarget[] {
  if (address === undefined) return [];
  return endpoints.at(address).flatMap(({ servicePortName, port: targetPort }): ServiceTarget[] => {
    const port: ServicePort | undefined = service.ports.find(({ name }) => name === servicePortName);
    return port === undefined ? [] : [{ service, port, targetPort }];
  });
}

function entryTargets({ ips, namespace }: Workload, { entryEndpointsByAddress }: TargetSources): readonly ServiceTarget[] {
  return ips
    .flatMap((address) => entryEndpointsByAddress.get(address) ?? [])
    .filter(({ service }) => service.namespace === namespace)
    .map(({ service, port, endpoint }) => ({ service, port, targetPort: endpoint.port }));
}

function firstBy<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const text = key(value);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
