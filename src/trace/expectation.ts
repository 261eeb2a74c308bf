import { own } from '../util/object.ts';
import { type Entry, firstLog } from './first-proxy.ts';
import type { Outcome } from './outcome.ts';

/** What Envoy logs where a server answers a request for an upgrade with anything else. */
const UPGRADE_FAILS = 'websocket_handshake_unsuccessful';

/** A text that must occur, or one that must not. */
export type TextRule = string | { readonly not: string };

/** What a request is expected to do; what is not named may be anything. */
export interface Expectation {
  /** 0 for a connection without an HTTP answer. */
  readonly status?: number;
  /** The pod that answers, any of several, or null for none. */
  readonly pod?: string | null | readonly string[];
  /** What the first proxy logs. */
  readonly flags?: string | null;
  readonly cluster?: string | null;
  readonly route?: string | null;
  readonly details?: string | null;
  /** Texts of the answer, header lines included. */
  readonly body?: TextRule | readonly TextRule[];
  /** The subset of the first proxy's cluster. */
  readonly subset?: string;
  /** Path and host as the server gets them. */
  readonly upstreamPath?: string;
  readonly upstreamHost?: string;
  /** Headers as the server gets them; null for one that must not be there. */
  readonly requestHeaders?: Readonly<Record<string, string | null>>;
  /** Headers of the answer. */
  readonly responseHeaders?: Readonly<Record<string, string | null>>;
  /** The policy that decides, or a part of its name. */
  readonly policy?: string | null;
  /** Percent of the requests by cluster of the first proxy. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** What was expected, what comes instead, and how often. */
export interface Explanation {
  readonly key: string;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly share: number;
}

/** What of an expectation fails: it must hold in every way that the request can take. */
export function explainFailures(expectation: Expectation, outcomes: readonly Outcome[], entry: Entry): readonly Explanation[] {
  const failures = new Map<string, Explanation>();
  for (const outcome of outcomes) {
    for (const { key, expected, actual } of differences(expectation, outcome, entry)) {
      const id = `${key} ${JSON.stringify(actual)}`;
      const share = (failures.get(id)?.share ?? 0) + outcome.share;
      failures.set(id, { key, expected, actual, share });
    }
  }
  return [...failures.values(), ...weightDifferences(expectation, outcomes, entry)];
}

type Difference = Omit<Explanation, 'share'>;

/** The columns of a table for one way of a request. */
export interface Observation {
  readonly status: number;
  readonly pod: string | null;
  readonly flags: string | null;
  readonly cluster: string | null;
  readonly route: string | null;
  readonly details: string | null;
}

/** What a table's columns hold for one way of a request. */
export function observed(outcome: Outcome, entry: Entry): Observation {
  const log = firstLog(outcome, entry);
  return {
    status: outcome.status,
    pod: /^\{"pod": "([^"]*)"/.exec(outcome.body)?.[1] ?? connectedPod(outcome) ?? answeringPod(outcome),
    flags: log?.flags ?? null,
    cluster: log?.cluster ?? null,
    route: log?.route ?? null,
    details: log?.details ?? null,
  };
}

/** The pod that a connection of another protocol than HTTP reaches. */
function connectedPod({ hops }: Outcome): string | null {
  const last = hops.at(-1);
  const step = last?.steps.at(-1);
  const isReached = step?.kind === 'server' && step.event === 'connection' && last?.place.includes('/') === true;
  return isReached ? last.place : null;
}

/** The pod whose server gave the answer, where it says nothing of itself. */
function answeringPod({ status, body, deliveries, hops, headers, logs }: Outcome): string | null {
  // Answers that a proxy makes to gRPC have no body either, and of one to an upgrade that fails it takes the body away.
  const isOfProxy = headers.some(([name]) => name === 'grpc-status') || logs.some(({ details }) => details === UPGRADE_FAILS);
  if (isOfProxy) return null;
  const last = hops.at(-1);
  const isServed = status !== 0 && body === '' && last?.side === 'server' && !headers.some(([name]) => name === 'location');
  return isServed ? (deliveries.filter(({ isMirror }) => !isMirror).at(-1)?.pod ?? null) : null;
}

