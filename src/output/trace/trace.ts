import type { Location } from '../../diagnostics/diagnostic.ts';
import { policyName } from '../../envoy/policy-name.ts';
import type { TracedRequest } from '../../operations/trace/follow.ts';
import type { WhyNot } from '../../operations/why/reason.ts';
import type { AccessLogLine, Hop, Outcome } from '../../trace/outcome.ts';
import type { Step } from '../../trace/step.ts';
import { addAll } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { nonEmpty } from '../../util/object.ts';
import type { Origin } from '../../util/origin.ts';
import { printedJson } from '../escape/json.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { stoppableWords } from '../network-words.ts';
import { whyNotWords } from '../why/words.ts';
import { addressWords } from './address-words.ts';
import { shortWords } from './tunnel-words.ts';
import { wordsOf } from './words.ts';

/** How a trace is printed. */
export interface TracePrinting {
  /** Where the field stands that made an emitted value. */
  readonly locate: (origin: Origin) => Location | undefined;
  /** Whether to tell what was passed over. */
  readonly isVerbose: boolean;
}

/** The likeliest way step by step, then how the others differ. */
export function formatTraceText(
  { request, note, outcomes, hasMoreWays, why, stoppable }: TracedRequest,
  printing: TracePrinting,
): Printable {
  const { address, from, scheme, method, authority, target } = request;
  const isHttp = scheme === 'http' || scheme === 'https';
  const what = isHttp ? `${method} ${scheme}://${authority}${target}` : `${scheme}://${authority}`;
  const to = 'unresolved' in address ? address.unresolved : formatHostPort(address.ip, address.port);
  const lines = [what, `from ${from} to ${to}${note === undefined ? '' : ` (${addressWords(note)})`}`, ''];
  const [first, ...others] = [...outcomes].sort((a, b) => b.share - a.share);
  if (first === undefined) return printedLines(lines);
  for (const hop of first.hops) addAll(lines, [...formatHop(hop, printing), '']);
  lines.push(`${shareText(first)}${resultText(first)}`);
  if (why.length > 0) addAll(lines, ['', 'Why:', ...why.flatMap((reason) => formatReason(reason, printing))]);
  if (stoppable.length > 0)
    addAll(lines, [
      '',
      'Network policies are not simulated:',
      ...stoppable.map((connection) => `  ${stoppableWords(connection)}`),
    ]);
  if (others.length > 0) {
    lines.push('', `Other ways (${others.length}):`);
    for (const [text, share] of summarize(others)) lines.push(`  ${percent(share).padStart(6)}  ${text}`);
    if (hasMoreWays) lines.push('', 'There are more ways than these. Their shares count with those of the ways shown.');
  }
  return printedLines(lines);
}

function summarize(outcomes: readonly Outcome[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const outcome of outcomes) {
    const text = resultText(outcome);
    shares.set(text, (shares.get(text) ?? 0) + outcome.share);
  }
  return shares;
}

