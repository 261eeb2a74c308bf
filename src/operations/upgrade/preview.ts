import type { Input } from '../../input/load.ts';
import { newsBetween } from '../../releases/news.ts';
import { openConfiguration } from '../diff/configuration.ts';
import { changesBetween, createComparison, pairNamesakes } from '../diff/proxy-changes.ts';
import type { DiffReport, RequestChange } from '../diff/report.ts';
import { tryRequests } from '../diff/try-requests.ts';
import { createAttribution, type MadeStep, makeSteps } from './attribute.ts';
import { effectsOfCauses } from './effects.ts';
import { compareVerdicts } from './findings.ts';
import { comparePatches } from './patches.ts';
import type { ControlPlaneSide, UpgradeReport, UpgradeRequest } from './report.ts';
import { proxyVersionOf, stepsBetween } from './steps.ts';

/** What changes when the control plane of the same manifests does: `before` and `after` differ in release, environment or proxies. */
export function previewUpgrade(
  before: Input,
  after: Input,
  options: { readonly requests: boolean; readonly now: number; readonly gateway?: string | undefined },
): UpgradeReport {
  const [earlier, later] = [openConfiguration('before', before), openConfiguration('after', after)];
  const compare = createComparison();
  const { common, added, removed } = pairNamesakes(earlier, later);
  const changesOf = changesBetween(earlier, later, common, compare);
  const steps = changesOf.size === 0 ? [] : stepsBetween(before, after);
  const made = makeSteps(earlier, steps, compare);
  const requests = options.requests
    ? tryRequests(earlier, later, changesOf, [...added, ...removed], options.gateway)
    : { changed: [], tried: 0, isCut: false };
  return {
    before: sideOf(before),
    after: sideOf(after),
    proxies: {
      added,
      removed,
      changed: [...changesOf.keys()],
      unchanged: common.length - changesOf.size,
    },
    effects: effectsOfCauses(changesOf, createAttribution(later, steps, made, compare)),
    patches: comparePatches(earlier.mesh, later.mesh),
    requests: {
      ...requests,
      changed: withCauses(requests.changed, made, (step) => tryRequests(earlier, step.side, step.changesOf, [], options.gateway)),
    },
    findings: compareVerdicts(earlier, later, options.now),
    news: newsBetween(before.release.name, after.release.name),
  };
}

function sideOf(input: Input): ControlPlaneSide {
  const { name, version } = input.release;
  return { release: name, version, proxyVersion: proxyVersionOf(input) };
}

/** The requests, each with the steps that alone make it end so. */
function withCauses(
  changed: readonly RequestChange[],
  made: readonly MadeStep[],
  requestsOf: (step: MadeStep) => DiffReport['requests'],
): readonly UpgradeRequest[] {
  if (changed.length === 0) return [];
  const alone = made
    .filter(({ changesOf }) => changesOf.size > 0)
    .map((step) => ({ cause: step.cause, ids: new Set(requestsOf(step).changed.flatMap(requestIds)) }));
  return changed.map((change) => ({
    ...change,
    causes: alone.filter(({ ids }) => requestIds(change).some((id) => ids.has(id))).map(({ cause }) => cause),
  }));
}

/** Equal for the same request of the same client. */
function requestIds({ requests, from }: RequestChange): readonly string[] {
  return requests.flatMap((request) => from.map((client) => JSON.stringify([request, client])));
}
