import type { Saving, SidecarAdvice, SidecarReason, SidecarReport } from '../../operations/recommend/sidecar/advice.ts';
import type { EgressHost, HostReason } from '../../operations/recommend/sidecar/egress-hosts.ts';
import { assertNever } from '../../util/assert.ts';
import { count } from '../count.ts';
import { printedJson } from '../escape/json.ts';
import type { PrintedRecommendation } from './formats.ts';
import { printManifests } from './print.ts';
import { commonReasonWords, listed, proofWords, skippedWords, sourcesWords, unusedWords } from './words.ts';

const SAME_CONFIGURATION = 'listener, virtual host, routes, clusters and endpoints are the same';

/** Manifests with what each host is for, what they save, the proof, and what is not recommended and why. */
export function formatSidecarAdviceText({ advice, skipped, proof, unused }: SidecarReport): PrintedRecommendation {
  const manifests = advice.map((one) => ({ manifest: one.manifest, comments: commentsOf(one) }));
  const end = [
    ...(advice.length === 0 ? ['No Sidecar is recommended.'] : ['Proof:', ...proofWords(proof, SAME_CONFIGURATION)]),
    ...skippedWords(skipped, reasonWords),
    ...unusedWords(unused),
  ];
  return { text: printManifests(manifests, end), notes: [] };
}

/** Manifests alone; what is not recommended is told beside them. */
export function formatSidecarAdviceYaml({ advice, skipped, unused }: SidecarReport): PrintedRecommendation {
  const manifests = advice.map(({ manifest }) => ({ manifest, comments: [] }));
  return { text: printManifests(manifests, []), notes: [...skippedWords(skipped, reasonWords), ...unusedWords(unused)] };
}

/** All as data. */
export function formatSidecarAdviceJson({ advice, skipped, proof, unused }: SidecarReport): PrintedRecommendation {
  const { strangers, unknown } = unused;
  const told = {
    recommended: advice,
    skipped: skipped.map((one) => ({ ...one, text: reasonWords(one.reason) })),
    proof,
    unused: { requests: strangers.map(({ location, error }) => ({ location, text: error.message })), observed: unknown },
  };
  return { text: printedJson(told), notes: [] };
}

function commentsOf({ workloads, hosts, replaces, savings }: SidecarAdvice): readonly string[] {
  return [
    `For ${listed(workloads)}${replaces ? ', in place of the Sidecar of that name' : ''}.`,
    ...(hosts.length === 0 ? ['Nothing that is called is known to the mesh.'] : hosts.map(hostWords)),
    ...savings.map(savingWords),
  ];
}

function hostWords({ entry, reasons }: EgressHost): string {
  const sources = reasons.flatMap((reason) => (reason.kind === 'call' ? [reason.source] : []));
  const ports = [...new Set(reasons.flatMap((reason) => (reason.kind === 'call' ? [reason.port] : [])))].sort((a, b) => a - b);
  const words = [
    ...(sources.length === 0 ? [] : [`port ${ports.join(', ')}: ${sourcesWords(sources)}`]),
    ...new Set(reasons.flatMap(otherWords)),
  ];
  return `  ${entry}: ${words.join('; ')}`;
}

function otherWords(reason: HostReason): readonly string[] {
  switch (reason.kind) {
    case 'call':
      return [];
    case 'routes':
      return [`VirtualService ${reason.virtualService} has the routes`];
    case 'filter':
      return [`a filter of the proxy sends to port ${reason.port}`];
    default:
      return assertNever(reason);
  }
}

function savingWords({ workload, proxies, before, after }: Saving): string {
  const percent = Math.round(100 - (100 * after.bytes) / before.bytes);
  return `Saves ${percent}% of what each of ${count(proxies, 'proxy', 'proxies')} of ${workload} gets: ${before.bytes} -> ${after.bytes} bytes, ${before.resources} -> ${after.resources} resources.`;
}

function reasonWords(reason: SidecarReason): string {
  switch (reason.kind) {
    case 'no sidecar':
      return {
        gateway: 'a gateway takes no Sidecar: it sees all services that are exported to it',
        ambient: 'it is in ambient mode, where a Sidecar means nothing',
        'without sidecar': 'it has no sidecar',
      }[reason.is];
    case 'egress listeners':
      return `the Sidecar ${reason.sidecar} has egress listeners of its own, which are left as they are`;
    case 'selected together':
      return `the Sidecar ${reason.sidecar} selects it and others too, and of two that select a pod the older counts: give it labels of its own there`;
    case 'nothing to save':
      return 'its proxies get no more than they need already';
    case 'root namespace':
      return 'a Sidecar without a selector in the root namespace is for the whole mesh; --per workload gives one for each';
    case 'nothing declared':
    case 'some undeclared':
    case 'no labels of its own':
    case 'would change':
      return commonReasonWords(reason, 'calls');
    default:
      return assertNever(reason);
  }
}
