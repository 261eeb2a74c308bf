import type { Server } from '../api/istio.gen.ts';
import {
  type GatewayIndex,
  type GatewayServer,
  isHttpServer,
  isPassthroughServer,
  isTlsServer,
  type MergedGateway,
  type RejectedServer,
  SERVICE_ACCOUNT_ANNOTATION,
  type SelectedGateway,
  serverProtocol,
} from '../model/gateways/gateways.ts';
import { isHttp, type Protocol, parseProtocol } from '../model/protocol.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import type { Service, ServiceTarget } from '../model/registry/service.ts';
import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';

/** A Service so labelled keeps its ports out of port translation; istio model.DisableGatewayPortTranslationLabel. */
const DISABLE_PORT_TRANSLATION_LABEL = 'experimental.istio.io/disable-gateway-port-translation';

/**
 * Where istiod manages the proxy for a Gateway of the Gateway API, Gateways of other namespaces that select it do not count: they
 * would get at the certificates of its namespace. As istio push_context.go filterStrictGatewayMerging.
 */
function besideManaged(selected: readonly SelectedGateway[]): readonly SelectedGateway[] {
  const isOfGatewayApi = ({ gateway }: SelectedGateway): boolean => gateway.annotations[SERVICE_ACCOUNT_ANNOTATION] !== undefined;
  const managed = selected.filter(({ gateway }) => gateway.annotations[SERVICE_ACCOUNT_ANNOTATION]);
  const namespaces = new Set(managed.map(({ gateway }) => gateway.namespace));
  if (namespaces.size === 0) return selected;
  return selected.filter((one) => isOfGatewayApi(one) || namespaces.has(one.gateway.namespace));
}

/**
 * Merges the Gateways that apply to a proxy; undefined when none does. Proxies to which the same Gateways and Services apply
 * get the very same object. As istio push_context.go mergeGateways.
 */
export function createGatewayMerger(index: GatewayIndex, behaviours: Behaviours): (proxy: Proxy) => MergedGateway | undefined {
  const merged = new Map<string, MergedGateway>();
  const ordinalOf = new Map(index.all.map((gateway, ordinal) => [gateway, ordinal]));
  return (proxy) => {
    const ofScope = index
      .select(proxy.labels, proxy.targets)
      .filter(({ gateway }) => !behaviours.scopeGatewayToNamespace || gateway.namespace === proxy.namespace);
    const selected = behaviours.enableStrictGatewayMerging ? besideManaged(ofScope) : ofScope;
    if (selected.length === 0) return undefined;
    const key = JSON.stringify(
      selected.map(({ gateway, by, targets }) => [ordinalOf.get(gateway), by, targets.map(describeTarget)]),
    );
    let found = merged.get(key);
    if (found === undefined) {
      found = mergeGateways(selected, behaviours);
      merged.set(key, found);
    }
    return found;
  };
}

function describeTarget({ service, port, targetPort }: ServiceTarget): readonly unknown[] {
  return [port.port, targetPort, translatesPorts(service), port.protocol === 'UDP'];
}

interface PortState {
  readonly number: number;
  readonly protocol: string;
  readonly bind: string;
  readonly servers: GatewayServer[];
  readonly quicServers: GatewayServer[];
  routeName: string;
}

/** What has been merged so far. */
interface MergeState {
  readonly ports: Map<string, PortState>;
  /** The plain text port of a number that was seen last; others of the number are compared with it. */
  readonly plainTextPorts: Map<number, PortState>;
  readonly seenNumbers: Set<number>;
  /** By port number: host -> address it is claimed on. */
  readonly tlsHostsByNumber: Map<number, Map<string, string>>;
  readonly serversByRouteName: Map<string, GatewayServer[]>;
  readonly http3Routes: Set<string>;
}

/**
 * Merges Gateways into one logical gateway, in their order. On one port and address the first plain text server decides: HTTP
 * servers join it, others are rejected; servers with TLS stand beside each other unless they claim the same host.
 * As istio model/gateway.go mergeGateways.
 */
