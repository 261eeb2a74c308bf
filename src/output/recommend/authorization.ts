import type {
  AuthorizationAdvice,
  AuthorizationReason,
  AuthorizationReport,
  Guarded,
  RefusedExample,
} from '../../operations/recommend/authorization/advice.ts';
import { assertNever } from '../../util/assert.ts';
import { listed } from '../../util/text.ts';
import { type AdvicePrinters, advicePrinters } from './advice-printers.ts';
import { commonReasonWords, sourcesWords } from './words.ts';

/** Printers of AuthorizationPolicies that are recommended. */
export const authorizationAdvicePrinters: AdvicePrinters<AuthorizationReport> = advicePrinters<
  AuthorizationAdvice,
  AuthorizationReason,
  AuthorizationReport['skipped'][number]
>({
  none: 'No AuthorizationPolicy is recommended.',
  comparison: 'all of them were compared, class by class',
  commentsOf,
  reasonWords,
});

function commentsOf({ guarded, callers, takesPlainText, probes, isCoarse, refused }: AuthorizationAdvice): readonly string[] {
  return [
    `For ${guardedWords(guarded)}.`,
    ...(callers.length === 0
      ? ['Nobody calls it: nobody is let in.']
      : callers.map(({ principal, sources }) => `  ${principal}: ${sourcesWords(sources)}`)),
    ...probes.map(
      ({ method, path, port }) =>
        `  the kubelet, which has no principal: ${method} ${path} on port ${port} (its probes are not rewritten)`,
    ),
    ...(isCoarse ? ['Methods and paths are left open: with them, requests that are declared would end otherwise.'] : []),
    ...(takesPlainText
      ? [
          'It also listens to plain text, which has no principal: this policy refuses it. STRICT mutual TLS (PeerAuthentication) would say so sooner.',
        ]
      : []),
    refused === undefined
      ? 'Nobody was found that is not declared and gets there now, as an example of who is refused.'
      : exampleWords(refused),
  ];
}

function exampleWords({ caller, method, url, before, after, isRefused }: RefusedExample): string {
  const verdict = isRefused ? 'is refused' : 'still gets there, for another policy or way lets it';
  return `Not declared: ${method} ${url} from ${caller} ${verdict} (${endWords(before)} before, ${endWords(after)} with this policy).`;
}

function endWords(status: number): string {
  return status === 0 ? 'no HTTP answer' : String(status);
}

function guardedWords(guarded: Guarded): string {
  switch (guarded.kind) {
    case 'workload':
      return guarded.by === 'sidecar'
        ? listed(guarded.workloads)
        : `${listed(guarded.workloads)}, by ztunnel: it knows connections, no requests`;
    case 'service':
      return `the service ${guarded.service}, at its waypoint`;
    case 'namespace':
      return `all of the namespace ${guarded.namespace}`;
    default:
      return assertNever(guarded);
  }
}

function reasonWords(reason: AuthorizationReason): string {
  switch (reason.kind) {
    case 'gateway':
      return 'it is a gateway: whoever comes from outside has no identity by which a policy could let it in';
    case 'no proxy':
      return 'it has no sidecar and is not in ambient mode: nothing there would decide';
    case 'plain text callers':
      return `${listed(reason.callers)} ${reason.callers.length === 1 ? 'calls' : 'call'} in plain text, which has no principal: a policy of principals would refuse it, so nothing is recommended before it speaks mutual TLS`;
    case 'has policies':
      return `it has policies that allow (${listed(reason.policies)}), and another one could only let in more${letsInWords(reason.letsIn)}`;
    case 'gateway in namespace':
      return `the gateway ${reason.gateway} is in this namespace, and a policy without a selector would be for it too; --per workload gives one for each`;
    case 'root namespace':
      return 'a policy without a selector in the root namespace is for the whole mesh; --per workload gives one for each';
    case 'nothing declared':
    case 'some undeclared':
    case 'no labels of its own':
    case 'would change':
      return commonReasonWords(reason, 'is called');
    default:
      return assertNever(reason);
  }
}

function letsInWords(example: RefusedExample | undefined): string {
  if (example === undefined) return '';
  const { caller, method, url } = example;
  return `; they let in what nothing declares: ${method} ${url} from ${caller}`;
}
