import type { Service } from '../../../model/registry/service.ts';
import { podKey } from '../../../trace/data-plane.ts';
import type { TraceRequest } from '../../../trace/outcome.ts';
import { addAll } from '../../../util/collections.ts';
import { parseHostPort } from '../../../util/host-port.ts';
import { isIpAddress } from '../../../util/ip-address.ts';
import { searchedNames, serviceAddressFor, unknownAddress } from '../../../workbench/addresses.ts';
import { schemeOf } from '../../reachability/scheme.ts';
import type { Call, CallRequest, CallSource } from '../call.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import type { ExampleRequests } from '../example-requests.ts';
import type { ObservedCall, ObservedCalls, ObservedClient, ObservedPod } from './observation.ts';

/** What observations come to. */
export interface ResolvedObservations {
  readonly calls: readonly Call[];
  /** Observed calls of clients, or to hosts, that the manifests do not know. */
  readonly unknown: readonly UnknownObservation[];
}

/** Observations that nothing can be made of, by what is not known. */
export interface UnknownObservation {
  readonly file: string;
  /** 'file': what it holds are no calls at all, so that it may be another file than was meant. */
  readonly what: 'client' | 'host' | 'file';
  /** Some names or addresses of it. */
  readonly names: readonly string[];
  /** Calls; of a file without any, lines or series. */
  readonly count: number;
}

/** A path that no longer tells what a client needs: past so many requests to one place, all paths count. */
const MOST_REQUESTS = 100;

/** The calls that observations tell of, over what the mesh is now. What comes through gateways is declared by their routes already. */
export function resolveObservations(
  { file, kind, calls: observations, others }: ObservedCalls,
  ground: Ground,
  examples: ExampleRequests,
): ResolvedObservations {
  if (observations.length === 0) return { calls: [], unknown: [{ file, what: 'file', names: [], count: others }] };
  const calls: Call[] = [];
  const unknown = new Map<UnknownObservation['what'], { readonly names: Set<string>; count: number }>();
  const miss = (what: UnknownObservation['what'], name: string, count: number): void => {
    const known = unknown.get(what) ?? { names: new Set<string>(), count: 0 };
    unknown.set(what, { names: known.names.add(name), count: known.count + count });
  };
  for (const observation of observations) {
    const { client, server, count, place } = observation;
    const callers = callersOf(client, ground);
    if (callers.length === 0) {
      miss('client', client.workload ?? client.pod?.name ?? client.identity ?? client.ip ?? 'unknown', count);
      continue;
    }
    const source: CallSource = { kind, count, place };
    for (const caller of callers.filter((one) => one.kind !== 'gateway')) {
      const found = callsOf(observation, caller, source, ground, examples);
      if (found.length === 0) miss('host', server.hosts[0] ?? server.address?.ip ?? 'unknown', count);
      addAll(calls, found);
    }
  }
  return {
    calls: withoutFloods(calls),
    unknown: [...unknown].map(([what, { names, count }]) => ({ file, what, names: [...names].sort().slice(0, 3), count })),
  };
}

/** The workloads that a client may be: of an identity that several share, all of them. */
function callersOf({ workload, ip, pod: name, identity }: ObservedClient, ground: Ground): readonly CallingWorkload[] {
  const named = workload === undefined ? name && workloadOfPod(name, ground) : ground.workloads.get(workload);
  if (named !== undefined) return [named];
  const pod = ip === undefined ? undefined : ground.dataPlane.podByAddress.get(ip);
  const owner = pod && ground.workloads.get(ground.idOf(pod));
  if (owner !== undefined) return [owner];
  return identity === undefined ? [] : (ground.byIdentity.get(identity) ?? []);
}

/**
 * The workload of a pod of the cluster, whose name is that of the workload with what its controllers add: `name-5d4f8-x2kqp` of a
 * Deployment, `name-x2kqp` and `name-0` of others.
 */
