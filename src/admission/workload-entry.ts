import type { WorkloadEntry } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import { fullNameProblem, isDnsLabel, UNIX_PREFIX, unixAddressProblem } from './hosts.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkPort } from './numbers.ts';

/** A WorkloadEntry; istio pkg/config/validation/validation.go ValidateWorkloadEntry. */
export function* checkWorkloadEntry({ spec }: ResourceOf<'WorkloadEntry'>): Findings {
  yield* checkWorkloadSpec(['spec'], spec, { allowsNames: true });
}

/** What surrounds a workload. */
export interface WorkloadContext {
  /** The ports of the service entry whose endpoint it is. */
  readonly servicePorts?: ReadonlySet<string>;
  /** Whether its address can be a name. */
  readonly allowsNames: boolean;
}

/** A workload by itself, or as an endpoint of a service entry; istio validateWorkloadEntry. */
export function* checkWorkloadSpec(path: Path, workload: WorkloadEntry, context: WorkloadContext): Findings {
  const { address = '', network = '', ports = {} } = workload;
  const { servicePorts, allowsNames } = context;
  const at = [...path, 'address'];
  if (address === '' && network === '') {
    yield error(at, 'address is required');
    return;
  }
  if (address === '') yield warning(at, `address is unset with network ${quote(network)}`);
  const isSocket = address.startsWith(UNIX_PREFIX);
  if (isSocket) {
    yield* errorIf(at, unixAddressProblem(address.slice(UNIX_PREFIX.length)));
    if (Object.keys(ports).length > 0) yield error([...path, 'ports'], `unix endpoint ${address} must not include ports`);
  } else if (address !== '' && !isIpAddress(address)) {
    if (!allowsNames) yield error(at, `endpoint address ${quote(address)} is not a valid IP address`);
    else if (fullNameProblem(address) !== undefined)
      yield error(at, `endpoint address ${quote(address)} is not a valid FQDN or an IP address`);
  }
  yield* checkEndpointPorts([...path, 'ports'], ports, servicePorts);
  yield* checkWorkloadLabels([...path, 'labels'], workload.labels);
  if (isSocket && servicePorts !== undefined && servicePorts.size !== 1)
    yield error(at, 'exactly 1 service port required for unix endpoints');
}

/** The ports of an endpoint, by the names of the ports of the service. */
export function* checkEndpointPorts(
  path: Path,
  ports: Readonly<Record<string, number>> | undefined,
  servicePorts: ReadonlySet<string> | undefined,
): Findings {
  for (const [name, port] of Object.entries(ports ?? {})) {
    const at = [...path, name];
    if (servicePorts !== undefined && !servicePorts.has(name))
      yield error(at, `endpoint port ${port} is not defined by the service entry`);
    if (!isDnsLabel(name)) yield error(at, `invalid port name: ${name}`);
    yield* checkPort(at, port);
  }
}
