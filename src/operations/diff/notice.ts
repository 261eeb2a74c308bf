import { isSomewhere } from '../../sample-requests/targets.ts';
import { decisionOf } from '../../trace/decision.ts';
import { firstLog } from '../../trace/first-proxy.ts';
import type { Copy, Delivery, Hop, OtherDelivery, Outcome, TraceRequest } from '../../trace/outcome.ts';
import { arrivesThroughTunnel } from '../../trace/ztunnel/arrival.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { compareText } from '../../util/text.ts';
import {
  type ConnectionTls,
  type CopyFact,
  type Header,
  type Noticed,
  type ServingPod,
  type Shares,
  sharesBy,
} from './noticed.ts';

/** Headers whose values say nothing about the configuration. */
export const CHANCE: RegExp =
  /^(x-request-id|x-b3-.*|traceparent|x-forwarded-client-cert|date|content-length|x-envoy-upstream-service-time|x-envoy-decorator-operation|authorization)$/;

/** What can be noticed about the ways that a request takes; more of one that reaches a server. */
export function notice(outcomes: readonly Outcome[], request: TraceRequest): Noticed {
  const seen: Noticed = {
    status: sharesOf(outcomes, ({ status }) => status),
    flags: sharesOf(outcomes, (outcome) => firstLog(outcome, { proxy: undefined, isClient: false })?.flags ?? '-'),
    policy: sharesOf(outcomes, (outcome) => decisionOf(outcome)?.decision ?? { kind: 'none' as const }),
    cluster: sharesOf(outcomes, clusterOf),
    pods: sharesOf(outcomes, (outcome) => servingPods(outcome)),
    outside: sharesOf(outcomes, (outcome) => placeOutside(outsideOf(outcome), request)),
    mirrors: sharesOf(outcomes, mirrorsOf),
    copies: sharesOf(outcomes, ({ copies = [] }) => inOrder(copies.map(factsOfCopy)).flat()),
    responseHeaders: sharesOf(outcomes, ({ headers }) => configuredHeaders(headers)),
    delay: sharesOf(outcomes, ({ seconds }) => seconds),
  };
  const arrived = outcomes.filter((outcome) => deliveryOf(outcome) !== undefined || otherDeliveryOf(outcome) !== undefined);
  if (arrived.length === 0) return seen;
  const atPods = arrived.filter((outcome) => outsideOf(outcome) === undefined);
  return {
    ...seen,
    path: sharesOf(arrived, (outcome) => requestOf(outcome)?.path ?? ''),
    host: sharesOf(arrived, (outcome) => hostOf(requestOf(outcome))),
    requestHeaders: sharesOf(arrived, (outcome) => configuredHeaders(requestOf(outcome)?.headers ?? [])),
    ...(atPods.length > 0 && {
      port: sharesOf(atPods, (outcome) => (deliveryOf(outcome) ?? otherDeliveryOf(outcome))?.port ?? ''),
    }),
    tls: sharesOf(arrived, (outcome) => tlsOf(outcome.hops, deliveryOf(outcome) ?? outsideOf(outcome))),
    serverName: sharesOf(arrived, (outcome) => (deliveryOf(outcome) ?? outsideOf(outcome))?.tls?.serverName ?? ''),
    protocol: sharesOf(arrived, protocolOf),
  };
}

/** When a request to a server that takes very long ends. */
export function noticeSlow(outcomes: readonly Outcome[], slow: number): Noticed {
  return { timeout: sharesOf(outcomes, ({ seconds, status }) => (seconds >= slow ? 'waits' : { seconds, status })) };
}

/** How often a request is sent to servers that fail. */
export function noticeFailing(outcomes: readonly Outcome[]): Noticed {
  return {
    attempts: sharesOf(
      outcomes,
      ({ deliveries, otherDeliveries = [] }) => [...deliveries, ...otherDeliveries].filter(({ isMirror }) => !isMirror).length,
    ),
  };
}

/** The pod that gets a request, or a connection of another protocol. */
function servingPods(outcome: Outcome): readonly ServingPod[] {
  const [delivery, arrival] = [deliveryOf(outcome), otherDeliveryOf(outcome)];
  if (delivery !== undefined) return [{ pod: delivery.pod, alike: delivery.kin?.length ?? 0 }];
  return arrival === undefined || arrival.isOutside ? [] : [{ pod: arrival.place, alike: arrival.kin?.length ?? 0 }];
}

function mirrorsOf({ deliveries, otherDeliveries = [] }: Outcome): readonly ServingPod[] {
  const all = [...deliveries.map(({ pod, ...others }) => ({ place: pod, ...others })), ...otherDeliveries];
  return inOrder(all.filter(({ isMirror }) => isMirror).map(({ place, kin = [] }) => ({ pod: place, alike: kin.length })));
}

