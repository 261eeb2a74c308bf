import fc from 'fast-check';
import { createLocalMeshFinder } from '../../src/operations/diff/local-meshes.ts';
import { knowingEachOther } from '../../src/operations/diff/one-sided-services.ts';
import { textsOfRegex } from '../../src/sample-requests/text-samples.ts';
import { type DataPlane, podKey, podNamed } from '../../src/trace/data-plane.ts';
import type { TraceRequest } from '../../src/trace/outcome.ts';
import type { TracePod } from '../../src/trace/pod.ts';
import { isIpAddress } from '../../src/util/ip-address.ts';
import { tokenText } from '../../src/util/json-web-token.ts';
import type { Side } from './worlds.ts';

/** A request as it is sent to both sides: to one address, or to a name that each side resolves. */
export interface RandomRequest {
  readonly sent: readonly [TraceRequest, TraceRequest];
  /** Whether it is sent to servers that are slow or fail, too. */
  readonly isProbed: boolean;
}

type Sides = readonly [Side, Side];

/** The data planes of two sides, as they are compared. */
export function planesOf(sides: Sides): readonly [DataPlane, DataPlane] {
  const [{ side: before, surroundings }, { side: after, surroundings: later }] = sides;
  return knowingEachOther([before, after], [surroundings.dataPlane, later.dataPlane], createLocalMeshFinder());
}

/** A place that connections go to, with what clients may call it. */
interface Place {
  readonly ips: readonly string[];
  readonly port: number;
  readonly hosts: readonly string[];
}

const NOBODYS: readonly string[] = ['198.51.100.1', '203.0.113.9'];
const ODD_PORTS: readonly number[] = [80, 443, 8080, 15001, 15006, 15008, 7];

/**
 * Requests of all that is there on both sides, and from outside, to all that has an address, made of the texts of the manifests. It asks
 * the model who is there, and not what a comparison would ask: so it comes to places that were forgotten there.
 */
