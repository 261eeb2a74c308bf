import type { EndpointSliceObject, KubernetesServicePort, PodSpec, PodStatus, ServiceSpec } from '../api/kubernetes.ts';
import type { Diagnostic, Path, Report } from '../diagnostics/diagnostic.ts';
import { invalidValue } from '../diagnostics/problems/objects.ts';
import type { SourceDocument } from '../source/document.ts';
import { compact } from '../util/object.ts';
import { refusalsOf } from './api-server/diagnose.ts';
import { reportRegistryIssues } from './registry-issues.ts';
import {
  type RegistryEndpoint,
  type RegistryFile,
  type RegistryService,
  type RegistryServicePort,
  type RegistryWorkload,
  registrySchema,
} from './registry-schema.ts';
import type { Labels, Resource, ResourceOf } from './resource.ts';
import { formatPath } from './shape.ts';

export interface RegistryFileOptions {
  /** The namespace of services and workloads that name none. */
  readonly namespace: string;
}

/**
 * The resources that a registry file stands for: Services, their EndpointSlices, Pods, and the Namespaces and Nodes that
 * they need. What is wrong with the file is reported, and nothing of it is used then.
 */
export function decodeRegistry(document: SourceDocument, options: RegistryFileOptions, report: Report): Resource[] {
  const parsed = registrySchema.safeParse(document.value);
  if (!parsed.success) {
    reportRegistryIssues(parsed.error.issues, document, report);
    return [];
  }
  const resources = resourcesOf(parsed.data, document, options, report);
  const refusals = resources.flatMap(refusalsOfEntry);
  for (const refusal of refusals) report(refusal);
  return refusals.some(({ severity }) => severity === 'error') ? [] : resources;
}

/**
 * What the API server would say of a resource that was made from an entry: of what is written there, since the rest is made up from
 * that, and once for all pods of a workload.
 */
function refusalsOfEntry(resource: Resource): readonly Diagnostic[] {
  const { line, column } = resource.document.locate([]);
  const isCopy = resource.kind === 'Pod' && !resource.name.endsWith('-0');
  return refusalsOf(resource).filter(({ path, location }) => {
    const isWritten = location?.line !== line || location.column !== column;
    return isWritten && (!isCopy || path?.[0] === 'status');
  });
}

function resourcesOf(registry: RegistryFile, document: SourceDocument, options: RegistryFileOptions, report: Report): Resource[] {
  const { namespaces = [], services = [], workloads = [] } = registry;
  return [
    ...namespaces.map(({ name, labels }, index) =>
      base(
        {
          kind: 'Namespace',
          group: '',
          name,
          namespace: '',
          labels: { ...labels, 'kubernetes.io/metadata.name': name },
          spec: {},
        },
        document,
        ['namespaces', index],
        placeInEntry,
      ),
    ),
    ...services.flatMap((service, index) => {
      const namespace = service.namespace ?? options.namespace;
      return serviceResources(service, namespace, document, ['services', index], report);
    }),
    ...localities(workloads).map((locality) => node(locality, document)),
    ...workloads.flatMap((workload, index) => {
      const namespace = workload.namespace ?? options.namespace;
      return podsOf(workload, namespace, document, ['workloads', index]);
    }),
  ];
}

/** What a resource of the file is, beside what all of them have. */
type Draft = {
  [K in 'Namespace' | 'Node' | 'Pod' | 'Service' | 'EndpointSlice']: Pick<
    ResourceOf<K>,
    'kind' | 'group' | 'name' | 'namespace' | 'spec'
  > &
    Partial<ResourceOf<K>>;
}['Namespace' | 'Node' | 'Pod' | 'Service' | 'EndpointSlice'];

/** A resource that stands at `path` of the registry file; `placeOf` says where in its entry a field of the resource stands. */
function base(draft: Draft, document: SourceDocument, path: Path, placeOf: (path: Path) => Path): Resource {
  return {
    version: 'v1',
    labels: {},
    annotations: {},
    ...draft,
    document: {
      file: document.file,
      index: document.index,
      value: document.value,
      locate: (field, on) => document.locate([...path, ...placeOf(field)], on),
    },
  };
}

/** Fields of namespaces and services have the names that they have in Kubernetes. */
function placeInEntry([first, ...rest]: Path): Path {
  return first === 'metadata' || first === 'spec' ? rest : [];
}

/** The place in a workload of a field of its pod with this index. */
function placeInWorkload(index: number): (path: Path) => Path {
  return ([first, second, ...rest]) => {
    if (first === 'status') return ['addresses', index];
    if (second === 'containers') return rest[1] === 'ports' ? ['ports', ...rest.slice(2)] : [];
    if (second === 'serviceAccountName') return ['serviceAccount'];
    return second === undefined ? [] : [second, ...rest];
  };
}

