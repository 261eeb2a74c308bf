import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Workload } from '../../model/registry/service.ts';
import { isOfAssumedGateway } from '../../resource/assumed-gateway.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { type Sample, samplesOfRoutes } from '../../sample-requests/samples.ts';
import { isForKnown, policyConditionsOf, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { policiesAtWaypoint, routesAtWaypoint, routesBehind } from '../../sample-requests/waypoint.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import { ipOfEndpoint } from '../../trace/host.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { groupBy } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { mapTold, type OnProgress } from '../../util/progress.ts';
import { gatewayNamed } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { isOfWaypoint, waypointBefore } from '../../workbench/waypoint-before.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { createSharing, type Sharing, type Traced } from './alike-callers.ts';
import { attemptsOf, connectionWords, type SentWay, sendSample } from './attempts.ts';
import { type ChainWay, chainWaysOf } from './chain-ways.ts';
import { aboutOf, type Caller, createErrands, type Errands, LIMIT_OF_WAY, type ServedPort } from './errands.ts';
import { createNameJudge, createSampleJudge, type SampledWay } from './exact-samples.ts';
import { createWayExplorer, type ExploreWay } from './explore-way.ts';
import { type Attempt, type ExploredWay, type Graph, type GraphEdge, type GraphNode, type GraphNote, wayOf } from './graph.ts';
import { type Side, sidesOf } from './sides.ts';
import { noteOfStoppedWays } from './stopped-ways.ts';
import { type Parties, type Party, partiesOf } from './workloads.ts';

/** How many ways there are at most, each counted with its servers: about five minutes. */
const LIMIT_OF_GRAPH = 2_000_000;
const OUTSIDE: GraphNode = { id: 'outside', namespace: '', name: 'outside', kind: 'outside', pods: 0 };
/** How the names begin by which proxies of other networks ask gateways for clusters. */
const SNI_OF_CLUSTERS = 'outbound_.';
/** Where the agent of a proxy tells of its health. */
const STATUS_PORT = 15021;

/** Which part of the graph is wanted. */
export interface GraphFilter {
  readonly from?: string;
  readonly to?: string;
  /** The gateway at which requests from outside enter; all unless one is named. */
  readonly gateway?: string;
}

/** An edge, whoever it begins at. */
type Way = Omit<GraphEdge, 'from'>;

/** Who can call whom in a mesh: every workload tries every port of every service, and outside every host of every gateway. */
export function computeGraph(bench: Workbench, filter: GraphFilter = {}, limit: number = LIMIT_OF_GRAPH): Graph {
  return computeGraphAmong([bench], filter, limit);
}

/**
 * The same over several clusters, of which `benches` are over the primaries: also who calls whom from one to another. `onProgress` is
 * told of each caller.
 */
export function computeGraphAmong(
  benches: Benches,
  filter: GraphFilter = {},
  limit: number = LIMIT_OF_GRAPH,
  onProgress?: OnProgress,
): Graph {
  const sides = sidesOf(benches);
  const [{ dataPlane }] = sides;
  const policyConditions = memo((snapshot: XdsSnapshot) => policyConditionsOf(snapshot));
  // Of one argument, whatever else it is called with.
  const conditions = (snapshot: XdsSnapshot): readonly RequestConditions[] => policyConditions(snapshot);
  // Proxies of one kind send to the same targets.
  const snapshots = new Map<object, XdsSnapshot | undefined>();
  const snapshotOfKind = (own: XdsSnapshot | undefined, kind: object | undefined): XdsSnapshot | undefined => {
    if (kind === undefined) return own;
    if (!snapshots.has(kind)) snapshots.set(kind, own);
    return snapshots.get(kind);
  };
  const all = partiesOf(sides);
  const destinations = memo((side: Side) =>
    destinationsOf(side, all, conditions).filter(({ host, servers }) =>
      [host, ...servers].some((name) => name.includes(filter.to ?? '')),
    ),
  );
  const gateway = gatewayNamed(
    filter.gateway,
    all.pods.filter(({ role }) => role === 'gateway'),
    benches[0].input.namespace,
  );
  const isWanted = ({ id, kind }: GraphNode): boolean =>
    id.includes(filter.from ?? '') && (gateway === undefined || kind !== 'gateway' || id === all.idOf(gateway));
  const wanted = all.parties.filter(({ node }) => isWanted(node));
  const costs = sides.map((side) => destinations(side).reduce((sum, { servers }) => sum + 1 + servers.length, 1));
  const cost = costs.reduce((most, one) => Math.max(most, one));
  const sharing = createSharing<Way>(dataPlane, 'clusters');
  const callers = wanted.slice(0, Math.max(1, Math.floor(limit / cost))).map((party): Caller => {
    const key = podKey(party.pod);
    const traced = dataPlane.podByKey.get(key);
    const kind = traced && sharing.kindOf(traced);
    return { ...party, traced, kind, snapshot: snapshotOfKind(party.side.snapshotOf(key), kind) };
  });
  const work = {
    dataPlane,
    errands: createErrands(dataPlane, callers),
    idOf: all.idOf,
    sharing,
    explore: createWayExplorer({ dataPlane, idOf: all.idOf }),
    tellOfAll: createSampleJudge(dataPlane),
    askForNames: createNameJudge(dataPlane),
  };
  const edges = mapTold(callers, onProgress, (caller) =>
    caller.node.kind === 'gateway'
      ? gatewayEdges(caller, work, conditions, filter)
      : destinations(caller.side)
          .filter(({ servers }) => servers.length !== 1 || servers[0] !== caller.node.id)
          .map((destination) => edgeTo(caller, destination, work)),
  ).flat();
  const gateways = new Set(callers.flatMap(({ node }) => (node.kind === 'gateway' ? [node.id] : [])));
  const withEntrances = [...entrances(edges, gateways), ...edges];
  return {
    nodes: nodesOf(all.parties, withEntrances),
    edges: withEntrances,
    notes: [
      ...all.alike.map(({ id, pods }): GraphNote => ({ kind: 'alike', id, pods })),
      ...(callers.length < wanted.length
        ? [{ kind: 'callers left out', shown: callers.length, callers: wanted.length } as const]
        : []),
      ...noteOfStoppedWays(withEntrances, all, benches, sides.flatMap(destinations)),
    ],
  };
}

/** What ways are tried with. */
interface Work extends Pick<Parties, 'idOf'> {
  readonly dataPlane: DataPlane;
  readonly sharing: Sharing<Way>;
  readonly errands: Errands;
  readonly explore: ExploreWay;
  /** Whether samples tell of all requests. */
  readonly tellOfAll: (way: SampledWay) => boolean;
  /** Whether somebody on their way asks for which name TLS asks. */
  readonly askForNames: (way: Pick<SampledWay, 'snapshot' | 'outcomes'>) => boolean;
}

function destinationsOf(
  { cluster, mesh, snapshotOf, dataPlane }: Side,
  { idOf, pods: allPods }: Parties,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
): readonly ServedPort[] {
  const { registry } = mesh;
  const { podByKey } = dataPlane;
  // Addresses of one cluster can be those of another too.
  const placeOf = (ip: string, clusterId: string): string => (cluster === undefined ? ip : `${clusterId} ${ip}`);
  const podAtPlace = new Map(allPods.flatMap((pod) => pod.ips.map((ip) => [placeOf(ip, pod.clusterId), pod] as const)));
  // A pod serves many ports.
  const kinOf = memo((pod: Workload) => podByKey.get(podKey(pod))?.kin ?? podKey(pod));
  const partyOf = memo((pod: Workload) => idOf(pod));
  // Of a gateway that is taken to exist nobody knows by what name the mesh calls it, if it does.
  const services = registry.services.filter(
    (service) => !isOfAssumedGateway(service.resource) && !isOfWaypoint(service, dataPlane),
  );
  return services.flatMap((service) =>
    service.ports
      .filter(({ protocol, port }) => protocol !== 'UDP' && port !== STATUS_PORT)
      .map((port): ServedPort => {
        const isLocal = cluster !== undefined && mesh.isClusterLocal(service.hostname);
        const endpoints = registry.endpointsOf(service, port).filter(({ clusterId }) => !isLocal || clusterId === cluster);
        const pods = endpoints.flatMap(({ address, clusterId }) => podAtPlace.get(placeOf(address, clusterId)) ?? []);
        const first = endpoints.find(({ clusterId }) => clusterId === cluster) ?? endpoints[0];
        const atWaypoint = waypointBefore(service, dataPlane);
        // Pods of one kin have the same policies.
        const keys = new Map(pods.map((pod) => [kinOf(pod), podKey(pod)] as const)).values();
        const snapshots = [...new Set([...keys].map(snapshotOf))].filter((one) => one !== undefined);
        return {
          host: service.hostname,
          service,
          port,
          servers: [...new Set(pods.map((pod) => partyOf(pod)))].sort(),
          endpoint: first && { ip: first.address, port: first.port },
          ports: [...new Set(endpoints.map((one) => one.port))],
          conditions: [
            ...snapshots.flatMap(conditions),
            ...(atWaypoint === undefined ? [] : policiesAtWaypoint(atWaypoint, service.hostname, port.port)),
          ],
          routes: atWaypoint === undefined ? [] : routesAtWaypoint(atWaypoint, service.hostname, port.port),
        };
      }),
  );
}

function edgeTo(caller: Caller, destination: ServedPort, work: Work): GraphEdge {
  const { node, pod, traced, side } = caller;
  const { dataPlane, sharing, errands } = work;
  const { host, service, port, servers } = destination;
  const errand = errands(caller, destination);
  const nowhere = side.unresolved(service, port.port, pod);
  const sender = { from: podKey(pod), ownIp: pod.ips[0], ...(nowhere !== undefined && { address: nowhere }) };
  const find = (plane: DataPlane): Traced<Way> => {
    const way = { host, port: port.port, protocol: port.protocol };
    const { target, samples, about, chain } = errand;
    const main = tryWay({ target, samples, chain, about }, sender, caller.snapshot, plane, work);
    const others = errand.others.map((one) =>
      tryWay(
        { target: one.target, samples: samplesOfRoutes(one.target, [], 0), chain: one, about, isOther: true },
        sender,
        caller.snapshot,
        plane,
        work,
      ),
    );
    const tried = joinTries([main, ...others]);
    return {
      result: wayOf(way, servers.length > 0 ? servers : [host], tried.attempts, tried.explored),
      outcomes: tried.outcomes,
      isOfAll: tried.explored !== undefined,
    };
  };
  const way = traced === undefined ? find(dataPlane).result : sharing.find(traced, errand.target.ip, errand, find);
  return { from: node.id, ...way };
}

/** Requests to a target through a filter chain, if that is one for them alone. */
interface Attempted {
  readonly target: Target;
  readonly samples: readonly Sample[];
  readonly chain: ChainWay | undefined;
  readonly about: string;
  /** Whether it is another one than a destination has by itself. */
  readonly isOther?: boolean;
}

/** What was tried over a way. */
interface Tried {
  readonly attempts: readonly Attempt[];
  readonly outcomes: readonly Outcome[];
  readonly explored: ExploredWay | undefined;
}

/** Sends samples to a target and, where these do not tell of all requests, explores all. */
function tryWay(
  { target, samples, chain, about, isOther = false }: Attempted,
  sender: SentWay,
  snapshot: XdsSnapshot | undefined,
  plane: DataPlane,
  { dataPlane, idOf, explore, tellOfAll, askForNames }: Work,
): Tried {
  const { serverName } = target;
  const words = connectionWords(isOther ? { to: formatHostPort(target.ip ?? target.host, target.port), serverName } : {});
  const sent = samples.map((sample) => ({ sample, outcomes: sendSample(sample, sender, plane) }));
  const attempts = sent.flatMap((one) => attemptsOf(one.sample, one.outcomes, dataPlane, idOf, words));
  const outcomes = sent.flatMap((one) => one.outcomes);
  if (tellOfAll({ target, snapshot, attempts, outcomes })) return { attempts, outcomes, explored: undefined };
  const explored = explore(target, sender, about, plane, chain, snapshot === undefined);
  const found = { attempts, outcomes: [...outcomes, ...explored.outcomes], explored };
  // Of a sidecar, a chain that takes more than the target tells of no names.
  const isOfNames = chain !== undefined || snapshot === undefined;
  if (target.scheme !== 'tcp' || !isOfNames || !askForNames({ snapshot, outcomes })) return found;
  // Clients may speak TLS where others do not.
  const secured = explore({ ...target, scheme: 'tls' }, sender, about, plane, chain, snapshot === undefined);
  return joinTries([found, { attempts: [], outcomes: secured.outcomes, explored: secured }]);
}

/** What was tried over several ways, as over one. */
function joinTries(tries: readonly Tried[]): Tried {
  const [first, ...others] = tries;
  if (first !== undefined && others.length === 0) return first;
  const explored = tries.flatMap((one) => one.explored ?? []);
  const [gaveUp] = explored.flatMap((one) => one.gaveUp ?? []);
  return {
    attempts: tries.flatMap(({ attempts }) => attempts),
    outcomes: tries.flatMap(({ outcomes }) => outcomes),
    explored:
      explored.length === 0
        ? undefined
        : {
            attempts: explored.flatMap(({ attempts }) => attempts),
            assumptions: [...new Set(explored.flatMap(({ assumptions }) => assumptions))].sort(),
            ...(gaveUp !== undefined && { gaveUp }),
          },
  };
}

/** What outside reaches through a gateway. */
function gatewayEdges(
  { node, pod, snapshot, side }: Caller,
  work: Work,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
  { to = '' }: GraphFilter,
): readonly GraphEdge[] {
  if (snapshot === undefined) return [];
  const requests = [...targetsOf(snapshot).values()].filter(({ scheme }) => scheme === 'http' || scheme === 'https');
  const connections = chainWaysOf(snapshot, pod.ips, [], work.dataPlane.lookups).all.filter(({ target }) => isForKnown(target));
  const ways = [
    ...requests.map((target) => ({ target, chain: undefined })),
    ...connections.map((chain) => ({ target: chain.target, chain })),
  ];
  const wanted = ways.filter(
    ({ target: { serverName } }) => side.cluster === undefined || serverName?.startsWith(SNI_OF_CLUSTERS) !== true,
  );
  return [
    ...groupBy(wanted, ({ target: { scheme, host, port, serverName }, chain }) =>
      JSON.stringify([scheme, host, port, chain === undefined && serverName]),
    ).values(),
  ]
    .flatMap((group) => {
      const tries = group.map(({ target, chain }) => {
        const servers = serversOf(target, snapshot, side);
        const others = [...conditions(snapshot), ...servers.flatMap(conditions), ...routesBehind(target, servers)];
        const way: SentWay = {
          from: '',
          ownIp: pod.ips[0],
          ...(side.cluster !== undefined && { entersAt: podKey(pod) }),
          ...(chain?.sourceIp !== undefined && { sourceIp: chain.sourceIp }),
        };
        const samples = samplesOfRoutes(target, others, LIMIT_OF_WAY);
        return tryWay({ target, samples, chain, about: aboutOf(target, others) }, way, snapshot, work.dataPlane, work);
      });
      const [first] = group;
      if (first === undefined) return [];
      const { scheme, host, port } = first.target;
      const protocol = scheme === 'http' || scheme === 'https' ? scheme.toUpperCase() : scheme;
      const { attempts, explored } = joinTries(tries);
      return [{ from: node.id, ...wayOf({ host, port, protocol }, [host], attempts, explored) }];
    })
    .filter(({ host, to: servers }) => [host, ...servers].some((name) => name.includes(to)));
}

/** What outside opens to the gateways: their ports, those with TLS apart. */
function entrances(edges: readonly GraphEdge[], gateways: ReadonlySet<string>): readonly GraphEdge[] {
  const doors = new Map<string, GraphEdge>();
  for (const { from, port, protocol } of edges) {
    if (!gateways.has(from)) continue;
    const tls = [protocol === 'HTTPS' ? 'TLS' : protocol === 'tls' ? 'TLS of the caller' : 'plain'] as const;
    const common = { access: 'allowed', because: [], passing: [], failing: [] } as const;
    doors.set(`${from}:${port}`, { from: OUTSIDE.id, to: [from], host: from, port, protocol, tls, ...common });
  }
  return [...doors.values()];
}

function serversOf({ clusters }: Target, { endpoints }: XdsSnapshot, { mesh, snapshotOf }: Side): readonly XdsSnapshot[] {
  const ips = new Set(
    endpoints
      .filter(({ clusterName }) => clusters.includes(clusterName))
      .flatMap((assignment) => assignment.endpoints ?? [])
      .flatMap(({ lbEndpoints = [] }) => lbEndpoints.map(ipOfEndpoint)),
  );
  return mesh.proxies.filter((proxy) => proxy.ips.some((ip) => ips.has(ip))).flatMap((proxy) => snapshotOf(podKey(proxy)) ?? []);
}

function nodesOf(parties: readonly Party[], edges: readonly GraphEdge[]): readonly GraphNode[] {
  const nodes = new Map([OUTSIDE, ...parties.map(({ node }) => node)].map((node) => [node.id, node]));
  const external = new Set(edges.flatMap(({ to }) => to).filter((id) => !nodes.has(id)));
  const used = new Set(edges.flatMap(({ from, to }) => [from, ...to]));
  return [
    ...[...nodes.values()].filter(({ id }) => used.has(id)),
    ...[...external].sort().map((id): GraphNode => ({ id, namespace: '', name: id, kind: 'external', pods: 0 })),
  ];
}