export function randomRequests(sides: Sides, planes: readonly [DataPlane, DataPlane]): fc.Arbitrary<RandomRequest> {
  const words = wordsOf(sides);
  const places = placesOf(sides, planes, words);
  const clients = clientsOf(planes);
  const ownersOf = planes.map(({ pods }) => {
    const owners = new Map<string, Set<string>>();
    for (const pod of pods) for (const ip of pod.ips) owners.set(ip, (owners.get(ip) ?? new Set()).add(podKey(pod)));
    return (ip: string): string => JSON.stringify([...(owners.get(ip) ?? [])].sort());
  });
  // Which pods come and go is told; who is at their addresses then, nobody knows.
  const isOnBothOrNone = (ip: string): boolean => ownersOf[0]?.(ip) === ownersOf[1]?.(ip);
  // ztunnel is led to waypoints, and nobody asks for them.
  const ofWaypoints = new Set(sides.flatMap((side) => waypointAddresses(side)));
  const isAsked = (ip: string): boolean => isOnBothOrNone(ip) && !ofWaypoints.has(ip);
  const place = fc.oneof(
    ...places
      .map((list) => list.map((one) => ({ ...one, ips: one.ips.filter(isAsked) })).filter(({ ips }) => ips.length > 0))
      .map((list, index) => ({
        weight: list.length > 0 ? (WEIGHTS[index] ?? 1) : 0,
        arbitrary: fc.constantFrom(...list, { ips: NOBODYS, port: 80, hosts: [] }),
      })),
    {
      weight: 1,
      arbitrary: fc.record({
        ips: fc.constantFrom(...words.addresses.filter(isAsked), ...NOBODYS).map((ip) => [ip]),
        port: fc.constantFrom(...words.ports),
        hosts: fc.constant([]),
      }),
    },
  );
  const host = fc.constantFrom(...words.hosts);
  const header = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(fc.constantFrom(...words.headers), fc.constantFrom(...words.values)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant('x-forwarded-for'), fc.constantFrom(...words.addresses.filter((ip) => !ip.includes(':')))),
    },
  );
  const upgrade = [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
  ] as const;
  return fc
    .record({
      client: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...clients) }, { weight: 1, arbitrary: fc.constant(undefined) }),
      place,
      ofPlace: fc.tuple(fc.nat(), fc.nat()),
      otherHost: host,
      kind: fc.integer({ min: 0, max: 99 }),
      method: fc.constantFrom('GET', 'GET', ...words.methods),
      path: fc.tuple(fc.constantFrom('/', ...words.paths), fc.constantFrom('', '', '', '/', 'x', '/x')),
      query: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...words.names), fc.constantFrom(...words.values)) },
      ),
      headers: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(header, { maxLength: 2 }) }),
      claims: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        {
          weight: words.issuers.length > 0 ? 2 : 0,
          arbitrary: fc.record({
            iss: fc.constantFrom('nobody', ...words.issuers),
            sub: fc.constantFrom(...words.values),
            aud: fc.constantFrom(...words.values),
            others: fc.array(fc.tuple(fc.constantFrom(...words.names), fc.constantFrom(...words.values)), { maxLength: 2 }),
          }),
        },
      ),
      sourceIp: fc.constantFrom(undefined, undefined, ...words.addresses),
      tls: fc.record({
        serverName: fc.constantFrom('own', 'own', 'own', 'other', 'mesh', 'none'),
      }),
      chance: fc.nat({ max: 99 }),
    })
    .map((drawn): RandomRequest => {
      const { place: to, ofPlace, kind, chance, tls } = drawn;
      const [whichIp, whichHost] = ofPlace;
      const ip = to.ips[whichIp % to.ips.length] ?? '';
      // What a pod asks of itself no proxy sees.
      const isOfItself = planes.some((plane) => podNamed(plane, drawn.client ?? '')?.ips.includes(ip) === true);
      const client = isOfItself ? undefined : drawn.client;
      const own = to.hosts.length > 0 && chance < 85 ? to.hosts[whichHost % to.hosts.length] : undefined;
      const name = own ?? (chance % 2 === 0 ? drawn.otherHost : ip);
      const scheme = kind < 60 ? 'http' : kind < 70 ? 'https' : kind < 85 ? 'tcp' : 'tls';
      const isTls = scheme === 'https' || scheme === 'tls';
      const serverName = {
        own: isIpAddress(name) ? undefined : name,
        other: drawn.otherHost,
        mesh: `outbound_.${to.port}_._.${name}`,
        none: undefined,
      }[tls.serverName];
      const token =
        drawn.claims &&
        tokenText({ iss: drawn.claims.iss, sub: drawn.claims.sub, aud: drawn.claims.aud, ...nested(drawn.claims.others) }, 'eA');
      const [path, more] = drawn.path;
      const entered = client === undefined ? entranceAt(ip, planes) : undefined;
      const request: TraceRequest = {
        from: client ?? '',
        address: { ip, port: to.port },
        scheme,
        method: drawn.method,
        target: `${path}${more}${drawn.query === undefined ? '' : `?${drawn.query.map(encodeURIComponent).join('=')}`}`,
        authority: (kind % 4 === 0 || ![80, 443].includes(to.port)) && kind % 5 !== 0 ? withPort(name, to.port) : name,
        ...(scheme === 'tcp' && kind % 5 === 0 && { isServerFirst: true }),
        headers: [
          ...drawn.headers,
          ...(kind === 3 ? upgrade : []),
          ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
        ],
        isBrief: true,
        ...(isTls && serverName !== undefined && { serverName }),
        ...(client === undefined && drawn.sourceIp !== undefined && { sourceIp: drawn.sourceIp }),
        ...(token !== undefined && { trustedTokens: [token] }),
        ...(entered !== undefined && { entersAt: entered }),
      };
      const isNamed = client !== undefined && chance % 5 === 0 && !isIpAddress(name);
      const sent = isNamed
        ? ([named(request, name, sides[0], planes[0]), named(request, name, sides[1], planes[1])] as const)
        : ([request, request] as const);
      return { sent, isProbed: chance % 10 === 3 };
    });
}