export function mergeGateways(
  selected: readonly SelectedGateway[],
  { enableQuicListeners }: Pick<Behaviours, 'enableQuicListeners'>,
): MergedGateway {
  const state: MergeState = {
    ports: new Map(),
    plainTextPorts: new Map(),
    seenNumbers: new Set(),
    tlsHostsByNumber: new Map(),
    serversByRouteName: new Map(),
    http3Routes: new Set(),
  };
  const gatewayNames = new Set<string>();
  const rejected: RejectedServer[] = [];
  for (const { gateway, by, targets } of selected) {
    const gatewayName = `${gateway.namespace}/${gateway.name}`;
    for (const [index, server] of (gateway.spec.servers ?? []).entries()) {
      if (server.port === undefined) {
        rejected.push({ gateway, index, reason: 'it names no port' });
        continue;
      }
      gatewayNames.add(gatewayName);
      const port = server.port.number ?? 0;
      const hosts = sanitizeHosts(server.hosts ?? [], gateway.namespace);
      const numbers = resolvePorts(port, targets, by);
      if (numbers.length === 0) rejected.push({ gateway, index, reason: `no Service of the gateway has port ${port}` });
      for (const number of numbers) {
        const routeName = gatewayRouteName(server, number, gateway);
        const tls = server.tls && { routeName, sniHosts: sniHostsOf(hosts) };
        const protocol = serverProtocol(server);
        const placed = { gateway, gatewayName, server, port, protocol, hosts, index, tls };
        const { reason, beside } = placeServer(state, number, placed, routeName);
        if (reason !== undefined) rejected.push({ gateway, index, reason });
        if (enableQuicListeners && beside !== undefined && protocol === 'HTTPS' && !isPassthroughServer(server)) {
          if (!targets.some((target) => target.port.port === port && target.port.protocol === 'UDP')) continue;
          beside.quicServers.push(placed);
          state.http3Routes.add(routeName);
        }
      }
    }
  }
  const ports = [...state.ports.values()];
  const autoPassthrough = ports.flatMap(({ servers }) => servers).filter(({ server }) => server.tls?.mode === 'AUTO_PASSTHROUGH');
  return {
    ports,
    serversByRouteName: state.serversByRouteName,
    gatewayNames: [...gatewayNames],
    http3Routes: state.http3Routes,
    autoPassthroughHosts: autoPassthrough.length > 0 ? [...new Set(autoPassthrough.flatMap(({ hosts }) => hosts))] : undefined,
    portMap: buildPortMap(state.serversByRouteName),
    rejected,
  };
}

/** Where a server went: why nowhere, or the port that HTTP/3 can stand beside. */
interface Placing {
  readonly reason?: string | undefined;
  readonly beside?: PortState;
}

/** Adds a server to the port `number` of the proxy; the result says why it cannot be added. */
function placeServer(state: MergeState, number: number, server: GatewayServer, routeName: string): Placing {
  const bind = server.server.bind ?? '';
  if (server.tls !== undefined) {
    const duplicates = claimHosts(
      server.hosts,
      bind,
      obtain(state.tlsHostsByNumber, number, () => new Map()),
    );
    if (duplicates.length > 0) return { reason: `another server on port ${number} has the same host (${duplicates.join(', ')})` };
  }
  if (!state.seenNumbers.has(number)) {
    state.seenNumbers.add(number);
    return { beside: addPort(state, number, server, routeName) };
  }
  const plainText = state.plainTextPorts.get(number);
  if (plainText !== undefined) {
    if (plainText.bind === bind) return { reason: joinPlainText(state, plainText, server, routeName) };
    const existing = state.ports.get(portKey(portOf(number, server)));
    if (existing === undefined) return { beside: addPort(state, number, server, routeName) };
    existing.routeName = routeName;
    existing.servers.push(server);
    obtain(state.serversByRouteName, routeName, () => []).push(server);
    return { beside: existing };
  }
  if (!isTlsServer(server.server)) {
    addPort(state, number, server, routeName);
    return {};
  }
  if (isHttpServer(server.server)) {
    if (state.serversByRouteName.has(routeName)) {
      return { reason: `the name of port ${number} is not unique among the HTTPS servers` };
    }
    state.serversByRouteName.set(routeName, [server]);
  }
  const port = portOf(number, server);
  const joined = obtain(state.ports, portKey(port), () => ({ ...port, servers: [], quicServers: [], routeName: '' }));
  joined.servers.push(server);
  return { beside: joined };
}

// as istio model/gateway.go addPlainTextServer, which in spite of its name takes the first server of a port of either kind
function addPort(state: MergeState, number: number, server: GatewayServer, routeName: string): PortState {
  const port = { ...portOf(number, server), servers: [server], quicServers: [], routeName };
  state.ports.set(portKey(port), port);
  if (!isTlsServer(server.server)) state.plainTextPorts.set(number, port);
  if (isHttpServer(server.server)) state.serversByRouteName.set(routeName, [server]);
  return port;
}

