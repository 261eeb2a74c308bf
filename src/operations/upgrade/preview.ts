import type { Input } from '../../input/load.ts';
import type { Mesh } from '../../model/mesh.ts';
import { newsBetween } from '../../releases/news.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compareVersions } from '../../util/version.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { CompareOptions } from '../diff/compare-configurations.ts';
import { differencesBetween, type ObservedRequest, type RepeatableRequest } from '../diff/compare-requests.ts';
import { type ManifestConfiguration, openInputs } from '../diff/configuration.ts';
import { followRequests } from '../diff/follow-requests.ts';
import { changesBetween, createComparison, pairNamesakes } from '../diff/proxy-changes.ts';
import type { RequestChange, RequestClient, RequestLabel } from '../diff/report.ts';
import { comparable, noticeRequest, type Seen } from '../diff/seen.ts';
import { createAttribution, type MadeStep, makeSteps } from './attribute.ts';
import { effectsOfCauses } from './effects.ts';
import { compareVerdicts } from './findings.ts';
import { comparePatches } from './patches.ts';
import type { ControlPlaneOfCluster, ControlPlaneSide, UpgradeReport, UpgradeRequest } from './report.ts';
import { proxyVersionOf, stepsBetween } from './steps.ts';

/**
 * What changes when the control plane of the same manifests does: `before` and `after`, the one input or those of all clusters, differ in
 * release, environment or proxies.
 */
export function previewUpgrade(before: readonly Input[], after: readonly Input[], options: CompareOptions): UpgradeReport {
  const [earlier, later] = [openInputs('before', before), openInputs('after', after)];
  const controlPlanes = controlPlanesOf(earlier, later);
  const compare = createComparison();
  const { common, added, removed } = pairNamesakes(earlier, later);
  const changesOf = changesBetween(earlier, later, common, compare);
  const steps = changesOf.size === 0 ? [] : stepsBetween(before, after, earlier.benches.map(primaryOfBench));
  const made = makeSteps(earlier, steps, compare);
  const { requests, drawn, others } = followRequests(earlier, later, changesOf, [...added, ...removed], options);
  return {
    before: sideOf(earlier.input),
    after: sideOf(later.input),
    ...(controlPlanes.length > 0 && { controlPlanes }),
    proxies: {
      added,
      removed,
      changed: [...changesOf.keys()],
      unchanged: common.length - changesOf.size,
    },
    effects: effectsOfCauses(changesOf, createAttribution(later, steps, made, compare)),
    patches: comparePatches(meshesOf(earlier), meshesOf(later)),
    requests: { ...requests, changed: withCauses(requests.changed, [...drawn, ...others], earlier, made) },
    findings: compareVerdicts(earlier, later, options.now),
    news: newsOf(controlPlanes.length > 0 ? controlPlanes : [{ before: sideOf(earlier.input), after: sideOf(later.input) }]),
  };
}

/** The cluster whose istiod a workbench is of; undefined where clusters have no names. */
function primaryOfBench({ input: { cluster } }: Workbench): string | undefined {
  return cluster?.name;
}

function meshesOf({ benches }: ManifestConfiguration): readonly Mesh[] {
  return benches.map(({ mesh }) => mesh);
}

function controlPlanesOf(earlier: ManifestConfiguration, later: ManifestConfiguration): readonly ControlPlaneOfCluster[] {
  return earlier.benches.flatMap((bench) => {
    const cluster = primaryOfBench(bench);
    const other = later.benches.find((one) => primaryOfBench(one) === cluster);
    return cluster === undefined || other === undefined
      ? []
      : [
          {
            cluster,
            before: sideOf(bench.input),
            after: sideOf(other.input),
            ...(isSame(bench, other) && { isUnchanged: true }),
          },
        ];
  });
}

/** Whether two control planes do all alike: all that decides is the release, and what istiod's environment makes of it. */
function isSame({ input: before }: Workbench, { input: after }: Workbench): boolean {
  const [one, other] = [before, after].map((input) => JSON.stringify([sideOf(input), input.release.behaviours]));
  return one === other;
}

/** What Istio tells of all releases on the way of some control plane. */
function newsOf(sides: readonly Pick<UpgradeReport, 'before' | 'after'>[]): UpgradeReport['news'] {
  const news = sides.flatMap(({ before, after }) => newsBetween(before.release, after.release));
  return [...new Map(news.map((one) => [one.release, one])).values()].sort((a, b) => compareVersions(a.release, b.release));
}

function sideOf(input: Input): ControlPlaneSide {
  const { name, version } = input.release;
  return { release: name, version, proxyVersion: proxyVersionOf(input) };
}

/** The requests, each with the steps that alone make it end otherwise. */
function withCauses(
  changed: readonly RequestChange[],
  observed: readonly ObservedRequest[],
  earlier: ManifestConfiguration,
  made: readonly MadeStep[],
): readonly UpgradeRequest[] {
  if (changed.length === 0) return [];
  const byId = groupBy(observed, ({ request, from }) => requestId(request, from));
  const seenBy = (side: ManifestConfiguration): ((sent: RepeatableRequest) => Seen) => {
    const plane = side.dataPlane({ servers: unknownServers, now: 0 });
    return memo(({ request, isProbed }) => noticeRequest(request, plane, isProbed));
  };
  const seenBefore = seenBy(earlier);
  const steps = made
    .filter(({ changesOf }) => changesOf.size > 0)
    .map(({ cause, side }) => ({ cause, seenAfterwards: seenBy(side) }));
  return changed.map((change) => {
    const sent = change.requests
      .flatMap((request) => change.from.flatMap((client) => byId.get(requestId(request, client)) ?? []))
      .flatMap((one) => one.sent ?? []);
    const makers = steps.filter(({ seenAfterwards }) => sent.some((one) => areOtherwise(seenBefore(one), seenAfterwards(one))));
    return { ...change, causes: makers.map(({ cause }) => cause) };
  });
}

function areOtherwise(earlier: Seen, later: Seen): boolean {
  const { before, after } = comparable(earlier, later);
  return Object.keys(differencesBetween(before, after)).length > 0;
}

/** Equal for the same request of the same client. */
function requestId(request: RequestLabel, client: RequestClient): string {
  return JSON.stringify([request, client]);
}
