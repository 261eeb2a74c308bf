import type { Report } from '../../diagnostics/diagnostic.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { noMatchingWorkloadsFound } from '../../diagnostics/problems/istio/policies.ts';
import { targetRefsOf } from '../../model/security/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { ambientParties } from './support/ambient.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';
import { isAmbient } from './support/pods.ts';
import type { Reader } from './support/reader.ts';
import { absentPods, formatSelector } from './support/selectors.ts';

/** istio analyzers/authz/authorizationpolicies.go. */
export const authorizationPolicies: Analyzer = {
  name: 'auth.AuthorizationPoliciesAnalyzer',
  about: 'AuthorizationPolicies apply to pods that exist and name namespaces that exist',
  reads: ['AuthorizationPolicy', 'Namespace', 'Pod'],
  codes: [noMatchingWorkloadsFound.code, referencedResourceNotFound.code],
  needsAll: ['Pod', 'Namespace'],
  run(reader, report) {
    const namespaces = reader.list('Namespace').map(({ name }) => name);
    // istioctl knows pods in ambient mode by what the CNI's agent writes on them, which no manifest has.
    const captured = memo((): ReadonlySet<string> => new Set(ambientParties(reader.mesh())?.captured.map(fullName)));
    for (const resource of reader.list('AuthorizationPolicy')) {
      checkWorkloads(resource, reader, captured, report);
      checkNamespaces(resource, namespaces, report);
    }
  },
};

function checkWorkloads(
  resource: ResourceOf<'AuthorizationPolicy'>,
  { pods, rootNamespace }: Reader,
  captured: () => ReadonlySet<string>,
  report: Report,
): void {
  const { selector } = resource.spec;
  const isMeshWide = resource.namespace === rootNamespace;
  if (isMeshWide && selector === undefined) return;
  const selected = pods.select(selector?.matchLabels, isMeshWide ? undefined : resource.namespace);
  if (selected.some((pod) => pods.isInMesh(pod) || pods.isTakenAsInMesh(pod) || isAmbient(pod))) return;
  if (selected.some((pod) => captured().has(fullName(pod)))) return;
  const absent = absentPods(isMeshWide ? '' : resource.namespace, selector?.matchLabels);
  const finding = noMatchingWorkloadsFound({ ...at(resource), absent }, formatSelector(selector?.matchLabels));
  report(targetRefsOf(resource.spec).length > 0 ? asHint(finding, 'it is for what its targetRefs name') : finding);
}

function checkNamespaces(resource: ResourceOf<'AuthorizationPolicy'>, known: readonly string[], report: Report): void {
  (resource.spec.rules ?? []).forEach(({ from = [] }, rule) => {
    from.forEach(({ source = {} }, index) => {
      const { namespaces = [], notNamespaces = [] } = source;
      const check = (pattern: string, position: number): void => {
        if (pattern === '*' || known.some((name) => matchesPattern(name, pattern))) return;
        // Istio looks under `namespaces` for both.
        const path = ['spec', 'rules', rule, 'from', index, 'source', 'namespaces', position];
        report(referencedResourceNotFound(at(resource, path), 'namespace', pattern));
      };
      namespaces.forEach(check);
      notNamespaces.forEach(check);
    });
  });
}

function matchesPattern(name: string, pattern: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name.toLowerCase() === pattern.toLowerCase();
}
