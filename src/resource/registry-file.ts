import type { z } from 'zod';
import type { EndpointSliceObject, KubernetesServicePort, PodSpec, PodStatus, ServiceSpec } from '../api/kubernetes.ts';
import { invalidValue, missingField, unknownField, wrongType } from '../diagnostics/catalog.ts';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { nearestNames } from '../util/nearest.ts';
import { compact, own } from '../util/object.ts';
import {
  type RegistryEndpoint,
  type RegistryFile,
  type RegistryService,
  type RegistryServicePort,
  type RegistryWorkload,
  registrySchema,
} from './registry-schema.ts';
import type { Labels, Resource } from './resource.ts';
import { describeValue, formatPath } from './shape.ts';

export interface RegistryOptions {
  /** The namespace of services and workloads that name none. */
  readonly namespace: string;
}

/**
 * The resources that a registry file stands for: Services, their EndpointSlices, Pods, and the Namespaces and Nodes that
 * they need. What is wrong with the file is reported, and nothing of it is used then.
 */
export function decodeRegistry(document: SourceDocument, options: RegistryOptions, report: Report): Resource[] {
  const parsed = registrySchema.safeParse(document.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportIssue(issue, document, report);
    return [];
  }
  const { namespaces = [], services = [], workloads = [] } = parsed.data satisfies RegistryFile;
  return [
    ...namespaces.map(({ name, labels }, index) =>
      base({ kind: 'Namespace', name, namespace: '', labels: { ...labels, 'kubernetes.io/metadata.name': name } }, document, [
        'namespaces',
        index,
      ]),
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

type Draft = Pick<Resource, 'kind' | 'name' | 'namespace'> & Partial<Resource>;

/** A resource that stands at `path` of the registry file. */
function base(draft: Draft, document: SourceDocument, path: Path): Resource {
  return {
    group: '',
    version: 'v1',
    labels: {},
    annotations: {},
    spec: {},
    ...draft,
    document: placedAt(document, path),
  };
}

/** The document as that of an object made from the entry at `path`: fields of the entry keep their places. */
function placedAt(document: SourceDocument, path: Path): SourceDocument {
  return {
    file: document.file,
    index: document.index,
    value: document.value,
    locate([first, ...rest], on) {
      if (first === 'metadata') return document.locate([...path, ...rest], on);
      if (first === 'spec')
        return document.locate([...path, ...(rest[0] === 'containers' ? ['ports', ...rest.slice(3)] : rest)], on);
      return document.locate(path, on);
    },
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
    { kind: 'Service', name, namespace, labels: service.labels ?? {}, annotations: service.annotations ?? {}, spec },
    document,
    path,
  );
  if (endpoints === undefined) return [resource];
  const slice = endpointSlice(endpoints, ports, document, path, report);
  const labels = { 'kubernetes.io/service-name': name };
  const sliceDraft = {
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    name: `${name}-registry`,
    namespace,
    labels,
    spec: slice,
  };
  return [resource, base(sliceDraft, document, [...path, 'endpoints'])];
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
    addressType: 'IPv4',
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
  return base({ kind: 'Node', name: nodeName(locality), namespace: '', labels: labels as Labels }, document, ['workloads']);
}

type Issue = z.core.$ZodIssue;

/** Of the ways in which a value fits none of some alternatives, the one that got farthest. */
function mostTelling(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(
      0,
      ...issues.map((issue) => issue.path.length * 2 + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1)),
    );
  return [...alternatives].sort((a, b) => depth(b) - depth(a))[0] ?? [];
}

function reportIssue(issue: Issue, document: SourceDocument, report: Report, above: Path = []): void {
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  const subject = { location: document.locate(path), path };
  const field = formatPath(path) || 'the registry';
  const value = path.reduce<unknown>(
    (parent, segment) =>
      // Of lists too: an index is a name as any other.
      typeof parent === 'object' && parent !== null ? own(parent as Record<string, unknown>, String(segment)) : undefined,
    document.value,
  );
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const keyPath = [...path, key];
      const known = knownKeys(path);
      report(
        unknownField({ location: document.locate(keyPath, 'key'), path: keyPath }, formatPath(keyPath), nearestNames(key, known)),
      );
    }
  } else if (issue.code === 'invalid_union') {
    for (const inner of mostTelling(issue.errors)) reportIssue(inner, document, report, path);
  } else if (issue.code === 'invalid_type') {
    if (value === undefined) report(missingField(subject, field));
    else report(wrongType(subject, field, expectedTypes[issue.expected] ?? issue.expected, describeValue(value)));
  } else
    report(invalidValue(subject, field, describeValue(value), issue.message.replace(/^Invalid (string|option|input): /, '')));
}

const expectedTypes: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': ['namespaces', 'services', 'workloads'],
  namespaces: ['name', 'labels'],
  services: ['name', 'namespace', 'ports', 'selector', 'endpoints', 'clusterIP', 'externalName', 'labels', 'annotations'],
  'services.ports': ['name', 'port', 'targetPort', 'protocol', 'appProtocol'],
  'services.endpoints': ['address', 'ready', 'zone'],
  workloads: [
    'name',
    'namespace',
    'labels',
    'annotations',
    'replicas',
    'addresses',
    'ports',
    'serviceAccount',
    'sidecar',
    'gateway',
    'ready',
    'locality',
    'network',
  ],
  'workloads.ports': ['name', 'port', 'protocol'],
};

function knownKeys(path: Path): readonly string[] {
  return own(keysAt, path.filter((segment) => typeof segment === 'string').join('.')) ?? [];
}
