import type { Container, PodSpec, PodStatus, PodTemplate, Probe } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource.ts';
import { checkAddress, checkDualStack } from './addresses.ts';
import { dns1123Label, dns1123Subdomain, environmentVariableName, portName } from './formats.ts';
import { checkAnnotations, checkLabelSelector, checkLabels } from './metadata.ts';
import { duplicate, misformed, type Refusals, repeated, requiredValue } from './refusal.ts';
import { checkPortNumber, checkPortReference } from './service.ts';

/** k8s.io/kubernetes pkg/apis/core/validation ValidatePod and ValidatePodStatusUpdate, of names, ports and addresses. */
export function* checkPod({ spec, status }: Pick<ResourceOf<'Pod'>, 'spec' | 'status'>): Refusals {
  yield* checkPodSpec(['spec'], spec);
  yield* checkPodStatus(status);
}

/** Deployment, StatefulSet, DaemonSet and ReplicaSet: pkg/apis/apps/validation there. */
export function* checkWorkload({
  spec,
}: Pick<ResourceOf<'DaemonSet' | 'Deployment' | 'ReplicaSet' | 'StatefulSet'>, 'spec'>): Refusals {
  yield* checkLabelSelector(['spec', 'selector'], spec.selector);
  yield* checkPodTemplate(['spec', 'template'], spec.template);
}

/** pkg/apis/batch/validation there. */
export function* checkJob({ spec }: ResourceOf<'Job'>): Refusals {
  yield* checkPodTemplate(['spec', 'template'], spec.template);
}

/** ValidatePodTemplateSpec there; it leaves `metadata` out of its paths. */
function* checkPodTemplate(path: Path, template: PodTemplate | undefined): Refusals {
  const { metadata, spec } = template ?? {};
  const field = path.join('.');
  yield* checkLabels([...path, 'metadata', 'labels'], metadata?.labels, `${field}.labels`);
  yield* checkAnnotations([...path, 'metadata', 'annotations'], metadata?.annotations, `${field}.annotations`);
  if (spec !== undefined) yield* checkPodSpec([...path, 'spec'], spec);
}

function* checkPodSpec(path: Path, spec: PodSpec): Refusals {
  const lists = [
    [[...path, 'containers'], spec.containers ?? []],
    [[...path, 'initContainers'], spec.initContainers ?? []],
  ] as const;
  for (const [place, containers] of lists) {
    for (const [index, container] of containers.entries()) {
      yield* checkContainer([...place, index], container);
      // Init containers that end have no probes.
      if (containers === spec.containers || container.restartPolicy === 'Always')
        yield* checkProbes([...place, index], container);
    }
  }
  const all = lists.flatMap(([place, containers]) =>
    containers.map(({ name }, index) => ({ name, path: [...place, index, 'name'] })),
  );
  for (const [, { name, path: place }] of repeated(all, ({ name }) => name || undefined)) yield duplicate(place, name);
  yield* checkLabels([...path, 'nodeSelector'], spec.nodeSelector);
  yield* misformed([...path, 'serviceAccountName'], spec.serviceAccountName, dns1123Subdomain);
  yield* misformed([...path, 'nodeName'], spec.nodeName, dns1123Subdomain);
  yield* misformed([...path, 'hostname'], spec.hostname, dns1123Label);
  yield* misformed([...path, 'subdomain'], spec.subdomain, dns1123Label);
}

/** validateContainerCommon there. Two ports of one number are fine, as they can be for two protocols. */
function* checkContainer(path: Path, { name, ports = [], env = [] }: Container): Refusals {
  yield* misformed([...path, 'name'], name, dns1123Label);
  for (const [index, port] of ports.entries()) {
    const place = [...path, 'ports', index];
    yield* misformed([...place, 'name'], port.name, portName);
    if (port.containerPort === 0) yield requiredValue([...place, 'containerPort']);
    else yield* checkPortNumber([...place, 'containerPort'], port.containerPort);
    if (port.hostPort) yield* checkPortNumber([...place, 'hostPort'], port.hostPort);
  }
  for (const [index, port] of repeated(ports, ({ name = '' }) => (portName(name).length === 0 ? name : undefined))) {
    yield duplicate([...path, 'ports', index, 'name'], port.name);
  }
  for (const [index, variable] of env.entries()) {
    yield* misformed([...path, 'env', index, 'name'], variable.name, environmentVariableName);
  }
}

function* checkProbes(path: Path, container: Container): Refusals {
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    yield* checkProbe([...path, probe], container[probe]);
  }
}

function* checkProbe(path: Path, probe: Probe | undefined): Refusals {
  const { httpGet, tcpSocket, grpc } = probe ?? {};
  if (httpGet !== undefined) yield* checkPortReference([...path, 'httpGet', 'port'], httpGet.port);
  if (tcpSocket !== undefined) yield* checkPortReference([...path, 'tcpSocket', 'port'], tcpSocket.port);
  if (grpc !== undefined) yield* checkPortNumber([...path, 'grpc', 'port'], grpc.port);
}

/** validatePodIPs there. `podIP` alone stands for a list of one. */
function* checkPodStatus(status: PodStatus | undefined): Refusals {
  const { podIP = '', podIPs = [] } = status ?? {};
  if (podIPs.length === 0 && podIP !== '') yield* checkAddress(['status', 'podIP'], podIP, { field: 'status.podIPs[0]' });
  const addresses = podIPs.map(({ ip = '' }) => ip);
  for (const [index, address] of addresses.entries()) {
    yield* checkAddress(['status', 'podIPs', index, 'ip'], address, { field: `status.podIPs[${index}]` });
  }
  yield* checkDualStack(
    ['status', 'podIPs'],
    addresses,
    podIPs.map(({ ip }) => ({ IP: ip })),
  );
}
