import type { Saving, SidecarAdvice, SidecarReason, SidecarReport } from '../../operations/recommend/sidecar/advice.ts';
import type { EgressHost, HostReason } from '../../operations/recommend/sidecar/egress-hosts.ts';
import { assertNever } from '../../util/assert.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import { type AdvicePrinters, advicePrinters } from './advice-printers.ts';
import { commonReasonWords, sourcesWords } from './words.ts';

/** Printers of Sidecars that are recommended. */
export const sidecarAdvicePrinters: AdvicePrinters<SidecarReport> = advicePrinters<
  SidecarAdvice,
  SidecarReason,
  SidecarReport['skipped'][number]
>({
  none: 'No Sidecar is recommended.',
  comparison: 'listener, virtual host, routes, clusters and endpoints are the same',
  commentsOf,
  reasonWords,
});

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
