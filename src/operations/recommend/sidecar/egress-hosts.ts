import { UserError } from '../../../diagnostics/user-error.ts';
import type { Proxy } from '../../../model/proxies/proxy.ts';
import type { Service } from '../../../model/registry/service.ts';
import { compareBySpecificity, hostCovers, hostsOverlap, isWildcard } from '../../../model/traffic/host.ts';
import { podKey } from '../../../trace/data-plane.ts';
import { addAll } from '../../../util/collections.ts';
import { isIpAddress } from '../../../util/ip-address.ts';
import { compareText } from '../../../util/text.ts';
import { resolveHost } from '../../../workbench/addresses.ts';
import { parseRequestUrl } from '../../../workbench/request-url.ts';
import type { Call, CallSource } from '../call.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import { clustersOfFilters } from '../filter-clusters.ts';
import { clientPathOf, type FollowedCall, type FollowedRequest, followCalls } from '../follow-calls.ts';

/** Why a Sidecar has to import a host. */
export type HostReason =
  | { readonly kind: 'call'; readonly port: number; readonly source: CallSource }
  /** A VirtualService, `namespace/name`, has routes for a host that is called. */
  | { readonly kind: 'routes'; readonly virtualService: string }
  /** A filter of the proxy (an authorizer, a tracer) sends to the port itself. */
  | { readonly kind: 'filter'; readonly port: number };

/** A host that a Sidecar has to import, as `egress.hosts` writes it. */
export interface EgressHost {
  readonly entry: string;
  readonly reasons: readonly HostReason[];
}

/** What a workload needs, and all calls that were followed for it: where answers send its client, too. */
export interface WorkloadNeeds {
  readonly hosts: readonly EgressHost[];
  readonly calls: readonly FollowedCall[];
}

/** So many times a client is sent on. */
const MOST_REDIRECTS = 3;

/** The hosts that a workload has to import for its calls to end as they do, and for the filters of its proxy. */
export function needsOf(caller: CallingWorkload, proxy: Proxy, calls: readonly FollowedCall[], ground: Ground): WorkloadNeeds {
  const followed = [...calls];
  let latest = calls;
  for (let round = 0; round < MOST_REDIRECTS && latest.length > 0; round++) {
    const known = new Set(followed.flatMap(({ requests }) => requests.map(({ request }) => request.url)));
    latest = followCalls(
      latest.flatMap((call) => redirectsOf(call, caller, ground)).filter(({ requests: [first] }) => !known.has(first?.url ?? '')),
      ground,
    );
    addAll(followed, latest);
  }
  const reasons = new Map<string, Map<string, HostReason>>();
  const need = (namespace: string, host: string, reason: HostReason): void => {
    const entry = `${namespace === proxy.namespace ? '.' : namespace}/${host}`;
    const known = reasons.get(entry) ?? new Map<string, HostReason>();
    reasons.set(entry, known.set(JSON.stringify(reason), reason));
  };
  const { scope } = ground.bench.session.view(proxy);
  const virtualServices = scope.egressListeners.flatMap((listener) => listener.virtualServices);
  // What only routes lead to has clusters and no routes of its own: a call to its name is one to a host that the proxy does not know.
  const imported = new Map(scope.egressListeners.flatMap(({ services }) => services.map((one) => [one.hostname, one] as const)));
  const wildcards = [...imported.values()]
    .filter(({ hostname }) => isWildcard(hostname))
    .sort((a, b) => compareBySpecificity(a.hostname, b.hostname));
  const covering = (host: string): Service | undefined => wildcards.find(({ hostname }) => hostCovers(hostname, host));
  const importHost = (host: string, reason: HostReason): void => {
    const service = reason.kind === 'filter' ? scope.serviceByHostname(host) : (imported.get(host) ?? covering(host));
    if (service !== undefined) need(service.namespace, service.hostname, reason);
    for (const { spec, namespace, name } of virtualServices) {
      if (namespace === service?.namespace || !(spec.hosts ?? []).some((one) => hostsOverlap(one, host))) continue;
      need(namespace, host, { kind: 'routes', virtualService: `${namespace}/${name}` });
    }
  };
  for (const { call, requests } of followed) {
    const met = requests.map((request) => hostsMet(request, call, ground));
    const named = met.flatMap((one) => one.named);
    // What connections are led to comes along with the routes of what is called, unless nothing is known of that.
    const isKnown = named.some((host) => imported.has(host) || covering(host) !== undefined);
    const hosts = new Set(isKnown ? named : [...named, ...met.flatMap((one) => one.ledTo)]);
    for (const host of hosts) for (const source of call.sources) importHost(host, { kind: 'call', port: call.port, source });
  }
  const snapshot = ground.dataPlane.snapshotOf(caller.pod);
  for (const cluster of snapshot === undefined ? [] : clustersOfFilters(snapshot)) {
    const [, port, , host = ''] = cluster.split('|');
    importHost(host, { kind: 'filter', port: Number(port) });
  }
  const hosts = [...reasons].map(([entry, why]): EgressHost => ({ entry, reasons: [...why.values()] }));
  return { hosts: hosts.sort((a, b) => compareText(a.entry, b.entry)), calls: followed };
}

