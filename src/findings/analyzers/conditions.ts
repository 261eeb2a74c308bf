import { negativeConditionStatus } from '../../diagnostics/problems/istio/general.ts';
import type { Resource } from '../../resource/resource.ts';
import { isObject, listOf } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { AnalyzedKind } from './support/reader.ts';

const WAYPOINT_BOUND = ['istio.io/WaypointBound'];
const ROUTED = ['Accepted', 'Programmed', 'ResolvedRefs'];

/** The conditions of each kind that are bad when they are false. */
const conditionsOf: Readonly<Partial<Record<AnalyzedKind, readonly string[]>>> = {
  Service: WAYPOINT_BOUND,
  ServiceEntry: WAYPOINT_BOUND,
  WorkloadEntry: WAYPOINT_BOUND,
  AuthorizationPolicy: ['ZtunnelAccepted', 'WaypointAccepted'],
  KubernetesGateway: ROUTED,
  HTTPRoute: ROUTED,
  GRPCRoute: ROUTED,
};
const kinds = Object.keys(conditionsOf) as readonly AnalyzedKind[];

/** istio analyzers/conditions/conditions.go. */
export const conditions: Analyzer = {
  name: 'conditions.ConditionAnalyzer',
  about: 'The status of resources, where it is written, holds no bad news',
  reads: kinds,
  codes: [negativeConditionStatus.code],
  run(reader, report) {
    const { readsConditionsOfWorkloads } = reader.release.behaviours;
    for (const kind of kinds.filter((one) => one !== 'WorkloadEntry' || readsConditionsOfWorkloads)) {
      for (const resource of reader.list(kind)) {
        for (const { type = '', status = '', reason = '', message = '' } of readConditions(resource)) {
          const isBad = conditionsOf[kind]?.includes(type) && status === 'False';
          // Half of an AuthorizationPolicy for a waypoint may be refused though the condition is true.
          const isPartial = kind === 'AuthorizationPolicy' && type === 'WaypointAccepted' && reason === 'PartiallyInvalid';
          if (isBad || isPartial) report(negativeConditionStatus(at(resource), type, reason, message));
        }
      }
    }
  },
};

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Conditions of the status itself, or of the parents of a route. */
function readConditions({ status, kind }: Resource): readonly Condition[] {
  if (!isObject(status)) return [];
  const holders = kind === 'HTTPRoute' || kind === 'GRPCRoute' ? listOf(status.parents) : [status];
  return holders.filter(isObject).flatMap((holder) => listOf(holder.conditions).filter(isObject) as readonly Condition[]);
}
