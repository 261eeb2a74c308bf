import type { Location } from '../../diagnostics/diagnostic.ts';
import { type UnreachableRule, watchRules } from '../../exploration/unreachable-rules.ts';
import { writtenAddresses } from '../../model/registry/written-addresses.ts';
import { type CoverageUnit, coverageUnits, measureCoverage, partKey } from '../../trace/coverage.ts';
import { podNamed, seenFrom } from '../../trace/data-plane.ts';
import { type Explanation, type Observation, observed } from '../../trace/expectation.ts';
import { entryOf } from '../../trace/first-proxy.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { TableRequest, TableResult } from '../../trace/table.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { type NetworkStoppers, type StoppableConnection, stoppableConnections } from '../network-stoppers.ts';
import { type LocatedReason, located } from '../why/located.ts';
import { whyOfOutcomes } from '../why/why.ts';
import { connectionAt, type ProxyConnection, usualEndsAt } from './chain-connections.ts';

/** A request of a table, and what of its expectation fails. */
export interface ReportedRequest {
  readonly name: string;
  readonly location: Location;
  readonly failures: readonly Explanation[];
  /** Where it fails: what was dropped of what it would have needed. */
  readonly why: readonly LocatedReason[];
  /** The connections on its ways that network policies may stop, none of which is simulated. */
  readonly stoppable: readonly StoppableConnection[];
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
  /** Of a filter chain that no request meets, a connection that would. */
  readonly connection: ProxyConnection | undefined;
}

/** What is to be said of a request that was tried. */
export function reportRequest(
  { request, failures, outcomes }: TableResult,
  location: Location,
  { dataPlane }: Surroundings,
  benches: Benches,
  network: NetworkStoppers | undefined,
): ReportedRequest {
  const client = podNamed(dataPlane, request.from);
  const place = client ?? podNamed(dataPlane, request.entersAt ?? '');
  const entry = entryOf(seenFrom(dataPlane, place), client, request.to);
  const ways = outcomes.map((outcome) => ({ share: outcome.share, ...observed(outcome, entry) }));
  const why = failures.length === 0 ? [] : whyOfOutcomes(benches, outcomes, request.host ?? request.to);
  const stoppable = stoppableConnections(network, outcomes, request.from);
  return { name: nameOf(request), location, failures, why: why.map(located), stoppable, observed: ways };
}

function nameOf({ name, from, to, host, path = '/', method = 'GET' }: TableRequest): string {
  return name ?? `${method} ${host ?? to}${path} from ${from}`;
}

/** The parts of configurations, and whether a request met them. */
export function coverageOf(runs: Iterable<Surroundings & { readonly outcomes: readonly Outcome[] }>): readonly LocatedUnit[] {
  return [...runs].flatMap((run) => {
    const { dataPlane, meshes, outcomes } = run;
    const written = meshes.map(writtenAddresses);
    const proxies = dataPlane.pods.flatMap((pod) => {
      const snapshot = dataPlane.snapshotOf(pod);
      return snapshot === undefined ? [] : [{ pod, snapshot }];
    });
    const snapshots = proxies.map(({ snapshot }) => snapshot);
    const podOf = new Map(proxies.map(({ pod, snapshot }) => [snapshot, pod]));
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
      usualEnds(listener, snapshot) {
        const pod = podOf.get(snapshot);
        return pod && usualEndsAt(pod, listener, run);
      },
    });
    for (const snapshot of snapshots) watch.add(snapshot);
    const [unreachable, connections] = [watch.unreachable(), watch.connections()];
    return units.map((unit) => {
      const key = partKey(unit.kind, unit.origin);
      const { snapshot, listener, example } = connections.get(key) ?? {};
      const pod = snapshot && podOf.get(snapshot);
      return {
        ...unit,
        location: locateOrigin(unit.origin),
        unreachable: unreachable.get(key),
        connection: pod && listener && example && connectionAt(pod, listener, example),
      };
    });
  });
}