function joinPlainText(state: MergeState, current: PortState, server: GatewayServer, routeName: string): string | undefined {
  if (!canMerge(server.protocol, parseProtocol(current.protocol)))
    return `port ${current.number} already serves ${current.protocol}`;
  if (routeName === '') return `it has no HTTP routes that could join those of port ${current.number}`;
  current.servers.push(server);
  obtain(state.serversByRouteName, routeName, () => []).push(server);
  return undefined;
}

function portOf(number: number, { server }: GatewayServer): { number: number; protocol: string; bind: string } {
  return { number, protocol: server.port?.protocol ?? '', bind: server.bind ?? '' };
}

function portKey({ number, protocol, bind }: { number: number; protocol: string; bind: string }): string {
  return `${number} ${protocol} ${bind}`;
}

// as istio model/gateway.go canMergeProtocols
function canMerge(protocol: Protocol, current: Protocol): boolean {
  return isHttp(current) && (isHttp(protocol) || protocol === current);
}

function translatesPorts(service: Service): boolean {
  return service.labels[DISABLE_PORT_TRANSLATION_LABEL] === undefined;
}

/**
 * The ports of the proxy that a server's port stands for: the target port of the first Service port of that number, or, for
 * Gateways bound to Services by name, of each. As istio model/gateway.go resolvePorts.
 */
function resolvePorts(number: number, targets: readonly ServiceTarget[], by: SelectedGateway['by']): readonly number[] {
  if (by === 'labels') {
    const target = targets.find(({ service, port }) => port.port === number && translatesPorts(service));
    return [target?.targetPort ?? number];
  }
  return [...new Set(targets.filter(({ port }) => port.port === number).map(({ targetPort }) => targetPort))];
}

/** `./host` becomes `namespace/host`, a host of any namespace loses its prefix. As istio model/gateway.go sanitizeServerHostNamespace. */
function sanitizeHosts(hosts: readonly string[], namespace: string): readonly string[] {
  if (hosts.includes('*/*')) return ['*'];
  return hosts.map((host) => {
    const [prefix, name = ''] = host.split('/');
    if (!host.includes('/')) return host;
    if (prefix === '.') return `${namespace}/${name}`;
    return prefix === '*' ? name : host;
  });
}

/** The hosts that are already claimed for the address; when none is, they are claimed now. As istio model/gateway.go CheckDuplicates. */
export function claimHosts(hosts: readonly string[], bind: string, claimed: Map<string, string>): readonly string[] {
  const duplicates = hosts.filter((host) => claimed.get(host) === bind);
  if (duplicates.length === 0) for (const host of hosts) claimed.set(host, bind);
  return duplicates;
}

// as istio model/gateway.go GetSNIHostsForServer
function sniHostsOf(hosts: readonly string[]): readonly string[] {
  return [...new Set(hosts.map((host) => host.split('/')[1] ?? host))].sort();
}

/**
 * The name of the route configuration of a server; empty for servers that have none. HTTP servers of a port share one, each HTTPS
 * server that terminates TLS has its own. As istio model/gateway.go gatewayRDSRouteName.
 */
function gatewayRouteName(server: Server, number: number, gateway: ResourceOf<'Gateway'>): string {
  const protocol = serverProtocol(server);
  const bind = server.bind ? `.${server.bind}` : '';
  if (isHttp(protocol)) return `http.${number}${bind}`;
  if (protocol === 'HTTPS' && !isPassthroughServer(server)) {
    return `https.${server.port?.number ?? 0}.${server.port?.name ?? ''}.${gateway.name}.${gateway.namespace}${bind}`;
  }
  return '';
}

// as istio model/gateway.go getTargetPortMap; a name with an address in it has no port there (0)
function buildPortMap(
  serversByRouteName: ReadonlyMap<string, readonly GatewayServer[]>,
): ReadonlyMap<number, ReadonlySet<number>> {
  const out = new Map<number, Set<number>>();
  for (const [routeName, servers] of serversByRouteName) {
    const numbers = obtain(out, portOfRouteName(routeName), () => new Set());
    for (const { port } of servers) numbers.add(port);
  }
  return out;
}

function portOfRouteName(name: string): number {
  const http = /^http\.(\d+)$/.exec(name);
  if (http !== null) return Number(http[1]);
  return name.startsWith('https.') && name.split('.').length === 5 ? Number(/^https\.(\d+)\./.exec(name)?.[1] ?? 0) : 0;
}

function obtain<K, V>(table: Map<K, V>, key: K, make: () => V): V {
  let value = table.get(key);
  if (value === undefined) {
    value = make();
    table.set(key, value);
  }
  return value;
}