/** The hosts by which a proxy knows a request: that which is called, that of the address, that of its routes; and what it is led to. */
function hostsMet(
  { request: { request }, outcomes }: FollowedRequest,
  call: Call,
  { bench: { mesh } }: Ground,
): { readonly named: readonly string[]; readonly ledTo: readonly string[] } {
  const { address } = request;
  const atAddress =
    'ip' in address
      ? mesh.registry.services.filter(({ addresses }) => addresses.includes(address.ip)).map(({ hostname }) => hostname)
      : [];
  const paths = outcomes.flatMap((outcome) => clientPathOf(outcome, request.from) ?? []);
  const ofRoutes = paths.flatMap(({ virtualHost }) => virtualHost?.name.replace(/:\d+$/, '') ?? []);
  const ledTo = paths.flatMap(({ virtualHost, clusters }) =>
    virtualHost === undefined ? clusters.flatMap((name) => name.split('|')[3] ?? []) : [],
  );
  const isName = (host: string): boolean => host !== '' && !isIpAddress(host);
  return { named: [call.host, ...atAddress, ...ofRoutes].filter(isName), ledTo: ledTo.filter(isName) };
}

/** The calls to which the answers of a call send its client. */
function redirectsOf(
  { call, requests }: FollowedCall,
  { pod }: CallingWorkload,
  { bench: { mesh }, dataPlane }: Ground,
): readonly Call[] {
  const locations = requests.flatMap(({ outcomes, request: { url } }) =>
    outcomes.flatMap(({ status, headers }) => {
      const location =
        status >= 300 && status < 400 ? headers.find(([name]) => name.toLowerCase() === 'location')?.[1] : undefined;
      return location === undefined ? [] : [{ location, from: url }];
    }),
  );
  return locations.flatMap(({ location, from }): readonly Call[] => {
    const url = urlOf(location);
    if (url === undefined) return [];
    const { host, scheme, port, target } = url;
    const address = resolveHost(host, port, pod, mesh, dataPlane);
    const [authority = ''] = location.slice(location.indexOf('://') + 3).split(/[/?#]/, 1);
    const request = {
      from: podKey(pod),
      address,
      scheme,
      method: 'GET',
      target,
      authority,
      headers: [],
      serverName: host,
      isBrief: true,
    };
    return [
      {
        caller: call.caller,
        host,
        port,
        isExact: true,
        requests: [{ method: 'GET', url: location, request }],
        sources: [{ kind: 'redirect', from }],
      },
    ];
  });
}

function urlOf(
  location: string,
): { readonly host: string; readonly scheme: 'http' | 'https'; readonly port: number; readonly target: string } | undefined {
  try {
    const { host, scheme, port, target } = parseRequestUrl(location);
    if (scheme !== 'http' && scheme !== 'https') return undefined;
    return { host, scheme, port: port ?? (scheme === 'https' ? 443 : 80), target };
  } catch (error) {
    // A path on the same host is no other call.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
