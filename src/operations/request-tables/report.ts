import type { Location } from '../../diagnostics/diagnostic.ts';
import { type UnreachableRule, watchRules } from '../../exploration/unreachable-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import { writtenAddresses } from '../../model/registry/written-addresses.ts';
import { type CoverageUnit, coverageUnits, measureCoverage, partKey } from '../../trace/coverage.ts';
import { type DataPlane, podNamed, seenFrom } from '../../trace/data-plane.ts';
import { type Explanation, type Observation, observed } from '../../trace/expectation.ts';
import { entryOf } from '../../trace/first-proxy.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { TableRequest, TableResult } from '../../trace/table.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { type LocatedReason, located } from '../why/located.ts';
import { whyOfOutcomes } from '../why/why.ts';

/** A request of a table, and what of its expectation fails. */
export interface ReportedRequest {
  readonly name: string;
  readonly location: Location;
  readonly failures: readonly Explanation[];
  /** Where it fails: what was dropped of what it would have needed. */
  readonly why: readonly LocatedReason[];
  /** What happens in each way that the request can take. */
  readonly observed: readonly ObservedWay[];
}

/** The columns of a table for one way, and how often it is taken. */
export interface ObservedWay extends Observation {
  readonly share: number;
}

/** A table with its requests. */
export interface ReportedTable {
  readonly file: string;
  readonly requests: readonly ReportedRequest[];
}

/** What request tables say about a mesh. */
export interface TestReport {
  readonly tables: readonly ReportedTable[];
  /** Where coverage was asked for. */
  readonly coverage: readonly LocatedUnit[] | undefined;
}

/** A part of the configuration with its place in the manifests. */
export interface LocatedUnit extends CoverageUnit {
  readonly location: Location | undefined;
  /** Why no request can meet it, where that is proven. */
  readonly unreachable: UnreachableRule | undefined;
}

/** What is to be said of a request that was tried. */
export function reportRequest(
  { request, failures, outcomes }: TableResult,
  location: Location,
  { dataPlane }: Surroundings,
  benches: Benches,
): ReportedRequest {
  const client = podNamed(dataPlane, request.from);
  const place = client ?? podNamed(dataPlane, request.entersAt ?? '');
  const entry = entryOf(seenFrom(dataPlane, place), client, request.to);
  const ways = outcomes.map((outcome) => ({ share: outcome.share, ...observed(outcome, entry) }));
  const why = failures.length === 0 ? [] : whyOfOutcomes(benches, outcomes, request.host ?? request.to);
  return { name: nameOf(request), location, failures, why: why.map(located), observed: ways };
}

function nameOf({ name, from, to, host, path = '/', method = 'GET' }: TableRequest): string {
  return name ?? `${method} ${host ?? to}${path} from ${from}`;
}

/** The parts of configurations, and whether a request met them. */
export function coverageOf(
  runs: Iterable<{
    readonly dataPlane: DataPlane;
    readonly meshes: readonly Mesh[];
    readonly outcomes: readonly Outcome[];
  }>,
): readonly LocatedUnit[] {
  return [...runs].flatMap(({ dataPlane, meshes, outcomes }) => {
    const written = meshes.map(writtenAddresses);
    const snapshots = dataPlane.pods.map((pod) => dataPlane.snapshotOf(pod)).filter((snapshot) => snapshot !== undefined);
    const { ztunnel } = dataPlane;
    const captured = dataPlane.pods.flatMap((pod) => ztunnel?.captured(pod) ?? []);
    const atZtunnel = captured.flatMap((workload) => ztunnel?.policiesOf(workload) ?? []);
    const units = measureCoverage(snapshots, outcomes, atZtunnel);
    const missed = new Set(units.flatMap(({ kind, origin, isMet }) => (isMet ? [] : [partKey(kind, origin)])));
    const ztunnels = new Set(coverageUnits([], atZtunnel).keys());
    const watch = watchRules({
      // What ztunnels ask of policies is not looked at.
      isAsked: (kind, origin) => missed.has(partKey(kind, origin)) && !ztunnels.has(partKey(kind, origin)),
      areSamePoliciesTold: true,
      isKnownAddress: (ip) => written.some((addresses) => addresses.has(ip)),
    });
    for (const snapshot of snapshots) watch.add(snapshot);
    const unreachable = watch.unreachable();
    return units.map((unit) => ({
      ...unit,
      location: locateOrigin(unit.origin),
      unreachable: unreachable.get(partKey(unit.kind, unit.origin)),
    }));
  });
}