function differences(expectation: Expectation, outcome: Outcome, entry: Entry): Difference[] {
  const seen = observed(outcome, entry);
  const out: Difference[] = [];
  for (const key of ['status', 'flags', 'cluster', 'route', 'details'] as const) {
    const expected = expectation[key];
    if (expected !== undefined && expected !== seen[key]) out.push({ key, expected, actual: seen[key] });
  }
  const { pod } = expectation;
  // The answer to HEAD has no body that could name its pod: both the pod and none are right.
  const isHead = seen.pod !== null && outcome.deliveries.at(-1)?.method === 'HEAD';
  const fits = (actual: string | null): boolean =>
    Array.isArray(pod) ? pod.includes(actual ?? '') : pod === actual || (isHead && pod === null);
  if (pod !== undefined) {
    for (const actual of [seen.pod, ...kinOf(outcome, seen.pod)].filter((one) => !fits(one)).slice(0, 1)) {
      out.push({ key: 'pod', expected: pod, actual });
    }
  }
  return [
    ...out,
    ...bodyDifferences(expectation, outcome),
    ...upstreamDifferences(expectation, outcome),
    ...policyDifferences(expectation, outcome),
    ...subsetDifferences(expectation, seen.cluster),
  ];
}

/** The pods for which the one that answers stands. */
function kinOf({ deliveries }: Outcome, pod: string | null): readonly string[] {
  return deliveries.find((delivery) => delivery.pod === pod && !delivery.isMirror)?.kin ?? [];
}

function bodyDifferences({ body }: Expectation, outcome: Outcome): Difference[] {
  if (body === undefined) return [];
  const rules: readonly TextRule[] = typeof body === 'string' || 'not' in body ? [body as TextRule] : body;
  const text = `${headOf(outcome)}${outcome.body}`;
  return rules
    .filter((rule) => (typeof rule === 'string' ? !text.includes(rule) : text.includes(rule.not)))
    .map((rule) => ({ key: 'body', expected: rule, actual: text }));
}

function headOf({ status, headers }: Outcome): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\n`);
  return status === 0 ? '' : `http/1.1 ${status}\n${lines.join('')}\n`;
}

function upstreamDifferences(expectation: Expectation, { deliveries, headers }: Outcome): Difference[] {
  const { upstreamPath, upstreamHost, requestHeaders = {}, responseHeaders = {} } = expectation;
  const delivery = deliveries.filter(({ isMirror }) => !isMirror).at(-1);
  const sent = (name: string): string | null => delivery?.headers.find(([other]) => other === name.toLowerCase())?.[1] ?? null;
  const got = (name: string): string | null => headers.find(([other]) => other === name.toLowerCase())?.[1] ?? null;
  const checks: [string, string | null | undefined, string | null][] = [
    ['upstreamPath', upstreamPath, delivery?.path ?? null],
    ['upstreamHost', upstreamHost, sent(':authority')],
    ...Object.entries(requestHeaders).map(([name, value]): [string, string | null, string | null] => [
      `requestHeaders.${name}`,
      value,
      sent(name),
    ]),
    ...Object.entries(responseHeaders).map(([name, value]): [string, string | null, string | null] => [
      `responseHeaders.${name}`,
      value,
      got(name),
    ]),
  ];
  return checks
    .filter(([, expected, actual]) => expected !== undefined && expected !== actual)
    .map(([key, expected, actual]) => ({ key, expected, actual }));
}

function policyDifferences({ policy }: Expectation, { hops }: Outcome): Difference[] {
  if (policy === undefined) return [];
  const names = hops.flatMap(({ steps }) =>
    steps.filter(({ kind, isDetail }) => kind === 'policy' && !isDetail).map(({ name }) => name),
  );
  const actual = names.filter((name) => name.startsWith('ns[')).at(-1) ?? null;
  const holds = policy === null ? actual === null : names.some((name) => name.includes(policy));
  return holds ? [] : [{ key: 'policy', expected: policy, actual }];
}

function subsetDifferences({ subset }: Expectation, cluster: string | null): Difference[] {
  const actual = cluster?.split('|')[2] ?? '';
  return subset === undefined || subset === actual ? [] : [{ key: 'subset', expected: subset, actual }];
}

function weightDifferences({ weights }: Expectation, outcomes: readonly Outcome[], entry: Entry): Explanation[] {
  if (weights === undefined) return [];
  const shares = new Map<string, number>();
  for (const outcome of outcomes) {
    const cluster = firstLog(outcome, entry)?.cluster ?? '';
    shares.set(cluster, (shares.get(cluster) ?? 0) + outcome.share * 100);
  }
  const actual = Object.fromEntries([...shares].map(([cluster, share]) => [cluster, Math.round(share * 100) / 100]));
  const names = new Set([...Object.keys(weights), ...Object.keys(actual)]);
  const fits = [...names].every((name) => Math.abs((own(weights, name) ?? 0) - (own(actual, name) ?? 0)) <= 0.01);
  return fits ? [] : [{ key: 'weights', expected: weights, actual, share: 1 }];
}
