import type { ServiceEntry, ServiceEntryResolution, ServicePort, WorkloadEntry } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { isHttp, isTcp, isTls, parseProtocol } from '../model/protocol.ts';
import { allocatesAddresses } from '../model/registry/address-allocation.ts';
import { isWildcard } from '../model/traffic/host.ts';
import type { Behaviours } from '../releases/release.ts';
import { USE_WAYPOINT } from '../resource/ambient-labels.ts';
import type { Labels, ResourceOf } from '../resource/resource.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import { fullNameProblem, isDnsLabel, partialWildcardProblem, subnetProblem, wildcardNameProblem } from './hosts.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkPort } from './numbers.ts';
import { checkExportTo, checkWorkloadSelector } from './references.ts';
import { protocolProblem } from './sidecar.ts';
import { checkEndpointPorts, checkWorkloadSpec } from './workload-entry.ts';

/** A ServiceEntry; istio pkg/config/validation/validation.go ValidateServiceEntry. */
export function* checkServiceEntry({ spec, labels, namespace }: ResourceOf<'ServiceEntry'>, behaviours: Behaviours): Findings {
  const { hosts = [], addresses = [], ports = [], endpoints = [], resolution = 'NONE' } = spec;
  const selector = checkWorkloadSelector(spec.workloadSelector, 'service entry');
  yield* selector;
  if (selector.some(({ severity }) => severity === 'error')) return;
  if (spec.workloadSelector !== undefined && endpoints.length > 0)
    yield error(['spec', 'workloadSelector'], 'only one of WorkloadSelector or Endpoints is allowed in Service Entry');
  yield* checkHosts(hosts, resolution);
  for (const [index, address] of addresses.entries()) yield* errorIf(['spec', 'addresses', index], subnetProblem(address));
  const range = addresses.findIndex((address) => address.includes('/'));
  if (range !== -1 && resolution !== 'NONE' && resolution !== 'STATIC')
    yield error(['spec', 'addresses', range], 'CIDR addresses are allowed only for NONE/STATIC resolution types');
  yield* checkPorts(ports, addresses.length === 0 && !allocatesAddresses(spec, labels));
  yield* checkResolution(spec, labels, behaviours);
  const opaque = ports.findIndex(({ protocol = '' }) => {
    const parsed = parseProtocol(protocol);
    return !isHttp(parsed) && !isTls(parsed);
  });
  if (resolution !== 'NONE' && hosts.length > 1 && opaque !== -1)
    yield error(['spec', 'ports', opaque], 'multiple hosts provided with non-HTTP, non-TLS ports');
  yield* checkExportTo(spec.exportTo, namespace, 'service-entry');
}

function* checkHosts(hosts: readonly string[], resolution: ServiceEntryResolution): Findings {
  if (hosts.length === 0) yield error(['spec', 'hosts'], 'service entry must have at least one host');
  for (const [index, host] of hosts.entries()) {
    const path = ['spec', 'hosts', index];
    if (host === '*') {
      yield error(path, 'invalid host *');
      continue;
    }
    yield* errorIf(path, wildcardNameProblem(host));
    const partial = resolution === 'DYNAMIC_DNS' ? undefined : partialWildcardProblem(host);
    if (partial !== undefined) yield warning(path, partial);
  }
}

function* checkPorts(ports: readonly ServicePort[], lacksAddresses: boolean): Findings {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [index, { name = '', number = 0, targetPort = 0, protocol = '' }] of ports.entries()) {
    const path = ['spec', 'ports', index];
    if (names.has(name)) yield error([...path, 'name'], `service entry port name ${quote(name)} already defined`);
    if (numbers.has(number)) yield error([...path, 'number'], `service entry port ${number} already defined`);
    names.add(name);
    numbers.add(number);
    if (targetPort !== 0) yield* checkPort([...path, 'targetPort'], targetPort);
    if (lacksAddresses && (protocol === '' || protocol === 'TCP'))
      yield warning(
        path,
        'addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
      );
    if (!isDnsLabel(name)) yield error([...path, 'name'], `invalid port name: ${name}`);
    yield* errorIf([...path, 'protocol'], protocolProblem(protocol));
    yield* checkPort([...path, 'number'], number);
  }
}

/** What each way of finding endpoints asks for. */
function* checkResolution(spec: ServiceEntry, labels: Labels, behaviours: Behaviours): Findings {
  const { endpoints = [], resolution = 'NONE', ports = [] } = spec;
  switch (resolution) {
    case 'NONE':
      if (endpoints.length > 0) yield error(['spec', 'endpoints'], 'no endpoints should be provided for resolution type none');
      if (spec.workloadSelector !== undefined)
        yield warning(['spec', 'workloadSelector'], 'workloadSelector should not be set when resolution mode is NONE');
      return;
    case 'STATIC': {
      const servicePorts = new Set(ports.map(({ name = '' }) => name));
      for (const [index, endpoint] of endpoints.entries())
        yield* checkWorkloadSpec(['spec', 'endpoints', index], endpoint, { servicePorts, allowsNames: false });
      return;
    }
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      yield* checkDns(spec, resolution);
      return;
    case 'DYNAMIC_DNS':
      yield* checkDynamicDns(spec, labels, behaviours);
      return;
    default:
      yield error(['spec', 'resolution'], 'unsupported resolution type ');
  }
}