function shareText({ share }: Outcome): string {
  return share > 0.9999 ? '' : `${percent(share)} of the requests: `;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function resultText(outcome: Outcome): string {
  const { status, deliveries, headers, hops } = outcome;
  const server = deliveries.filter(({ isMirror }) => !isMirror).at(-1);
  const location = headers.find(([name]) => name === 'location')?.[1];
  const grpcStatus = headers.find(([name]) => name === 'grpc-status')?.[1];
  const log = hops.find((hop) => hop.log !== undefined)?.log;
  const parts = [
    status === 0 ? (connectionText(hops) ?? failureText(outcome)) : `${status}`,
    grpcStatus === undefined || grpcStatus === '0' ? undefined : `gRPC status ${grpcStatus}`,
    location === undefined ? undefined : `to ${location}`,
    server === undefined ? undefined : `served by ${server.pod}:${server.port}${kinText(server.kin)}`,
    log?.cluster == null ? undefined : `through ${log.cluster}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** What a connection of another protocol than HTTP reached. */
function connectionText(hops: readonly Hop[]): string | undefined {
  const last = hops.at(-1);
  const step = last?.steps.at(-1);
  if (last === undefined || step?.kind !== 'server' || step.event !== 'connection') return undefined;
  return `connected to ${last.place === step.name ? step.name : `${last.place}:${step.name}`}`;
}

/** Why a request ends without an answer, or a connection is not made, in a word. */
function failureText({ hops, logs }: Outcome): string {
  const refusal = hops.flatMap(({ steps }) => steps).find((step) => step.kind === 'policy' && isRefusal(step));
  if (refusal?.kind === 'policy') return `connection closed by ${closerWords(refusal)}`;
  // What fails last fails first for those before it.
  const failing = logs.filter(({ flags }) => flags !== '-').at(-1);
  const found = Object.entries(flagWords).find(([flag]) => failing?.flags.split(',').includes(flag));
  if (found !== undefined) return found[1];
  const atZtunnel = hops
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === 'ztunnel' ? (shortWords(step) ?? []) : []));
  return atZtunnel.length === 0 ? 'no answer' : `connection closed: ${atZtunnel.at(-1)}`;
}

function isRefusal({ event, isAllowed }: PolicyStep): boolean {
  return event === 'decides' && !isAllowed;
}

/** What flags of Envoy's access log say of a connection that nobody answers. */
const flagWords: Readonly<Record<string, string>> = {
  UH: 'no connection: no endpoint is healthy',
  NC: 'no connection: the cluster is missing',
  NR: 'connection closed: no filter chain takes it',
  DPE: 'connection closed: it does not speak HTTP as it should',
  UF: 'no connection: the server refuses it',
};

type PolicyStep = Extract<Step, { readonly kind: 'policy' }>;

/** Without a policy that matches, those that allow others are the reason. */
function closerWords({ name, isMatch, demands, origin }: PolicyStep): string {
  if (demands !== undefined) {
    const { namespace, name: of } = origin?.resource ?? {};
    return `PeerAuthentication${of === undefined ? '' : ` ${namespace}/${of}`}, which asks for ${demands}`;
  }
  const policy = policyName(name);
  if (!isMatch) return 'default: there are ALLOW policies, and none allows it';
  return policy === undefined ? `policy ${name}` : `AuthorizationPolicy ${policy.name} (rule ${policy.rule})`;
}

function kinText(kin: readonly string[] = []): string {
  return kin.length === 0 ? '' : ` (or one of ${kin.length} like it)`;
}

function formatHop({ place, side, steps, log }: Hop, printing: TracePrinting): string[] {
  const shown = steps.filter(({ isDetail }) => printing.isVerbose || !isDetail);
  return [
    `${place} (${side})`,
    ...shown.flatMap((step) => formatStep(step, printing)),
    ...(log === undefined ? [] : [formatLog(log)]),
  ];
}

function formatStep(step: Step, { locate }: TracePrinting): string[] {
  const { kind, name, origin } = step;
  const line = `  ${kind.padEnd(16)}${name === '' ? '' : `${name}: `}${wordsOf(step)}`;
  if (origin === undefined) return [line];
  return [line, `${' '.repeat(18)}${placeText(origin, locate)}`];
}

function formatReason({ at, ...fact }: WhyNot, { locate }: TracePrinting): string[] {
  const place = at && placeText(at, locate);
  return [`  ${whyNotWords(fact)}`, ...(place === undefined ? [] : [`      ${place}`])];
}

function placeText(origin: Origin, locate: TracePrinting['locate']): string {
  const { resource } = origin;
  const location = locate(origin);
  const place = location === undefined ? '' : `${location.file}:${location.line} `;
  return `${place}(${resource.kind} ${resource.namespace}/${resource.name})`;
}

function formatLog({ status, flags, details, cluster, route }: AccessLogLine): string {
  const parts = [`${status}`, flags, details, cluster, route === null ? null : `route ${route}`];
  return `  ${'access log'.padEnd(16)}${parts.filter((part) => part !== null).join(' ')}`;
}

/** All ways as JSON, places in the manifests resolved. */
export function formatTraceJson(
  { request, note, outcomes, why, stoppable }: TracedRequest,
  { locate, isVerbose }: TracePrinting,
): Printable {
  const ways = outcomes.map(({ hops, headers, logs: _, copies: __, otherDeliveries: ___, ...outcome }) => ({
    ...outcome,
    headers: Object.fromEntries(headers),
    hops: hops.map(({ steps, ...hop }) => ({
      ...hop,
      steps: steps
        .filter(({ isDetail }) => isVerbose || !isDetail)
        .map((step) => {
          const { origin, isDetail: _, ...fact } = step;
          const told = { ...fact, text: wordsOf(step) };
          return origin === undefined ? told : { ...told, cause: { ...pick(origin), location: locate(origin) } };
        }),
    })),
  }));
  const reasons = why.map(({ at, ...fact }) => {
    const told = { ...fact, text: whyNotWords(fact) };
    return at === undefined ? told : { ...told, cause: { ...pick(at), location: locate(at) } };
  });
  return printedJson({ request, note: note && addressWords(note), ways, why: reasons, stoppable: nonEmpty(stoppable) });
}

function pick({ resource: { kind, namespace, name }, path }: Origin): object {
  return { kind, namespace, name, path };
}
