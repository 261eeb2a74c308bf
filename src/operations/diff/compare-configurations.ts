import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError } from '../../diagnostics/user-error.ts';
import { compareWithRunning } from '../../diff/drift.ts';
import { type PodNames, proxyOfDump } from '../../workbench/pods.ts';
import { createExplainer } from './causes.ts';
import { compareFindings } from './compare-findings.ts';
import type { Configuration, DumpConfiguration, ManifestConfiguration } from './configuration.ts';
import { groupChanges } from './group-changes.ts';
import { type Comparison, changesBetween, createComparison, type ProxyPairs, pairNamesakes } from './proxy-changes.ts';
import type { DiffReport } from './report.ts';
import { tryRequests } from './try-requests.ts';

/** How two sides differ. */
export function compareConfigurations(
  before: Configuration,
  after: Configuration,
  options: { readonly requests: boolean; readonly now: number; readonly gateway?: string | undefined },
): DiffReport {
  const pairs = pairProxies(before, after);
  const comparison = comparisonOf([before, after]);
  const changesOf = changesBetween(before, after, pairs.common, comparison);
  const areManifests = before.kind === 'manifests' && after.kind === 'manifests';
  return {
    before: before.label,
    after: after.label,
    proxies: {
      added: pairs.added,
      removed: pairs.removed,
      changed: [...changesOf.keys()],
      unchanged: pairs.common.length - changesOf.size,
    },
    causes: groupChanges(
      changesOf,
      areManifests ? createExplainer(before, after, changesOf, comparison) : () => [],
      ({ kind, namespace, name }) => [kind, namespace, name].join('/'),
    ),
    requests:
      areManifests && options.requests
        ? tryRequests(before, after, changesOf, [...pairs.added, ...pairs.removed], options.gateway)
        : { changed: [], tried: 0, isCut: false },
    findings: areManifests
      ? compareFindings(findingsOfSide(before, options.now), findingsOfSide(after, options.now))
      : { introduced: [], fixed: [], unchanged: 0 },
  };
}

/** The findings of a side. Not by place, as for people: whether two things stand on one line must not matter. */
export function findingsOfSide(side: ManifestConfiguration, now: number): readonly Diagnostic[] {
  const all = side.findings({ verification: 'auto', now });
  return [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** What counts as a change: of a running proxy, not what Envoy makes of what it gets. */
function comparisonOf(sides: readonly Configuration[]): Comparison {
  const dumps = sides.filter((side) => side.kind === 'dump');
  if (dumps.length === 0) return createComparison();
  const endpoints = dumps.every(({ hasEndpoints }) => hasEndpoints);
  return (earlier, later) => compareWithRunning(earlier, later, { endpoints });
}

/** Proxies of the same name; the one of a dump with that of its pod, or of its workload, in manifests. */
function pairProxies(before: Configuration, after: Configuration): ProxyPairs {
  if (before.kind === 'dump') {
    const from = before.proxies[0] ?? '';
    const to = after.kind === 'dump' ? (after.proxies[0] ?? '') : proxyAmong(before, after.mesh.proxies, after.label);
    return { common: [{ name: from, from, to }], added: [], removed: [] };
  }
  if (after.kind === 'dump') {
    const to = after.proxies[0] ?? '';
    return { common: [{ name: to, from: proxyAmong(after, before.mesh.proxies, before.label), to }], added: [], removed: [] };
  }
  return pairNamesakes(before, after);
}

function proxyAmong(dump: DumpConfiguration, proxies: readonly PodNames[], label: string): string {
  const found = proxyOfDump(dump.proxy, proxies);
  if (found === undefined) {
    throw dataError(`${dump.label} is of the proxy ${dump.proxies[0]}, and ${label} has no pod or workload of that name`);
  }
  return `${found.namespace}/${found.name}`;
}