function* checkDns(spec: ServiceEntry, resolution: 'DNS' | 'DNS_ROUND_ROBIN'): Findings {
  const { hosts = [], endpoints = [], addresses = [], ports = [] } = spec;
  const unresolvable = endpoints.length === 0 ? hosts.findIndex((host) => fullNameProblem(host) !== undefined) : -1;
  if (unresolvable !== -1) {
    const rule = 'hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode';
    yield error(['spec', 'hosts', unresolvable], `${rule} ${resolution}, ${fullNameProblem(hosts[unresolvable] ?? '')}`);
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    yield error(['spec', 'endpoints'], `there must only be 0 or 1 endpoint for resolution mode ${resolution}`);
  const servicePorts = new Set(ports.map(({ name = '' }) => name));
  for (const [index, endpoint] of endpoints.entries())
    yield* checkDnsEndpoint(['spec', 'endpoints', index], endpoint, servicePorts);
  if (addresses.length > 0 && hosts.length > 1 && ports.some(({ protocol = '' }) => isTcp(parseProtocol(protocol))))
    yield warning(
      ['spec', 'hosts'],
      'service entry can not have more than one host specified simultaneously with address and tcp port',
    );
}

function* checkDnsEndpoint(path: Path, endpoint: WorkloadEntry, servicePorts: ReadonlySet<string>): Findings {
  const { address = '' } = endpoint;
  if (!isIpAddress(address) && fullNameProblem(address) !== undefined)
    yield error([...path, 'address'], `endpoint address ${quote(address)} is not a valid FQDN or an IP address`);
  yield* checkWorkloadLabels([...path, 'labels'], endpoint.labels);
  yield* checkEndpointPorts([...path, 'ports'], endpoint.ports, servicePorts);
}

function* checkDynamicDns(spec: ServiceEntry, labels: Labels, { dynamicDnsForSidecars }: Behaviours): Findings {
  const { hosts = [], addresses = [], endpoints = [], ports = [], location = 'MESH_EXTERNAL' } = spec;
  const resolution = 'DYNAMIC_DNS';
  if (hosts.length === 0)
    yield error(['spec', 'hosts'], `at least one wildcard host must be provided for resolution type ${resolution}`);
  for (const [index, host] of hosts.entries())
    if (!isWildcard(host)) yield error(['spec', 'hosts', index], `host must be wildcarded for resolution mode ${resolution}`);
  const cannotBeSet = `cannot be set for resolution type ${resolution}`;
  if (addresses.length > 0) {
    const message = `addresses ${cannotBeSet}`;
    const istio = `${message}. HTTP route domains will only be generatedfrom the hosts field values`;
    yield error(['spec', 'addresses'], message, istio);
  }
  if (endpoints.length > 0) {
    const message = `endpoints ${cannotBeSet}`;
    yield error(['spec', 'endpoints'], message, `${message}. Destination IP address determined from hostsfield values`);
  }
  const protocols = dynamicDnsForSidecars ? ['HTTP', 'TLS', 'GRPC', 'HTTP2'] : ['HTTP', 'TLS'];
  const rule = dynamicDnsForSidecars
    ? 'only HTTP, TLS, GRPC, and HTTP2 protocols are supported'
    : 'only HTTP and TLS protocol is supported';
  for (const [index, { protocol = '' }] of ports.entries())
    if (!protocols.includes(parseProtocol(protocol)))
      yield error(['spec', 'ports', index, 'protocol'], `${rule} for resolution type ${resolution}`);
  if (!dynamicDnsForSidecars) {
    if (location !== 'MESH_EXTERNAL')
      yield error(['spec', 'location'], `location must be MESH_EXTERNAL for resolution type ${resolution}`);
    return;
  }
  if (location !== 'MESH_EXTERNAL' && location !== 'MESH_INTERNAL')
    yield error(['spec', 'location'], `location must be MESH_EXTERNAL or MESH_INTERNAL for resolution type ${resolution}`);
  const waypoint = labels[USE_WAYPOINT] ?? '';
  if (location === 'MESH_INTERNAL' && waypoint !== '' && waypoint.toLowerCase() !== 'none')
    yield error(
      ['spec', 'location'],
      `location MESH_INTERNAL with resolution type ${resolution} is not supported when using waypoints`,
    );
}
