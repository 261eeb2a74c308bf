import type { ServiceSpec, ServiceStatus } from '../../api/kubernetes.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource.ts';
import { checkAddress, checkDualStack, checkEndpointAddress, parseAddress } from './addresses.ts';
import { dns1123Label, dns1123Subdomain, labelKey, portName, portNumberProblems } from './formats.ts';
import { checkLabels } from './metadata.ts';
import { duplicate, forbidden, invalid, misformed, type Refusal, type Refusals, repeated, together } from './refusal.ts';

/** k8s.io/kubernetes pkg/apis/core/validation validateService, of names, ports and addresses. */
export function checkService({ spec, status }: Pick<ResourceOf<'Service'>, 'spec' | 'status'>): readonly Refusal[] {
  const externalIPs = (spec.externalIPs ?? []).flatMap((address, index) => [
    ...checkAddress(['spec', 'externalIPs', index], address),
    ...checkEndpointAddress(['spec', 'externalIPs', index], address),
  ]);
  return together(
    checkPorts(['spec', 'ports'], spec),
    checkLabels(['spec', 'selector'], spec.selector),
    spec.type === 'ExternalName' ? [...checkExternalName(spec)] : [...checkClusterIPs(spec)],
    externalIPs,
    status === undefined ? [] : [...checkLoadBalancer(status)],
  );
}

function checkPorts(path: Path, spec: ServiceSpec): readonly Refusal[] {
  const ports = spec.ports ?? [];
  const ofEach = ports.flatMap((port, index) => {
    const place = [...path, index];
    return together(
      misformed([...place, 'name'], port.name, dns1123Label),
      checkPortNumber([...place, 'port'], port.port),
      checkPortReference([...place, 'targetPort'], port.targetPort),
      misformed([...place, 'appProtocol'], port.appProtocol, labelKey),
      port.nodePort ? [...checkNodePort([...place, 'nodePort'], port.nodePort, spec.type)] : [],
    );
  });
  return ports.length < 2 ? ofEach : [...ofEach, ...checkRepeatedPorts(path, ports)];
}

function* checkRepeatedPorts(path: Path, ports: NonNullable<ServiceSpec['ports']>): Refusals {
  for (const [index, { name }] of repeated(ports, ({ name }) => name || undefined))
    yield duplicate([...path, index, 'name'], name);
  for (const [index, { nodePort }] of repeated(ports, ({ protocol, nodePort }) =>
    nodePort ? `${protocol}/${nodePort}` : undefined,
  )) {
    yield duplicate([...path, index, 'nodePort'], nodePort);
  }
  for (const [index, { port, protocol }] of repeated(ports, ({ protocol, port }) => `${protocol}/${port}`)) {
    const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    yield duplicate([...path, index], key, `an earlier port of the Service is ${port} with protocol ${protocol} too`);
  }
}

/** The number of a port. */
export function checkPortNumber(path: Path, port: number): readonly Refusal[] {
  return portNumberProblems(port).map((rule) => invalid(path, port, rule));
}

/** A port by number or by name: ValidatePortNumOrName there. */
export function checkPortReference(path: Path, port: number | string | undefined): readonly Refusal[] {
  return typeof port === 'number' ? checkPortNumber(path, port) : misformed(path, port, portName);
}

/** Which ports a node has to give away is a flag of the API server; what is no port at all is in no range. */
function* checkNodePort(path: Path, port: number, type: ServiceSpec['type']): Refusals {
  if (type === 'ClusterIP') yield forbidden(path, "may not be used when `type` is 'ClusterIP'");
  if (portNumberProblems(port).length === 0) return;
  yield invalid(path, port, 'provided port is not in the valid range. The range of valid ports is 30000-32767');
}

function* checkExternalName({ clusterIP, clusterIPs = [], externalName }: ServiceSpec): Refusals {
  if (clusterIP || clusterIPs.length > 0) yield forbidden(['spec', 'clusterIPs'], 'may not be set for ExternalName services');
  yield* misformed(['spec', 'externalName'], externalName?.replace(/\.$/, ''), dns1123Subdomain);
}

/** ValidateServiceClusterIPsRelatedFields there. `clusterIP` alone stands for a list of one. */
function* checkClusterIPs({ type, clusterIP = '', clusterIPs = [] }: ServiceSpec): Refusals {
  if (clusterIP === '' && clusterIPs.length === 0) return;
  const path = ['spec', 'clusterIPs'];
  const addresses = clusterIPs.length > 0 || clusterIP === '' ? clusterIPs : [clusterIP];
  const pathOf = (index: number): Path => (clusterIPs.length > 0 ? [...path, index] : ['spec', 'clusterIP']);
  if (clusterIP === '' && addresses.length > 0) {
    yield invalid(path, addresses, 'must be empty when `clusterIP` is not specified');
  } else if (clusterIP !== '' && addresses[0] !== clusterIP) {
    yield invalid(path, addresses, 'first value must match `clusterIP`');
  }
  for (const [index, address] of addresses.entries()) {
    const field = `spec.clusterIPs[${index}]`;
    if (index > 0 || address !== 'None') yield* checkAddress(pathOf(index), address, { field });
    else if (addresses.length > 1) yield invalid(path, addresses, "'None' must be the first and only value");
    else if (type === 'LoadBalancer' || type === 'NodePort') {
      yield invalid(pathOf(index), address, `may not be set to 'None' for ${type} services`, { field });
    }
  }
  if (addresses.length > 2) yield invalid(path, addresses, 'may only hold up to 2 values');
  yield* checkDualStack(path, addresses);
}

/** ValidateLoadBalancerStatus there. */
function* checkLoadBalancer(status: ServiceStatus | undefined): Refusals {
  for (const [index, { ip, hostname }] of (status?.loadBalancer?.ingress ?? []).entries()) {
    const path = ['status', 'loadBalancer', 'ingress', index];
    if (ip) yield* checkAddress([...path, 'ip'], ip);
    yield* misformed([...path, 'hostname'], hostname, dns1123Subdomain);
    if (hostname && parseAddress(hostname) !== undefined) {
      yield invalid([...path, 'hostname'], hostname, 'must be a DNS name, not an IP address');
    }
  }
}
