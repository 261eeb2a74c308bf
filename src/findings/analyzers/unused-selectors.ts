import type { Report } from '../../diagnostics/diagnostic.ts';
import { selectorSelectsNothing, tokensNotRequired } from '../../diagnostics/problems/policies.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import { absentPods, formatSelector } from './support/selectors.ts';

/** Selectors that select nothing, of the kinds of which Istio itself does not tell (IST0127, IST0101). */
export const unusedSelectors: Analyzer = {
  name: 'mesh.selectors.Unused',
  about: 'Selectors of policies, DestinationRules and ServiceEntries that select no workload',
  reads: [
    'PeerAuthentication',
    'RequestAuthentication',
    'WasmPlugin',
    'TrafficExtension',
    'ProxyConfig',
    'DestinationRule',
    'ServiceEntry',
    'WorkloadEntry',
    'Pod',
  ],
  needsAll: ['Pod'],
  codes: [selectorSelectsNothing.code],
  run: (reader, report) => {
    if (![...selectingKinds, 'DestinationRule' as const, 'ServiceEntry' as const].some((kind) => reader.list(kind).length > 0))
      return;
    const mesh = reader.mesh();
    const selecting: Selecting[] = [];
    const add = (resource: Resource, field: string, labels: Labels | undefined): void => {
      if (labels !== undefined && Object.keys(labels).length > 0) selecting.push({ resource, field, labels });
    };
    for (const kind of selectingKinds) {
      for (const resource of resourcesOf(mesh.resources, kind)) add(resource, 'selector', resource.spec.selector?.matchLabels);
    }
    for (const rule of resourcesOf(mesh.resources, 'DestinationRule'))
      add(rule, 'workloadSelector', rule.spec.workloadSelector?.matchLabels);
    // Workloads that register themselves have the labels of their group.
    const groups = resourcesOf(mesh.resources, 'WorkloadGroup');
    for (const entry of resourcesOf(mesh.resources, 'ServiceEntry')) {
      const labels = entry.spec.workloadSelector?.labels;
      const isOfGroup = groups.some(
        ({ namespace, spec }) => namespace === entry.namespace && selects(labels, spec.metadata?.labels ?? {}),
      );
      if (!isOfGroup) add(entry, 'workloadSelector', labels);
    }
    if (selecting.length > 0) checkSelectors(selecting, reader, report);
  },
};

const selectingKinds = ['PeerAuthentication', 'RequestAuthentication', 'WasmPlugin', 'TrafficExtension', 'ProxyConfig'] as const;

interface Selecting {
  readonly resource: Resource;
  readonly field: string;
  readonly labels: Labels;
}

function checkSelectors(selecting: readonly Selecting[], reader: Reader, report: Report): void {
  const mesh = reader.mesh();
  const byNamespace = groupBy(mesh.registry.workloads, ({ namespace }) => namespace);
  for (const { resource, field, labels } of selecting) {
    // In the root namespace most policies are for the whole mesh.
    const isForAll =
      resource.namespace === mesh.rootNamespace && resource.kind !== 'DestinationRule' && resource.kind !== 'ServiceEntry';
    const workloads = isForAll ? mesh.registry.workloads : (byNamespace.get(resource.namespace) ?? []);
    // A folder without the workloads of the namespace cannot tell.
    if (workloads.length === 0 || workloads.some((workload) => selects(labels, workload.labels))) continue;
    // The ingress gateway of Istio's installation is taken to exist.
    if (isForAll && reader.pods.hasAny(labels)) continue;
    const where = isForAll ? 'of the mesh' : `in namespace ${resource.namespace}`;
    const subject = { ...at(resource, ['spec', field]), absent: absentPods(isForAll ? '' : resource.namespace, labels) };
    const problem = selectorSelectsNothing(subject, `spec.${field}`, formatSelector(labels), where);
    // Virtual machines may register elsewhere; those of another namespace show what is meant.
    const isUnsure = resource.kind === 'ServiceEntry' && !mesh.registry.workloads.some((one) => selects(labels, one.labels));
    report(isUnsure ? { ...problem, severity: 'info' } : problem);
  }
}

/** Tokens that are checked where there is one, and that nobody asks for. */
export const tokensNobodyRequires: Analyzer = {
  name: 'mesh.requestauthentication.NotRequired',
  about: 'RequestAuthentications of workloads for which no AuthorizationPolicy asks for a token',
  reads: ['RequestAuthentication', 'AuthorizationPolicy'],
  codes: [tokensNotRequired.code],
  run: (reader, report) => {
    const authentications = reader.list('RequestAuthentication').filter(({ spec }) => (spec.jwtRules ?? []).length > 0);
    if (authentications.length === 0) return;
    const mesh = reader.mesh();
    for (const resource of authentications) {
      const applies = mesh.proxies.filter(
        (proxy) =>
          // Those behind a waypoint can ask for tokens where it does not.
          proxy.role !== 'waypoint' &&
          mesh.policies.requestAuthentications(proxy).some(({ document }) => document === resource.document),
      );
      if (applies.length === 0 || applies.some((proxy) => asksForToken(mesh, proxy))) continue;
      const issuers = new Set((resource.spec.jwtRules ?? []).map(({ issuer }) => (issuer ? `"${issuer}"` : 'any issuer')));
      report(tokensNotRequired(at(resource, ['spec', 'jwtRules']), [...issuers].join(' or ')));
    }
  },
};

function asksForToken(mesh: Mesh, proxy: Mesh['proxies'][number]): boolean {
  const { custom, deny, allow } = mesh.policies.authorizationPolicies(proxy);
  return [...custom, ...deny, ...allow].some(({ spec }) =>
    (spec.rules ?? []).some(
      ({ from = [], when = [] }) =>
        from.some(({ source }) => source?.requestPrincipals !== undefined || source?.notRequestPrincipals !== undefined) ||
        when.some(({ key }) => key?.startsWith('request.auth.')),
    ),
  );
}
