import type { Noticed } from '../../diff/report.ts';
import { decisionWords } from '../../output/trace/decision-words.ts';
import { decisionOf } from '../../trace/decision.ts';
import type { Outcome } from '../../trace/outcome.ts';

/** Headers whose values say nothing about the configuration. */
const CHANCE =
  /^(x-request-id|x-b3-.*|traceparent|x-forwarded-client-cert|date|content-length|x-envoy-upstream-service-time|x-envoy-decorator-operation|authorization)$/;

/** What can be noticed about the ways that a request takes; more of one that reaches a server. */
export function notice(outcomes: readonly Outcome[]): Noticed {
  const seen = {
    status: shares(outcomes, ({ status }) => (status === 0 ? 'no answer' : String(status))),
    flags: shares(outcomes, ({ logs }) => logs[0]?.flags ?? '-'),
    policy: shares(outcomes, policyOf),
    cluster: shares(outcomes, clusterOf),
    pods: shares(outcomes, (outcome) => podsOf(deliveryOf(outcome))),
    mirrors: shares(outcomes, mirrorsOf),
    'response headers': shares(outcomes, ({ headers }) => headerText(headers)),
    delay: shares(outcomes, ({ seconds }) => (seconds === 0 ? '' : `${seconds}s`)),
  };
  const delivered = outcomes.filter((outcome) => deliveryOf(outcome) !== undefined);
  if (delivered.length === 0) return seen;
  return {
    ...seen,
    route: shares(delivered, ({ logs }) => logs[0]?.route ?? ''),
    path: shares(delivered, (outcome) => deliveryOf(outcome)?.path ?? ''),
    host: shares(delivered, (outcome) => headerOf(outcome, ':authority') || headerOf(outcome, 'host')),
    'request headers': shares(delivered, (outcome) => headerText(deliveryOf(outcome)?.headers ?? [])),
    tls: shares(delivered, tlsOf),
  };
}

function mirrorsOf({ deliveries }: Outcome): string {
  return deliveries
    .filter(({ isMirror }) => isMirror)
    .map(podsOf)
    .join(' ');
}

function podsOf(delivery: Outcome['deliveries'][number] | undefined): string {
  const kin = delivery?.kin ?? [];
  return kin.length === 0 ? (delivery?.pod ?? '') : `${delivery?.pod} and ${kin.length} like it`;
}

/** When a request to a server that takes very long ends. */
export function noticeSlow(outcomes: readonly Outcome[], slow: number): Noticed {
  return { timeout: shares(outcomes, ({ seconds, status }) => (seconds >= slow ? 'none' : `${seconds}s (${status})`)) };
}

/** How often a request is sent to servers that fail. */
export function noticeFailing(outcomes: readonly Outcome[]): Noticed {
  return {
    attempts: shares(outcomes, ({ deliveries }) => String(deliveries.filter(({ isMirror }) => !isMirror).length)),
  };
}

/** The cluster that the first proxy chose. */
function clusterOf({ hops }: Outcome): string {
  return hops[0]?.steps.find(({ kind }) => kind === 'cluster')?.name ?? '';
}

function deliveryOf({ deliveries }: Outcome): Outcome['deliveries'][number] | undefined {
  return deliveries.find(({ isMirror }) => !isMirror);
}

function headerOf(outcome: Outcome, wanted: string): string {
  return deliveryOf(outcome)?.headers.find(([name]) => name === wanted)?.[1] ?? '';
}

function headerText(headers: readonly (readonly [string, string])[]): string {
  return headers
    .filter(([name]) => !name.startsWith(':') && name !== 'host' && !CHANCE.test(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join('; ');
}

/** The policy that decided, as the access log of the proxy tells that refused. */
function policyOf(outcome: Outcome): string {
  const refusal = decisionOf(outcome);
  return refusal === undefined ? '' : decisionWords(refusal.decision);
}

/** Whether the last connection between proxies was secured. */
function tlsOf({ hops }: Outcome): string {
  const step = hops.flatMap(({ side, steps }) => (side === 'inbound' ? steps : [])).find(({ kind }) => kind === 'tls');
  if (step?.kind !== 'tls') return 'plain';
  return step.event === 'established' && step.isMutual ? 'mutual TLS' : 'TLS, the client shows no certificate';
}

/** The values with how often each occurs; a single one stands alone. */
function shares(outcomes: readonly Outcome[], value: (outcome: Outcome) => string): string {
  const found = new Map<string, number>();
  let total = 0;
  for (const outcome of outcomes) {
    const text = value(outcome);
    found.set(text, (found.get(text) ?? 0) + outcome.share);
    total += outcome.share;
  }
  const sorted = [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const [first] = sorted;
  if (sorted.length === 1 && first !== undefined) return first[0];
  return sorted.map(([text, share]) => `${text || 'none'} ${Math.round((share / total) * 1000) / 10}%`).join(', ');
}
