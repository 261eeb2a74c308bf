import { policyName } from '../../envoy/policy-name.ts';
import { type Sample, sentRequest, urlOf } from '../../sample-requests/samples.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import { traceRequest } from '../../trace/trace.ts';
import { arrivesThroughTunnel } from '../../trace/ztunnel/arrival.ts';
import type { Attempt, Reason, Security } from './graph.ts';
import { refusalOf } from './refusal.ts';
import type { Parties } from './workloads.ts';

/** From where a request is sent, and what is known of its way. */
export interface SentWay extends Partial<Pick<TraceRequest, 'address' | 'entersAt' | 'sourceIp'>> {
  readonly from: string;
  readonly ownIp: string | undefined;
}

/** What becomes of a sample that is sent. */
export function sendSample(sample: Sample, { ownIp, ...way }: SentWay, dataPlane: DataPlane): readonly Outcome[] {
  return traceRequest(dataPlane, { ...sentRequest(sample, ownIp), isBrief: true, isWithoutCircles: true, ...way });
}

/** What became of a sample, on each of its ways. */
export function attemptsOf(
  sample: Sample,
  outcomes: readonly Outcome[],
  dataPlane: DataPlane,
  idOf: Parties['idOf'],
  connection: string = connectionWords({}),
): readonly Attempt[] {
  const { method, headers, claims, target } = sample;
  const isHttp = target.scheme === 'http' || target.scheme === 'https';
  const shown = headers.filter(([name]) => name !== 'authorization').map(([name, value]) => `${name}: ${value}`);
  const request = isHttp
    ? [
        `${method} ${urlOf(sample).replace(/^\w+:\/\/[^/]*/, '')}`,
        ...shown,
        ...(claims === undefined ? [] : [`token ${JSON.stringify(claims)}`]),
      ].join(' ')
    : connection;
  return outcomes.map((outcome) => ({ request, ...endingOf(outcome, target.scheme, dataPlane, idOf) }));
}

/** A connection, for people, as far as it differs from others. */
export function connectionWords(which: {
  readonly to?: string | undefined;
  readonly serverName?: string | undefined;
  readonly address?: string | undefined;
}): string {
  const { to, serverName = '', address } = which;
  return [
    'connection',
    ...(address === undefined ? [] : [`from ${address}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(serverName === '' ? [] : [`for ${serverName}`]),
  ].join(' ');
}

/** What became of a request on one of its ways. */
export type Ending = Omit<Attempt, 'request'>;

/** How one of the ways of a request ends. */
export function endingOf(outcome: Outcome, scheme: Target['scheme'], dataPlane: DataPlane, idOf: Parties['idOf']): Ending {
  const workloadOf = (key: string): string => {
    const pod = podNamed(dataPlane, key);
    return pod === undefined ? key : idOf(pod);
  };
  const { hops, deliveries, status } = outcome;
  const refusal = refusalOf(outcome, dataPlane);
  const tls = tlsOf(outcome, scheme);
  if (refusal !== undefined) return { end: 'denied', to: [], tls: undefined, because: [refusal] };
  const server = hops.find(({ side }) => side === 'server');
  const cluster = hops[0]?.steps.find(({ kind }) => kind === 'cluster')?.name ?? '';
  const served = deliveries.filter(({ isMirror }) => !isMirror).flatMap(({ pod, kin = [] }) => [pod, ...kin]);
  const workloads = [...new Set(served.map(workloadOf))];
  const isUnknown = cluster === 'PassthroughCluster';
  const unknown: readonly Reason[] = isUnknown ? [{ kind: 'unknown host', isBlocked: false }] : [];
  // What is passed through to a pod of the mesh ends there, one way or the other.
  const isStranger = !hops.some(
    ({ side }, index) => index > 0 && (side === 'service' || side === 'inbound' || side === 'ztunnel inbound'),
  );
  if (isUnknown && isStranger && workloads.length === 0) return { end: 'passthrough', to: [], tls: undefined, because: unknown };
  const because = [...unknown, ...allowedBy(outcome)];
  if (workloads.length > 0) return { end: 'delivered', to: workloads, tls, because };
  const isHttp = scheme === 'http' || scheme === 'https';
  if (server !== undefined && (!isHttp || status > 0)) {
    const pod = podNamed(dataPlane, server.place);
    return { end: 'delivered', to: pod === undefined ? [] : [workloadOf(server.place)], tls, because };
  }
  return { end: 'unreachable', to: [], tls: undefined, because: [...unknown, reasonOf(outcome, cluster)] };
}

/** The policies that let the request pass. */
function allowedBy({ hops }: Outcome): readonly Reason[] {
  return hops.flatMap(({ steps, side }) =>
    steps.flatMap((step): readonly Reason[] => {
      if (step.kind !== 'policy' || step.event !== 'decides' || !step.isAllowed) return [];
      if (step.of !== 'request' && side !== 'ztunnel inbound') return [];
      const policy = policyName(step.name);
      return policy === undefined ? [] : [{ kind: 'allowed', policy: policy.name, rule: policy.rule }];
    }),
  );
}

function reasonOf({ hops, logs, status }: Outcome, cluster: string): Reason {
  const isBlocked = cluster === 'BlackHoleCluster' || hops[0]?.steps.some(({ name }) => name === 'block_all');
  if (isBlocked) return { kind: 'unknown host', isBlocked: true };
  // What fails last fails first for those before it.
  const failing = logs.find(({ flags, side }) => flags !== '-' && side === 'INBOUND') ?? logs.find(({ flags }) => flags !== '-');
  const { flags = '', proxy = '', isHttp = false } = failing ?? {};
  if (flags.includes('UH')) return { kind: 'no healthy endpoints' };
  if (flags.includes('NC')) return { kind: 'missing cluster' };
  if (flags.includes('NR')) return { kind: isHttp ? 'no route' : 'no filter chain', proxy };
  if (flags.includes('UF')) return { kind: 'connection fails' };
  const last = hops.at(-1)?.steps.at(-1);
  if (last === undefined) return { kind: 'status', status };
  const { origin: _, isDetail: __, ...fact } = last;
  return { kind: 'last step', fact };
}

/** How the last connection to a proxy of a server is secured. */
function tlsOf({ hops }: Outcome, scheme: Target['scheme']): Security | undefined {
  if (arrivesThroughTunnel({ hops })) return 'mutual TLS';
  const inbound = hops.find(({ side }) => side === 'inbound');
  const step = inbound?.steps.find(({ kind }) => kind === 'tls');
  if (step?.kind === 'tls') return step.event === 'established' && step.isMutual ? 'mutual TLS' : 'TLS';
  if (scheme === 'tls') return 'TLS of the caller';
  return hops.some(({ side }) => side === 'server') || inbound !== undefined ? 'plain' : undefined;
}