/** The same request to what the resolver of its client says on a side. */
function named(request: TraceRequest, host: string, { surroundings }: Side, plane: DataPlane): TraceRequest {
  const pod = podNamed(plane, request.from);
  if (pod === undefined || 'unresolved' in request.address) return request;
  const found = surroundings.resolve(host, request.address.port, pod);
  return { ...request, address: 'unresolved' in found ? found : { ip: found.ip, port: found.port } };
}

/** Of several clusters, the gateway that has an address. */
function entranceAt(ip: string, planes: readonly DataPlane[]): string | undefined {
  const pod = planes.flatMap(({ pods }) => pods.find(({ ips }) => ips.includes(ip)) ?? [])[0];
  return pod?.cluster === undefined ? undefined : podKey(pod);
}

function withPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function nested(claims: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(claims);
}

/** The pods that both sides have, with the same addresses, and in which somebody sends requests of his own. */
function clientsOf([before, after]: readonly [DataPlane, DataPlane]): readonly string[] {
  const isOfProxyAlone = ({ proxy }: TracePod): boolean => proxy === 'gateway' || proxy === 'waypoint';
  return after.pods.flatMap((pod) => {
    const earlier = podNamed(before, podKey(pod));
    if (earlier === undefined || isOfProxyAlone(pod) || isOfProxyAlone(earlier)) return [];
    return earlier.ips.join() === pod.ips.join() ? [podKey(pod)] : [];
  });
}

/** The addresses of waypoints and of their Services. */
function waypointAddresses({ side: { benches }, surroundings: { dataPlane } }: Side): readonly string[] {
  const own = dataPlane.pods.filter(({ proxy }) => proxy === 'waypoint').flatMap(({ ips }) => ips);
  const ofServices = benches.flatMap(({ mesh: { registry } }) =>
    registry.services.flatMap((service) => {
      const isOfWaypoint = service.ports.some((port) =>
        registry.endpointsOf(service, port).some(({ address }) => own.includes(address)),
      );
      return isOfWaypoint ? [service.address, ...service.addresses] : [];
    }),
  );
  return [...own, ...ofServices];
}

/** How often Services are asked for, ports of pods that their containers name, others, and ports of gateways. */
const WEIGHTS: readonly number[] = [6, 2, 1, 2];

/** Services, pods by ports that their containers name and by others, and ports of gateways. */
function placesOf(sides: Sides, planes: readonly DataPlane[], words: Words): readonly (readonly Place[])[] {
  const services = sides
    .flatMap(({ side }) => side.benches.flatMap(({ mesh }) => mesh.registry.services))
    .flatMap((service) => {
      const { hostname, address, addresses, allocatedAddresses, externalAddresses, ports, namespace } = service;
      const all = new Set([address, ...addresses, ...allocatedAddresses, ...externalAddresses].map(firstOfRange));
      const ips = [...all].filter((ip) => isIpAddress(ip) && ip !== '0.0.0.0');
      const host = hostname.replace(/^\*/, 'x');
      const [short = host] = host.split('.');
      const hosts = host.includes('.svc.') ? [host, short, `${short}.${namespace}`] : [host];
      return ports.map(({ port }): Place => ({ ips: ips.length > 0 ? ips : NOBODYS, port, hosts }));
    });
  const pods = planes.flatMap((plane) => plane.pods);
  const servers = pods.filter(({ proxy }) => proxy !== 'gateway');
  const at = ({ ips, name }: TracePod, ports: readonly number[]): readonly Place[] =>
    ports.map((port) => ({ ips, port, hosts: [name] }));
  const ofPods = servers.flatMap((pod) => at(pod, pod.ports));
  const besides = servers.flatMap((pod) => at(pod, words.ports));
  const ofGateways = pods
    .filter(({ proxy }) => proxy === 'gateway')
    .flatMap((pod) => boundPorts(pod, planes).map((port): Place => ({ ips: pod.ips, port, hosts: words.hosts })));
  return [services, ofPods, besides, ofGateways];
}

function boundPorts(pod: TracePod, planes: readonly DataPlane[]): readonly number[] {
  const listeners = planes.flatMap((plane) => {
    const found = podNamed(plane, podKey(pod));
    return found === undefined ? [] : (plane.snapshotOf(found)?.listeners ?? []);
  });
  return [...new Set(listeners.flatMap(({ address }) => address?.socketAddress?.portValue ?? []))];
}

