import type { Listener } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { addAll } from '../util/collections.ts';
import { originOf } from '../util/origin.ts';
import type { Choose, Option } from './choices.ts';
import { type DataPlane, type NetworkPlace, podAt, podKey, seenFrom } from './data-plane.ts';
import type { MessageHeaders } from './headers.ts';
import { type Host, ipOfHost } from './host.ts';
import type { LeftAlone } from './interception.ts';
import type { AccessLogLine, Copy, Delivery, Hop, OtherDelivery } from './outcome.ts';
import type { TracePod } from './pod.ts';
import { CLIENT_PROTOCOL } from './recording/parts.ts';
import type { Recorder } from './recording/recorder.ts';
import type { TextSource } from './recording/source.ts';
import type { Fact, Step } from './step.ts';

/** One way of one request through the data plane; collects what happens. */
export interface Run {
  readonly dataPlane: DataPlane;
  readonly choose: Choose;
  readonly hops: Hop[];
  readonly logs: AccessLogLine[];
  readonly deliveries: Delivery[];
  readonly otherDeliveries: OtherDelivery[];
  /** Copies of the request, with what they bring to servers. */
  readonly copies: Copy[];
  /** The pods that one of their kin stands for, by its name. */
  readonly kin: Map<string, readonly string[]>;
  readonly trustedTokens: readonly string[];
  /** Hears what of the request decides; undefined where nobody asks. */
  readonly recorder: Recorder | undefined;
  /** Whether nodes lead connections to addresses of Services on. */
  readonly hasNodes: boolean;
  /** Whether copies of the request are followed. */
  readonly hasCopies: boolean;
  /** Whether the request is a copy. */
  readonly isMirror: boolean;
  /** The filter chains of listeners that were passed over, by what decided that; the same for all ways of a request. */
  readonly passedChains: Map<Listener, Map<string, readonly Step[]>>;
  /** Whether details are left out. */
  readonly isBrief: boolean;
  /** Where bytes came by, if ways are to end where they come by again. */
  readonly visits: Visits | undefined;
  /** When the client gives up, in seconds from the start. */
  readonly patience: number;
  /** Opens a connection: leads it through the proxies that intercept it and to its server. */
  readonly connect: (run: Run, connection: Connection) => Answer;
}

/** What becomes of a connection that is led around for ever. */
export const GOES_IN_A_CIRCLE: Answer = { kind: 'closed', reason: 'the request goes in a circle', seconds: 0 };

/** The proxies that bytes came to, and whether some came to one again. */
export interface Visits {
  readonly places: Map<Payload, Set<string>>;
  isCircle: boolean;
}

/** Whether bytes that proxies pass on as they are come to a place for a second time. */
export function comesAgain({ visits }: Run, place: string, payload: Payload): boolean {
  if (visits === undefined || payload.kind !== 'tls') return false;
  const places = visits.places.get(payload) ?? new Set<string>();
  visits.places.set(payload, places);
  if (places.has(place)) visits.isCircle = true;
  places.add(place);
  return visits.isCircle;
}

/** The same run, at another place of the data plane. */
export function runAt(run: Run, place: NetworkPlace | undefined): Run {
  const dataPlane = seenFrom(run.dataPlane, place);
  return dataPlane === run.dataPlane ? run : { ...run, dataPlane };
}

/** Bytes that a connection carries, layer by layer. */
export type Payload =
  | {
      readonly kind: 'http';
      readonly version: 'HTTP/1.1' | 'HTTP/2';
      /** What it would be here if its client spoke HTTP/2; absent where nobody asks. */
      readonly versionOfHttp2?: 'HTTP/1.1' | 'HTTP/2';
      readonly headers: MessageHeaders;
      /** What goes through the tunnel that a CONNECT opens (HBONE); undefined where nobody waits for one. */
      readonly tunnel?: Payload;
    }
  | { readonly kind: 'tls'; readonly hello: TlsHello; readonly inner: Payload }
  | { readonly kind: 'proxy-protocol'; readonly sourceIp: string; readonly inner: Payload }
  /** Bytes of another protocol; silent where the client waits for the server's. */
  | { readonly kind: 'opaque'; readonly isSilent?: boolean };

