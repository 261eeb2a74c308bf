import { decisionOf } from '../../trace/decision.ts';
import { firstLog } from '../../trace/first-proxy.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { arrivesThroughTunnel } from '../../trace/ztunnel/arrival.ts';
import { compareText } from '../../util/text.ts';
import type { Header, Noticed, ServingPod, Shares } from './noticed.ts';

/** Headers whose values say nothing about the configuration. */
export const CHANCE: RegExp =
  /^(x-request-id|x-b3-.*|traceparent|x-forwarded-client-cert|date|content-length|x-envoy-upstream-service-time|x-envoy-decorator-operation|authorization)$/;

/** What can be noticed about the ways that a request takes; more of one that reaches a server. */
export function notice(outcomes: readonly Outcome[]): Noticed {
  const seen: Noticed = {
    status: sharesOf(outcomes, ({ status }) => status),
    flags: sharesOf(outcomes, (outcome) => firstLog(outcome, { proxy: undefined, isClient: false })?.flags ?? '-'),
    policy: sharesOf(outcomes, (outcome) => decisionOf(outcome)?.decision ?? { kind: 'none' as const }),
    cluster: sharesOf(outcomes, clusterOf),
    pods: sharesOf(outcomes, (outcome) => [deliveryOf(outcome)].flatMap(podOf)),
    mirrors: sharesOf(outcomes, ({ deliveries }) => deliveries.filter(({ isMirror }) => isMirror).flatMap(podOf)),
    responseHeaders: sharesOf(outcomes, ({ headers }) => configuredHeaders(headers)),
    delay: sharesOf(outcomes, ({ seconds }) => seconds),
  };
  const delivered = outcomes.filter((outcome) => deliveryOf(outcome) !== undefined);
  if (delivered.length === 0) return seen;
  return {
    ...seen,
    path: sharesOf(delivered, (outcome) => deliveryOf(outcome)?.path ?? ''),
    host: sharesOf(delivered, (outcome) => headerOf(outcome, ':authority') || headerOf(outcome, 'host')),
    requestHeaders: sharesOf(delivered, (outcome) => configuredHeaders(deliveryOf(outcome)?.headers ?? [])),
    tls: sharesOf(delivered, tlsOf),
  };
}

/** When a request to a server that takes very long ends. */
export function noticeSlow(outcomes: readonly Outcome[], slow: number): Noticed {
  return { timeout: sharesOf(outcomes, ({ seconds, status }) => (seconds >= slow ? 'waits' : { seconds, status })) };
}

/** How often a request is sent to servers that fail. */
export function noticeFailing(outcomes: readonly Outcome[]): Noticed {
  return { attempts: sharesOf(outcomes, ({ deliveries }) => deliveries.filter(({ isMirror }) => !isMirror).length) };
}

type Delivery = Outcome['deliveries'][number];

function podOf(delivery: Delivery | undefined): readonly ServingPod[] {
  return delivery === undefined ? [] : [{ pod: delivery.pod, alike: delivery.kin?.length ?? 0 }];
}

/** The cluster that the first proxy chose. */
function clusterOf({ hops }: Outcome): string {
  return hops[0]?.steps.find(({ kind }) => kind === 'cluster')?.name ?? '';
}

function deliveryOf({ deliveries }: Outcome): Delivery | undefined {
  return deliveries.find(({ isMirror }) => !isMirror);
}

function headerOf(outcome: Outcome, wanted: string): string {
  return deliveryOf(outcome)?.headers.find(([name]) => name === wanted)?.[1] ?? '';
}

function configuredHeaders(headers: readonly Header[]): readonly Header[] {
  return headers
    .filter(([name]) => !name.startsWith(':') && name !== 'host' && !CHANCE.test(name))
    .sort((a, b) => compareText(a.join(': '), b.join(': ')));
}

/** Whether the last connection between proxies was secured; tunnels are. */
function tlsOf({ hops }: Outcome): 'plain' | 'mutual' | 'server-only' {
  if (arrivesThroughTunnel({ hops })) return 'mutual';
  const step = hops.flatMap(({ side, steps }) => (side === 'inbound' ? steps : [])).find(({ kind }) => kind === 'tls');
  if (step?.kind !== 'tls') return 'plain';
  return step.event === 'established' && step.isMutual ? 'mutual' : 'server-only';
}

/** A share without what counting makes of it: the smallest fraction that Envoy knows is one of a million. */
export function roundedShare(share: number): number {
  return Math.round(share * 1_000_000) / 1_000_000;
}

function sharesOf<T>(outcomes: readonly Outcome[], valueOf: (outcome: Outcome) => T): Shares<T> {
  const found = new Map<string, { readonly value: T; share: number }>();
  let total = 0;
  for (const outcome of outcomes) {
    const value = valueOf(outcome);
    const key = JSON.stringify(value);
    const known = found.get(key) ?? { value, share: 0 };
    found.set(key, known);
    known.share += outcome.share;
    total += outcome.share;
  }
  return [...found]
    .map(([key, { value, share }]) => ({ key, value, share: roundedShare(share / total) }))
    .sort((a, b) => b.share - a.share || compareText(a.key, b.key))
    .map(({ value, share }) => ({ value, share }));
}
