import type {
  Any,
  HttpConnectionManager,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
  WeightedClusterClusterWeight,
} from '../../envoy/api.gen.ts';
import { allOf, not, textTest } from '../../request-space/formula.ts';
import { addAll } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { own } from '../../util/object.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { type AcceptedConnection, peerNamesOf } from '../accepted.ts';
import { createHeaders, dimensionOf, type MessageHeaders } from '../headers.ts';
import { type RecordedSubject, sceneOfSubject } from '../rbac.ts';
import { IDENTITY, SERVER_NAME } from '../recording/parts.ts';
import type { Forwarded } from '../recording/recorder.ts';
import { serverNameScene } from '../recording/scenes.ts';
import { made, type TextSource } from '../recording/source.ts';
import type { Answer, Payload, ProxyContext } from '../run.ts';
import { URI_MARK } from '../tls.ts';
import { type FormatValue, formatText } from './header-mutations.ts';
import { looksLikeGrpc } from './route-match.ts';

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
  /** As of its payload. */
  readonly versionOfHttp2?: 'HTTP/1.1' | 'HTTP/2' | undefined;
  /** What goes through the tunnel that it asks for. */
  readonly tunnel: Payload | undefined;
  readonly headers: MessageHeaders;
  /** The client's address, as forwarded headers tell where they are trusted. */
  readonly remoteIp: string;
  readonly forwarded: Forwarded | undefined;
  readonly metadata: Map<string, Record<string, unknown>>;
  /** Issuers of the tokens whose claims are among the metadata. */
  readonly claims: Map<string, string>;
  selection: Selection | undefined;
  readonly flags: string[];
  details: string | null;
  /** Seconds spent in this proxy so far. */
  seconds: number;
  /** What filters do with the response, in the order of the filters. */
  readonly onResponse: ((response: Response) => void)[];
}

/** A header of an answer, and where it comes from if it is made of the request. */
export type ResponseHeader = readonly [name: string, value: string, source?: TextSource | undefined];

function responseHeaders(usual: readonly ResponseHeader[], others: readonly ResponseHeader[]): MessageHeaders {
  const headers = createHeaders();
  for (const [name, value, source] of [...usual, ...others]) headers.add(name, value, source);
  return headers;
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
    readonly headers?: readonly ResponseHeader[];
  },
): Response {
  exchange.details = details.replaceAll(' ', '_');
  addAll(exchange.flags, flags);
  // In which words the answer is given says nothing about why, so it is not recorded.
  if (looksLikeGrpc(exchange.headers.values)) return grpcReply(status, body, headers);
  const length = ['content-length', String(body.length)] as const;
  const typed = body === '' ? [length] : [length, ['content-type', 'text/plain'] as const];
  return { kind: 'response', status, headers: responseHeaders(typed, headers), body, seconds: 0 };
}

/** To gRPC a proxy answers 200, with the status in a header. Envoy source/common/grpc/status.cc httpToGrpcStatus. */
function grpcReply(status: number, body: string, headers: readonly ResponseHeader[]): Response {
  const own = headers.some(([name]) => name === 'grpc-status');
  const told: readonly ResponseHeader[] = [
    ['content-type', 'application/grpc'],
    ...(own ? [] : [['grpc-status', grpcStatuses.get(status) ?? UNKNOWN_STATUS] as const]),
    ...(body === '' ? [] : [['grpc-message', body] as const]),
  ];
  return { kind: 'response', status: 200, headers: responseHeaders([], [...headers, ...told]), body: '', seconds: 0 };
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

/** Who compiles the expressions of users. */
export function expressionsOf({ context }: Exchange): ExpressionCompiler {
  return context.run.dataPlane.lookups.compile;
}

/** What policies see of a request. */
export function subjectOf(exchange: Exchange): RecordedSubject {
  const { accepted, headers, remoteIp, forwarded, metadata, claims } = exchange;
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
    compile: expressionsOf(exchange),
    recorder: headers.recorder,
    forwarded,
    claims,
    serverNameSource: accepted.serverNameSource,
    peerSource: accepted.peer?.source,
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

function listOf(names: readonly string[] = []): string | undefined {
  return names.length === 0 ? undefined : names.join(',');
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
        return listOf(accepted.peer?.uris);
      case 'DOWNSTREAM_PEER_SUBJECT':
        return accepted.peer?.subject;
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
        return headers.told(':path');
      default:
        // There would be something.
        return '-';
    }
  };
}

function requestHeader(argument: string, headers: MessageHeaders): string | undefined {
  const values = argument.split('?').slice(0, 2).map(headers.told);
  return values.find((value) => value !== undefined);
}

/** The headers of a request that a format names. */
function headersIn(text: string): readonly string[] {
  const names: string[] = [];
  formatText(text, (command) => {
    if (command.startsWith('REQ('))
      addAll(
        names,
        command
          .slice('REQ('.length)
          .replace(/\)[^)]*$/, '')
          .split('?'),
      );
    else if (command.startsWith('PATH')) names.push(':path');
    return '';
  });
  return names;
}

const IS_URI = textTest(IDENTITY, { kind: 'contains', text: URI_MARK });

/** Where what a format says comes from; undefined where it is the same for all requests that come this way. */
export function formatSource(exchange: Exchange): (text: string, value: string) => TextSource | undefined {
  const { headers, accepted } = exchange;
  const { recorder } = headers;
  return (text, value) => {
    if (recorder === undefined) return undefined;
    const names = headersIn(text);
    // What is empty may leave the whole header out.
    for (const name of names) {
      const dimension = dimensionOf(name);
      headers.decide(
        () => allOf([textTest(dimension, { kind: 'present' }), not(textTest(dimension, { kind: 'exact', text: '' }))]),
        (values) => (values.get(name) ?? '') !== '',
      );
    }
    const parts = names.map(headers.sourceOf);
    const { address, serverName } = recorder.chosen;
    if (serverName !== undefined && /%REQUESTED_SERVER_NAME[%(:]/.test(text)) {
      const { serverName: asked, serverNameSource: given } = accepted;
      recorder.holds(textTest(SERVER_NAME, { kind: 'present' }), asked !== '', serverNameScene(asked, given, recorder));
    }
    const isOfPeer = accepted.peer?.source !== undefined && text.includes('%DOWNSTREAM_PEER_');
    // Of each kind of names a certificate may have none.
    if (isOfPeer) {
      const scene = sceneOfSubject(subjectOf(exchange));
      recorder.holds(IS_URI, accepted.peer?.uris.length !== 0, scene);
    }
    const isOfConnection =
      isOfPeer ||
      ((address !== undefined || accepted.isOutbound) && /%DOWNSTREAM_(DIRECT_)?REMOTE/.test(text)) ||
      (serverName !== undefined && text.includes('%REQUESTED_SERVER_NAME'));
    const connection: readonly TextSource[] = isOfConnection ? [{ kind: 'made', by: 'connection', of: [], value }] : [];
    return parts.length + connection.length === 0 ? undefined : made(text, [...parts, ...connection], value);
  };
}
