import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError } from '../../diagnostics/user-error.ts';
import { compareWithRunning } from '../../diff/drift.ts';
import { sortEachFinding } from '../../findings/policy/order.ts';
import { podKey } from '../../trace/data-plane.ts';
import { type PodNames, proxyOfDump } from '../../workbench/pods.ts';
import { createExplainer } from './causes.ts';
import { compareFindings } from './compare-findings.ts';
import { allProxiesOf, type Configuration, type DumpConfiguration, type ManifestConfiguration } from './configuration.ts';
import type { FollowOptions } from './follow-options.ts';
import { followRequests } from './follow-requests.ts';
import { groupChanges } from './group-changes.ts';
import { migrationOf, underOneIstiod, withoutRemarksOnMove } from './migration.ts';
import {
  type ChangesOf,
  type Comparison,
  changesBetween,
  createComparison,
  type ProxyPairs,
  pairNamesakes,
} from './proxy-changes.ts';
import type { Cause, DiffReport } from './report.ts';

/** What is compared. */
export interface CompareOptions extends FollowOptions {
  readonly now: number;
}

/** How two sides differ. */
export function compareConfigurations(before: Configuration, after: Configuration, options: CompareOptions): DiffReport {
  const comparison = comparisonOf([before, after]);
  const areManifests = before.kind === 'manifests' && after.kind === 'manifests';
  if (areManifests) return compareManifests(before, after, comparison, options);
  const pairs = pairProxies(before, after);
  const changesOf = changesBetween(before, after, pairs.common, comparison);
  return {
    ...ofProxies(before, after, pairs, changesOf),
    causes: groupChanges(changesOf, () => [], causeId),
    requests: { changed: [], tried: 0, isCut: false },
    findings: { introduced: [], fixed: [], unchanged: 0 },
  };
}

function compareManifests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  comparison: Comparison,
  options: CompareOptions,
): DiffReport {
  const { sides, switched } = underOneIstiod(before, after, comparison);
  const [earlier, later] = sides;
  const pairs = pairNamesakes(earlier, later);
  const changesOf = changesBetween(earlier, later, pairs.common, comparison);
  const comingAndGoing = [...pairs.added, ...pairs.removed];
  const { requests, drawn, others } = followRequests(before, after, changesOf, comingAndGoing, options);
  const findings = compareFindings(findingsOfSide(before, options.now), findingsOfSide(after, options.now));
  const migration = migrationOf(before, after, switched, findings.introduced, [...drawn, ...others]);
  return {
    ...ofProxies(before, after, pairs, changesOf),
    causes: groupChanges(changesOf, createExplainer(earlier, later, changesOf, comparison), causeId),
    requests,
    findings: withoutRemarksOnMove(findings, migration),
    ...(migration !== undefined && { migration }),
  };
}

function ofProxies(
  before: Configuration,
  after: Configuration,
  { added, removed, common }: ProxyPairs,
  changesOf: ChangesOf,
): Pick<DiffReport, 'before' | 'after' | 'proxies'> {
  const proxies = { added, removed, changed: [...changesOf.keys()], unchanged: common.length - changesOf.size };
  return { before: before.label, after: after.label, proxies };
}

/** Of several clusters, resources of one name are told apart by their files. */
function causeId({ kind, namespace, name, file }: Cause): string {
  return [kind, namespace, name, file].join('/');
}

/** The findings of a side. Not by place, as for people: whether two things stand on one line must not matter. */
export function findingsOfSide(side: ManifestConfiguration, now: number): readonly Diagnostic[] {
  const all = side.findings({ verification: 'auto', now });
  return sortEachFinding([...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()]);
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
    const to = after.kind === 'dump' ? (after.proxies[0] ?? '') : proxyAmong(before, allProxiesOf(after), after.label);
    return { common: [{ name: from, from, to }], added: [], removed: [] };
  }
  if (after.kind === 'dump') {
    const to = after.proxies[0] ?? '';
    return { common: [{ name: to, from: proxyAmong(after, allProxiesOf(before), before.label), to }], added: [], removed: [] };
  }
  return pairNamesakes(before, after);
}

function proxyAmong(dump: DumpConfiguration, proxies: readonly PodNames[], label: string): string {
  const found = proxyOfDump(dump.proxy, proxies);
  if (found === undefined) {
    throw dataError(`${dump.label} is of the proxy ${dump.proxies[0]}, and ${label} has no pod or workload of that name`);
  }
  return podKey(found);
}