/** What a TLS client says and demands. */
export interface TlsHello {
  readonly serverName: string;
  readonly applicationProtocols: readonly string[];
  /** Where the server name comes from, if a proxy makes it of the request. */
  readonly serverNameSource?: TextSource | undefined;
  /** What the client demands of a server of which nothing is known, and shows it, as one text. */
  readonly demands?: () => string;
  /** Shown when the server asks for one. */
  readonly certificate: PeerCertificate | undefined;
  /** Where the name of the certificate comes from, if it may be any, and none as well. */
  readonly certificateSource?: TextSource | undefined;
  /** What the client thinks of the server's certificate; a text says why it refuses. */
  verify(certificate: PeerCertificate): string | undefined;
}

/** What a client's TLS asks for and shows, as servers are told. */
export function toldOfHello(hello: TlsHello | undefined): NonNullable<OtherDelivery['tls']> | undefined {
  return hello && { serverName: hello.serverName, isMutual: hello.certificate !== undefined };
}

/** Tells a recorder what a client's proxy shows a server of which nothing is known, and demands of it. */
export function noteDemands({ recorder }: Run, hello: TlsHello | undefined): void {
  if (recorder !== undefined && hello?.demands !== undefined)
    recorder.assume({ kind: 'unseen', what: 'certificates', config: hello.demands() });
}

/** Notes what a server would be spoken to in if the client spoke HTTP/2. */
export function noteProtocol({ recorder }: Run, payload: Payload): void {
  if (payload.kind !== 'http' || payload.versionOfHttp2 === undefined) return;
  recorder?.assume({ kind: 'unseen', what: CLIENT_PROTOCOL, config: payload.versionOfHttp2 });
}

/** A certificate as far as checks go. */
export interface PeerCertificate {
  readonly uris: readonly string[];
  /** DNS names; `*` where they are not known and taken to fit. */
  readonly dnsNames: readonly string[];
  /** Whom it is for; those of the mesh do not say it. */
  readonly subject?: string;
  /** Set where nobody trusts the authority that has signed it. */
  readonly isUntrusted?: true;
  /** Where its name comes from, if it may be any. */
  readonly source?: TextSource | undefined;
}

/** How a connection ends for the one who opened it. */
export type Answer =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers: MessageHeaders;
      readonly body: string;
      readonly seconds: number;
    }
  /** No connection; `error` is what the operating system says. */
  | { readonly kind: 'refused'; readonly reason: string; readonly error: string }
  /** The TLS handshake fails on the server's side before it is complete, or on the client's. */
  | { readonly kind: 'tls-failure'; readonly reason: string; readonly error: string }
  /** The connection closes without an answer. */
  | {
      readonly kind: 'closed';
      readonly reason: string;
      readonly seconds: number;
      /** Closed before its bytes were read, which resets it. */
      readonly isReset?: boolean;
      /** Closed because its bytes are not of the protocol that the server speaks. */
      readonly isProtocolError?: boolean;
      /** Closed because the client at the beginning gave up. */
      readonly isAbandoned?: boolean;
    }
  /** The tunnel that was asked for is there, and the connection inside of it ends like this. */
  | { readonly kind: 'tunnel'; readonly answer: Answer };

/** What Envoy's TLS library says of failures that the other side brings about. */
export const TLS_ERRORS = {
  reset: '33554536:system library:OPENSSL_internal:Connection reset by peer',
  /** Before the handshake: a certificate or authority has not come. */
  noSecret: 'Secret is not supplied by SDS',
  notTls: '268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER',
  refused: '268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: ',
} as const;

/** Where a connection goes: to an address, to a Unix socket, to a listener inside of the proxy that opens it. */
export type ConnectionTarget =
  | { readonly ip: string; readonly port: number }
  | { readonly socket: string }
  | { readonly internal: string; readonly passed: PassedState };

