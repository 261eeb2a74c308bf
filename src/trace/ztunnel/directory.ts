import type { GatewayMessage, PolicyMessage, ServiceMessage, WorkloadMessage, ZtunnelMessages } from '../../envoy/ztunnel.ts';
import { append } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import type { TracePod } from '../pod.ts';
import { inRange } from '../strings.ts';
import { addressOfBytes, canonicalAddress } from './addresses.ts';

/** A workload as ztunnel knows it. */
export interface DirectoryWorkload {
  readonly uid: string;
  readonly ips: readonly string[];
  readonly network: string;
  /** Whether it is reached through HBONE. */
  readonly isTunnelled: boolean;
  readonly identity: string;
  /** What istiod tells of it; its origin is the resource. */
  readonly message: WorkloadMessage;
}

/** A workload behind a service, with its ports by those of the service. */
export interface DirectoryEndpoint {
  readonly workload: DirectoryWorkload;
  readonly ports: ReadonlyMap<number, number>;
}

/** A service as ztunnel knows it. */
export interface DirectoryService {
  readonly namespace: string;
  readonly hostname: string;
  /** Its addresses; ranges of them are in the message. */
  readonly vips: readonly string[];
  /** Target ports by its ports; 0 where each endpoint says its own. */
  readonly ports: ReadonlyMap<number, number>;
  readonly endpoints: readonly DirectoryEndpoint[];
  readonly message: ServiceMessage;
}

/** What names a pod. */
type Named = Pick<TracePod, 'namespace' | 'name'>;

/** What every ztunnel knows, to be looked up. As ztunnel src/state.rs ProxyState. */
export interface ZtunnelDirectory {
  readonly services: readonly DirectoryService[];
  /** The workload of a pod. */
  workloadOf(pod: Named): DirectoryWorkload | undefined;
  /** The workload of a pod that ztunnel stands before: what leaves and enters it goes through ztunnel. */
  captured(pod: Named): DirectoryWorkload | undefined;
  workloadAt(ip: string, network: string): DirectoryWorkload | undefined;
  /** The service of an address: one of the client's namespace before others, then the canonical one. */
  serviceAt(ip: string, network: string, namespace: string | undefined): DirectoryService | undefined;
  serviceNamed(hostname: string, namespace: string): DirectoryService | undefined;
  /** The best service of a host for a client. */
  serviceFor(hostname: string, namespace: string): DirectoryService | undefined;
  /** The service or workload behind which a waypoint is. */
  gateway(
    address: GatewayMessage,
    network: string,
  ): { readonly service?: DirectoryService; readonly workload?: DirectoryWorkload } | undefined;
  /** Policies that hold for a workload: of its namespace, of the mesh, its own. */
  policiesOf(workload: DirectoryWorkload): readonly PolicyMessage[];
}

/** Indexes what istiod tells ztunnel. */
export function indexDirectory({ addresses, policies }: ZtunnelMessages): ZtunnelDirectory {
  const workloads = addresses.flatMap(({ workload }) => (workload === undefined ? [] : [readWorkload(workload)]));
  const endpoints = new Map<string, DirectoryEndpoint[]>();
  for (const workload of workloads) {
    for (const [key, { ports = [] }] of Object.entries(workload.message.services ?? {})) {
      append(endpoints, key, { workload, ports: portMap(ports) });
    }
  }
  const services = addresses.flatMap(({ service }) => (service === undefined ? [] : [readService(service, endpoints)]));
  const byAddress = new Map<string, DirectoryWorkload[]>();
  const byPod = new Map<string, DirectoryWorkload>();
  for (const workload of workloads) {
    const { uid, message } = workload;
    if (isPod(uid)) byPod.set(`${message.namespace}/${message.name}`, workload);
    if (message.networkMode === 'HOST_NETWORK') continue;
    for (const ip of workload.ips) append(byAddress, `${workload.network} ${ip}`, workload);
  }
  const byVip = new Map<string, DirectoryService[]>();
  const byHost = new Map<string, DirectoryService[]>();
  const ranges: { readonly network: string; readonly range: Range; readonly service: DirectoryService }[] = [];
  for (const service of services) {
    append(byHost, service.hostname, service);
    for (const { network = '', address = '', length } of service.message.addresses ?? []) {
      const ip = addressOfBytes(address);
      if (isWhole(address, length)) append(byVip, `${network} ${ip}`, service);
      else ranges.push({ network, range: { addressPrefix: ip, prefixLen: length ?? 0 }, service });
    }
  }
  const byName = new Map(policies.map((policy) => [`${policy.namespace}/${policy.name}`, policy]));
  const ofNamespace = new Map<string, PolicyMessage[]>();
  for (const policy of policies) {
    if (policy.scope === 'NAMESPACE') append(ofNamespace, policy.namespace ?? '', policy);
    else if (policy.scope !== 'WORKLOAD_SELECTOR') append(ofNamespace, MESH, policy);
  }
  const directory: ZtunnelDirectory = {
    services,
    workloadOf: ({ namespace, name }) => byPod.get(`${namespace}/${name}`),
    captured(pod) {
      const workload = directory.workloadOf(pod);
      return workload?.isTunnelled === true && workload.message.nativeTunnel !== true ? workload : undefined;
    },
    workloadAt: (ip, network) => mostLikely(byAddress.get(`${network} ${canonicalAddress(ip)}`) ?? []),
    serviceAt(ip, network, namespace) {
      const exact = byVip.get(`${network} ${canonicalAddress(ip)}`);
      if (exact !== undefined) return best(exact, namespace);
      return widest(
        ranges.filter((known) => known.network === network && inRange(known.range, ip)),
        namespace,
      );
    },
    serviceNamed: (hostname, namespace) => byHost.get(hostname)?.find((service) => service.namespace === namespace),
    serviceFor: (hostname, namespace) => best(byHost.get(hostname) ?? [], namespace),
    gateway({ hostname: named, address }, network) {
      if (address !== undefined) {
        const ip = addressOfBytes(address.address ?? '');
        const service = directory.serviceAt(ip, address.network ?? network, undefined);
        if (service !== undefined) return { service };
        const workload = directory.workloadAt(ip, address.network ?? network);
        return workload && { workload };
      }
      const { hostname = '', namespace = '' } = named ?? {};
      const service = directory.serviceNamed(hostname, namespace);
      if (service !== undefined) return { service };
      const workload = workloads.find(({ message }) => message.hostname === hostname && message.namespace === namespace);
      return workload && { workload };
    },
    policiesOf: memo(({ message: { namespace = '', authorizationPolicies = [] } }: DirectoryWorkload) => [
      ...(ofNamespace.get(namespace) ?? []),
      ...(ofNamespace.get(MESH) ?? []),
      ...authorizationPolicies.flatMap((name) => byName.get(name) ?? []),
    ]),
  };
  return directory;
}

