import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError } from '../../diagnostics/user-error.ts';
import { compareWithRunning } from '../../diff/drift.ts';
import { podKey } from '../../trace/data-plane.ts';
import { compact } from '../../util/object.ts';
import { type PodNames, proxyOfDump } from '../../workbench/pods.ts';
import { createExplainer } from './causes.ts';
import { compareFindings } from './compare-findings.ts';
import { compareRequests } from './compare-requests.ts';
import { allProxiesOf, type Configuration, type DumpConfiguration, type ManifestConfiguration } from './configuration.ts';
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
import type { Cause, DiffReport, RequestChange } from './report.ts';
import { type ObservedRequests, observeRequests, PATIENCE_OF_PROOF, USUAL_PATIENCE } from './try-requests.ts';

/** What is compared. */
export interface CompareOptions {
  readonly requests: boolean;
  readonly now: number;
  readonly gateway?: string | undefined;
  /** Whether it is to be proven what all requests do, even where that takes long. */
  readonly isProofWanted?: boolean | undefined;
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
  const patience = options.isProofWanted === true ? PATIENCE_OF_PROOF : USUAL_PATIENCE;
  const { observed, isCut, others, unusual, proof } = options.requests
    ? observeRequests(before, after, changesOf, [...pairs.added, ...pairs.removed], options.gateway, patience)
    : { observed: [], isCut: false, others: [], unusual: undefined, proof: undefined };
  const findings = compareFindings(findingsOfSide(before, options.now), findingsOfSide(after, options.now));
  const changed = compareRequests([...observed, ...others]);
  const migration = migrationOf(before, after, switched, findings.introduced, observed);
  return {
    ...ofProxies(before, after, pairs, changesOf),
    causes: groupChanges(changesOf, createExplainer(earlier, later, changesOf, comparison), causeId),
    requests: {
      changed,
      tried: observed.length + others.length,
      isCut,
      ...compact({ unusual, proof, proven: provenOf(changed, { unusual, proof }) }),
    },
    findings: withoutRemarksOnMove(findings, migration),
    ...(migration !== undefined && { migration }),
  };
}

function provenOf(
  changed: readonly RequestChange[],
  { unusual, proof }: Pick<ObservedRequests, 'unusual' | 'proof'>,
): DiffReport['requests']['proven'] {
  if (proof === undefined || proof.doubts.length > 0) return undefined;
  return changed.length === 0 && unusual === undefined ? 'all as before' : 'all others as before';
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