function workloadOfPod({ name, namespace }: ObservedPod, { workloads, dataPlane, idOf }: Ground): CallingWorkload | undefined {
  const isHome = (one: { readonly namespace: string }): boolean => namespace === undefined || one.namespace === namespace;
  const pod = dataPlane.pods.find((one) => one.name === name && isHome(one));
  if (pod !== undefined) return workloads.get(idOf(pod));
  const stems = [name.replace(/-[^-]+-[^-]+$/, ''), name.replace(/-[^-]+$/, '')];
  for (const stem of stems) {
    const found = [...workloads.values()].filter(({ workload }) => workload.workloadName === stem && isHome(workload));
    // Without a namespace, a name of several workloads is that of none.
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

function callsOf(
  { server, request, isHttp }: ObservedCall,
  caller: CallingWorkload,
  source: CallSource,
  ground: Ground,
  examples: ExampleRequests,
): readonly Call[] {
  const found = server.hosts.map((host) => serviceNamed(host, caller, ground)).find((service) => service !== undefined);
  const service = found ?? serviceBehind(server.address?.ip, ground);
  const common = { caller: caller.id, sources: [source] };
  if (service === undefined) {
    const host = server.hosts.find((name) => !isIpAddress(name));
    const port = server.port;
    // What the mesh does not know is passed through, whatever it is.
    if (host === undefined || port === undefined || request === undefined) return [];
    const address = { ip: ground.dataPlane.resolve(host) ?? unknownAddress(caller.pod), port };
    return [{ ...common, host, port, isExact: true, requests: [exactRequest(caller, address, request)] }];
  }
  const ofKind = service.ports.filter((port) => (schemeOf(port) === 'http') === isHttp && port.protocol !== 'UDP');
  const numbered = service.ports.filter(({ port }) => port === server.port);
  const ports = numbered.length > 0 ? numbered : ofKind.length > 0 ? ofKind : service.ports;
  return ports.map((port) => {
    const ip = serviceAddressFor(service, caller.pod);
    const isKnown = request !== undefined && ip !== undefined && numbered.length > 0;
    return {
      ...common,
      host: service.hostname,
      port: port.port,
      isExact: isKnown,
      requests: isKnown ? [exactRequest(caller, { ip, port: port.port }, request)] : examples.to(caller, service, port),
    };
  });
}

/** The service that a client means by a name, as its resolver searches, or that has the address. */
function serviceNamed(host: string, { workload }: CallingWorkload, { bench: { mesh } }: Ground): Service | undefined {
  const { registry, domainSuffix } = mesh;
  if (isIpAddress(host)) return registry.services.find(({ addresses }) => addresses.includes(host));
  const bare = parseHostPort(host)?.host.toLowerCase().replace(/\.$/, '') ?? host;
  for (const name of searchedNames(bare, workload.namespace, domainSuffix)) {
    const services = registry.servicesOf(name);
    const best = services.find(({ namespace }) => namespace === workload.namespace) ?? services[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The service that a pod serves, where it is the only one. */
function serviceBehind(ip: string | undefined, { bench: { mesh } }: Ground): Service | undefined {
  const workload = ip === undefined ? undefined : mesh.registry.workloads.find(({ ips }) => ips.includes(ip));
  const services = new Set(workload === undefined ? [] : mesh.registry.targetsOf(workload).map(({ service }) => service));
  return services.size === 1 ? [...services][0] : undefined;
}

function exactRequest(
  { pod }: CallingWorkload,
  address: { readonly ip: string; readonly port: number },
  { method, path, authority, isHttp2 }: NonNullable<ObservedCall['request']>,
): CallRequest {
  const request: TraceRequest = {
    from: podKey(pod),
    address,
    scheme: 'http',
    ...(isHttp2 && { speaks: 'HTTP/2' }),
    method,
    target: path,
    authority,
    headers: [],
    isBrief: true,
  };
  return { method, url: `http://${authority}${path}`, request };
}

/** Of a caller that asks one place for very many things, what it asks for is not a list of what it needs. */
function withoutFloods(calls: readonly Call[]): readonly Call[] {
  const counts = new Map<string, number>();
  const keyOf = ({ caller, host, port }: Call): string => JSON.stringify([caller, host, port]);
  for (const call of calls) counts.set(keyOf(call), (counts.get(keyOf(call)) ?? 0) + 1);
  const kept = new Map<string, number>();
  return calls.flatMap((call) => {
    if (!call.isExact || (counts.get(keyOf(call)) ?? 0) <= MOST_REQUESTS) return [call];
    const number = (kept.get(keyOf(call)) ?? 0) + 1;
    kept.set(keyOf(call), number);
    return number > MOST_REQUESTS ? [] : [{ ...call, isExact: false }];
  });
}