/** No namespace has this name. */
const MESH = '';

/** A range of addresses. */
interface Range {
  readonly addressPrefix: string;
  readonly prefixLen: number;
}

function isPod(uid: string): boolean {
  return uid.includes('//Pod/');
}

function readWorkload(message: WorkloadMessage): DirectoryWorkload {
  const { uid = '', addresses = [], network = '', namespace = '', trustDomain, serviceAccount } = message;
  return {
    uid,
    ips: addresses.map(addressOfBytes),
    network,
    isTunnelled: message.tunnelProtocol === 'HBONE',
    identity: `spiffe://${trustDomain || 'cluster.local'}/ns/${namespace}/sa/${serviceAccount || 'default'}`,
    message,
  };
}

/** Only healthy workloads stand behind a service, unless it takes all. As ztunnel src/state/service.rs should_include_endpoint. */
function readService(message: ServiceMessage, endpoints: ReadonlyMap<string, readonly DirectoryEndpoint[]>): DirectoryService {
  const { namespace = '', hostname = '', loadBalancing } = message;
  const takesAll = loadBalancing?.healthPolicy === 'ALLOW_ALL';
  return {
    namespace,
    hostname,
    vips: (message.addresses ?? []).flatMap(({ address = '', length }) =>
      isWhole(address, length) ? [addressOfBytes(address)] : [],
    ),
    ports: portMap(message.ports ?? []),
    endpoints: (endpoints.get(`${namespace}/${hostname}`) ?? []).filter(
      ({ workload }) => takesAll || workload.message.status !== 'UNHEALTHY',
    ),
    message,
  };
}

/** Whether a length is that of a single address. */
function isWhole(address: string, length: number | undefined): boolean {
  return length === undefined || length === (addressOfBytes(address).includes(':') ? 128 : 32);
}

function portMap(ports: NonNullable<ServiceMessage['ports']>): ReadonlyMap<number, number> {
  return new Map(ports.map(({ servicePort = 0, targetPort = 0 }) => [servicePort, targetPort]));
}

/** Of several with one address: pods before others, what is in the mesh before what is not. As WorkloadByAddr. */
function mostLikely(workloads: readonly DirectoryWorkload[]): DirectoryWorkload | undefined {
  const rank = ({ uid, isTunnelled }: DirectoryWorkload): number => (isPod(uid) ? 2 : 0) + (isTunnelled ? 1 : 0);
  return workloads.reduce<DirectoryWorkload | undefined>(
    (found, workload) => (found === undefined || rank(workload) >= rank(found) ? workload : found),
    undefined,
  );
}

/** As ztunnel ServiceMatch::find_best_match. */
function best(services: readonly DirectoryService[], namespace: string | undefined): DirectoryService | undefined {
  return (
    services.find((service) => service.namespace === namespace) ??
    services.find(({ message }) => message.canonical === true) ??
    services[0]
  );
}

/** A range of a service of the client's namespace before others, then the longest, then that of the canonical service. */
function widest(
  candidates: readonly { readonly range: Range; readonly service: DirectoryService }[],
  namespace: string | undefined,
): DirectoryService | undefined {
  const rank = ({ range, service }: (typeof candidates)[number]): readonly number[] => [
    Number(service.namespace === namespace),
    range.prefixLen,
    Number(service.message.canonical === true),
  ];
  const [first] = [...candidates].sort((a, b) => {
    const [ofA, ofB] = [rank(a), rank(b)];
    const at = ofA.findIndex((value, index) => value !== ofB[index]);
    return (ofB[at] ?? 0) - (ofA[at] ?? 0);
  });
  return first?.service;
}