function serviceResources(
  service: RegistryService,
  namespace: string,
  document: SourceDocument,
  path: Path,
  report: Report,
): Resource[] {
  const { name, externalName, endpoints } = service;
  const ports = (service.ports ?? []).map(servicePort);
  const selects = endpoints === undefined && externalName === undefined;
  const selector = service.selector ?? (selects ? { app: name } : undefined);
  const spec: ServiceSpec = compact({
    type: externalName === undefined ? ('ClusterIP' as const) : ('ExternalName' as const),
    ports,
    selector,
    clusterIP: service.clusterIP,
    externalName,
  });
  const resource = base(
    { kind: 'Service', group: '', name, namespace, labels: service.labels ?? {}, annotations: service.annotations ?? {}, spec },
    document,
    path,
    placeInEntry,
  );
  if (endpoints === undefined) return [resource];
  const slice = endpointSlice(endpoints, ports, document, path, report);
  const labels = { 'kubernetes.io/service-name': name };
  const sliceDraft: Draft = {
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    name: `${name}-registry`,
    namespace,
    labels,
    spec: slice,
  };
  return [resource, base(sliceDraft, document, path, placeInSlice)];
}

/** The place in a service of a field of its EndpointSlice. */
function placeInSlice([first, index, , ...rest]: Path): Path {
  if (first === 'endpoints' && index !== undefined) return ['endpoints', index, ...(rest.length > 0 ? ['address'] : [])];
  return first === 'ports' && index !== undefined ? ['ports', index] : ['endpoints'];
}

function servicePort(port: RegistryServicePort): KubernetesServicePort {
  if (typeof port === 'number') return { name: `port-${port}`, port, protocol: 'TCP', targetPort: port };
  if (typeof port === 'string') {
    const [name = '', number, target = number] = port.split(':');
    return { name, port: Number(number), protocol: 'TCP', targetPort: Number(target) };
  }
  const { name, appProtocol, protocol = 'TCP', targetPort = port.port } = port;
  return compact({ name, port: port.port, protocol, appProtocol, targetPort });
}

function endpointSlice(
  endpoints: readonly RegistryEndpoint[],
  ports: readonly KubernetesServicePort[],
  document: SourceDocument,
  path: Path,
  report: Report,
): EndpointSliceObject {
  const slicePorts = ports.map(({ name = '', port, targetPort = port, protocol = 'TCP' }, index) => {
    if (typeof targetPort === 'number') return { name, port: targetPort, protocol };
    const field = [...path, 'ports', index, 'targetPort'];
    const expected = 'a number, since `endpoints` have no port names';
    report(invalidValue({ location: document.locate(field), path: field }, formatPath(field), `"${targetPort}"`, expected));
    return { name, port, protocol };
  });
  return {
    addressType: endpoints.some((endpoint) => addressOf(endpoint).includes(':')) ? 'IPv6' : 'IPv4',
    ports: slicePorts,
    endpoints: endpoints.map((endpoint) => {
      if (typeof endpoint === 'string') return { addresses: [endpoint], conditions: { ready: true } };
      const { address, ready = true, zone } = endpoint;
      // Not ready is not the same as going away, which Kubernetes assumes when nothing is said.
      const conditions = ready ? { ready } : { ready, serving: false, terminating: false };
      return compact({ addresses: [address], conditions, zone });
    }),
  };
}

function addressOf(endpoint: RegistryEndpoint): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.address;
}

/** The pods of a workload, as those of a Deployment of its name. */
function podsOf(workload: RegistryWorkload, namespace: string, document: SourceDocument, path: Path): Resource[] {
  const { name, addresses, locality, network } = workload;
  const labels: Labels = {
    ...(workload.labels ?? { app: name }),
    ...(workload.sidecar !== undefined && { 'sidecar.istio.io/inject': String(workload.sidecar) }),
    ...(network !== undefined && { 'topology.istio.io/network': network }),
  };
  const annotations: Labels = {
    ...workload.annotations,
    ...(workload.gateway === true && { 'inject.istio.io/templates': 'gateway' }),
  };
  const ports = (workload.ports ?? []).map((port) => {
    const { name: portName, port: containerPort, protocol = 'TCP' } = typeof port === 'number' ? { port } : port;
    return compact({ name: portName, containerPort, protocol });
  });
  const spec: PodSpec = compact({
    containers: [{ name, ports }],
    serviceAccountName: workload.serviceAccount,
    nodeName: locality === undefined ? undefined : nodeName(locality),
  });
  const count = workload.replicas ?? addresses?.length ?? 1;
  return Array.from({ length: count }, (_, index) => {
    const status: PodStatus = compact({
      podIP: addresses?.[index],
      conditions: workload.ready === false ? [{ type: 'Ready', status: 'False' }] : undefined,
    });
    return base(
      {
        kind: 'Pod',
        group: '',
        name: `${name}-${index}`,
        namespace,
        labels,
        annotations,
        generateName: `${name}-`,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, controller: true }],
        spec,
        ...(Object.keys(status).length > 0 && { status }),
      },
      document,
      path,
      placeInWorkload(index),
    );
  });
}

function localities(workloads: readonly RegistryWorkload[]): string[] {
  return [...new Set(workloads.map(({ locality }) => locality).filter((locality) => locality !== undefined))];
}

function nodeName(locality: string): string {
  return locality.replaceAll('/', '.');
}

/** A place is where a node is: pods of a locality run on a node of its own. */
function node(locality: string, document: SourceDocument): Resource {
  const [region = '', zone, subzone] = locality.split('/');
  const labels = compact({
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
    'topology.istio.io/subzone': subzone,
  });
  return base(
    { kind: 'Node', group: '', name: nodeName(locality), namespace: '', labels, spec: {} },
    document,
    ['workloads'],
    () => [],
  );
}
