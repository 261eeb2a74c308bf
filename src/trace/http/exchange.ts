import type {
  Any,
  HttpConnectionManager,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
  WeightedClusterClusterWeight,
} from '../../envoy/api.gen.ts';
import { addAll } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { own } from '../../util/object.ts';
import { type AcceptedConnection, peerNamesOf } from '../accepted.ts';
import { createHeaders, type MessageHeaders } from '../headers.ts';
import type { RbacSubject } from '../rbac.ts';
import type { Answer, Payload, ProxyContext } from '../run.ts';
import type { FormatValue } from './header-mutations.ts';
import { isGrpcRequest } from './route-match.ts';

/** An HTTP response. */
export type Response = Extract<Answer, { kind: 'response' }>;

/** The route that a request takes. */
export interface Selection {
  readonly virtualHost: VirtualHost;
  readonly route: Route;
  /** The branch, where the route is split by weight. */
  readonly branch: WeightedClusterClusterWeight | undefined;
  /** The cluster that it names. */
  readonly clusterName: string | undefined;
}

/** One HTTP request inside of one proxy, and what its filters have made of it so far. */
export interface Exchange {
  readonly accepted: AcceptedConnection;
  readonly context: ProxyContext;
  readonly manager: HttpConnectionManager;
  readonly routes: RouteConfiguration | undefined;
  readonly version: 'HTTP/1.1' | 'HTTP/2';
  /** What goes through the tunnel that it asks for. */
  readonly tunnel: Payload | undefined;
  readonly headers: MessageHeaders;
  /** The client's address, as forwarded headers tell where they are trusted. */
  readonly remoteIp: string;
  readonly metadata: Map<string, Record<string, unknown>>;
  selection: Selection | undefined;
  readonly flags: string[];
  details: string | null;
  /** Seconds spent in this proxy so far. */
  seconds: number;
  /** What filters do with the response, in the order of the filters. */
  readonly onResponse: ((response: Response) => void)[];
}

/** An answer that the proxy makes itself. */
export function localReply(
  exchange: Exchange,
  {
    status,
    body = '',
    details,
    flags = [],
    headers = [],
  }: {
    readonly status: number;
    readonly body?: string;
    readonly details: string;
    readonly flags?: readonly string[];
    readonly headers?: readonly (readonly [string, string])[];
  },
): Response {
  exchange.details = details.replaceAll(' ', '_');
  addAll(exchange.flags, flags);
  if (isGrpcRequest(exchange.headers)) return grpcReply(status, body, headers);
  const length = ['content-length', String(body.length)] as const;
  const typed = body === '' ? [length] : [length, ['content-type', 'text/plain'] as const];
  return { kind: 'response', status, headers: createHeaders([...typed, ...headers]), body, seconds: 0 };
}

/** To gRPC a proxy answers 200, with the status in a header. Envoy source/common/grpc/status.cc httpToGrpcStatus. */
function grpcReply(status: number, body: string, headers: readonly (readonly [string, string])[]): Response {
  const own = headers.some(([name]) => name === 'grpc-status');
  const told: readonly (readonly [string, string])[] = [
    ...headers,
    ['content-type', 'application/grpc'],
    ...(own ? [] : [['grpc-status', grpcStatuses.get(status) ?? UNKNOWN_STATUS] as const]),
    ...(body === '' ? [] : [['grpc-message', body] as const]),
  ];
  return { kind: 'response', status: 200, headers: createHeaders(told), body: '', seconds: 0 };
}

const UNKNOWN_STATUS = '2';
const grpcStatuses: ReadonlyMap<number, string> = new Map([
  [400, '13'],
  [401, '16'],
  [403, '7'],
  [404, '12'],
  [429, '14'],
  [502, '14'],
  [503, '14'],
  [504, '14'],
]);

/** What policies see of a request. */
export function subjectOf({ accepted, headers, remoteIp, metadata }: Exchange): RbacSubject {
  const { connection, destination, isTls, serverName } = accepted;
  return {
    headers,
    destination,
    directIp: connection.source.ip,
    remoteIp,
    isTls,
    peerNames: peerNamesOf(accepted),
    serverName,
    metadata,
  };
}

/** The configuration of a filter for the route: of the weighted branch, the route, its virtual host; the first there is. */
export function perRouteConfig({ selection }: Exchange, names: readonly string[]): Any | undefined {
  if (selection === undefined) return undefined;
  for (const level of [selection.branch, selection.route, selection.virtualHost]) {
    for (const name of names) {
      const config = own(level?.typedPerFilterConfig, name);
      if (config !== undefined) return config;
    }
  }
  return undefined;
}

/** The forwarding action of the route. */
export function actionOf(exchange: Exchange): RouteAction | undefined {
  return exchange.selection?.route.route;
}

/** Values for formats in headers, as far as a simulation knows them. */
export function formatOf(exchange: Exchange): FormatValue {
  const { accepted, headers, remoteIp } = exchange;
  return (command) => {
    const [, name = '', argument = ''] = /^([A-Z_]+)(?:\((.*)\))?/.exec(command) ?? [];
    switch (name) {
      case 'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT':
        return remoteIp;
      case 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT':
        return accepted.connection.source.ip;
      case 'DOWNSTREAM_REMOTE_ADDRESS':
        return formatHostPort(remoteIp, accepted.connection.source.port || undefined);
      case 'DOWNSTREAM_LOCAL_ADDRESS':
        return accepted.base.local;
      case 'DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT':
        return accepted.destination.ip;
      case 'DOWNSTREAM_LOCAL_PORT':
        return String(accepted.destination.port);
      case 'DOWNSTREAM_PEER_URI_SAN':
        return accepted.peer?.uris.join(',');
      case 'DOWNSTREAM_LOCAL_URI_SAN':
        return accepted.isTls ? accepted.pod.identity : undefined;
      case 'REQUESTED_SERVER_NAME':
        return accepted.serverName === '' ? undefined : accepted.serverName;
      case 'PROTOCOL':
        return exchange.version;
      case 'ROUTE_NAME':
        return exchange.selection?.route.name;
      case 'UPSTREAM_CLUSTER':
      case 'UPSTREAM_CLUSTER_RAW':
        return exchange.selection?.clusterName;
      case 'REQ':
        return requestHeader(argument, headers);
      case 'PATH':
        return headers.get(':path');
      default:
        return undefined;
    }
  };
}

function requestHeader(argument: string, headers: MessageHeaders): string | undefined {
  const [first = '', second] = argument.split('?');
  return headers.get(first) ?? (second === undefined ? undefined : headers.get(second));
}