/** What a connection inside of a proxy brings along from where it was opened. */
export interface PassedState {
  /** Objects that filters share with what comes after them, as texts. */
  readonly filterState: ReadonlyMap<string, string>;
  /** Where the endpoint says that the connection is for, and the waypoint through which it is reached. */
  readonly local?: string;
  readonly waypoint?: string;
  /** What else the endpoint says that its transport socket passes on, by names of metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The side of the proxy that opened it. */
  readonly side: Hop['side'];
}

/** A connection that somebody opens. */
export interface Connection {
  /** The pod it comes from; undefined for somewhere outside. */
  readonly from: TracePod | undefined;
  /** Whether the pod's proxy opens it, not its application. */
  readonly isFromProxy: boolean;
  readonly source: { readonly ip: string; readonly port: number };
  readonly destination: ConnectionTarget;
  /** Where the name of the destination comes from, if it is made of the request. */
  readonly nameSource?: TextSource | undefined;
  readonly payload: Payload;
  /** Whether ztunnel opens it, in the pod's stead. */
  readonly isFromZtunnel?: boolean;
  /** Why it arrived past the sidecar of the pod that it is for, if it did. */
  readonly pastSidecar?: LeftAlone;
  /** Seconds since the start of the trace. */
  readonly startedAt: number;
  /** How many connections led here; guards against circles. */
  readonly depth: number;
}

/** What happened, with the part of the configuration that made it happen. */
export function stepOf(isDetail: boolean, fact: Fact, cause?: unknown): Step {
  const origin = originOf(cause);
  return { ...fact, isDetail, ...(origin === undefined ? {} : { origin }) };
}

/** Collects the steps of a hop. */
export interface HopRecorder {
  /** Notes what happened, and the part of the configuration that made it happen. */
  step(fact: Fact, cause?: unknown): void;
  /** Told only when details are asked for. */
  detail(fact: Fact, cause?: unknown): void;
  /** Steps that are details. */
  details(steps: readonly Step[]): void;
  log(entry: AccessLogLine): void;
}

/** Begins a hop; its place in the list is where it begins. */
export function beginHop(run: Run, place: string, side: Hop['side']): HopRecorder {
  const steps: Step[] = [];
  const index = run.hops.length;
  run.hops.push({ place, side, steps });
  return {
    step: (fact, cause) => void steps.push(stepOf(false, fact, cause)),
    detail: run.isBrief ? () => {} : (fact, cause) => void steps.push(stepOf(true, fact, cause)),
    details: (others) => addAll(steps, others),
    log(entry) {
      run.logs.push(entry);
      run.hops[index] = { place, side, steps, log: entry };
    },
  };
}

/** One of the hosts that a connection can go to, and the pod there; the run remembers for which others it stands. */
export function takeHost<H extends Host>(
  { choose, dataPlane, kin }: Run,
  [first, ...rest]: readonly Option<H>[],
): { readonly host: H; readonly pod: TracePod | undefined } | undefined {
  if (first === undefined) return undefined;
  const host = choose([first, ...rest]);
  const ip = ipOfHost(host);
  const pod = ip === undefined ? undefined : podAt(dataPlane, ip);
  if (pod !== undefined && host.kin !== undefined) kin.set(podKey(pod), host.kin);
  return { host, pod };
}

/** A proxy that handles a connection, with lookups into its configuration. */
export interface ProxyContext {
  readonly run: Run;
  readonly pod: TracePod;
  readonly snapshot: XdsSnapshot;
  readonly hop: HopRecorder;
  readonly side: Hop['side'];
  /** What filters note for what comes after the proxy. */
  readonly shares: ReadonlyMap<string, string>;
}

/** How a connection ends, in the tunnel if there is one. */
export function endOf(answer: Answer): Exclude<Answer, { kind: 'tunnel' }> {
  return answer.kind === 'tunnel' ? endOf(answer.answer) : answer;
}

/** Seconds of a duration in protobuf JSON. */
export function secondsOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.replace(/s$/, ''));
}