/** Of copies, which of them is the first means nothing. */
function inOrder<T>(values: readonly T[]): readonly T[] {
  if (values.length < 2) return values;
  return values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => compareText(a.text, b.text))
    .map(({ value }) => value);
}

/** How a copy arrives, if it does: what is compared of the request itself. */
function factsOfCopy({ hops, shared, deliveries: [delivery], otherDeliveries: [other] }: Copy): readonly CopyFact[] {
  const to = delivery?.pod ?? other?.place;
  if (to === undefined) return [];
  const request = delivery ?? other?.request;
  const arrival = delivery ?? (other?.isOutside === true ? other : undefined);
  return [
    { to, what: 'path', is: request?.path ?? '' },
    { to, what: 'host', is: hostOf(request) },
    ...configuredHeaders(request?.headers ?? []).map((header): CopyFact => ({ to, what: 'header', is: header })),
    { to, what: 'port', is: String((delivery ?? other)?.port ?? '') },
    { to, what: 'tls', is: tlsOf(hops.slice(shared), arrival) },
    { to, what: 'server name', is: arrival?.tls?.serverName ?? '' },
    { to, what: 'protocol', is: protocolOf({ hops }) },
  ];
}

/** What comes to a server that keeps no account of requests. */
function otherDeliveryOf({ otherDeliveries = [] }: Outcome): OtherDelivery | undefined {
  return otherDeliveries.find(({ isMirror }) => !isMirror);
}

function outsideOf(outcome: Outcome): OtherDelivery | undefined {
  const arrival = deliveryOf(outcome) === undefined ? otherDeliveryOf(outcome) : undefined;
  return arrival?.isOutside === true ? arrival : undefined;
}

/** The place of a server outside; where that is what stands for the address of the host that is asked for, the host. */
function placeOutside(arrival: OtherDelivery | undefined, { address, authority, serverName }: TraceRequest): string {
  if (arrival === undefined) return '';
  const isAsked = 'ip' in address && isSomewhere(address.ip) && arrival.place === formatHostPort(address.ip, address.port);
  return isAsked ? formatHostPort(serverName ?? authority.replace(/:\d*$/, ''), address.port) : arrival.place;
}

/** The request as a server gets it. */
function requestOf(outcome: Outcome): Pick<Delivery, 'path' | 'headers'> | undefined {
  return deliveryOf(outcome) ?? otherDeliveryOf(outcome)?.request;
}

/** The protocol that the last proxy speaks which reads requests; that of the client where none does. */
function protocolOf({ hops }: Pick<Outcome, 'hops'>): 'HTTP/1.1' | 'HTTP/2' {
  const spoken = hops.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'endpoint' && step.event === 'chosen' ? (step.version ?? []) : [])),
  );
  return spoken.at(-1) ?? 'HTTP/1.1';
}

/** The cluster that the first proxy chose. */
function clusterOf({ hops }: Outcome): string {
  return hops[0]?.steps.find(({ kind }) => kind === 'cluster')?.name ?? '';
}

function deliveryOf({ deliveries }: Outcome): Delivery | undefined {
  return deliveries.find(({ isMirror }) => !isMirror);
}

function hostOf(request: Pick<Delivery, 'headers'> | undefined): string {
  const headerOf = (wanted: string): string => request?.headers.find(([name]) => name === wanted)?.[1] ?? '';
  return headerOf(':authority') || headerOf('host');
}

function configuredHeaders(headers: readonly Header[]): readonly Header[] {
  return headers
    .filter(([name]) => !name.startsWith(':') && name !== 'host' && !CHANCE.test(name))
    .sort((a, b) => compareText(a.join(': '), b.join(': ')));
}

/** Whether the last connection between proxies, or to a server that ends TLS itself, was secured; tunnels are. */
function tlsOf(hops: readonly Hop[], arrival: Pick<Delivery, 'tls'> | OtherDelivery | undefined): ConnectionTls {
  const isOutside = arrival !== undefined && 'isOutside' in arrival && arrival.isOutside;
  if (!isOutside && arrivesThroughTunnel({ hops })) return 'mutual';
  // What came in a tunnel is taken by the same proxy twice.
  const last = isOutside ? undefined : hops.findLast(({ side }) => side === 'inbound')?.place;
  const taken = hops.filter(({ side, place }) => side === 'inbound' && place === last);
  const step = taken.flatMap(({ steps }) => steps).find(({ kind }) => kind === 'tls');
  if (step?.kind === 'tls') return step.event === 'established' && step.isMutual ? 'mutual' : 'server-only';
  if (arrival?.tls === undefined) return 'plain';
  return arrival.tls.isMutual ? 'mutual' : 'server-only';
}

function sharesOf<T>(outcomes: readonly Outcome[], valueOf: (outcome: Outcome) => T): Shares<T> {
  return sharesBy(
    outcomes.map((outcome) => ({ value: outcome, share: outcome.share })),
    valueOf,
  );
}