function firstOfRange(text: string): string {
  return text.replace(/\/\d+$/, '');
}

/** What requests are made of. */
interface Words {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly issuers: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'CONNECT'];

function wordsOf(sides: Sides): Words {
  const texts = new Set<string>();
  const keys = new Set<string>();
  const issuers = new Set<string>();
  const ports = new Set<number>(ODD_PORTS);
  const collect = (value: unknown, key: string): void => {
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536) ports.add(value);
    if (typeof value === 'string' && value.length < 80) {
      texts.add(value);
      if (key === 'issuer') issuers.add(value);
      if (/^\d{1,5}$/.test(value) && Number(value) > 0 && Number(value) < 65_536) ports.add(Number(value));
      if (key === 'regex' || /[\\^$*+?[({]/.test(value)) for (const text of textsOfRegex(value)) texts.add(text);
    } else if (Array.isArray(value)) for (const item of value) collect(item, key);
    else if (value !== null && typeof value === 'object') {
      for (const [name, member] of Object.entries(value)) {
        keys.add(name);
        collect(member, name);
      }
    }
  };
  for (const { side } of sides) {
    for (const { resources, meshConfig } of side.inputs) {
      for (const { spec, labels } of resources) collect([spec, labels], '');
      collect(meshConfig, '');
    }
  }
  const all = [...texts];
  const conditionNames = all.flatMap(
    (text) => /^request\.(?:headers|auth\.claims)\[(.+)\]$/.exec(text)?.[1]?.replace(/\]\[.*/, '') ?? [],
  );
  const isHeader = (text: string): boolean => /^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+$/.test(text) && text.length < 40;
  const hosts = all
    .flatMap((text) => [text, text.replace(/^[a-z0-9.*-]*\//, '')])
    .filter((text) => /^[a-z0-9*-]+(\.[a-z0-9-]+)*$/i.test(text) && /[a-z]/i.test(text))
    .flatMap((text) => (text.startsWith('*') ? [text.replace('*', 'x'), text.replace(/^\*\.?/, '')] : [text]))
    .filter((text) => text !== '' && !text.includes('*'));
  const addresses = all.map(firstOfRange).filter((text) => isIpAddress(text));
  const plain = all.filter((text) => /^[!-~]+$/.test(text) && !text.includes('%'));
  const subjects = plain.filter((text) => text.includes('/')).map((text) => text.slice(text.lastIndexOf('/') + 1));
  return {
    hosts: [...new Set(['unknown.example.com', ...hosts])],
    paths: [...new Set(['/', ...all.flatMap(pathsOf)])],
    methods: METHODS.filter((method) => ['POST', 'DELETE', 'OPTIONS'].includes(method) || texts.has(method)),
    headers: [
      ...new Set([
        'x-user',
        'end-user',
        'content-type',
        'cookie',
        'origin',
        ...[...all, ...keys].filter(isHeader),
        ...conditionNames,
      ]),
    ]
      .map((name) => name.toLowerCase())
      .filter((name) => /^[!-9;-~]+$/.test(name) && !NOT_SENT.has(name)),
    names: [...new Set(['x', ...conditionNames, ...keys].filter((name) => /^[A-Za-z0-9_-]{1,30}$/.test(name)))],
    values: [...new Set(['x', ...plain, ...subjects].flatMap((text) => [text, text.replace(/\*/g, 'x')]))].filter(
      (text) => text !== '',
    ),
    issuers: [...issuers],
    addresses: [...new Set([...NOBODYS, ...addresses])],
    ports: [...ports],
  };
}

/** Headers of which the connection itself is made, or that assumptions are about. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...['transfer-encoding', 'content-length', 'connection', 'upgrade', 'host', 'te', 'keep-alive', 'proxy-connection', 'expect'],
  ...['x-forwarded-for', 'authorization'],
]);

function pathsOf(text: string): readonly string[] {
  if (!text.startsWith('/')) return [];
  const path = text.replace(/\{[^}]*\}|\*/g, 'x');
  return /^\/[!-~]*$/.test(path) && !/[?# ]/.test(path) ? [path] : [];
}
